//! Renders decisions, explanations and findings: JSON for programs, tables and sentences for people.
//!
//! Data in, text out: it prints nothing, reads nothing and knows no clock. It leaves out colour, so that no
//! meaning hangs on it.

mod amount;
mod compare_json;
mod compare_table;
mod explain_json;
mod explain_text;
mod image_name;
mod lint_json;
mod lint_text;
mod preview_json;
mod preview_table;
mod sentence;
mod table;

pub use amount::{bytes, count, days};
pub use compare_json::{ChangedRepository, compare_json};
pub use compare_table::compare_table;
pub use explain_json::explain_json;
pub use explain_text::{ExplainedRepository, explain_image, explain_table};
pub use lint_json::{LintedPolicy, lint_json};
pub use lint_text::lint_text;
pub use preview_json::{PreviewDocument, preview_json};
pub use preview_table::{preview_summary, preview_table};
pub use sentence::{next_sentence, reason_sentence, rule_sentence};
