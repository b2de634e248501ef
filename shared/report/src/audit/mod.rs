//! What audits found in the registries of a store, in the four forms in which it is handed on.
//!
//! It assumes that findings were decided elsewhere, and repeats them: none is left out, accepted ones and audits that
//! could not answer are in every form. It leaves out asking the audits.
//!
//! - [`AuditReport`]: what there is to tell.
//! - [`audit_table`]: for people; [`audit_summary`]: in a few lines. [`audit_json`]: for programs of your own.
//! - [`audit_sarif`]: SARIF 2.1.0, for what shows the results of analyses.
//! - [`audit_asff`]: AWS Security Finding Format, for Security Hub.

mod asff;
mod audited;
mod json;
mod name;
mod sarif;
mod subject;
mod summary;
mod table;
mod tally;
mod unanswered;

#[cfg(test)]
mod tests;

pub use asff::{AsffError, audit_asff};
pub use audited::{AuditReport, AuditedRegistry, AuditedRepository};
pub use json::audit_json;
pub use sarif::audit_sarif;
pub use summary::audit_summary;
pub use table::audit_table;
