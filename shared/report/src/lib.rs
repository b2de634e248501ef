//! Renders decisions, explanations and findings: JSON for programs, tables and sentences for people.
//!
//! Data in, text out: it prints nothing, reads nothing and knows no clock. It leaves out colour, so that no
//! meaning hangs on it.

mod amount;
mod apply_table;
mod audit;
mod calls_table;
mod compare_json;
mod compare_table;
mod cost;
mod csv_text;
mod dollars;
mod explain_json;
mod explain_text;
mod gone_json;
mod gone_table;
mod history_json;
mod history_text;
mod image_name;
mod known_use;
mod left_out;
mod lint_json;
mod lint_text;
mod listing_name;
pub mod page;
mod plan_diff;
mod plan_images;
mod plan_json;
mod plan_markdown;
mod plan_notice;
mod plan_report;
mod plan_setting;
mod plan_table;
mod preview_json;
mod preview_table;
mod prices_table;
mod reconcile_csv;
mod reconcile_json;
mod reconcile_report;
mod reconcile_table;
mod records;
mod restore_json;
mod restore_report;
mod restore_sentence;
mod restore_table;
mod retention_compiled;
mod retention_explain;
mod run_summary;
mod sentence;
mod setting_fixes;
mod store_status;
mod sweep;
mod table;
mod use_json;
mod use_report;
mod use_table;
mod verify_json;
mod verify_table;
mod wrapped;

pub use amount::{bytes, count, days, large_bytes};
pub use apply_table::apply_table;
pub use audit::{
    AsffError, AuditReport, AuditedRegistry, AuditedRepository, audit_asff, audit_json, audit_sarif,
    audit_summary, audit_table,
};
pub use calls_table::{CallRow, calls_table};
pub use compare_json::{ChangedRepository, compare_json};
pub use compare_table::compare_table;
pub use cost::{
    BytesCost, CostBy, CostReport, CountedPulls, ForecastFigure, ImageCost, MountedFigure, NetworkHours,
    PolicyEffect, PolicySavings, PricesUsed, PullRow, RegistryFigures, ReplicaFigures, ReplicationRange,
    ReplicationSum, RepositoryCost, RuleSavings, StorageSum, UnreadRepository, cost_csv, cost_json,
    cost_table,
};
pub use dollars::{dollars, size_and_dollars};
pub use explain_json::explain_json;
pub use explain_text::{ExplainedRepository, explain_image, explain_table};
pub use gone_json::gone_json;
pub use gone_table::{GoneRepository, gone_table};
pub use history_json::{HistoryOf, history_json};
pub use history_text::history_text;
pub use known_use::KnownUse;
pub use left_out::LeftOut;
pub use lint_json::{LintedPolicy, lint_json};
pub use lint_text::lint_text;
pub use plan_diff::{PlanDiff, plan_diff_json, plan_diff_markdown, plan_diff_text};
pub use plan_images::{plan_images_markdown, plan_images_table};
pub use plan_json::plan_json;
pub use plan_markdown::plan_markdown;
pub use plan_notice::{GoingSoon, plan_notice_json, plan_notice_markdown};
pub use plan_report::{PlanChanges, PlanReport};
pub use plan_table::plan_table;
pub use preview_json::{PreviewDocument, preview_json};
pub use preview_table::{preview_summary, preview_table};
pub use prices_table::prices_table;
pub use reconcile_csv::reconcile_csv;
pub use reconcile_json::reconcile_json;
pub use reconcile_report::{BillFile, ReconcileReport};
pub use reconcile_table::reconcile_table;
pub use restore_json::restore_json;
pub use restore_report::{RestoreReport, RestoredImage, RestoredOutcome, RestoredRepository};
pub use restore_sentence::{obstacle_sentence, pushed_out_sentence, way_sentence};
pub use restore_table::restore_table;
pub use retention_compiled::{
    COMPILED_WARNING, CompiledRepository, compiled_json, compiled_proof, compiled_text,
};
pub use retention_explain::{
    ExplainedRetention, retention_json, retention_rows_json, retention_table, retention_text,
};
pub use run_summary::{
    CallTotals, FailedShare, GoingNext, LintCount, Mounted, QuotaUse, RegistryAudits, RegistryCosts,
    RegistrySummary, RegistryWhole, ReplicasIn, RepositoryFinding, RunAbout, RunMail, RunPlan, RunPrices,
    RunStatus, RunSummary, UnevaluatedCount, UnreadRegistry, WorstFinding, run_summary_json,
    run_summary_mail, run_summary_markdown,
};
pub use sentence::{next_sentence, reason_sentence, rule_sentence};
pub use setting_fixes::{not_fixed_text, setting_fixes_json};
pub use store_status::{Applied, NextStep, PlanStatus, RegistryStatus, StoreStatus};
pub use sweep::{SweepReport, sweep_csv, sweep_json, sweep_table};
pub use use_json::use_json;
pub use use_report::{UseReport, UsedImage, UsedRepository};
pub use use_table::use_table;
pub use verify_json::verify_json;
pub use verify_table::{VerifiedRepository, settings_sentence, verify_table};
