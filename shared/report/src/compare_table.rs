//! The comparison of two policies for people.

use std::fmt::Write;

use demurrage_core::lifecycle::{Decision, Outcome, Policy};

use crate::amount::count;
use crate::compare_json::ChangedRepository;
use crate::sentence::reason_sentence;
use crate::{image_name, table};

/// A table of changes for each repository that has any, the worse ones first.
pub fn compare_table(repositories: &[ChangedRepository<'_>]) -> String {
    repositories.iter().filter(|changed| !changed.changes.is_empty()).map(repository_text).collect()
}

fn repository_text(changed: &ChangedRepository<'_>) -> String {
    let worse = changed.changes.iter().filter(|change| change.is_worse()).count();
    let better = changed.changes.len() - worse;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {} fare worse{}, {} better\n",
        changed.repository.name,
        count(worse, "image"),
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
    let mut rows = table::table(&headers);
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
        rows.add_row(row);
    }
    text.push_str(&table::text(rows, &[]));
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
