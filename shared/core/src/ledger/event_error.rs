//! Why a text is not an event of ECR.

use crate::{DigestError, TagError};

/// Why a text is not an event of ECR, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is longer than any event.
    #[error("an event of {bytes} bytes: EventBridge delivers at most {bytes_max}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The most that is read.
        bytes_max: usize,
    },
    /// It is not JSON.
    #[error("the event is not JSON: {cause}")]
    NotJson {
        /// What the JSON reader said, with line and column.
        cause: String,
    },
    /// A member that is needed is not there.
    #[error("the event has nothing at {place}")]
    Missing {
        /// Where, as a JSON pointer.
        place: &'static str,
    },
    /// A member is not a text.
    #[error("{place} is not a text")]
    NotText {
        /// Where, as a JSON pointer.
        place: &'static str,
    },
    /// It is from another service.
    #[error("/source is `{found}`: an event of ECR has `aws.ecr`")]
    Source {
        /// What is there.
        found: String,
    },
    /// A member is a text of another form.
    #[error("{place} is `{found}`: it should be {expected}")]
    Form {
        /// Where, as a JSON pointer.
        place: &'static str,
        /// What is there.
        found: String,
        /// What should be.
        expected: &'static str,
    },
    /// A digest is none.
    #[error("{place}: {cause}")]
    Digest {
        /// Where, as a JSON pointer.
        place: &'static str,
        /// What is wrong with it.
        cause: DigestError,
    },
    /// A tag is none.
    #[error("{place}: {cause}")]
    Tag {
        /// Where, as a JSON pointer.
        place: &'static str,
        /// What is wrong with it.
        cause: TagError,
    },
}
