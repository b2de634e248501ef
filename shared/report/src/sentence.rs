//! Decisions as sentences.

use chrono::{DateTime, Utc};
use demurrage_core::Image;
use demurrage_core::lifecycle::{
    Action, AgeBasis, Decision, Limit, MissingTime, Next, Outcome, Policy, Reason, Rule, Selection,
    StorageClass,
};

use crate::amount::{count, days, grouped};
use crate::image_name::in_sentence;

/// What a rule does: ``expires `prod*` beyond the 10 newest``.
pub fn rule_sentence(rule: &Rule) -> String {
    let verb = match rule.action {
        Action::Expire => "expires",
        Action::Archive => "archives",
    };
    let class = match rule.storage_class {
        StorageClass::Standard => "",
        StorageClass::Archive => " of the archive class",
    };
    let limit = match rule.limit {
        Limit::ImageCountMoreThan(number) => format!("beyond the {} newest", grouped(number)),
        Limit::SinceImagePushed(number) => format!("{} after the push", number_of(number, "day")),
        Limit::SinceImagePulled(number) => format!("{} after the last pull", number_of(number, "day")),
        Limit::SinceImageTransitioned(number) => format!("{} after archiving", number_of(number, "day")),
    };
    format!("{verb} {}{class} {limit}", rule.selection)
}

/// Why an image is acted on or kept, in one line.
pub fn reason_sentence(policy: &Policy, images: &[Image], decision: &Decision, now: DateTime<Utc>) -> String {
    let rule = decision.rule.and_then(|place| policy.rules().get(place));
    let number = rule.map_or_else(|| "a rule".to_owned(), |rule| format!("rule {}", rule.priority));
    let pool = rule.map_or_else(String::new, |rule| pool(&rule.selection));
    match decision.reason {
        Reason::BeyondCount { rank, limit } | Reason::WithinCount { rank, limit } => {
            format!(
                "rank {} among {pool}; {number} keeps the newest {}",
                grouped(rank.into()),
                grouped(limit)
            )
        }
        Reason::OlderThan { since, basis, limit_days } | Reason::NotOlder { since, basis, limit_days } => {
            format!("{}; {number} keeps {}", ago(since, basis, now), number_of(limit_days, "day"))
        }
        Reason::UnknownTime { missing: MissingTime::Pushed } => {
            format!("its push time is unknown, so {number} keeps it")
        }
        Reason::UnknownTime { missing: MissingTime::Archived } => {
            format!("its archive time is unknown, so {number} keeps it")
        }
        Reason::ReferencedByIndex { index } => {
            let index = in_sentence(images, index);
            match rule {
                Some(_) => format!("{number} would take it, but index {index} names it and stays"),
                None => format!("index {index} names it"),
            }
        }
        Reason::FollowsSubject { subject } => {
            format!("goes with its subject {}", in_sentence(images, subject))
        }
        Reason::Activating => "neither active nor archived: no rule selects it now".to_owned(),
        Reason::NotSelected => "no rule selects it".to_owned(),
    }
}

fn number_of(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// The images that a selection takes, as the object of a sentence.
fn pool(selection: &Selection) -> String {
    match selection {
        Selection::Any => "all images".to_owned(),
        Selection::Untagged | Selection::Patterns(_) | Selection::Prefixes(_) => selection.to_string(),
    }
}

/// How long ago something happened.
pub(crate) fn ago(since: DateTime<Utc>, basis: AgeBasis, now: DateTime<Utc>) -> String {
    if now < since {
        return format!("{} after now, which counts as age zero", basis.name());
    }
    format!("{} {} ago", basis.name(), days(since, now))
}

/// When an image will be acted on if nothing changes, in one line.
pub fn next_sentence(
    policy: &Policy,
    images: &[Image],
    decision: &Decision,
    next: Next,
    now: DateTime<Utc>,
) -> String {
    let rule = decision.rule.and_then(|place| policy.rules().get(place));
    let verb = match rule.map(|rule| rule.action) {
        Some(Action::Archive) => "is archived",
        Some(Action::Expire) | None => "expires",
    };
    match next {
        Next::Run => match decision.outcome {
            Outcome::Archive => "archived by the next run, within 24 hours".to_owned(),
            Outcome::Expire | Outcome::Keep => "expired by the next run, within 24 hours".to_owned(),
        },
        Next::At(time) => format!("{verb} in {}, on {}", days(now, time), time.format("%Y-%m-%d %H:%M UTC")),
        Next::AfterPushes(pushes) => {
            let noun = match rule.map(|rule| &rule.selection) {
                Some(Selection::Untagged) => "more untagged image".to_owned(),
                Some(list @ (Selection::Patterns(_) | Selection::Prefixes(_))) => {
                    format!("more {list} image")
                }
                Some(Selection::Any) | None => "more image".to_owned(),
            };
            let pushes = usize::try_from(pushes).unwrap_or(usize::MAX);
            format!("{verb} when {} {} pushed", count(pushes, &noun), if pushes == 1 { "is" } else { "are" })
        }
        Next::WithSubject(subject) => {
            format!("goes within 24 hours after its subject {}", in_sentence(images, subject))
        }
        Next::AfterIndex(index) => format!("can go after index {} is gone", in_sentence(images, index)),
        Next::AfterRestore => "rules may select it once it is restored".to_owned(),
        Next::Unknown => "unknown, because a time is missing".to_owned(),
        Next::Never => "stays for ever under this policy".to_owned(),
    }
}
