//! Whether a repository keeps what is promised of its tags, and which of them moved all the same.

use chrono::SecondsFormat;
use demurrage_core::Repository;
use demurrage_core::audit::{Severity, Verdict};
use demurrage_core::ledger::{Learnt, RepositoryLedger, TagFact};

use super::document::{MovedTag, Promise, TagSpell};
use super::repository::PageAbout;

/// The audits of which a finding says that a promise is not kept. A stricter mode than is demanded is a low finding of the
/// first, and keeps it.
const PROMISE: [&str; 3] = ["tags-can-move", "tag-moved", "tag-deleted-and-pushed-again"];
/// Tags of one repository that are shown.
const MOVED_MAX: usize = 20;

/// What became of the promise.
pub(super) fn promise(about: &PageAbout<'_>, repository: &Repository, verdict: &Verdict) -> Promise {
    let setting = repository.tag_mutability.present().map(|setting| setting.mode.clone());
    let of = |state, why: String| Promise {
        repository: repository.name.clone(),
        region: about.shown_region(),
        state,
        setting: setting.clone().unwrap_or_else(|| "unknown".to_owned()),
        why,
    };
    if about.rules.promise(&repository.name).is_none() {
        return of("none", "nothing is promised of its tags".to_owned());
    }
    let is_broken = |it: &&demurrage_core::audit::Finding| {
        it.counts() && PROMISE.contains(&it.audit.id) && Severity::Medium <= it.severity
    };
    if let Some(finding) = verdict.findings.iter().find(is_broken) {
        return of("broken", finding.message.clone());
    }
    // The history of tags may be unknown where nobody kept it; the setting alone decides what may happen from now on.
    match verdict.unevaluated.iter().find(|it| it.audit.id == PROMISE[0]) {
        Some(unevaluated) => of("unknown", unevaluated.reason.clone()),
        None => of("kept", String::new()),
    }
}

/// The tags that may not move and did, each with the images that it was on.
pub(super) fn moved_tags(about: &PageAbout<'_>, name: &str, ledger: &RepositoryLedger) -> Vec<MovedTag> {
    let Some(promise) = about.rules.promise(name) else { return Vec::new() };
    let promised = ledger.tags().iter().filter(|(tag, _)| !promise.lets_move(tag.as_str()));
    let moved = promised.filter_map(|(tag, record)| {
        let facts = record.history.facts();
        let mut images = facts.iter().filter_map(|fact| fact.held.image());
        let first = images.next()?;
        images.any(|image| image != first).then(|| MovedTag {
            repository: name.to_owned(),
            region: about.shown_region(),
            tag: tag.as_str().to_owned(),
            history: spells(&facts),
        })
    });
    moved.take(MOVED_MAX).collect()
}

fn spells(facts: &[TagFact]) -> Vec<TagSpell> {
    let time = |fact: &TagFact| fact.began.by().to_rfc3339_opts(SecondsFormat::Secs, true);
    let ends = facts.iter().skip(1).map(|next| Some(time(next))).chain([None]);
    let spell = |(fact, until): (&TagFact, Option<String>)| TagSpell {
        from: time(fact),
        until,
        digest: fact
            .held
            .image()
            .map_or_else(|| "no image, or one of several".to_owned(), |it| it.to_string()),
        by: match fact.learnt {
            Learnt::Event => "an event",
            Learnt::Inventory => "a listing",
            Learnt::Deletion => "the deletion of its image",
        },
    };
    facts.iter().zip(ends).map(spell).collect()
}
