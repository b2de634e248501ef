//! What retention rules want of one image, and why, for people and for programs.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use demurrage_core::in_use::{Protection, RepositoryUse, UseGraph};
use demurrage_core::retention::{
    Answer, Clause, Decided, ExplainedClause, ExplainedWay, RetentionExplanation, RetentionRules, Seen,
    reason_sentence,
};
use demurrage_core::{Image, Repository, Tag, instant};
use serde_json::{Value, json};

use crate::amount::{bytes, days, grouped};
use crate::image_name::{in_sentence, visible};
use crate::records::{Columns, table_or_records};
use crate::{image_name, table};

/// What explanations are about.
#[derive(Debug, Clone, Copy)]
pub struct ExplainedRetention<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The rules.
    pub rules: &'a RetentionRules,
    /// What is in use of it.
    pub in_use: &'a RepositoryUse,
    /// All uses.
    pub graph: &'a UseGraph,
    /// When.
    pub now: DateTime<Utc>,
}

/// One image in full: what becomes of it, and what each clause of each rule says of it.
pub fn retention_text(
    about: ExplainedRetention<'_>,
    explanation: &RetentionExplanation,
    width: Option<u16>,
) -> String {
    let images = &about.repository.images;
    let Some(image) = images.get(explanation.image as usize) else { return String::new() };
    let mut text = format!("{}@{}\n", about.repository.name, image.digest);
    for (name, value) in facts(about, image, explanation) {
        let _ = writeln!(text, "  {name:<9} {value}");
    }
    let decided = &explanation.decided;
    let sentence = visible(&reason_sentence(about.rules, images, explanation.image, decided));
    let _ = writeln!(text, "\n{}: {sentence}", fate(decided));
    if explanation.rules.is_empty() {
        return text;
    }
    let mut rows = table::table(&["rule", "clause", "image or tag", "met", "by"]);
    for explained in &explanation.rules {
        let Some(rule) = about.rules.rules.get(explained.rule as usize) else { continue };
        let sides = [("keep", &rule.keep, &explained.keep), ("expire", &rule.expire, &explained.expire)];
        for (side, clauses, explained) in sides {
            for (place, (clause, explained)) in clauses.iter().zip(explained).enumerate() {
                for way in &explained.ways {
                    rows.add_row(vec![
                        rule.name.clone(),
                        format!("{side} {}: {clause}", place + 1),
                        way.tag.as_ref().map_or("untagged".to_owned(), |tag| visible(tag.as_str())),
                        answer_name(way.answer).to_owned(),
                        by(about, explanation.image, clause, way),
                    ]);
                }
            }
        }
    }
    text.push('\n');
    text.push_str(&table::fitted(rows, &[0, 1, 2, 3, 4], width));
    text
}

/// One row for each image: what becomes of it, and why.
pub fn retention_table(about: ExplainedRetention<'_>, decided: &[Decided], width: Option<u16>) -> String {
    let images = &about.repository.images;
    let headers = ["image", "tags", "kind", "fate", "why"];
    let mut rows = Vec::new();
    for (place, (image, decided)) in (0..u32::MAX).zip(images.iter().zip(decided)) {
        rows.push(vec![
            image.digest.short(),
            image_name::tags(image),
            image_name::kind(image).unwrap_or("image").to_owned(),
            fate(decided).to_owned(),
            visible(&reason_sentence(about.rules, images, place, decided)),
        ]);
    }
    table_or_records(Columns { headers: &headers, names: &[0, 2, 3], numbers: &[] }, &rows, width)
}

/// The explanation of one image as an object.
pub fn retention_json(about: ExplainedRetention<'_>, explanation: &RetentionExplanation) -> Value {
    let images = &about.repository.images;
    let Some(mut object) = decided_json(about, explanation.image, &explanation.decided) else {
        return Value::Null;
    };
    let digests = |places: &[u32]| {
        let digest = |&place: &u32| images.get(place as usize).map(|image| image.digest.to_string());
        places.iter().filter_map(digest).collect::<Vec<_>>()
    };
    let rules = explanation.rules.iter().filter_map(|explained| {
        let rule = about.rules.rules.get(explained.rule as usize)?;
        let clauses = |clauses: &[Clause], explained: &[ExplainedClause]| {
            let clauses = clauses.iter().zip(explained);
            clauses
                .map(|(clause, explained)| clause_json(about, explanation.image, clause, explained))
                .collect()
        };
        let (keep, expire): (Vec<Value>, Vec<Value>) =
            (clauses(&rule.keep, &explained.keep), clauses(&rule.expire, &explained.expire));
        Some(json!({"name": rule.name, "keep": keep, "expire": expire}))
    });
    let rules: Vec<Value> = rules.collect();
    if let Some(members) = object.as_object_mut() {
        members.insert("hangs_on".to_owned(), digests(&explanation.holders).into());
        members.insert("parts".to_owned(), digests(&explanation.parts).into());
        members.insert("rules".to_owned(), rules.into());
    }
    object
}

/// What becomes of every image, as objects.
pub fn retention_rows_json(about: ExplainedRetention<'_>, decided: &[Decided]) -> Vec<Value> {
    let decided = (0..u32::MAX).zip(decided);
    decided.filter_map(|(place, decided)| decided_json(about, place, decided)).collect()
}

fn decided_json(about: ExplainedRetention<'_>, place: u32, decided: &Decided) -> Option<Value> {
    let images = &about.repository.images;
    let image = images.get(place as usize)?;
    let texts = |tags: &[Tag]| tags.iter().map(ToString::to_string).collect::<Vec<_>>();
    let rule = decided.rule.and_then(|rule| about.rules.rules.get(rule as usize));
    Some(json!({
        "registry_id": about.repository.registry_id,
        "repository_name": about.repository.name,
        "image_digest": image.digest.to_string(),
        "image_tags": texts(&image.tags),
        "action": decided.kind.map(demurrage_core::plan::ActionKind::name),
        "untagged": texts(&decided.tags),
        "rule": rule.map(|rule| &rule.name),
        "reason": decided.reason.name(),
        "sentence": reason_sentence(about.rules, images, place, decided),
    }))
}

fn clause_json(
    about: ExplainedRetention<'_>,
    image: u32,
    clause: &Clause,
    explained: &ExplainedClause,
) -> Value {
    let ways = explained.ways.iter().map(|way| {
        json!({
            "tag": way.tag.as_ref().map(Tag::as_str),
            "met": answer_name(way.answer),
            "by": by(about, image, clause, way),
        })
    });
    json!({"says": clause.to_string(), "for": ways.collect::<Vec<_>>()})
}

const fn fate(decided: &Decided) -> &'static str {
    use demurrage_core::plan::ActionKind::{Archive, Expire, Untag};
    match decided.kind {
        Some(Expire) => "goes",
        Some(Archive) => "archived",
        Some(Untag) => "loses tags",
        None => "stays",
    }
}

const fn answer_name(answer: Answer) -> &'static str {
    match answer {
        Answer::Met => "yes",
        Answer::NotMet => "no",
        Answer::Unknown => "unknown",
    }
}

fn facts(
    about: ExplainedRetention<'_>,
    image: &Image,
    explanation: &RetentionExplanation,
) -> Vec<(&'static str, String)> {
    let images = &about.repository.images;
    let tags: Vec<String> = image.tags.iter().map(|tag| visible(tag.as_str())).collect();
    let names = |places: &[u32]| {
        let names = places.iter().map(|&place| visible(&in_sentence(images, place)));
        names.collect::<Vec<_>>().join(", ")
    };
    let time = |time: Option<DateTime<Utc>>, none: &str| {
        time.map_or_else(|| none.to_owned(), |time| at(time, about.now))
    };
    let mut facts = vec![
        ("tags", if tags.is_empty() { "none".to_owned() } else { tags.join(", ") }),
        ("status", image.status.as_api().to_owned()),
        ("pushed", time(image.pushed_at, "unknown")),
        ("pulled", time(image.last_pulled_at, "never recorded")),
    ];
    if !explanation.holders.is_empty() {
        facts.push(("hangs on", names(&explanation.holders)));
    }
    if !explanation.parts.is_empty() {
        facts.push(("with it", names(&explanation.parts)));
    }
    facts
}

fn at(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let since = if now < time { "after now".to_owned() } else { format!("{} ago", days(time, now)) };
    format!("{} ({since})", instant::minute(time))
}

/// What a clause was judged by, condition after condition.
fn by(about: ExplainedRetention<'_>, image: u32, clause: &Clause, way: &ExplainedWay) -> String {
    let conditions = clause.conditions.iter().zip(&way.conditions);
    let said = conditions.map(|(condition, &(answer, seen))| {
        format!("{}: {}", condition.name(), seen_text(about, image, answer, seen))
    });
    let newest =
        way.newest.map(|(answer, seen)| format!("newest: {}", seen_text(about, image, answer, seen)));
    said.chain(newest).collect::<Vec<_>>().join("; ")
}

fn seen_text(about: ExplainedRetention<'_>, image: u32, answer: Answer, seen: Seen) -> String {
    match (seen, answer) {
        (Seen::Tag, Answer::Met) => "it matches".to_owned(),
        (Seen::Tag, Answer::NotMet | Answer::Unknown) => "it does not match".to_owned(),
        (Seen::NoTag, _) => "it has no tag".to_owned(),
        (Seen::HasTags, _) => "it has tags".to_owned(),
        (Seen::At(time), Answer::Unknown) => format!("{} at the latest", at(time, about.now)),
        (Seen::At(time), Answer::Met | Answer::NotMet) => at(time, about.now),
        (Seen::UnknownTime, _) => "nobody knows when".to_owned(),
        (Seen::NeverPulled(Some(pushed_at)), _) => {
            format!("never pulled, pushed {}", at(pushed_at, about.now))
        }
        (Seen::NeverPulled(None), _) => "never pulled, and nobody knows when it was pushed".to_owned(),
        (Seen::PulledInPart(_), _) => "an index was not read, so its children are unknown".to_owned(),
        (Seen::Bytes(size_bytes), _) => bytes(size_bytes),
        (Seen::UnknownBytes, _) => "nobody knows how large it is".to_owned(),
        (Seen::Use, _) => use_text(about, image, answer),
        (Seen::Rank(rank), _) => format!("number {}", grouped(rank)),
        (Seen::NoGroup, _) => "its tag is in no group".to_owned(),
    }
}

fn use_text(about: ExplainedRetention<'_>, image: u32, answer: Answer) -> String {
    let first = match about.in_use.protection(image) {
        Some(Protection::InUse(uses)) => uses.first(),
        Some(Protection::PartOf(_) | Protection::MayBePartOf(_)) | None => None,
    };
    let evidence = first.and_then(|&place| about.graph.uses().get(place as usize));
    match (answer, evidence) {
        (Answer::Met, Some(used)) => visible(&used.evidence),
        (Answer::Met, None) => "something that it belongs to, or that belongs to it, is".to_owned(),
        (Answer::Unknown, _) => "it may be part of something that is".to_owned(),
        (Answer::NotMet, _) => "nothing is known that uses it".to_owned(),
    }
}
