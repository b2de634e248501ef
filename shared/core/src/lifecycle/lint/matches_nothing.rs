//! `matches-nothing`: a rule that selects no image of a repository.

use super::Finding;
use crate::lifecycle::{Policy, Selection, Severity, StorageClass};
use crate::{Image, ImageStatus};

pub(super) fn check(policy: &Policy, images: &[Image]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if images.is_empty() {
        return findings;
    }
    for rule in policy.rules() {
        let status = match rule.storage_class {
            StorageClass::Standard => ImageStatus::Active,
            StorageClass::Archive => ImageStatus::Archived,
        };
        let selects = |image: &Image| image.status == status && rule.selection.selects(&image.tags);
        if !images.iter().any(selects) {
            let message = format!(
                "none of the {} images of the repository is selected ({}, {} class)",
                images.len(),
                rule.selection,
                rule.storage_class.as_api().to_lowercase()
            );
            let help = match rule.selection {
                Selection::Patterns(_) | Selection::Prefixes(_) => {
                    "look for a misspelt pattern, or remove the rule"
                }
                Selection::Untagged | Selection::Any => {
                    "fine, if such images are still to come; otherwise remove the rule"
                }
            };
            findings.push(Finding::new("matches-nothing", Severity::Low, &[rule], message, help));
        }
    }
    findings
}
