//! What the answer to a deletion means.

use std::collections::BTreeSet;
use std::fmt;

use crate::journal::{Call, Entry, IdFailure, ImageId};

/// What a failure of one id means.
///
/// Source: ECR API reference, `ImageFailure`, read 2026-11-25; what the codes mean for a deletion is inferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It is not there: somebody else was first.
    AlreadyGone,
    /// The tag is on another image now: it and that image stay.
    Moved,
    /// An index names the image: it stays.
    Referenced,
    /// It may work if it is tried once more.
    Passing,
    /// ECR will not.
    Refused,
}

/// What this code of a failure means.
pub fn meaning(code: &str) -> Meaning {
    match code {
        "ImageNotFound" => Meaning::AlreadyGone,
        "ImageTagDoesNotMatchDigest" => Meaning::Moved,
        "ImageReferencedByManifestList" => Meaning::Referenced,
        "KmsError" | "UpstreamTooManyRequests" | "UpstreamUnavailable" => Meaning::Passing,
        _ => Meaning::Refused,
    }
}

/// Something about an answer that no answer should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// It says that something is gone that was not asked for.
    NotAsked(ImageId),
    /// It says nothing of something that was asked for.
    Unanswered(ImageId),
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked(id) => write!(f, "ECR says that {} is gone, which was not asked for", shown(id)),
            Self::Unanswered(id) => write!(f, "ECR says nothing of {}, which was to go", shown(id)),
        }
    }
}

/// An id in words: `sha256:…`, the same with its tag, or the tag.
fn shown(id: &ImageId) -> String {
    match (&id.digest, &id.tag) {
        (Some(digest), Some(tag)) => format!("`{tag}` of {digest}"),
        (Some(digest), None) => digest.to_string(),
        (None, Some(tag)) => format!("`{tag}`"),
        (None, None) => "an image without a name".to_owned(),
    }
}

/// What is odd about the answer to a deletion of these ids.
pub fn oddities(asked: &[ImageId], done: &[ImageId], failures: &[IdFailure]) -> Vec<Oddity> {
    let of_asked: BTreeSet<&ImageId> = asked.iter().collect();
    let answered: BTreeSet<&ImageId> =
        done.iter().chain(failures.iter().map(|failure| &failure.id)).collect();
    let not_asked = done.iter().filter(|id| !of_asked.contains(id)).cloned().map(Oddity::NotAsked);
    let unanswered = asked.iter().filter(|id| !answered.contains(id)).cloned().map(Oddity::Unanswered);
    not_asked.chain(unanswered).collect()
}

/// What was odd about the answer to a call of a journal: what ECR says to have taken and was not asked for, or the oddity that
/// stands as the outcome's error. Of an answer that was lost nothing is odd that nobody was told.
pub fn oddity_of(entry: &Entry) -> Option<Oddity> {
    let (Call::Delete { ids }, Some(outcome)) = (&entry.intent.call, &entry.outcome) else { return None };
    let is_written = |odd: &Oddity| outcome.error.as_deref() == Some(odd.to_string().as_str());
    let found = oddities(ids, &outcome.done, &outcome.failures);
    found.into_iter().find(|odd| matches!(odd, Oddity::NotAsked(_)) || is_written(odd))
}

#[cfg(test)]
mod tests {
    use super::{Oddity, oddities, oddity_of};
    use crate::journal::{Call, Entry, IdFailure, ImageId, Intent, Outcome};
    use crate::plan::RepositoryAddress;
    use crate::{Digest, Tag, instant};

    fn id(number: u8, tag: Option<&str>) -> ImageId {
        ImageId { digest: Some(Digest::from_bytes([number; 32])), tag: tag.map(Tag::as_given) }
    }

    #[test]
    fn an_answer_is_about_what_was_asked_and_about_all_of_it() {
        let asked = [id(1, Some("a")), id(2, None)];
        let failure = IdFailure { id: id(2, None), code: "KmsError".to_owned(), reason: String::new() };
        assert_eq!(oddities(&asked, &[id(1, Some("a"))], &[failure]), []);
        assert_eq!(oddities(&asked, &asked, &[]), []);
        assert_eq!(oddities(&asked, &[id(1, Some("a"))], &[]), [Oddity::Unanswered(id(2, None))]);
        // A tag that was put on the image just before: it went with it.
        let more = [id(1, Some("a")), id(2, Some("new")), id(2, None)];
        let found = oddities(&asked, &more, &[]);
        assert_eq!(found, [Oddity::NotAsked(id(2, Some("new")))]);
        assert!(found[0].to_string().contains("`new` of sha256:0202"));
    }

    #[test]
    fn an_outcome_with_an_oddity_is_known_again_and_a_lost_answer_is_none() {
        let at = instant::parse("2026-11-25").unwrap();
        let repository = RepositoryAddress { account: None, region: String::new(), name: "app".to_owned() };
        let (asked, done) = (vec![id(1, None), id(2, None)], vec![id(1, Some("new")), id(1, None)]);
        let intent = Intent {
            number: 1,
            plan: String::new(),
            writer: String::new(),
            at,
            repository,
            call: Call::Delete { ids: asked.clone() },
            images: Vec::new(),
        };
        let entry = |done: &[ImageId], error: Option<String>| {
            let outcome = Outcome { number: 1, at, done: done.to_vec(), failures: Vec::new(), error };
            Entry { intent: intent.clone(), outcome: Some(outcome) }
        };
        assert_eq!(oddity_of(&entry(&done, None)), Some(Oddity::NotAsked(id(1, Some("new")))));
        let unanswered = Oddity::Unanswered(id(2, None));
        let written = entry(&asked[..1], Some(unanswered.to_string()));
        assert_eq!(oddity_of(&written), Some(unanswered));
        let lost = "the answer was lost; found done: 1 of 2".to_owned();
        assert_eq!(oddity_of(&entry(&asked[..1], Some(lost))), None);
        assert_eq!(oddity_of(&Entry { intent, outcome: None }), None);
    }
}
