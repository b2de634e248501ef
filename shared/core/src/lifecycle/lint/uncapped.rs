//! `tags-uncapped` and `untagged-uncapped`: images that no rule ever acts on.

use super::Finding;
use crate::lifecycle::overlap::covers_all_tagged;
use crate::lifecycle::{Policy, Rule, Selection, Severity, StorageClass};

pub(super) fn check(policy: &Policy) -> Vec<Finding> {
    let standard: Vec<&Rule> =
        policy.rules().iter().filter(|rule| rule.storage_class == StorageClass::Standard).collect();
    let mut findings = Vec::new();
    if !standard.iter().any(|rule| covers_all_tagged(&rule.selection)) {
        let lists: Vec<String> = standard
            .iter()
            .filter(|rule| rule.selection != Selection::Untagged)
            .map(|rule| rule.selection.to_string())
            .collect();
        let message = if lists.is_empty() {
            "no rule selects tagged images: they are kept for ever".to_owned()
        } else {
            format!("images with other tags than {} are kept for ever", lists.join(", or "))
        };
        let help = "add an `any` rule with the highest number";
        findings.push(Finding::new("tags-uncapped", Severity::Medium, &[], message, help));
    }
    if !standard.iter().any(|rule| matches!(rule.selection, Selection::Any | Selection::Untagged)) {
        let message = "no rule selects untagged images: they are kept for ever".to_owned();
        let help = "add an `untagged` rule; a tag that moves leaves its old image untagged";
        findings.push(Finding::new("untagged-uncapped", Severity::Low, &[], message, help));
    }
    findings
}
