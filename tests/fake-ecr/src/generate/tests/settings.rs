//! Names, settings and policies of generated repositories.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{now, registry};

#[test]
fn names_are_those_ecr_accepts_and_are_found_again() {
    for repositories in [1, 2, 59, 61, 1_000, 100_000] {
        let registry = registry(repositories, 1);
        let mut names = BTreeSet::new();
        for i in 0..repositories {
            let name = registry.name(i);
            assert!((2..=256).contains(&name.len()) && is_repository_name(&name), "{name}");
            assert_eq!(registry.index_of(&name), Some(i));
            assert!(names.insert(name));
        }
    }
    let registry = registry(100, 1);
    for name in ["", "team-000", "team-00/order-api-01", "team-000/order-api-1", "team-999/order-api-01"] {
        assert_eq!(registry.index_of(name), None, "{name}");
    }
    assert_eq!(registry.index_of("team-18446744073709551615/order-api-18446744073709551615"), None);
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, and the same after each slash; the generator has only hyphens.
fn is_repository_name(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.split('/').all(|part| part.split('-').all(is_word))
}

#[test]
fn settings_are_of_every_kind() {
    let registry = registry(3_000, 0);
    let mut modes: BTreeMap<String, usize> = BTreeMap::new();
    let (mut without_policy, mut encrypted, mut tagged) = (0, 0, 0);
    for i in 0..registry.len() {
        let repository = registry.repository(i);
        assert_eq!(repository.name, registry.name(i));
        assert!(repository.created_at < now());
        assert_eq!(
            repository.mutability.ends_with("_WITH_EXCLUSION"),
            !repository.exclusion_filters.is_empty()
        );
        assert_eq!(repository.kms_key.is_some(), repository.encryption_type != "AES256");
        assert_eq!(repository.lifecycle_evaluated_at.is_some(), repository.lifecycle_policy.is_some());
        *modes.entry(repository.mutability).or_default() += 1;
        without_policy += usize::from(repository.lifecycle_policy.is_none());
        encrypted += usize::from(repository.kms_key.is_some());
        tagged += usize::from(!repository.resource_tags.is_empty());
    }
    assert_eq!(modes.len(), 4, "{modes:?}");
    assert!((200..600).contains(&without_policy) && (200..600).contains(&encrypted) && 2_000 < tagged);
}

#[test]
fn policies_are_read_by_the_server_and_come_back_from_it() {
    let registry = registry(2_000, 0);
    for text in (0..registry.len()).filter_map(|i| registry.repository(i).lifecycle_policy) {
        let rules = crate::policy::read(&text).unwrap_or_else(|refusal| panic!("{refusal:?}: {text}"));
        let parsed: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(rules.len(), parsed["rules"].as_array().unwrap().len());
    }
}

#[test]
fn policies_are_valid_and_use_everything_there_is() {
    let registry = registry(2_000, 0);
    let mut used = BTreeSet::new();
    for i in 0..registry.len() {
        let Some(text) = registry.repository(i).lifecycle_policy else { continue };
        assert!((100..=30_720).contains(&text.len()), "{text}");
        let policy: Value = serde_json::from_str(&text).unwrap();
        let rules = policy["rules"].as_array().unwrap();
        assert!((1..=50).contains(&rules.len()));
        assert!(rules.is_sorted_by(|a, b| a["rulePriority"].as_u64() < b["rulePriority"].as_u64()));
        let mut selected = BTreeSet::new();
        for (place, rule) in rules.iter().enumerate() {
            let selection = &rule["selection"];
            let class = selection["storageClass"].as_str().unwrap_or("standard");
            let status = selection["tagStatus"].as_str().unwrap();
            let lists = [&selection["tagPatternList"], &selection["tagPrefixList"]];
            let listed = lists.iter().filter(|list| list.is_array()).count();
            assert_eq!(listed, usize::from(status == "tagged"), "{text}");
            // One rule for untagged and for any images in a class, and no list twice.
            assert!(selected.insert(format!("{class}{status}{}{}", lists[0], lists[1])), "{text}");
            let later = rules.iter().skip(place + 1);
            let last = later
                .filter(|later| later["selection"]["storageClass"].as_str().unwrap_or("standard") == class)
                .count();
            assert!(status != "any" || last == 0, "{text}");
            let (count_type, action) =
                (selection["countType"].as_str().unwrap(), rule["action"]["type"].as_str().unwrap());
            let number = selection["countNumber"].as_u64().unwrap();
            match (count_type, class, action) {
                ("imageCountMoreThan" | "sinceImagePushed", "standard", "expire" | "transition")
                | ("sinceImagePulled", "standard", "transition") => assert!(1 <= number),
                ("sinceImageTransitioned", "archive", "expire") => assert!(90 <= number),
                impossible => panic!("{impossible:?} in {text}"),
            }
            assert_eq!(selection["countUnit"] == "days", count_type != "imageCountMoreThan", "{text}");
            assert_eq!(rule["action"]["targetStorageClass"] == "archive", action == "transition", "{text}");
            used.insert(format!("{count_type} {class} {action}"));
            used.insert(format!("{status} {}", lists[0].is_array()));
        }
    }
    assert_eq!(used.len(), 6 + 4, "{used:?}");
}
