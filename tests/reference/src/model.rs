//! The words of the evaluation: images, rules, switches and verdicts.
//!
//! For: everything else in this crate.
//! Assumes: times are milliseconds since one common instant, of any sign.
//! Leaves out: media types and sizes; an image that names children is an index, and no other is.

/// Where an image is stored. A status that is missing is `Active`; one that is unknown is `Activating`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In the standard class.
    Active,
    /// In the archive class.
    Archived,
    /// On its way back from the archive, or in a status that this version does not know.
    Activating,
}

/// One digest in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Stands for the digest: a smaller id is a smaller digest.
    pub id: u64,
    /// The tags, in any order.
    pub tags: Vec<String>,
    /// When it was pushed (`imagePushedAt`).
    pub pushed_ms: Option<i64>,
    /// When it was last pulled (`lastRecordedPullTime`); none means never.
    pub pulled_ms: Option<i64>,
    /// When it was last archived (`lastArchivedAt`).
    pub archived_ms: Option<i64>,
    /// When it was last restored (`lastActivatedAt`); none means never.
    pub activated_ms: Option<i64>,
    /// Its status.
    pub status: Status,
    /// The children that its manifest names, if it is an index; they may be absent from the repository.
    /// Empty for an index whose manifest was not read.
    //= docs/SEMANTICS.md#child-unknown
    pub children: Vec<u64>,
    /// The subject that it refers to, if it is a referrer; it may be absent from the repository.
    pub subject: Option<u64>,
}

/// Which tags a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    /// `tagStatus: any`.
    Any,
    /// `tagStatus: untagged`.
    Untagged,
    /// `tagStatus: tagged` with this `tagPatternList`.
    Patterns(Vec<String>),
    /// `tagStatus: tagged` with this `tagPrefixList`.
    Prefixes(Vec<String>),
}

/// What a rule limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// `imageCountMoreThan`.
    MoreThan,
    /// `sinceImagePushed`.
    SincePushed,
    /// `sinceImagePulled`.
    SincePulled,
    /// `sinceImageTransitioned`.
    SinceTransitioned,
}

/// The storage class that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `storageClass: standard`, or none.
    Standard,
    /// `storageClass: archive`.
    Archive,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Delete the image.
    Expire,
    /// Move the image to the archive class.
    Transition,
}

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `rulePriority`: the smallest number is the highest priority.
    pub priority: u64,
    /// `tagStatus` with its list.
    pub list: List,
    /// `storageClass`.
    pub class: Class,
    /// `countType`.
    pub count: Count,
    /// `countNumber`.
    pub number: u64,
    /// `action`.
    pub act: Act,
}

/// The uncertain behaviours; all false are the defaults.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each switch is named for its setting that is not the default"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switches {
    /// `index_children`: true is `counted`, false is `ignored`.
    pub children_counted: bool,
    /// `referrers`: true is `image`, false is `follow`.
    pub referrers_image: bool,
    /// `restored_age`: true is `pushed`, false is `activated`.
    pub restored_age_pushed: bool,
    /// `age`: true is `whole_days`, false is `instant`.
    pub age_whole_days: bool,
}

/// Why an image is acted on or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Acted on: its rank is greater than the count.
    BeyondCount,
    /// Acted on: its age is more than the limit.
    OlderThan,
    /// Kept: its rank is at most the count.
    WithinCount,
    /// Kept: its age is not more than the limit.
    NotOlder,
    /// Kept: a time that the claiming rule needs is missing.
    UnknownTime,
    /// Kept: a child of an index.
    ReferencedByIndex,
    /// Kept: a referrer whose subject is in the repository.
    FollowsSubject,
    /// Kept: its status is `Activating`.
    Activating,
    /// Kept: no rule selects it.
    NotSelected,
}

/// What becomes of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What is done; none means kept.
    pub act: Option<Act>,
    /// The priority of the rule that acts, or that claimed the image, or that would have acted but for an
    /// index; none for an image in no pool.
    pub rule: Option<u64>,
    /// The reason.
    pub why: Why,
}
