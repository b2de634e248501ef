//! The comparison of two policies for people.

use std::fmt::Write;

use demurrage_core::lifecycle::{Decision, Outcome, Policy};

use crate::amount::count;
use crate::compare_json::ChangedRepository;
use crate::image_name;
use crate::records::{Columns, table_or_records};
use crate::sentence::reason_sentence;

/// The changes of each repository that has any, the worse ones first: a table, or records where that is too wide.
pub fn compare_table(repositories: &[ChangedRepository<'_>], width: Option<u16>) -> String {
    let changed = repositories.iter().filter(|changed| !changed.changes.is_empty());
    changed.map(|changed| repository_text(changed, width)).collect()
}

fn repository_text(changed: &ChangedRepository<'_>, width: Option<u16>) -> String {
    let worse = changed.changes.iter().filter(|change| change.is_worse()).count();
    let better = changed.changes.len() - worse;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {} {} worse{}, {} better\n",
        changed.repository.name,
        count(worse, "image"),
        if worse == 1 { "fares" } else { "fare" },
        changed.worse_in_use().map_or_else(String::new, |in_use| format!(" ({in_use} in use)")),
        count(better, "image")
    );
    let mut headers = vec!["", "image", "tags", "old", "new", "why now"];
    if changed.certainties.is_some() {
        headers.push("certain");
    }
    if changed.in_use.is_some() {
        headers.push("in use");
    }
    let mut rows = Vec::new();
    let mut worst_first: Vec<_> = changed.changes.iter().enumerate().collect();
    worst_first.sort_by_key(|(_, change)| !change.is_worse());
    for (number, change) in worst_first {
        let Some(image) = changed.repository.images.get(change.image as usize) else { continue };
        let mut row = vec![
            if change.is_worse() { "worse" } else { "better" }.to_owned(),
            image.digest.short(),
            image_name::tags(image),
            fate(changed.old.as_ref(), &change.old),
            fate(changed.new.as_ref(), &change.new),
            changed.new.as_ref().map_or_else(
                || "no policy".to_owned(),
                |policy| reason_sentence(policy, &changed.repository.images, &change.new, changed.now),
            ),
        ];
        if let Some(certainty) = changed.certainties.as_ref().and_then(|all| all.get(number)) {
            let names = certainty.names().join(", ");
            row.push(if certainty.is_certain() { "yes".to_owned() } else { format!("depends on {names}") });
        }
        if let Some(known) = &changed.in_use {
            row.push(known.cell(&changed.repository.images, change.image));
        }
        rows.push(row);
    }
    text.push_str(&table_or_records(
        Columns { headers: &headers, names: &[0, 1], numbers: &[] },
        &rows,
        width,
    ));
    text.push('\n');
    text
}

fn fate(policy: Option<&Policy>, decision: &Decision) -> String {
    let rule = policy.and_then(|policy| policy.rules().get(decision.rule?)).map(|rule| rule.priority);
    let verb = match decision.outcome {
        Outcome::Keep => return "stays".to_owned(),
        Outcome::Archive => "archived",
        Outcome::Expire => "expires",
    };
    rule.map_or_else(|| verb.to_owned(), |priority| format!("{verb} (rule {priority})"))
}
