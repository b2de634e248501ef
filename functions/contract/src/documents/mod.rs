//! What the functions leave for one another in the store, below `runs/RUN/`.
//!
//! Each document is put once and never changed; who comes second goes on with what the first has put. So a call
//! that is made twice has the effect of one.

mod audited;
mod blob_file;
mod calls;
mod collected;
mod costed;
mod evaluated;
mod failed;
mod found;
mod head;
pub mod names;
mod prices;
mod registry;
mod repository;
mod run;
mod segment;
mod share;
mod whole;
mod workloads;

pub use audited::{
    Acceptance, AuditedDocument, AuditedRepository, EVIDENCE_MAX, EvidenceLine, FINDINGS_MAX, FindingOf,
    UnevaluatedOf,
};
pub use blob_file::{BlobFile, BlobSlice, EncryptionOf, ROW_BYTES};
pub use calls::Calls;
pub use collected::CollectedDocument;
pub use costed::{CostedDocument, CostedRepository, Replicas, Stored};
pub use evaluated::{EvaluatedDocument, FindingLine, GoingNextLine, LintCount, TOP_LINES};
pub use failed::FailedDocument;
pub use found::{FoundDocument, FoundSegment, FoundShare, UnreadUses};
pub use prices::prices;
pub use registry::RegistryDocument;
pub use repository::DescribedRepository;
pub use run::{PlannedRegistry, RunDocument, UnreadRegistry};
pub use segment::{goes_on, segment};
pub use share::ShareDocument;
pub use whole::{MountedOf, OrphanReferrersOf, QuotaOf, QuotasOf, ReplicasOf, WholeDocument};
pub use workloads::{AskedSource, WorkloadsDocument};

/// Sentences about what went wrong that a document keeps; how many more there were is counted.
pub const SENTENCES_MAX: usize = 100;
