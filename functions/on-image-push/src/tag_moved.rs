//! Whether what the ledger learnt from an event is a tag that moved.

use demurrage_aws::ledger::Learned;
use demurrage_core::Digest;
use demurrage_core::ledger::{Held, Lesson};

/// From where a tag moved, and to where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    /// The images that it was on before: several where the order of what happened in a second is not known.
    pub(crate) from: Vec<Digest>,
    /// The images that it is on now.
    pub(crate) to: Vec<Digest>,
    /// How.
    pub(crate) how: How,
}

/// How a tag moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// It was put on another image.
    Pushed,
    /// It was deleted, and then put on another image.
    DeletedAndPushed,
    /// It was on several images in one second.
    InOneSecond,
    /// An event came late: the tag was on its image before it was on another.
    KnownLate,
}

impl How {
    /// As a sentence without its full stop.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Pushed => "It was pushed to another image",
            Self::DeletedAndPushed => "It was deleted, and then pushed to another image",
            Self::InOneSecond => {
                "It was on several images in one second, and which of them came last is not known"
            }
            Self::KnownLate => "An event that came late says that it was on another image before",
        }
    }
}

/// The move that was learnt of; nothing where the tag is on what it was on, or is gone. `pushed` is the image of the
/// event, where it puts a tag on one.
pub(crate) fn moved(learned: &Learned, pushed: Option<Digest>) -> Option<Move> {
    let to = images(learned.now.as_ref());
    let (from, how) = match &learned.what {
        Lesson::Moved { from } => (images(Some(from)), How::Pushed),
        Lesson::PushedAgain { was, .. } => (was.iter().copied().collect(), How::DeletedAndPushed),
        Lesson::SameSecond => (to.clone(), How::InOneSecond),
        Lesson::Late => (pushed.into_iter().collect(), How::KnownLate),
        Lesson::Known
        | Lesson::SeenAgain
        | Lesson::Began
        | Lesson::Deleted { .. }
        | Lesson::DeletedUnseen { .. }
        | Lesson::PresumedDeleted { .. }
        | Lesson::Resolved
        | Lesson::Corrected
        | Lesson::Unconcerned
        | Lesson::Overtaken => return None,
    };
    // Two images at least: the same one pushed again is no move.
    let differs = from.iter().any(|from| to.iter().any(|to| to != from));
    differs.then_some(Move { from, to, how })
}

fn images(held: Option<&Held>) -> Vec<Digest> {
    held.map(|held| held.values().into_iter().flatten().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use demurrage_aws::ledger::{Learned, Telling};
    use demurrage_core::Digest;
    use demurrage_core::ledger::{Began, Held, Lesson};

    use super::{How, moved};

    fn digest(letter: char) -> Digest {
        format!("sha256:{}", letter.to_string().repeat(64)).parse().unwrap()
    }

    fn learned(what: Lesson, now: Option<Held>) -> Learned {
        Learned { tag: "1.0".parse().unwrap(), what, now, telling: Telling::First }
    }

    fn how(what: Lesson, now: Option<Held>) -> Option<How> {
        moved(&learned(what, now), Some(digest('a'))).map(|moved| moved.how)
    }

    #[test]
    fn a_tag_that_is_on_another_image_moved_however_that_was_learnt() {
        let (a, b) = (Held::Image(digest('a')), Held::Image(digest('b')));
        let again =
            |was| Lesson::PushedAgain { deleted: Began::At("2026-11-24T12:00:00Z".parse().unwrap()), was };
        assert_eq!(how(Lesson::Moved { from: a.clone() }, Some(b.clone())), Some(How::Pushed));
        assert_eq!(how(again(Some(digest('a'))), Some(b.clone())), Some(How::DeletedAndPushed));
        assert_eq!(how(again(Some(digest('b'))), Some(b.clone())), None, "the same image");
        assert_eq!(how(again(None), Some(b.clone())), None, "nobody knows what it was on");
        assert_eq!(how(Lesson::Late, Some(b)), Some(How::KnownLate));
        assert_eq!(how(Lesson::Late, Some(a)), None, "it is on the image that came late");
        assert_eq!(how(Lesson::Late, Some(Held::Gone)), None);
        assert_eq!(how(Lesson::Began, Some(Held::Image(digest('a')))), None);
    }

    #[test]
    fn two_images_in_one_second_are_a_move_and_a_push_and_a_deletion_are_none() {
        let of = |values: [Option<Digest>; 2]| Held::of(values);
        let two = of([Some(digest('a')), Some(digest('b'))]);
        assert_eq!(how(Lesson::SameSecond, two), Some(How::InOneSecond));
        assert_eq!(how(Lesson::SameSecond, of([Some(digest('a')), None])), None);
    }
}
