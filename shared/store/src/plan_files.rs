//! The files of a plan, with the SHA-256 of each.

use demurrage_core::cost::Usd;
use demurrage_core::plan::{
    KeptImage, PartHead, PartSummary, PendingImage, Plan, PlanHash, PlanHead, Refusal, RepositoryPlan,
    aside_text, kept_text, part_text, parts, pending_text, plan_text,
};
use sha2::{Digest, Sha256};

/// The description of a plan.
pub(crate) const PLAN_FILE: &str = "plan.json";
/// The images that rules chose and hard guards keep.
pub(crate) const KEPT_FILE: &str = "kept.jsonl";
/// The images that wait for a second plan.
pub(crate) const PENDING_FILE: &str = "pending.jsonl";

/// A plan that is decided, before it has files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanDraft {
    /// What every part begins with.
    pub head: PlanHead,
    /// What it does, in the order of the repositories.
    pub repositories: Vec<RepositoryPlan>,
    /// The repositories of which nothing was planned, in order.
    pub refused: Vec<Refusal>,
    /// The images that hard guards keep, in the order of the repositories.
    pub kept: Vec<KeptImage>,
    /// The images that wait for a second plan, in the order of the repositories.
    pub pending: Vec<PendingImage>,
    /// What the images that go cost in a month; nothing where a price is not known.
    pub usd_per_month: Option<Usd>,
}

/// A plan with its files. The same draft gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFiles {
    /// The plan.
    pub plan: Plan,
    /// Name and text of each file; the description is the last.
    pub files: Vec<(String, String)>,
}

impl PlanFiles {
    /// The files of this draft.
    pub fn of(draft: &PlanDraft) -> Self {
        let mut files = Vec::new();
        let mut optional = |name: &str, text: String| {
            let hash = (!text.is_empty()).then(|| sha256(text.as_bytes()));
            if hash.is_some() {
                files.push((name.to_owned(), text));
            }
            hash
        };
        let kept_hash = optional(KEPT_FILE, kept_text(&draft.kept));
        let pending_hash = optional(PENDING_FILE, pending_text(&draft.pending));
        let mut plan = Plan {
            head: draft.head.clone(),
            hash: PlanHash::from_bytes([0; 32]),
            parts: Vec::new(),
            refused: draft.refused.clone(),
            usd_per_month: draft.usd_per_month,
            kept: kept_counts(&draft.kept),
            kept_hash,
            pending: u64::try_from(draft.pending.len()).unwrap_or(u64::MAX),
            pending_hash,
        };
        let head = PartHead { head: plan.head.clone(), aside: sha256(aside_text(&plan).as_bytes()) };
        for (place, repositories) in parts(&draft.repositories).into_iter().enumerate() {
            let text = part_text(&head, repositories);
            let summary = PartSummary::of(place, sha256(text.as_bytes()), repositories);
            files.push((summary.file.clone(), text));
            plan.parts.push(summary);
        }
        plan.hash = plan_hash(&plan.parts);
        files.push((PLAN_FILE.to_owned(), plan_text(&plan)));
        Self { plan, files }
    }
}

/// How many images each guard keeps, by the names of the guards.
fn kept_counts(kept: &[KeptImage]) -> Vec<(String, u64)> {
    let mut counts = std::collections::BTreeMap::new();
    for kept in kept {
        *counts.entry(kept.guard.clone()).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

/// The hash of a plan: of the hashes of its parts, in order, one a line.
pub(crate) fn plan_hash(parts: &[PartSummary]) -> PlanHash {
    let mut hashes: Vec<String> = parts.iter().map(|part| part.hash.to_string()).collect();
    hashes.sort_unstable();
    sha256(hashes.join("\n").as_bytes())
}

/// The SHA-256 of these bytes, as plans name what they were decided from.
pub fn sha256(bytes: &[u8]) -> PlanHash {
    PlanHash::from_bytes(Sha256::digest(bytes).into())
}
