//! Findings that need the images of a repository.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::lifecycle::lint::lint_inventory;
use demurrage_core::lifecycle::{Policy, Relations, Switches};
use demurrage_core::{Digest, Image, ImageStatus, Tag, instant};

#[cfg(test)]
mod made {
    use super::*;

    pub(crate) fn now() -> DateTime<Utc> {
        instant::parse("2026-11-01").expect("a time")
    }

    /// Images with one tag each, a day older from one to the next.
    pub(crate) fn images(tags: &[&str]) -> Vec<Image> {
        (1_u8..)
            .zip(tags)
            .map(|(number, tag)| {
                let mut image = Image::new(Digest::from_bytes([number; 32]));
                image.tags = vec![Tag::as_given(tag)];
                image.pushed_at = Some(now() - TimeDelta::days(number.into()));
                image
            })
            .collect()
    }

    /// The ids and rules that are found; rules as `pattern count` or `pattern <days`.
    pub(crate) fn found(rules: &[(&str, u64, bool)], images: &[Image]) -> Vec<(&'static str, Vec<u64>)> {
        let rules: Vec<_> = (1_u64..)
            .zip(rules)
            .map(|(priority, (pattern, number, is_age))| {
                let mut selection = serde_json::json!({"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": number});
                if *pattern != "any" {
                    selection["tagStatus"] = "tagged".into();
                    selection["tagPatternList"] = serde_json::json!([pattern]);
                }
                if *is_age {
                    selection["countType"] = "sinceImagePushed".into();
                    selection["countUnit"] = "days".into();
                }
                serde_json::json!({"rulePriority": priority, "selection": selection, "action": {"type": "expire"}})
            })
            .collect();
        let text = serde_json::json!({ "rules": rules }).to_string();
        let policy = Policy::parse(&format!("{text:<100}")).expect("a legal policy");
        let findings = lint_inventory(&policy, images, &Relations::of(images), now(), Switches::default());
        findings.into_iter().map(|finding| (finding.id, finding.rules)).collect()
    }
}

use made::{found, images};

#[test]
fn a_rule_that_selects_no_image_of_its_class_is_found() {
    let mut all = images(&["prod-1", "dev-1"]);
    assert_eq!(found(&[("prod*", 9, false), ("any", 9, false)], &all), []);
    assert_eq!(found(&[("stage*", 9, false), ("any", 9, false)], &all), [("matches-nothing", vec![1])]);
    all[0].status = ImageStatus::Archived;
    assert_eq!(found(&[("prod*", 9, false), ("any", 9, false)], &all), [("matches-nothing", vec![1])]);
}

#[test]
fn a_repository_that_the_next_run_empties_is_found() {
    let all = images(&["a", "b"]);
    // The first image is exactly one day old, so a limit of one day keeps it.
    assert_eq!(found(&[("any", 1, true)], &all), []);
    assert_eq!(found(&[("b", 9, false), ("a", 9, true)], &all), []);
    assert_eq!(found(&[("any", 1, true)], &all[1..]), [("empties-now", vec![])]);
    assert_eq!(found(&[("any", 1, true)], &[]), [], "an empty repository is not emptied");
}

#[test]
fn places_that_other_rules_hold_are_found_where_they_are_half_of_them_and_the_rule_acts() {
    let filled = [("window-filled-now", vec![2])];
    let rules = [("prod*", 9999, false), ("any", 4, false)];
    assert_eq!(found(&rules, &images(&["prod-1", "prod-2", "a", "b", "c"])), filled, "two of four places");
    assert_eq!(found(&rules, &images(&["prod-1", "a", "b", "c", "d"])), [], "one of four places");
    assert_eq!(found(&rules, &images(&["prod-1", "prod-2", "a", "b"])), [], "the rule acts on nothing");
    assert_eq!(
        found(&rules, &images(&["a", "b", "c", "prod-1", "prod-2", "d"])),
        [],
        "only one is within the four"
    );
    let age = [("prod*", 9999, false), ("any", 2, true)];
    assert_eq!(found(&age, &images(&["prod-1", "prod-2", "prod-3", "a"])), [], "an age has no places");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test that reads a document")]
fn every_finding_has_its_row_in_the_document() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let document = std::fs::read_to_string(format!("{root}/docs/LINT.md")).expect("docs/LINT.md");
    let mut named: Vec<&str> =
        document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut ids = Vec::new();
    for file in
        std::fs::read_dir(format!("{root}/shared/core/src/lifecycle/lint")).expect("a folder").flatten()
    {
        let code = std::fs::read_to_string(file.path()).expect("a file");
        let parts: Vec<&str> = code.split("Finding::new(").skip(1).collect();
        ids.extend(
            parts
                .iter()
                .filter_map(|part| Some(part.trim_start().strip_prefix('"')?.split('"').next()?.to_owned())),
        );
    }
    ids.sort();
    ids.dedup();
    named.sort_unstable();
    assert_eq!(named, ids);
}
