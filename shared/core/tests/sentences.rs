//! `docs/SEMANTICS.md`, the vectors and the code name the same sentences.
//!
//! A sentence is a list item that starts with its name in code type. Every one of them is asserted by a
//! vector and quoted where it is implemented, here or in the slow twin; no vector and no quotation names
//! a sentence that does not exist. All that is amiss is listed at once.

#![expect(clippy::disallowed_methods, reason = "this test reads the sources of the core; the core does not")]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

const SEMANTICS: &str = "docs/SEMANTICS.md";

/// Where something names a sentence: a file (from the top of the checkout) and a line.
type Naming = (String, String);

/// The name of the sentence that a line of the document starts, if it starts one.
fn sentence_started(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix("- `")?.split_once("`: ")?;
    let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (is_name && !name.is_empty()).then_some(name)
}

/// The name of the sentence that a line of code quotes, if it quotes one.
fn sentence_quoted(line: &str) -> Option<&str> {
    line.trim().strip_prefix("//= docs/SEMANTICS.md#")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files below a folder with this extension, by their paths from the top, and their texts.
fn texts(folder: &str, extension: &str) -> io::Result<Vec<(String, String)>> {
    let root = root();
    let mut texts = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
                texts.push((name, fs::read_to_string(&path)?));
            }
        }
    }
    texts.sort();
    Ok(texts)
}

/// The sentences of the document; a name that stands twice stands here twice.
fn sentences() -> io::Result<Vec<String>> {
    let text = fs::read_to_string(root().join(SEMANTICS))?;
    Ok(text.lines().filter_map(sentence_started).map(str::to_owned).collect())
}

/// The names of sentences in the vectors. A vector without any has the empty name.
fn asserted() -> io::Result<Vec<Naming>> {
    let mut asserted = Vec::new();
    for (path, text) in texts("tests/vectors/lifecycle", "json")? {
        let vector: Value = serde_json::from_str(&text)?;
        let names = vector.get("sentences").and_then(Value::as_array).cloned().unwrap_or_default();
        if names.is_empty() {
            asserted.push((String::new(), path.clone()));
        }
        let names = names.iter().map(|name| name.as_str().unwrap_or_default().to_owned());
        asserted.extend(names.map(|name| (name, path.clone())));
    }
    Ok(asserted)
}

/// The names of sentences in comments of the core and of its slow twin.
fn quoted() -> io::Result<Vec<Naming>> {
    let mut quoted = Vec::new();
    for folder in ["shared/core/src", "tests/reference/src"] {
        for (path, text) in texts(folder, "rs")? {
            let names = text.lines().zip(1..).filter_map(|(line, at)| Some((sentence_quoted(line)?, at)));
            quoted.extend(names.map(|(name, at)| (name.to_owned(), format!("{path}:{at}"))));
        }
    }
    Ok(quoted)
}

/// What is amiss between the sentences and those who name them.
fn amiss(sentences: &[String], named: &[Naming], by: &str) -> Vec<String> {
    let known: BTreeSet<&String> = sentences.iter().collect();
    let found: BTreeSet<&String> = named.iter().map(|(name, _)| name).collect();
    let unknown = named.iter().filter(|(name, _)| !known.contains(name));
    let unknown = unknown.map(|(name, place)| format!("{place}: there is no sentence `{name}`"));
    let missing = known.difference(&found).map(|name| format!("{SEMANTICS}: no {by} names `{name}`"));
    unknown.chain(missing).collect()
}

#[test]
fn every_sentence_is_asserted_by_a_vector() {
    let sentences = sentences().expect("the document can be read");
    let asserted = asserted().expect("the vectors can be read");
    let amiss = amiss(&sentences, &asserted, "vector");
    assert!(amiss.is_empty(), "\n{}", amiss.join("\n"));
}

#[test]
fn every_sentence_is_quoted_where_it_is_implemented() {
    let sentences = sentences().expect("the document can be read");
    let quoted = quoted().expect("the sources can be read");
    let amiss = amiss(&sentences, &quoted, "code");
    assert!(amiss.is_empty(), "\n{}", amiss.join("\n"));
}

#[test]
fn no_two_sentences_have_one_name() {
    let mut sentences = sentences().expect("the document can be read");
    assert!(!sentences.is_empty(), "the document has sentences");
    sentences.sort();
    let twice: Vec<_> = sentences.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn a_name_without_a_sentence_and_a_sentence_without_a_name_are_both_amiss() {
    let sentences = ["case".to_owned(), "count".to_owned()];
    let named = [("case".to_owned(), "a.json".to_owned()), ("cases".to_owned(), "b.json".to_owned())];
    let expected = ["b.json: there is no sentence `cases`", "docs/SEMANTICS.md: no vector names `count`"];
    assert_eq!(amiss(&sentences, &named, "vector"), expected);
}

#[test]
fn a_sentence_is_a_list_item_with_a_name_in_code_type() {
    assert_eq!(sentence_started("- `order-ties`: of two images …"), Some("order-ties"));
    assert_eq!(sentence_started("- `countNumber` less than 1"), None);
    assert_eq!(sentence_started("`order-ties`: of two images …"), None);
}

#[test]
fn a_quotation_is_a_comment_of_its_own() {
    assert_eq!(sentence_quoted("    //= docs/SEMANTICS.md#order-ties"), Some("order-ties"));
    assert_eq!(sentence_quoted("//! `//= docs/SEMANTICS.md#name` says where"), None);
}
