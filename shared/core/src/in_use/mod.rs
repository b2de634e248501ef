//! What runs: references to images that somebody uses, and the images of a repository that they keep.
//!
//! It errs on one side alone: what may be in use is in use. A reference by tag holds wherever a repository of that
//! name has the tag, one by digest wherever the digest is, in whichever region and account; and with an image go
//! the indexes that it is part of, all that is part of those, and what refers to any of them. Leaves out where
//! references come from, and what is done about it.

mod image_reference;
mod known_uses;
mod kubernetes;
mod lone_digests;
mod moment;
mod read_source;
mod repository_use;
mod tags_then;
mod unsaid;
mod use_coverage;
mod use_gap;
mod use_graph;
mod use_record;
mod use_rules;
mod use_scope;
mod use_source;

pub use image_reference::{ImageReference, ReferenceError, ReferenceRegistry};
pub use known_uses::{KnownUses, current_records, current_uses};
pub use kubernetes::{KUBERNETES_KINDS, KubernetesError, read_kubernetes};
pub use moment::Moment;
pub use read_source::{ReadSource, newest_sources};
pub use repository_use::{Protection, RepositoryUse};
pub use unsaid::{Unsaid, UnsaidTopic};
pub use use_coverage::Coverage;
pub use use_gap::{UseGap, UseGapReason};
pub use use_graph::{Use, UseGraph};
pub use use_record::{SourceRecord, SourceState, UseRecord, UseRecordError};
pub use use_rules::UseRules;
pub use use_scope::UseScope;
pub use use_source::{UnknownSource, UseSource};
