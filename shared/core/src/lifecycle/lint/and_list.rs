//! `and-list`: a list that no image can match unless it carries several tags.

use super::Finding;
use crate::lifecycle::overlap::disjoint_pair;
use crate::lifecycle::{Policy, Severity};

pub(super) fn check(policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in policy.rules() {
        let entries = rule.selection.entries();
        let Some((one, other)) = disjoint_pair(&entries) else { continue };
        let message = format!(
            "an image is selected only when every entry of the list matches one of its tags, and no tag matches \
             both `{one}` and `{other}`: only images with several tags are selected"
        );
        let help = "make one rule for each entry; a list means AND, not OR";
        findings.push(Finding::new("and-list", Severity::High, &[rule], message, help));
    }
    findings
}
