//! What is in use, for people.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::in_use::{ReadSource, SourceState};
use demurrage_core::instant;

use crate::amount::count;
use crate::image_name::visible;
use crate::use_report::{UseReport, UsedRepository};
use crate::wrapped::{line, wrapped};
use crate::{image_name, table};

/// Uses of no image that are named before the rest is counted.
const UNRESOLVED_SHOWN: usize = 10;

/// A table of the sources, what is not known, and the images in use of each repository.
pub fn use_table(report: &UseReport<'_>, width: Option<u16>) -> String {
    let mut text = sources(report, width);
    for gap in &report.gaps {
        text.push_str(&line(&format!("not known: {}", visible(&gap.to_string())), width));
    }
    if !report.gaps.is_empty() {
        text.push('\n');
    }
    for repository in &report.repositories {
        repository_text(repository, width, &mut text);
    }
    unresolved(report, width, &mut text);
    text
}

fn sources(report: &UseReport<'_>, width: Option<u16>) -> String {
    if report.sources.is_empty() {
        return "no source of uses was read\n\n".to_owned();
    }
    let mut rows = table::table(&["source", "where", "state", "read", "uses"]);
    for read in &report.sources {
        let ReadSource { scope, read_at, state, uses } = read;
        let state = match state {
            SourceState::Read => "read".to_owned(),
            SourceState::NotEnabled(cause) => format!("not enabled: {}", visible(cause)),
            SourceState::Failed(cause) => format!("FAILED: {}", visible(cause)),
        };
        rows.add_row(vec![
            scope.source.name().to_owned(),
            visible(&scope.place()),
            state,
            ago(*read_at, report.now),
            uses.to_string(),
        ]);
    }
    format!("{}\n", table::fitted_with_names(rows, &[1, 2, 3], &[0], width))
}

/// How long ago something was read.
pub(crate) fn ago(read_at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let age = now - read_at;
    if age < TimeDelta::zero() {
        return instant::minute(read_at);
    }
    match (age.num_days(), age.num_hours(), age.num_minutes()) {
        (2.., _, _) => format!("{} days ago", age.num_days()),
        (_, 2.., _) => format!("{} hours ago", age.num_hours()),
        (_, _, 2..) => format!("{} minutes ago", age.num_minutes()),
        (..2, ..2, ..2) => "just now".to_owned(),
    }
}

fn repository_text(repository: &UsedRepository<'_>, width: Option<u16>, text: &mut String) {
    let UsedRepository { account, region, name, images_listed, images, belonging } = repository;
    let belonging = match belonging {
        0 => String::new(),
        more => format!(
            " with {} that {} to them",
            count(*more, "image"),
            if *more == 1 { "belongs" } else { "belong" }
        ),
    };
    let heading = format!(
        "{}/{region}/{}: {} of {} in use{belonging}",
        account.as_deref().unwrap_or("unknown account"),
        visible(name),
        images.len(),
        count(*images_listed, "image"),
    );
    text.push_str(&line(&heading, width));
    text.push('\n');
    let mut rows = table::table(&["image", "tags", "used by"]);
    for image in images {
        let tags = image_name::of_tags(&image.tags);
        rows.add_row(vec![image.digest.short(), tags, image.used_by()]);
    }
    let _ = writeln!(text, "{}", table::fitted_with_names(rows, &[1, 2], &[0], width));
}

fn unresolved(report: &UseReport<'_>, width: Option<u16>, text: &mut String) {
    if report.unresolved.is_empty() {
        return;
    }
    let more = report.unresolved.len().saturating_sub(UNRESOLVED_SHOWN);
    let _ = writeln!(text, "in use, and of no image of the store:\n");
    for used in report.unresolved.iter().take(UNRESOLVED_SHOWN) {
        let (reference, evidence) = (used.reference.to_string(), visible(&used.evidence));
        text.push_str(&wrapped(&format!("{} — {evidence}", visible(&reference)), width));
    }
    if more != 0 {
        let _ = writeln!(text, "  and {more} more");
    }
    text.push('\n');
}

#[cfg(test)]
mod tests;
