//! What a source said so far: uses, and what it did not say.

use chrono::{DateTime, Utc};
use demurrage_core::Digest;
use demurrage_core::in_use::{ImageReference, ReferenceRegistry, SourceState, Use, UseSource};

use crate::CallError;

/// How many gaps are told one by one.
const GAPS_TOLD: usize = 5;

/// What was read of one source.
#[derive(Debug)]
pub(super) struct Found {
    /// The source.
    pub(super) source: UseSource,
    /// Its uses.
    pub(super) uses: Vec<Use>,
    /// What was not read, each a fragment.
    gaps: Vec<String>,
}

impl Found {
    /// Nothing yet.
    pub(super) const fn new(source: UseSource) -> Self {
        Self { source, uses: Vec::new(), gaps: Vec::new() }
    }

    /// A use of the image that this text names. A text that names none is a gap: it would be an image that nothing keeps.
    pub(super) fn image(&mut self, text: &str, evidence: String, since: Option<DateTime<Utc>>) {
        match text.parse::<ImageReference>() {
            Ok(reference) => self.uses.push(Use { reference, evidence, source: self.source, since }),
            Err(error) => self.gaps.push(format!("{evidence}: {error}")),
        }
    }

    /// A use of the image of this digest, which was asked for by a text, where there is one. A digest that is none is a gap,
    /// and the text counts by itself.
    pub(super) fn digest(
        &mut self,
        digest: &str,
        text: Option<&str>,
        evidence: String,
        since: Option<DateTime<Utc>>,
    ) {
        let Ok(digest) = digest.parse::<Digest>() else {
            self.gaps.push(format!("{evidence}: `{digest}` is no digest of an image"));
            if let Some(text) = text {
                self.image(text, evidence, since);
            }
            return;
        };
        let asked = text.and_then(|text| text.parse::<ImageReference>().ok());
        let (registry, repository) = asked
            .map_or((ReferenceRegistry::Unnamed, String::new()), |asked| (asked.registry, asked.repository));
        let reference = ImageReference { registry, repository, tag: None, digest: Some(digest) };
        self.uses.push(Use { reference, evidence, source: self.source, since });
    }

    /// Something that was not read.
    pub(super) fn gap(&mut self, what: String) {
        self.gaps.push(what);
    }

    /// Something that was not read because a call failed, where one did.
    pub(super) fn gap_of(&mut self, what: &str, failure: Option<&CallError>) {
        if let Some(failure) = failure {
            self.gaps.push(format!("{what}: {failure}"));
        }
    }

    /// All that another part of the source said.
    pub(super) fn add(&mut self, other: Self) {
        self.uses.extend(other.uses);
        self.gaps.extend(other.gaps);
    }

    /// Whether the source was read as a whole.
    pub(super) fn state(&self) -> SourceState {
        if self.gaps.is_empty() {
            return SourceState::Read;
        }
        let mut told: Vec<&str> = Vec::new();
        let mut more = 0_usize;
        for gap in &self.gaps {
            match told.len() {
                _ if told.contains(&gap.as_str()) => {}
                0..GAPS_TOLD => told.push(gap),
                _ => more += 1,
            }
        }
        let rest = if more == 0 { String::new() } else { format!("; and {more} more") };
        SourceState::Failed(format!("not read: {}{rest}", told.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use demurrage_core::in_use::{SourceState, UseSource};

    use super::Found;

    const DIGEST: &str = "sha256:00000000000000000000000000000000000000000000000000000000000000aa";

    #[test]
    fn a_source_without_gaps_was_read_and_one_with_gaps_names_the_first_of_them_once() {
        let mut found = Found::new(UseSource::Ecs);
        assert_eq!(found.state(), SourceState::Read);
        found.gap("a".to_owned());
        found.gap("a".to_owned());
        assert_eq!(found.state(), SourceState::Failed("not read: a".to_owned()));
        for gap in ["b", "c", "d", "e", "f", "g"] {
            found.gap(gap.to_owned());
        }
        let told = "not read: a; b; c; d; e; and 2 more";
        assert_eq!(found.state(), SourceState::Failed(told.to_owned()));
    }

    #[test]
    fn a_digest_keeps_the_repository_that_was_asked_for_and_loses_its_tag() {
        let mut found = Found::new(UseSource::Ecs);
        found.digest(DIGEST, Some("ghcr.io/shop/cart:1"), "a task".to_owned(), None);
        found.digest(DIGEST, Some("no reference"), "a task".to_owned(), None);
        found.digest(DIGEST, None, "a task".to_owned(), None);
        let references: Vec<String> = found.uses.iter().map(|used| used.reference.to_string()).collect();
        assert_eq!(references, [&format!("ghcr.io/shop/cart@{DIGEST}"), DIGEST, DIGEST]);
        assert_eq!(found.state(), SourceState::Read);
    }

    #[test]
    fn a_digest_that_is_none_is_a_gap_and_what_was_asked_for_is_used() {
        let mut found = Found::new(UseSource::Ecs);
        found.digest("sha512:00", Some("shop/cart:1"), "a task".to_owned(), None);
        assert_eq!(found.uses.len(), 1);
        let told = "not read: a task: `sha512:00` is no digest of an image";
        assert_eq!(found.state(), SourceState::Failed(told.to_owned()));
    }
}
