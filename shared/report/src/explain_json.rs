//! Explanations for programs.

use demurrage_core::lifecycle::{AgeBasis, Explanation, Next, Reason, Relation};
use demurrage_core::{Image, instant};
use serde_json::{Map, Value, json};

use crate::ExplainedRepository;
use crate::listing_name::insert_listing;
use crate::sentence::{next_sentence, reason_sentence};

/// The explanation of one image as an object, with a `listing` where not all images of the repository are known.
pub fn explain_json(about: ExplainedRepository<'_>, explanation: &Explanation) -> Value {
    let ExplainedRepository { repository, policy, now } = about;
    let images = &repository.images;
    let Some(image) = images.get(explanation.image as usize) else { return Value::Null };
    let decision = &explanation.decision;
    let priority =
        |place: Option<usize>| place.and_then(|place| policy.rules().get(place)).map(|rule| rule.priority);
    let rules = policy.rules().iter().zip(&explanation.relations).map(|(rule, relation)| {
        let mut row = relation_json(images, relation, &|place| priority(Some(place)));
        row.insert("rule_priority".to_owned(), rule.priority.into());
        Value::Object(row)
    });
    let mut document = json!({
        "registry_id": repository.registry_id,
        "repository_name": repository.name,
        "image_digest": image.digest.to_string(),
        "image_tags": image.tags.iter().map(demurrage_core::Tag::as_str).collect::<Vec<_>>(),
        "action": decision.outcome.action().map(demurrage_core::lifecycle::Action::as_api),
        "rule_priority": priority(decision.rule),
        "reason": reason_json(images, &decision.reason),
        "sentence": reason_sentence(policy, images, decision, now),
        "next": next_json(images, explanation.next),
        "next_sentence": next_sentence(policy, images, decision, explanation.next, now),
        "rules": rules.collect::<Vec<_>>(),
    });
    insert_listing(&mut document, &repository.listing);
    document
}

fn digest_at(images: &[Image], position: u32) -> Value {
    images.get(position as usize).map_or(Value::Null, |image| image.digest.to_string().into())
}

fn reason_json(images: &[Image], reason: &Reason) -> Value {
    let age = |since, basis: AgeBasis, limit_days| json!({"name": reason.name(), "since": instant::format(since), "basis": basis.name(), "limit_days": limit_days});
    match *reason {
        Reason::BeyondCount { rank, limit } | Reason::WithinCount { rank, limit } => {
            json!({"name": reason.name(), "rank": rank, "limit": limit})
        }
        Reason::OlderThan { since, basis, limit_days } | Reason::NotOlder { since, basis, limit_days } => {
            age(since, basis, limit_days)
        }
        Reason::ReferencedByIndex { index } => {
            json!({"name": reason.name(), "index": digest_at(images, index)})
        }
        Reason::FollowsSubject { subject } => {
            json!({"name": reason.name(), "subject": digest_at(images, subject)})
        }
        Reason::UnknownTime { .. } | Reason::Activating | Reason::NotSelected => {
            json!({"name": reason.name()})
        }
    }
}

fn next_json(images: &[Image], next: Next) -> Value {
    match next {
        Next::Run => json!({"when": "next_run"}),
        Next::At(time) => json!({"when": "at", "time": instant::format(time)}),
        Next::AfterPushes(pushes) => json!({"when": "after_pushes", "pushes": pushes}),
        Next::WithSubject(subject) => json!({"when": "with_subject", "subject": digest_at(images, subject)}),
        Next::AfterIndex(index) => json!({"when": "after_index", "index": digest_at(images, index)}),
        Next::AfterRestore => json!({"when": "after_restore"}),
        Next::Unknown => json!({"when": "unknown"}),
        Next::Never => json!({"when": "never"}),
    }
}

fn relation_json(
    images: &[Image],
    relation: &Relation,
    priority: &dyn Fn(usize) -> Option<u64>,
) -> Map<String, Value> {
    let value = match relation {
        Relation::OtherClass => json!({"relation": "other_class"}),
        Relation::OtherTags { unmatched } => {
            let unmatched: Vec<String> = unmatched.iter().map(ToString::to_string).collect();
            json!({"relation": "other_tags", "unmatched": unmatched})
        }
        Relation::Shielded => json!({"relation": "shielded"}),
        Relation::Selected { rank, pool_size, reason, claimed_by } => json!({
            "relation": "selected",
            "rank": rank,
            "pool_size": pool_size,
            "reason": reason_json(images, reason),
            "claimed_by": claimed_by.and_then(priority),
        }),
    };
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
