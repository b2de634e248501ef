//! What is given, and what is answered.

/// A repository at one time.
#[derive(Debug, Clone)]
pub struct Repository {
    /// When it is, in milliseconds.
    pub now_ms: i64,
    /// Its images.
    pub images: Vec<Image>,
    /// What is known of its tags, where anything is.
    pub ledger: Option<Ledger>,
}

/// An image.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its id.
    pub id: u64,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// When it was pushed.
    pub pushed_ms: Option<i64>,
    /// When it was last pulled.
    pub pulled_ms: Option<i64>,
    /// When it was last restored.
    pub activated_ms: Option<i64>,
    /// When it was last archived.
    pub archived_ms: Option<i64>,
    /// Its status.
    pub status: Status,
    /// The images that it names as children; nothing where it is an index that was not read.
    pub children: Option<Vec<u64>>,
    /// What it refers to.
    pub subject: Option<u64>,
    /// Its size.
    pub size_bytes: Option<u64>,
    /// Whether it is in use.
    pub in_use: Use,
}

/// A tag, and the image that it names where it is one of those by which signatures are found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// The tag.
    pub text: String,
    /// The image that it names.
    pub link: Option<u64>,
}

/// The status of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In the standard class.
    Active,
    /// In the archive class.
    Archived,
    /// Anything else.
    Activating,
}

/// Whether an image is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Nobody knows of one.
    No,
    /// It may be part of something that is.
    Maybe,
    /// It is.
    Yes,
}

/// When tags were put on images.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// What is known of each tag.
    pub puts: Vec<Put>,
}

/// When a tag was put on an image.
#[derive(Debug, Clone)]
pub struct Put {
    /// The tag.
    pub tag: String,
    /// The image; nothing where it is one of several.
    pub image: Option<u64>,
    /// Not before this; nothing where nobody knows.
    pub after_ms: Option<i64>,
    /// Not after this.
    pub by_ms: i64,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it keeps.
    pub keep: Vec<Clause>,
    /// What it chooses.
    pub expire: Vec<Clause>,
    /// What becomes of that.
    pub action: Action,
}

/// What becomes of what is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is deleted.
    Delete,
    /// It is archived, and deleted after so many milliseconds.
    ArchiveThenDelete(i64),
    /// It is archived.
    Archive,
    /// Its tags are taken off.
    Untag,
}

/// Conditions that hold together.
#[derive(Debug, Clone)]
pub struct Clause {
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// How many of the newest.
    pub newest: Option<Newest>,
}

/// How many of the newest.
#[derive(Debug, Clone, Copy)]
pub struct Newest {
    /// How many.
    pub count: u32,
    /// Whether of each group of `(.+)-[0-9]+`, and not of all.
    pub by_group: bool,
}

/// A condition.
#[derive(Debug, Clone)]
pub enum Condition {
    /// The tag matches one of these patterns.
    Tags(Vec<String>),
    /// The tag matches `(.+)-[0-9]+`.
    Numbered,
    /// There is no tag.
    Untagged,
    /// Something was longer ago.
    Older(Age, i64),
    /// It was never pulled, so long after the push.
    NeverPulled(i64),
    /// It is in use.
    InUse,
    /// It is larger.
    Larger(u64),
}

/// What an age is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// The push.
    Pushed,
    /// The last pull.
    Pulled,
    /// When the tag was put on it.
    Tagged,
}

/// What becomes of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// `expire`, `archive`, `untag`, or nothing.
    pub kind: Option<&'static str>,
    /// The tags that are taken off, sorted.
    pub tags: Vec<String>,
    /// The rule, of an image that rules look at.
    pub rule: Option<usize>,
    /// The name of the reason.
    pub reason: &'static str,
}

/// Whether something is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Unknown,
}

/// How an image can be looked at: by a tag of its own, or as one that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    Tag(String),
    Untagged,
}

impl Way {
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Tag(text) => Some(text.clone()),
            Self::Untagged => None,
        }
    }
}
