//! What is odd about a repository, said on stderr before its results.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_core::{Image, ImageStatus, Listing, ManifestKind, Repository};
use demurrage_report::count;

use crate::talk;

mod grouped;

pub(crate) use grouped::{grouped, name_and_text};

/// Digests that are named before the rest is counted.
const NAMED_MAX: usize = 3;

/// Where repositories were read from, which decides how to come to the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Files of the AWS CLI.
    Files,
    /// An inventory.
    Store,
}

/// Says everything that is odd about these repositories, what is the same of many of them once.
pub(crate) fn say<'a>(
    repositories: impl IntoIterator<Item = &'a Repository>,
    now: DateTime<Utc>,
    source: Source,
) {
    let odd = repositories.into_iter().flat_map(|repository| {
        let name = if repository.name.is_empty() { "the repository" } else { &*repository.name };
        of(repository, now, source).into_iter().map(move |warning| (name, warning))
    });
    for line in grouped(odd) {
        talk::warn(line);
    }
}

/// Says what was not read of these repositories.
pub(crate) fn say_unread<'a>(repositories: impl IntoIterator<Item = &'a Repository>, source: Source) {
    let unread = repositories.into_iter().flat_map(|repository| {
        unread(repository, source).into_iter().map(move |warning| (&*repository.name, warning))
    });
    for line in grouped(unread) {
        talk::warn(line);
    }
}

/// What was not read of a repository, one sentence each.
fn unread(repository: &Repository, source: Source) -> Vec<String> {
    let mut warnings = Vec::new();
    match &repository.listing {
        Listing::Complete => {}
        Listing::CutOff => {
            let (why, mend) = match source {
                Source::Files => (" (`nextToken`)", "read all pages"),
                Source::Store => ("", "collect again, or import all pages"),
            };
            warnings.push(format!("the images are cut off{why}: the rest is unknown, so ranks are; {mend}"));
        }
        Listing::Failed(cause) => warnings.push(format!("its images could not be read: {cause}")),
    }
    warnings.extend(repository.notes.iter().cloned());
    warnings
}

/// Everything that is odd about a repository, one sentence each.
fn of(repository: &Repository, now: DateTime<Utc>, source: Source) -> Vec<String> {
    let mut warnings = unread(repository, source);
    let images = &repository.images;
    let childless = |image: &&Image| image.has_unknown_children();
    push(&mut warnings, images.iter().filter(childless), "index has", "indexes have", |_| {
        "no manifest here, so the children are unknown and taken for ordinary images".to_owned()
    });
    let future = |image: &&Image| times(image).into_iter().flatten().any(|time| now < time);
    push(&mut warnings, images.iter().filter(future), "image has", "images have", |_| {
        format!("a time after now ({}), which counts as age zero", now.format("%Y-%m-%d %H:%M:%S UTC"))
    });
    let undated = |image: &&Image| image.pushed_at.is_none();
    push(&mut warnings, images.iter().filter(undated), "image has", "images have", |_| {
        "no push time, and so no rule acts on them".to_owned()
    });
    let status = |image: &&Image| image.status == ImageStatus::Unrecognised;
    push(&mut warnings, images.iter().filter(status), "image has", "images have", |_| {
        "a status that this version does not know, and so no rule acts on them".to_owned()
    });
    for (media_type, number) in unknown_media_types(images) {
        let media_type = if media_type.is_empty() { "none" } else { media_type };
        warnings.push(format!(
            "{} of media type `{media_type}`, which this version does not know: layers and children are unknown",
            count(number, "manifest")
        ));
    }
    for tag in repeated_tags(images) {
        warnings.push(format!("the tag `{tag}` stands at several images"));
    }
    warnings
}

const fn times(image: &Image) -> [Option<DateTime<Utc>>; 4] {
    [image.pushed_at, image.last_pulled_at, image.archived_at, image.activated_at]
}

fn push<'a>(
    warnings: &mut Vec<String>,
    images: impl Iterator<Item = &'a Image>,
    one: &str,
    many: &str,
    what: impl Fn(usize) -> String,
) {
    let digests: Vec<String> = images.map(|image| image.digest.to_string()).collect();
    if digests.is_empty() {
        return;
    }
    let subject = if digests.len() == 1 { one } else { many };
    let named = digests.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    let more = match digests.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    warnings.push(format!("{} {subject} {}: {named}{more}", digests.len(), what(digests.len())));
}

fn unknown_media_types(images: &[Image]) -> BTreeMap<&str, usize> {
    let mut numbers = BTreeMap::new();
    for image in images {
        let unknown = match (&image.manifest, image.manifest_media_type.as_deref()) {
            (Some(manifest), _) => match &manifest.kind {
                ManifestKind::Unrecognised(media_type) => Some(&**media_type),
                _ => None,
            },
            (None, Some(media_type)) => match ManifestKind::from_media_type(media_type) {
                ManifestKind::Unrecognised(_) => Some(media_type),
                _ => None,
            },
            (None, None) => None,
        };
        if let Some(media_type) = unknown {
            *numbers.entry(media_type).or_default() += 1;
        }
    }
    numbers
}

fn repeated_tags(images: &[Image]) -> BTreeSet<&str> {
    let mut tags: Vec<&str> =
        images.iter().flat_map(|image| image.tags.iter().map(demurrage_core::Tag::as_str)).collect();
    tags.sort_unstable();
    tags.windows(2)
        .filter_map(|pair| match pair {
            [one, other] if one == other => Some(*one),
            _ => None,
        })
        .collect()
}
