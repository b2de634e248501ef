//! The stored form of a plan: a description, and parts of one action a line, each of which begins with the head.
//!
//! Texts go in and out; where they lie, and the SHA-256 of each, belong to whoever keeps them. The same plan gives the
//! same texts. A part that was edited has another hash, and so has what stands beside the parts: the head names its hash.

use serde::{Deserialize, Serialize};

use super::stored_action::{
    action_line, kept_line, line, pending_line, read_action, read_kept, read_pending,
};
use super::stored_head::{FORMAT_VERSION, StoredAddress, StoredHead};
use super::{KeptImage, PartSummary, PendingImage, Plan, PlanHash, PlanHead, Refusal, RepositoryPlan};
use crate::cost::Usd;

/// A part is closed when it has so many actions; a repository is never in two parts.
pub const PART_ACTIONS: usize = 5_000;

/// Why a text is no plan, or no part of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanTextError {
    /// It is of another form.
    #[error("it is a plan of format {found}, and this program reads {FORMAT_VERSION}: use a newer one")]
    Version {
        /// Its form.
        found: u64,
    },
    /// It is none.
    #[error("{place}: {cause}")]
    Shape {
        /// Where it is wrong, such as `line 12`.
        place: String,
        /// What is wrong.
        cause: String,
    },
}

impl PlanTextError {
    fn shape(place: impl Into<String>, cause: String) -> Self {
        Self::Shape { place: place.into(), cause }
    }
}

/// What the first line of a part says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartHead {
    /// The head of the plan.
    pub head: PlanHead,
    /// The hash of what stands beside the parts, as [`aside_text`] gives it.
    pub aside: PlanHash,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPartHead {
    format_version: u64,
    head: StoredHead,
    aside: String,
}

#[derive(Deserialize)]
struct Versioned {
    format_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredAside {
    refused: Vec<StoredRefusal>,
    kept: Vec<StoredKept>,
    kept_hash: Option<String>,
    pending: u64,
    pending_hash: Option<String>,
    usd_per_month: Option<Usd>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRefusal {
    repository: StoredAddress,
    reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKept {
    guard: String,
    images: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPlan {
    format_version: u64,
    hash: String,
    head: StoredHead,
    totals: StoredTotals,
    parts: Vec<StoredPart>,
    aside: StoredAside,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct StoredTotals {
    repositories: u64,
    actions: u64,
    images: u64,
    bytes_freed: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPart {
    file: String,
    hash: String,
    repositories: u64,
    actions: u64,
    images: u64,
    bytes_freed: u64,
}

/// The text of what a plan says beside its parts (what was refused, kept and left waiting, and the dollars), of which the
/// head of each part names the SHA-256.
pub fn aside_text(plan: &Plan) -> String {
    line(&stored_aside(plan))
}

/// The text of a part: its head, and the actions of these repositories.
pub fn part_text(head: &PartHead, repositories: &[RepositoryPlan]) -> String {
    let mut text = part_head_text(head);
    for repository in repositories {
        text.push_str(&actions_text(repository));
    }
    text
}

/// The line that every part of a plan begins with.
pub fn part_head_text(head: &PartHead) -> String {
    let mut text = line(&StoredPartHead {
        format_version: FORMAT_VERSION,
        head: StoredHead::of(&head.head),
        aside: head.aside.to_string(),
    });
    text.push('\n');
    text
}

/// The lines of what is done in a repository.
pub fn actions_text(plan: &RepositoryPlan) -> String {
    let RepositoryPlan { repository, images_listed, actions } = plan;
    actions.iter().map(|action| action_line(repository, *images_listed, action) + "\n").collect()
}

/// Reads a part.
///
/// # Errors
/// When it has no head, a line is no action, or repositories are not whole and in order.
pub fn read_part(text: &str) -> Result<(PartHead, Vec<RepositoryPlan>), PlanTextError> {
    let mut lines = (1_u64..).zip(text.lines());
    let (_, first) = lines.next().unwrap_or((1, ""));
    let head = read_part_head(first)?;
    let mut repositories: Vec<RepositoryPlan> = Vec::new();
    for (number, line) in lines {
        let place = || format!("line {number}");
        let (repository, images_listed, action) =
            read_action(line).map_err(|cause| PlanTextError::shape(place(), cause))?;
        match repositories.last_mut() {
            Some(last) if last.repository == repository && last.images_listed == images_listed => {
                last.actions.push(action);
            }
            Some(last) if repository <= last.repository => {
                let cause = format!("the repository `{repository}` is out of order");
                return Err(PlanTextError::shape(place(), cause));
            }
            Some(_) | None => {
                repositories.push(RepositoryPlan { repository, images_listed, actions: vec![action] });
            }
        }
    }
    Ok((head, repositories))
}

fn read_part_head(line: &str) -> Result<PartHead, PlanTextError> {
    let shape = |cause: String| PlanTextError::shape("line 1", cause);
    check_version(line, "line 1")?;
    let stored: StoredPartHead = serde_json::from_str(line).map_err(|error| shape(error.to_string()))?;
    let head = stored.head.read().map_err(shape)?;
    Ok(PartHead { head, aside: hash(&stored.aside).map_err(shape)? })
}

/// The text of the description of a plan.
pub fn plan_text(plan: &Plan) -> String {
    let stored = StoredPlan {
        format_version: FORMAT_VERSION,
        hash: plan.hash.to_string(),
        head: StoredHead::of(&plan.head),
        totals: totals(plan),
        parts: plan.parts.iter().map(stored_part).collect(),
        aside: stored_aside(plan),
    };
    // INVARIANT: text, numbers and lists, which JSON has words for.
    let mut text = serde_json::to_string_pretty(&stored).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads the description of a plan.
///
/// # Errors
/// When it is none, or its totals are not the sums of its parts.
pub fn read_plan(text: &str) -> Result<Plan, PlanTextError> {
    let shape = |cause: String| PlanTextError::shape("the description", cause);
    check_version(text, "the description")?;
    let stored: StoredPlan = serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
    let wanted = stored.totals;
    let plan = read_stored(&stored.hash, stored.head, stored.parts, stored.aside).map_err(shape)?;
    if totals(&plan) == wanted {
        Ok(plan)
    } else {
        Err(shape("its totals are not the sums of its parts".to_owned()))
    }
}

fn read_stored(
    text: &str,
    head: StoredHead,
    parts: Vec<StoredPart>,
    aside: StoredAside,
) -> Result<Plan, String> {
    let refused =
        |stored: StoredRefusal| Refusal { repository: stored.repository.read(), reason: stored.reason };
    Ok(Plan {
        head: head.read()?,
        hash: hash(text)?,
        parts: parts.into_iter().map(read_summary).collect::<Result<_, _>>()?,
        refused: aside.refused.into_iter().map(refused).collect(),
        usd_per_month: aside.usd_per_month,
        kept: aside.kept.into_iter().map(|kept| (kept.guard, kept.images)).collect(),
        kept_hash: aside.kept_hash.as_deref().map(hash).transpose()?,
        pending: aside.pending,
        pending_hash: aside.pending_hash.as_deref().map(hash).transpose()?,
    })
}

fn check_version(text: &str, place: &str) -> Result<(), PlanTextError> {
    let Versioned { format_version } =
        serde_json::from_str(text).map_err(|error| PlanTextError::shape(place, error.to_string()))?;
    if format_version == FORMAT_VERSION {
        Ok(())
    } else {
        Err(PlanTextError::Version { found: format_version })
    }
}

fn totals(plan: &Plan) -> StoredTotals {
    StoredTotals {
        repositories: plan.repositories(),
        actions: plan.actions(),
        images: plan.images(),
        bytes_freed: plan.bytes_freed(),
    }
}

fn stored_part(part: &PartSummary) -> StoredPart {
    StoredPart {
        file: part.file.clone(),
        hash: part.hash.to_string(),
        repositories: part.repositories,
        actions: part.actions,
        images: part.images,
        bytes_freed: part.bytes_freed,
    }
}

fn read_summary(stored: StoredPart) -> Result<PartSummary, String> {
    Ok(PartSummary {
        hash: hash(&stored.hash)?,
        file: stored.file,
        repositories: stored.repositories,
        actions: stored.actions,
        images: stored.images,
        bytes_freed: stored.bytes_freed,
    })
}

fn stored_aside(plan: &Plan) -> StoredAside {
    let refused = |refusal: &Refusal| StoredRefusal {
        repository: StoredAddress::of(&refusal.repository),
        reason: refusal.reason.clone(),
    };
    let kept = |(guard, images): &(String, u64)| StoredKept { guard: guard.clone(), images: *images };
    StoredAside {
        refused: plan.refused.iter().map(refused).collect(),
        kept: plan.kept.iter().map(kept).collect(),
        kept_hash: plan.kept_hash.map(|hash| hash.to_string()),
        pending: plan.pending,
        pending_hash: plan.pending_hash.map(|hash| hash.to_string()),
        usd_per_month: plan.usd_per_month,
    }
}

fn hash(text: &str) -> Result<PlanHash, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// The text of the file with the images that hard guards keep.
pub fn kept_text(kept: &[KeptImage]) -> String {
    kept.iter().map(|kept| kept_line(kept) + "\n").collect()
}

/// Reads the file with the images that hard guards keep.
///
/// # Errors
/// When a line is none.
pub fn read_kept_text(text: &str) -> Result<Vec<KeptImage>, PlanTextError> {
    read_lines(text, read_kept)
}

/// The text of the file with the images that wait for a second plan.
pub fn pending_text(pending: &[PendingImage]) -> String {
    pending.iter().map(|pending| pending_line(pending) + "\n").collect()
}

/// Reads the file with the images that wait for a second plan.
///
/// # Errors
/// When a line is none.
pub fn read_pending_text(text: &str) -> Result<Vec<PendingImage>, PlanTextError> {
    read_lines(text, read_pending)
}

fn read_lines<T>(text: &str, read: fn(&str) -> Result<T, String>) -> Result<Vec<T>, PlanTextError> {
    let line = |(number, line): (u64, &str)| {
        read(line).map_err(|cause| PlanTextError::shape(format!("line {number}"), cause))
    };
    (1_u64..).zip(text.lines()).map(line).collect()
}

#[cfg(test)]
mod tests;
