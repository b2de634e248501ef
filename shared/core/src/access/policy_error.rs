//! Why a text is no policy, and where.

use std::fmt;

/// A place in the text of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPlace {
    /// As a JSON pointer (RFC 6901).
    pub pointer: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for PolicyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)?;
        if self.pointer.is_empty() { Ok(()) } else { write!(f, " ({})", self.pointer) }
    }
}

/// A text is no resource policy of IAM's grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessPolicyError {
    /// It is longer than any policy that ECR accepts.
    #[error("the text has {bytes} bytes, and no access policy has more than {bytes_max}")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How much is read.
        bytes_max: usize,
    },
    /// It is not JSON.
    #[error("{place}: the text is not JSON: {cause}")]
    NotJson {
        /// Where.
        place: PolicyPlace,
        /// What is wrong.
        cause: String,
    },
    /// A value is of another type than the grammar wants.
    #[error("{place}: {found} where {wanted} belongs")]
    WrongType {
        /// Where.
        place: PolicyPlace,
        /// What is there.
        found: &'static str,
        /// What should be.
        wanted: &'static str,
    },
    /// A member that the grammar does not know.
    #[error("{place}: unknown member `{name}`")]
    UnknownMember {
        /// Where.
        place: PolicyPlace,
        /// Its name.
        name: String,
        /// What is known there.
        known: &'static [&'static str],
    },
    /// A member that stands twice.
    #[error("{place}: the member `{name}` stands twice")]
    MemberRepeated {
        /// Where, the second time.
        place: PolicyPlace,
        /// Its name.
        name: String,
    },
    /// A member that is missing.
    #[error("{place}: {names} is missing")]
    MemberMissing {
        /// Where the object begins that lacks it.
        place: PolicyPlace,
        /// The names of which one has to be there.
        names: &'static str,
    },
    /// Two members that exclude one another.
    #[error("{place}: both `{member}` and `Not{member}`")]
    BothMembers {
        /// Where the object begins.
        place: PolicyPlace,
        /// The one without `Not`.
        member: &'static str,
    },
    /// A value that is none of those allowed.
    #[error("{place}: `{value}` is none of {allowed}")]
    NotAllowed {
        /// Where.
        place: PolicyPlace,
        /// What is there.
        value: String,
        /// What may be.
        allowed: &'static str,
    },
    /// An operator that IAM does not know.
    #[error("{place}: `{name}` is no operator of conditions")]
    UnknownOperator {
        /// Where.
        place: PolicyPlace,
        /// What is there.
        name: String,
    },
}

impl AccessPolicyError {
    /// Where it is; nothing for a text that was not looked at.
    pub const fn place(&self) -> Option<&PolicyPlace> {
        match self {
            Self::TooLong { .. } => None,
            Self::NotJson { place, .. }
            | Self::WrongType { place, .. }
            | Self::UnknownMember { place, .. }
            | Self::MemberRepeated { place, .. }
            | Self::MemberMissing { place, .. }
            | Self::BothMembers { place, .. }
            | Self::NotAllowed { place, .. }
            | Self::UnknownOperator { place, .. } => Some(place),
        }
    }

    /// How to mend it.
    pub fn help(&self) -> String {
        match self {
            Self::TooLong { .. } => "ECR accepts policies of up to 10,240 characters".to_owned(),
            Self::NotJson { .. } => "check quotation marks, commas and brackets near this place".to_owned(),
            Self::WrongType { wanted, .. } => format!("write {wanted}"),
            Self::UnknownMember { name, known, .. } => {
                match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                    Some(known) => format!("write `{known}`: case matters"),
                    None => format!("remove it; known here: {}", known.join(", ")),
                }
            }
            Self::MemberRepeated { .. } => "put the values into one list, or remove one".to_owned(),
            Self::MemberMissing { names, .. } => format!("add {names}"),
            Self::BothMembers { .. } => "keep one of them, or make two statements".to_owned(),
            Self::NotAllowed { allowed, .. } => format!("use {allowed}"),
            Self::UnknownOperator { .. } => "use an operator such as `StringEquals` or `ArnLike`".to_owned(),
        }
    }
}
