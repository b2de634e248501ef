//! What is in use, for programs.

use chrono::{DateTime, SecondsFormat, Utc};
use demurrage_core::Tag;
use demurrage_core::in_use::{ReadSource, SourceState, Use, UseGap, UseGapReason};
use serde_json::{Value, json};

use crate::use_report::{UseReport, UsedImage, UsedRepository};

/// The document: `sources`, `gaps`, `repositories`, `unresolved`, `records`.
pub fn use_json(report: &UseReport<'_>) -> Value {
    json!({
        "asked_at": time(report.now),
        "sources": report.sources.iter().map(source).collect::<Vec<_>>(),
        "gaps": report.gaps.iter().map(gap).collect::<Vec<_>>(),
        "repositories": report.repositories.iter().map(repository).collect::<Vec<_>>(),
        "unresolved": report.unresolved.iter().copied().map(used_by).collect::<Vec<_>>(),
        "records": report.stored,
    })
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn source(read: &ReadSource) -> Value {
    let ReadSource { scope, read_at, state, uses } = read;
    let (state, cause) = match state {
        SourceState::Read => ("READ", None),
        SourceState::NotEnabled(cause) => ("NOT_ENABLED", Some(cause)),
        SourceState::Failed(cause) => ("FAILED", Some(cause)),
    };
    json!({
        "source": scope.source.name(),
        "account": scope.account,
        "region": scope.region,
        "name": scope.name,
        "state": state,
        "cause": cause,
        "read_at": time(*read_at),
        "uses": uses,
    })
}

fn gap(gap: &UseGap) -> Value {
    let why = match gap.why {
        UseGapReason::Missing => "MISSING",
        UseGapReason::Failed { .. } => "FAILED",
        UseGapReason::TooOld { .. } => "TOO_OLD",
        UseGapReason::FromTheFuture { .. } => "FROM_THE_FUTURE",
    };
    json!({
        "source": gap.scope.source.name(),
        "account": gap.scope.account,
        "region": gap.scope.region,
        "name": gap.scope.name,
        "why": why,
        "message": gap.to_string(),
        "help": gap.help(),
    })
}

fn repository(repository: &UsedRepository<'_>) -> Value {
    json!({
        "account": repository.account,
        "region": repository.region,
        "repository_name": repository.name,
        "image_total_count": repository.images_listed,
        "belonging_image_total_count": repository.belonging,
        "images": repository.images.iter().map(image).collect::<Vec<_>>(),
    })
}

fn image(image: &UsedImage<'_>) -> Value {
    json!({
        "image_digest": image.digest.to_string(),
        "image_tags": image.tags.iter().map(Tag::as_str).collect::<Vec<_>>(),
        "uses": image.uses.iter().copied().map(used_by).collect::<Vec<_>>(),
    })
}

fn used_by(used: &Use) -> Value {
    json!({
        "reference": used.reference.to_string(),
        "source": used.source.name(),
        "evidence": used.evidence,
        "since": used.since.map(time),
    })
}
