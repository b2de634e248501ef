//! The catalogue of audits, the fixtures in `tests/vectors/audit` and `docs/AUDITS.md` name the same audits.
//!
//! An audit has a fixture that it flags and one that it finds clean, of the same kind of thing, and a section with
//! its title and the controls that it covers. All that is amiss is listed at once.

#![expect(clippy::disallowed_methods, reason = "this test reads fixtures and a document; the core does not")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use demurrage_core::audit::{Area, Audit, catalogue};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sections of the document by their headings, with line breaks as spaces.
fn sections() -> io::Result<Vec<(String, String)>> {
    let text = fs::read_to_string(root().join("docs/AUDITS.md"))?;
    let section = |part: &str| {
        let (heading, body) = part.split_once('\n').unwrap_or((part, ""));
        (heading.trim().to_owned(), body.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    Ok(text.split("\n## ").skip(1).map(section).collect())
}

/// The fixtures of each folder: the name of each, and whether it is of a repository.
fn fixtures() -> io::Result<BTreeMap<String, Vec<(String, bool)>>> {
    let mut all = BTreeMap::new();
    for folder in fs::read_dir(root().join("tests/vectors/audit"))? {
        let folder = folder?;
        let mut names = Vec::new();
        for file in fs::read_dir(folder.path())? {
            let path = file?.path();
            let fixture: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            names.push((name, fixture.get("repository").is_some()));
        }
        all.insert(folder.file_name().to_string_lossy().into_owned(), names);
    }
    Ok(all)
}

fn amiss_in_fixtures(audit: &Audit, names: &[(String, bool)]) -> Vec<String> {
    let kinds = |prefix: &str| -> BTreeSet<bool> {
        names.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, kind)| *kind).collect()
    };
    let (flagged, clean) = (kinds("flagged"), kinds("clean"));
    if flagged.is_empty() || clean.is_empty() {
        return vec![format!("`{}` has no fixture that is flagged, or none that is clean", audit.id)];
    }
    // A fixture of a repository is clean for every audit of registries, and says nothing.
    if flagged == clean {
        Vec::new()
    } else {
        vec![format!("`{}` is clean in fixtures of another kind than it is flagged in", audit.id)]
    }
}

fn amiss_in_section(audit: &Audit, body: Option<&String>) -> Vec<String> {
    let Some(body) = body else { return vec![format!("`{}` has no section", audit.id)] };
    let title = std::iter::once(audit.title);
    title
        .chain(audit.controls.iter().map(|control| control.id))
        .filter(|text| !body.contains(text))
        .map(|text| format!("the section of `{}` does not say `{text}`", audit.id))
        .collect()
}

#[test]
fn every_audit_has_fixtures_of_both_kinds_and_a_section() -> io::Result<()> {
    let (fixtures, sections) = (fixtures()?, sections()?);
    let mut amiss = Vec::new();
    for audit in catalogue() {
        let names = fixtures.get(audit.id).map(Vec::as_slice).unwrap_or_default();
        amiss.extend(amiss_in_fixtures(audit, names));
        let section = sections.iter().find(|(heading, _)| heading == audit.id);
        amiss.extend(amiss_in_section(audit, section.map(|(_, body)| body)));
    }
    let ids: BTreeSet<&str> = catalogue().map(|audit| audit.id).collect();
    let strange = fixtures.keys().filter(|folder| !ids.contains(folder.as_str()));
    amiss.extend(strange.map(|folder| format!("`tests/vectors/audit/{folder}` is of no audit")));
    assert!(amiss.is_empty(), "{amiss:#?}");
    Ok(())
}

#[test]
fn sections_are_in_the_order_of_the_catalogue() -> io::Result<()> {
    let ids: Vec<&str> = catalogue().map(|audit| audit.id).collect();
    let sections = sections()?;
    let named: Vec<&str> = sections
        .iter()
        .map(|(heading, _)| heading.as_str())
        .filter(|heading| !heading.contains(' ') && heading.contains('-'))
        .collect();
    assert_eq!(named, ids);
    Ok(())
}

#[test]
fn audits_are_named_once_and_stand_by_area() {
    let ids: Vec<&str> = catalogue().map(|audit| audit.id).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
    let areas: Vec<Area> = catalogue().map(|audit| audit.area).collect();
    assert!(areas.is_sorted(), "{areas:?}");
}

#[test]
fn texts_of_audits_are_written_as_the_others_are() {
    for audit in catalogue() {
        assert!(!audit.title.ends_with('.'), "{}: a title has no full stop", audit.id);
        assert!(audit.title.starts_with(|c: char| c.is_uppercase()), "{}: a title is a sentence", audit.id);
        for text in [audit.why, audit.help] {
            assert!(text.ends_with('.') && !text.contains("  "), "{}: `{text}`", audit.id);
        }
    }
}
