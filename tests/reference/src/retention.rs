//! Retention rules, read slowly: every question is asked of every image again.
//!
//! Written from `docs/RETENTION.md`. Assumes ids that differ and order as digests do. Regular expressions are left out but
//! for one, `(.+)-[0-9]+`, which is read by hand.

mod condition;
mod model;
mod newest;
mod unit;
mod wish;

pub use model::{
    Action, Age, Clause, Condition, Fate, Image, Ledger, Newest, Put, Repository, Rule, Status, Tag, Use,
};

use model::{Answer, Way};
use wish::Wish;

/// What becomes of every image of a repository under rules that are all about it, in the order of the images.
pub fn decide(rules: &[Rule], repository: &Repository) -> Vec<Fate> {
    (0..repository.images.len()).map(|image| fate(rules, repository, image)).collect()
}

fn fate(rules: &[Rule], repository: &Repository, image: usize) -> Fate {
    let wish = wish::second(rules, repository, image);
    let archived = repository.status(image) == Some(Status::Archived);
    let kind = match wish {
        Wish::Stay => None,
        Wish::Archive if archived => None,
        Wish::Archive => Some("archive"),
        Wish::Expire => Some("expire"),
    };
    let Some(own) = own(rules, repository, image) else {
        let reason = match (wish, kind) {
            (Wish::Stay, _) if repository.may_be_part(image) => "may_be_part_of",
            (Wish::Stay, _) if wish::has_holder_that_stays(rules, repository, image) => "part_of",
            (Wish::Stay, _) => "activating",
            (_, Some(_)) => "with",
            (_, None) => "is_archived",
        };
        return Fate { kind, tags: Vec::new(), rule: None, reason };
    };
    if own.most == Wish::Stay {
        let kind = if own.tags.is_empty() { None } else { Some("untag") };
        return Fate { kind, tags: own.tags, rule: own.rule, reason: own.reason };
    }
    let wanted = wish::own_second(rules, repository, image);
    let reason = if wish < wanted {
        "part_of"
    } else if wish == Wish::Archive && archived {
        if own.archive_ms.is_some() { "waits" } else { "is_archived" }
    } else {
        own.reason
    };
    Fate { kind, tags: Vec::new(), rule: own.rule, reason }
}

/// What rules say of an image by itself.
struct Own {
    most: Wish,
    tags: Vec<String>,
    rule: Option<usize>,
    reason: &'static str,
    /// How long it lies in the archive class before it is deleted, where it is archived first.
    archive_ms: Option<i64>,
}

impl Own {
    const fn stays(rule: Option<usize>, reason: &'static str) -> Self {
        Self { most: Wish::Stay, tags: Vec::new(), rule, reason, archive_ms: None }
    }
}

/// What rules say of an image by itself; nothing of one that they do not look at.
fn own(rules: &[Rule], repository: &Repository, image: usize) -> Option<Own> {
    if !repository.is_judged(image) {
        return None;
    }
    let unit = repository.unit(image);
    if unit.iter().any(|&part| repository.status(part) == Some(Status::Activating)) {
        return Some(Own::stays(None, "activating"));
    }
    let ways = repository.ways(image);
    if ways == [Way::Untagged] && repository.unread_but(image) {
        return Some(Own::stays(None, "may_be_part_of"));
    }
    for (place, rule) in rules.iter().enumerate() {
        let keeps = |clause: &Clause| {
            ways.iter().any(|way| condition::meets(repository, clause, image, way) != Answer::No)
        };
        if rule.keep.iter().any(keeps) {
            return Some(Own::stays(Some(place), "kept"));
        }
    }
    let covered = |rule: &Rule, way: &Way| {
        rule.expire.iter().any(|clause| condition::meets(repository, clause, image, way) == Answer::Yes)
    };
    let mut uncovered = None;
    for (place, rule) in rules.iter().enumerate() {
        let all = ways.iter().all(|way| covered(rule, way));
        let some = ways.iter().any(|way| covered(rule, way));
        if all && !(rule.action == Action::Untag && ways == [Way::Untagged]) {
            let (most, archive_ms) = match rule.action {
                Action::Delete | Action::Untag => (Wish::Expire, None),
                Action::Archive => (Wish::Archive, None),
                Action::ArchiveThenDelete(ms) => (Wish::Archive, Some(ms)),
            };
            return Some(Own { most, tags: Vec::new(), rule: Some(place), reason: "chosen", archive_ms });
        }
        if some && !all && rule.action == Action::Untag {
            let mut tags: Vec<String> =
                ways.iter().filter(|way| covered(rule, way)).filter_map(Way::text).collect();
            tags.sort();
            return Some(Own { tags, ..Own::stays(Some(place), "untagged") });
        }
        if some && !all && uncovered.is_none() {
            uncovered = Some(place);
        }
    }
    Some(match uncovered {
        Some(place) => Own::stays(Some(place), "uncovered"),
        None => Own::stays(None, "not_chosen"),
    })
}
