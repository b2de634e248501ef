//! What is risky about a configuration whatever it is used for.

use chrono::{DateTime, Utc};
use demurrage_config::Configuration;
use demurrage_core::in_use::{UnsaidTopic, UseSource};
use demurrage_core::plan::OtherReaders;

use super::finding::Finding;

/// Everything of the kind.
pub(super) fn risks(configuration: &Configuration, now: DateTime<Utc>) -> Vec<Finding> {
    let mut found = Vec::new();
    // Without rules by which images go, nothing can go.
    if !configuration.retention.rules.is_empty() {
        found.extend(uses_not_asked(configuration));
        found.extend(readers_ignored(configuration));
        found.extend(uses_unsaid(configuration));
    }
    found.extend(acceptances_over(configuration, now));
    found
}

fn uses_not_asked(configuration: &Configuration) -> Vec<Finding> {
    let asked = &configuration.in_use.rules.sources;
    let missing = [(UseSource::Ecs, "ECS"), (UseSource::Lambda, "Lambda")];
    missing
        .into_iter()
        .filter(|(source, _)| !asked.contains(source))
        .map(|(source, name)| {
            Finding::risk(
                "use-not-asked",
                format!(
                    "images go by `[[retention]]`, and nobody has to know what {name} runs before they do"
                ),
                format!("leave `sources` out of `[in_use]`, or put `\"{}\"` there", source.name()),
            )
        })
        .collect()
}

fn readers_ignored(configuration: &Configuration) -> Option<Finding> {
    match configuration.plan.other_readers {
        OtherReaders::Refuse => None,
        OtherReaders::Ignore => Some(Finding::risk(
            "other-readers-ignored",
            "images that other accounts may pull go without anybody having asked what these run",
            "name those accounts in `accounts` of `[in_use]`, and leave `other_readers` of `[plan]` out",
        )),
    }
}

/// What only the team can say; plans remind of it as well.
fn uses_unsaid(configuration: &Configuration) -> impl Iterator<Item = Finding> {
    configuration.in_use.rules.unsaid.iter().map(|topic| {
        let (message, help) = match topic {
            UnsaidTopic::Regions => (
                "images go by `[[retention]]`, and nobody said which other regions use them",
                "name these in `regions` of `[in_use]`, or write `regions = []`: there is none",
            ),
            UnsaidTopic::Clusters => (
                "images go by `[[retention]]`, and nobody said which clusters of Kubernetes use them",
                "name these in `clusters` of `[in_use]`, or write `clusters = []`: there is none",
            ),
        };
        Finding::note("use-unsaid", message, help)
    })
}

fn acceptances_over(configuration: &Configuration, now: DateTime<Utc>) -> Vec<Finding> {
    let over = configuration.rules.accepted.iter().filter(|accepted| accepted.until <= now);
    over.map(|accepted| {
        Finding::note(
            "acceptance-over",
            format!(
                "`{}` was accepted until {}, and its findings count again",
                accepted.audit,
                accepted.until.format("%Y-%m-%d")
            ),
            "take the table away, or give it a later `until` and a reason that still holds",
        )
    })
    .collect()
}
