//! A preview as a table, image by image, with the reason of each.

use std::fmt::Write;

use demurrage_core::lifecycle::Outcome;

use crate::amount::{bytes, count, grouped};
use crate::preview_json::PreviewDocument;
use crate::records::{Columns, table_or_records};
use crate::sentence::reason_sentence;
use crate::{image_name, table};

/// The images that are acted on, and below them one line that sums up; at most so many rows.
pub fn preview_table(document: &PreviewDocument<'_>, rows_max: usize, width: Option<u16>) -> String {
    let mut text = headline(document);
    text.push('\n');
    let acted_on = &document.preview.acted_on;
    if acted_on.is_empty() {
        text.push_str(&otherwise(document, width));
        return text;
    }
    let with_certainty = document.certainties.is_some();
    let mut headers = vec!["rule", "action", "image", "tags", "pushed (UTC)", "size", "why"];
    if with_certainty {
        headers.push("certain");
    }
    if document.in_use.is_some() {
        headers.push("in use");
    }
    let mut rows = Vec::new();
    for &position in acted_on.iter().take(rows_max) {
        let at = position as usize;
        let (Some(image), Some(decision)) = (document.repository.images.get(at), document.decisions.get(at))
        else {
            continue;
        };
        let rule = decision.rule.and_then(|place| document.policy.rules().get(place));
        let mut row = vec![
            rule.map_or_else(String::new, |rule| rule.priority.to_string()),
            if decision.outcome == Outcome::Expire { "expire" } else { "archive" }.to_owned(),
            image.digest.short(),
            image_name::tags(image),
            image
                .pushed_at
                .map_or_else(|| "unknown".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string()),
            image.size_bytes.map_or_else(|| "unknown".to_owned(), bytes),
            reason_sentence(document.policy, &document.repository.images, decision, document.now),
        ];
        if let Some(certainty) = document.certainties.as_ref().and_then(|all| all.get(at)) {
            row.push(if certainty.is_certain() {
                "yes".to_owned()
            } else {
                format!("depends on {}", certainty.names().join(", "))
            });
        }
        if let Some(known) = &document.in_use {
            row.push(known.cell(&document.repository.images, position));
        }
        rows.push(row);
    }
    let columns = Columns { headers: &headers, names: &[1, 2, 4], numbers: &[0, 5] };
    text.push('\n');
    text.push_str(&table_or_records(columns, &rows, width));
    if rows_max < acted_on.len() {
        let _ = writeln!(text, "  … and {}", count(acted_on.len() - rows_max, "other image"));
    }
    text.push_str(&otherwise(document, width));
    text
}

/// The images that are kept under the chosen settings and acted on under others.
fn otherwise(document: &PreviewDocument<'_>, width: Option<u16>) -> String {
    let Some(certainties) = &document.certainties else { return String::new() };
    let mut rows = table::table(&["image", "tags", "acted on under other settings of"]);
    let images = document.repository.images.iter().zip(&document.decisions).zip(certainties);
    for ((image, decision), certainty) in images {
        if decision.outcome == Outcome::Keep && !certainty.is_certain() {
            rows.add_row(vec![image.digest.short(), image_name::tags(image), certainty.names().join(", ")]);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    format!("\nkept here:\n\n{}", table::fitted_with_names(rows, &[1, 2], &[0], width))
}

fn headline(document: &PreviewDocument<'_>) -> String {
    let repository = document.repository;
    let name = if repository.name.is_empty() { "(repository without a name)" } else { &repository.name };
    format!("{name}: {}", fates(document))
}

/// `312 images: 45 expire, none is archived, 267 stay`.
fn fates(document: &PreviewDocument<'_>) -> String {
    let images = document.repository.images.len();
    let preview = &document.preview;
    let in_use = document.acted_on_in_use().map_or_else(String::new, |acted_on| {
        format!("; of those that go, {} in use", grouped(acted_on as u64))
    });
    format!(
        "{}: {} expire, {} go to the archive, {} stay{in_use}",
        count(images, "image"),
        grouped(preview.expiring as u64),
        grouped(preview.archiving as u64),
        grouped((images - preview.acted_on.len()) as u64)
    )
}

/// One row for each repository: what its policy would do, and how much of that is in use where somebody said so.
pub fn preview_summary(documents: &[PreviewDocument<'_>], width: Option<u16>) -> String {
    let mut headers = vec!["repository", "rules", "images", "expire", "archive", "stay"];
    let with_use = documents.iter().any(|document| document.in_use.is_some());
    if with_use {
        headers.push("go in use");
    }
    let mut rows = table::table(&headers);
    let mut totals = vec![0; headers.len() - 2];
    for document in documents {
        let preview = &document.preview;
        let images = document.repository.images.len();
        let mut numbers = vec![images, preview.expiring, preview.archiving, images - preview.acted_on.len()];
        if with_use {
            numbers.push(document.acted_on_in_use().unwrap_or_default());
        }
        for (total, number) in totals.iter_mut().zip(&numbers) {
            *total += number;
        }
        let mut row = vec![document.repository.name.clone(), document.policy.rules().len().to_string()];
        row.extend(numbers.into_iter().map(|number| grouped(number as u64)));
        rows.add_row(row);
    }
    let mut row = vec![format!("{} in all", count(documents.len(), "repository")), String::new()];
    row.extend(totals.into_iter().map(|number| grouped(number as u64)));
    rows.add_row(row);
    table::fitted(rows, &[0], width)
}
