//! The AWS edge: the only crate that knows the AWS SDKs.
//!
//! It turns what people and machines may use (a credential chain, a role, regions) into clients that keep
//! to a pace, and registries into inventories. It assumes a multi-threaded runtime of tokio. It leaves out
//! every decision: what a policy does is the core's business.
//!
//! - [`Session`], [`Principal`]: who asks.
//! - [`Pace`], [`Watch`], [`CallError`]: how often, how it went, and what went wrong.
//! - [`accounts`]: other accounts, and sessions in them.
//! - [`apply`]: a plan, carried out.
//! - [`collect`]: a registry into a store, without changing what it looks at.
//! - [`preview_on_aws`]: what ECR itself says that a policy would do.
//! - [`put_policy`], [`attached_policy`]: the policy of a repository.
//! - [`prices`]: the price list of AWS, read anew.
//! - [`publish`]: figures and notices about a run, to where people look.
//! - [`pull_counts`]: how often repositories were pulled from, as `CloudWatch` has counted it.
//! - [`push_target`]: what a push of a tag would meet.
//! - [`ledger`]: which image each tag is on, and was on, in a table of a deployment.
//! - [`restore`]: what a journal says was taken, back into its repositories.
//! - [`open_store`]: a store in a folder or a bucket.
//! - [`StateMachine`]: what applies plans in a deployment, started under the name of whoever starts it.
//! - [`workloads`]: what runs, and so which images are in use.

pub mod accounts;
pub mod apply;
mod call_error;
mod caller;
mod calls;
pub mod collect;
mod ecr;
mod ecr_public;
mod ecr_time;
mod exclusions;
pub mod ledger;
mod open_store;
mod pace;
mod policy_put;
mod preview_on_aws;
pub mod prices;
mod principal;
pub mod publish;
pub mod pull_counts;
mod push_target;
mod raw_answer;
mod refused;
pub mod restore;
mod session;
mod state_machine;
mod tries;
mod watch;
pub mod workloads;

pub use call_error::{CallError, CallErrorKind};
pub use calls::{CallLine, Tally};
pub use ecr::Ecr;
pub use ecr_public::EcrPublic;
pub use exclusions::{Exclusion, ExclusionError, register as register_pull_time_exclusion};
pub use open_store::{OpenStoreError, open_store};
pub use pace::Pace;
pub use policy_put::{POLICY_PUT_ACTIONS, attached_policy, put_policy};
pub use preview_on_aws::{AwsPreview, AwsPreviewError, Patience, preview_on_aws};
pub use principal::Principal;
pub use push_target::{CreateOnPush, PUSH_TARGET_ACTIONS, PushTarget, TaggedImage, push_target};
pub use session::{Server, Session, SessionError, SessionOptions, default_region};
pub use state_machine::{APPROVE_ACTIONS, Execution, NoStateMachine, StateMachine, StateMachineArn};
pub use watch::Watch;
