//! One thing that is wrong or odd in a policy, with its place and its mend.

use std::fmt;
use std::ops::Range;

/// A problem of a policy: a rejection, or a finding that AWS documents no rule for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which kind of problem.
    pub id: ProblemId,
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// Where: line of the text, from 1.
    pub line: usize,
    /// Where: column in characters, from 1.
    pub column: usize,
    /// What is wrong, as a lowercase fragment.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// What ECR says about it, where that is known.
    pub ecr_message: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)?;
        if !self.pointer.is_empty() {
            write!(f, " ({})", self.pointer)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// How bad a finding is. Ordered: a worse one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Untidy, or surprising in rare cases.
    Low,
    /// It probably does not do what its author meant.
    Medium,
    /// It may delete what should stay, or keep everything.
    High,
    /// ECR does not accept it.
    Error,
}

impl Severity {
    /// The name in options and output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Error => "error",
        }
    }
}

macro_rules! problem_ids {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident;)*) => {
        /// The kinds of problem. `docs/SEMANTICS.md` lists them under "Policies".
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemId { $($(#[$doc])* $variant,)* }

        impl ProblemId {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in output, in kebab case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// [`Severity::Error`] for what ECR rejects, less for the rest.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

problem_ids! {
    /// Fewer than 100 or more than 30,720 characters.
    TextLength = "text-length", Error;
    /// Not JSON.
    NotJson = "not-json", Error;
    /// JSON, but not an object.
    NotAnObject = "not-an-object", Error;
    /// A key that the schema does not know.
    UnknownKey = "unknown-key", Error;
    /// A required key is missing.
    MissingKey = "missing-key", Error;
    /// A value of another type, also `null`.
    WrongType = "wrong-type", Error;
    /// A list without entries.
    EmptyList = "empty-list", Error;
    /// More than 50 rules.
    TooManyRules = "too-many-rules", Error;
    /// `rulePriority` less than 1.
    PriorityRange = "priority-range", Error;
    /// Two rules with one `rulePriority`.
    PriorityRepeated = "priority-repeated", Error;
    /// A value that is not one of those allowed.
    NotInEnum = "not-in-enum", Error;
    /// `tagged` without a list.
    TaggedWithoutList = "tagged-without-list", Error;
    /// A prefix list and a pattern list in one rule.
    TwoLists = "two-lists", Error;
    /// A list with `untagged` or `any`.
    ListWithoutTagged = "list-without-tagged", Error;
    /// More than four `*` in one pattern.
    TooManyWildcards = "too-many-wildcards", Error;
    /// `countNumber` less than it may be.
    CountRange = "count-range", Error;
    /// An age without `countUnit`.
    CountUnitMissing = "count-unit-missing", Error;
    /// `countUnit` with a count.
    CountUnitForbidden = "count-unit-forbidden", Error;
    /// A `countType` that does not go with the action.
    CountTypeAction = "count-type-action", Error;
    /// A `countType` that does not go with the storage class.
    CountTypeStorageClass = "count-type-storage-class", Error;
    /// `transition` without a target.
    TargetMissing = "target-missing", Error;
    /// `expire` with a target.
    TargetForbidden = "target-forbidden", Error;
    /// An `any` rule before another rule of its class.
    AnyNotLast = "any-not-last", Error;
    /// Two `untagged` rules of one class.
    UntaggedRepeated = "untagged-repeated", Error;
    /// Two rules of one class with the same entries.
    ListRepeated = "list-repeated", Error;
    /// One entry twice in one list.
    EntryRepeated = "entry-repeated", Low;
    /// An empty string in a list.
    EntryEmpty = "entry-empty", Medium;
    /// More than 100 entries in one list.
    ListLong = "list-long", Low;
    /// An entry that no tag can match.
    EntryNeverMatches = "entry-never-matches", Medium;
    /// A number of more than 2,147,483,647.
    NumberHuge = "number-huge", Low;
    /// One key twice in one object.
    KeyRepeated = "key-repeated", Medium;
}

impl fmt::Display for ProblemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
