//! Images that a journal says were taken, back into their repositories, as far as that is possible.
//!
//! First [`look`]: what of a repository's losses can be made good, what stays as it is, and what an attached lifecycle policy
//! would act on because of it. Then [`restore`], which writes each call into a journal of its own before it is made. It may be
//! run again at any time: it looks first, and what is there needs nothing. Leaves out who is asked, and how it is shown.
//!
//! A tag is looked for once more just before it is put. Where somebody else puts it in the moment between, and the repository
//! lets tags move, it moves: `PutImage` has no condition for that.

mod blobs;
mod look;
mod put;
mod settle;

pub use look::{RepositoryRestoration, look};
pub use put::{ImageOutcome, RestoreError, restore};
pub use settle::settle;

/// The calls of this, as IAM names them.
pub const RESTORE_ACTIONS: [&str; 5] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:DescribeImages",
    "ecr:GetLifecyclePolicy",
    "ecr:PutImage",
    "ecr:UpdateImageStorageClass",
];
