//! What the functions of the service take and give, and the documents that they leave for one another.
//!
//! Inputs and outputs are pointers of a few hundred bytes: a run, a share, a number. What they point to lies in
//! the store, below `runs/RUN/`, in the documents of [`documents`]. The state machine knows the names of the
//! fields, and `infra/contract.json`, which a test here writes down, is what it is checked against.

mod apply;
mod audit;
mod collect;
mod compute;
mod discover;
pub mod documents;
pub mod environment;
mod evaluate;
mod failure;
mod function;
mod function_actions;
mod invocation;
mod plan;
mod report;
mod run_id;
mod status;
mod work;
mod workloads;

pub use apply::{ApplyAdmitted, ApplyAnswer, ApplyInput, ApplyOutput, ApplyPhase};
pub use audit::{AuditInput, AuditOutput, AuditTask};
pub use collect::{CollectOutput, InventoryLine};
pub use compute::{ComputeInput, ComputeOutput};
pub use discover::{DiscoverInput, DiscoverOutput, RunRequest};
pub use evaluate::{EvaluateInput, EvaluateOutput};
pub use failure::{Failure, FailureKind, PARTIAL};
pub use function::{Function, STORE_ACTIONS, STORE_READ_ACTIONS, Trigger};
pub use invocation::Invocation;
pub use plan::{PlanInput, PlanMode, PlanOutput};
pub use report::{ReportInput, ReportOutput};
pub use run_id::{RunId, RunIdError};
pub use status::Status;
pub use work::{PartLine, SettingsLine, WorkLine};
pub use workloads::{WorkloadsInput, WorkloadsLine, WorkloadsOutput};
