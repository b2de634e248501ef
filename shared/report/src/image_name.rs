//! How an image is named in a table.

use demurrage_core::{Image, Tag};

/// Tags that are shown before the rest is counted.
const TAGS_SHOWN: usize = 3;

/// The tags of an image, at most three of them.
pub(crate) fn tags(image: &Image) -> String {
    of_tags(&image.tags)
}

/// These tags of an image, at most three of them.
pub(crate) fn of_tags(tags: &[Tag]) -> String {
    let shown: Vec<String> = tags.iter().take(TAGS_SHOWN).map(|tag| visible(tag.as_str())).collect();
    match tags.len() {
        0 => "—".to_owned(),
        number if TAGS_SHOWN < number => format!("{} +{}", shown.join(", "), number - TAGS_SHOWN),
        _ => shown.join(", "),
    }
}

/// A text of a registry without characters that a terminal would obey.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// What kind of image it is, where that is not an ordinary one.
pub(crate) fn kind(image: &Image) -> Option<&'static str> {
    if image.is_index() {
        Some("index")
    } else if image.subject.is_some() {
        Some("referrer")
    } else {
        None
    }
}

/// An image within a sentence: its first tag, or its short digest.
pub(crate) fn in_sentence(images: &[Image], position: u32) -> String {
    match images.get(position as usize) {
        Some(image) => match image.tags.first() {
            Some(tag) => format!("{} (`{tag}`)", image.digest.short()),
            None => image.digest.short(),
        },
        None => "an unknown image".to_owned(),
    }
}
