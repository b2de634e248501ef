//! What a finding is about, as a mark that stays the same from run to run.
//!
//! Whatever keeps findings by their marks must know the one of yesterday again, though a repository has more tags and
//! images today: so what was counted is not in it. What tells the findings of one audit about one thing apart is, such
//! as the tag that moved.

use std::collections::HashMap;
use std::fmt::Write;

use demurrage_core::audit::Finding;
use sha2::{Digest, Sha256};

use super::audited::Found;

/// Bytes of the hash that make a mark.
const MARK_BYTES: usize = 16;

/// The evidence that says what a finding of this audit is about; none where a repository, or a registry, has at most one
/// finding of it.
fn names_of_subject(audit: &str) -> &'static [&'static str] {
    match audit {
        "tag-moved" | "tag-deleted-and-pushed-again" => &["tag"],
        "immutability-switched-off" => &["off"],
        "exclusion-matches-nothing" => &["filter"],
        "lifecycle-ineffective" => &["lint", "rule", "problem"],
        "lifecycle-differs-between-replicas" => &["account", "region"],
        "policy-open-to-anyone" | "policy-open-to-other-accounts" => &["statement", "principal"],
        "creation-template-contradicts" => &["template", "mode", "encryption-type"],
        "replication-deletes-too" => &["destination", "prefix"],
        "replication-destination-missing" => &["destination"],
        "replication-filter-covers-nothing" => &["prefix"],
        _ => &[],
    }
}

/// Gives each finding its mark.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// How often a mark was given: two findings that nothing tells apart still have two.
    given: HashMap<String, u32>,
}

impl Marks {
    /// The mark of the next finding: 32 hexadecimal digits.
    pub(super) fn of(&mut self, found: &Found<'_>) -> String {
        let subject = subject(found.finding, &found.place());
        let times = self.given.entry(subject.clone()).or_default();
        *times += 1;
        mark(&if *times == 1 { subject } else { format!("{subject}\n{times}") })
    }
}

/// The mark of a text.
pub(super) fn mark(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(MARK_BYTES).fold(String::new(), |mut mark, byte| {
        let _ = write!(mark, "{byte:02x}");
        mark
    })
}

fn subject(finding: &Finding, place: &str) -> String {
    let names = names_of_subject(finding.audit.id);
    let values = finding.evidence.iter().filter(|evidence| names.contains(&evidence.name));
    values.fold(format!("{}\n{place}", finding.audit.id), |mut subject, evidence| {
        // Quoted, so that no value can look like the end of one and the beginning of another.
        let _ = write!(subject, "\n{}={:?}", evidence.name, evidence.value);
        subject
    })
}
