//! What is written about the configuration is what the types read: the schema, the example, the document.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that reads documents")]

use std::fs;
use std::path::{Path, PathBuf};

use demurrage_config::{Configuration, schema};
use demurrage_core::audit::Rules;
use serde_json::Value;

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(document(name)).expect("a document")
}

/// Where it differs, `UPDATE_SCHEMA=1 cargo nextest run -p demurrage-config` writes it anew.
#[test]
fn the_written_schema_is_that_of_the_types() {
    let name = "demurrage.schema.json";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        let text = serde_json::to_string_pretty(&schema()).expect("it is written") + "\n";
        fs::write(document(name), text).expect("a file is written");
    }
    let written: Value = serde_json::from_str(&read(name)).expect("JSON");
    assert_eq!(written, schema());
}

/// Every name that a table may have, with its table.
fn names() -> Vec<(String, String)> {
    let schema = schema();
    let tables = schema["$defs"].as_object().expect("definitions");
    let named = |(table, definition): (&String, &Value)| {
        let properties = definition["properties"].as_object().cloned().unwrap_or_default();
        properties.into_iter().map(|(name, _)| (table.clone(), name)).collect::<Vec<_>>()
    };
    tables.iter().flat_map(named).collect()
}

#[test]
fn the_schema_knows_no_name_that_is_not_written_down() {
    let definitions = schema()["$defs"].as_object().expect("definitions").clone();
    for (table, definition) in definitions {
        if definition["type"] == "object" {
            assert_eq!(definition["additionalProperties"], false, "{table}");
        }
    }
    assert!(!schema().to_string().contains("null"), "TOML has no null");
}

#[test]
fn every_name_stands_in_the_example_and_in_the_document() {
    let (example, document) = (read("demurrage.example.toml"), read("CONFIGURATION.md"));
    let names = names();
    assert!(20 < names.len(), "{names:?}");
    for (table, name) in names {
        let is_table = example.contains(&format!("[{name}]"))
            || ["audit", "retention"].iter().any(|above| example.contains(&format!("[{above}.{name}]")));
        let is_value =
            example.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{name} = ")));
        assert!(is_table || is_value, "the example has no `{name}` of {table}");
        assert!(document.contains(&format!("`{name}`")), "the document has no `{name}` of {table}");
    }
}

#[test]
fn the_example_is_read_and_says_the_defaults_where_it_says_so() {
    let rules = Configuration::parse(&read("demurrage.example.toml")).expect("a configuration").rules;
    let defaults = Rules::default();
    assert_eq!(rules.owner_tags, defaults.owner_tags);
    assert_eq!(rules.untagged_bytes, defaults.untagged_bytes);
    assert_eq!(rules.history_days, defaults.history_days);
    assert_eq!(rules.scanning, defaults.scanning);
    assert_eq!(rules.capacity, defaults.capacity);
    assert_eq!(rules.mutability.last(), defaults.mutability.last());
    assert!(!rules.encryption.is_empty() && !rules.replication.is_empty());
    assert!(!rules.budgets.is_empty() && !rules.accepted.is_empty());
}

#[test]
fn the_configuration_in_the_document_is_accepted() {
    let document = read("CONFIGURATION.md");
    let blocks: Vec<&str> = document
        .split("```toml\n")
        .skip(1)
        .map(|part| part.split("```").next().unwrap_or_default())
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        assert!(Configuration::parse(block).is_ok(), "{:?}\n{block}", Configuration::parse(block));
    }
}

#[test]
fn what_a_file_does_not_say_is_the_default() {
    for text in ["", "[audit]", "[audit.scanning]\n[audit.access]\n[audit.capacity]"] {
        assert_eq!(Configuration::parse(text).expect("a configuration"), Configuration::default());
    }
    assert_eq!(Configuration::parse("audit.mutability = []").expect("a configuration").rules.mutability, []);
}
