//! The functions over a store in a folder, against servers that behave as ECR and `DynamoDB` do and one that takes
//! metrics and notices.
//!
//! The handlers are those of the programs, file by file, so that one test can go through a whole run. It leaves out
//! what is around a handler: the runtime, the environment, the bucket.

#[cfg(test)]
#[path = "../../../report-metrics/src/athena.rs"]
mod athena;
#[cfg(test)]
#[path = "../../../audit-immutability/src/handler.rs"]
mod audit;
#[cfg(test)]
#[path = "../../../audit-immutability/src/auditing.rs"]
mod auditing;
#[cfg(test)]
#[path = "../../../report-metrics/src/audits.rs"]
mod audits;
#[cfg(test)]
#[path = "../../../on-image-push/src/budget.rs"]
mod budget;
#[cfg(test)]
#[path = "../../../collect-inventory/src/clients.rs"]
mod clients;
#[cfg(test)]
#[path = "../../../collect-inventory/src/handler.rs"]
mod collect;
#[cfg(test)]
#[path = "../../../compute-costs/src/handler.rs"]
mod compute;
#[cfg(test)]
#[path = "../../../compute-costs/src/costing.rs"]
mod costing;
#[cfg(test)]
#[path = "../../../discover-repositories/src/covered.rs"]
mod covered;
#[cfg(test)]
#[path = "../../../discover-repositories/src/handler.rs"]
mod discover;
#[cfg(test)]
#[path = "../../../../shared/aws/src/ledger/tests/server.rs"]
#[expect(dead_code, reason = "the tests of the ledger itself ask more of it")]
mod dynamodb;
#[cfg(test)]
#[path = "../../../on-image-push/src/edge.rs"]
mod edge;
#[cfg(test)]
#[path = "../../../evaluate-lifecycle/src/handler.rs"]
mod evaluate;
#[cfg(test)]
#[path = "../../../evaluate-lifecycle/src/evaluation.rs"]
mod evaluation;
#[cfg(test)]
#[path = "../../../../shared/aws/src/ledger/tests/expression.rs"]
mod expression;
#[cfg(test)]
#[path = "../../../on-image-push/src/finding.rs"]
mod finding;
#[cfg(test)]
#[path = "../../../report-metrics/src/fold.rs"]
mod fold;
#[cfg(test)]
#[path = "../../../report-metrics/src/gauges.rs"]
mod gauges;
#[cfg(test)]
#[path = "../../../on-image-push/src/kept.rs"]
mod kept;
#[cfg(test)]
#[path = "../../../discover-repositories/src/layout.rs"]
mod layout;
#[cfg(test)]
#[path = "../../../discover-repositories/src/lines.rs"]
mod lines;
#[cfg(test)]
#[path = "../../../audit-immutability/src/moved.rs"]
mod moved;
#[cfg(test)]
#[path = "../../../on-image-push/src/notice.rs"]
mod notice;
#[cfg(test)]
#[path = "../../../discover-repositories/src/plan.rs"]
mod plan;
#[cfg(test)]
#[path = "../../../report-metrics/src/pricing.rs"]
mod pricing;
#[cfg(test)]
#[path = "../../../on-image-push/src/handler.rs"]
mod push;
#[cfg(test)]
#[path = "../../../audit-immutability/src/replicas.rs"]
mod replicas;
#[cfg(test)]
#[path = "../../../report-metrics/src/handler.rs"]
mod report;
#[cfg(test)]
#[path = "../../../discover-repositories/src/settings.rs"]
#[expect(dead_code, reason = "the program reads its settings from the environment, the tests give them")]
mod settings;
#[cfg(test)]
#[path = "../../../audit-immutability/src/settings_alone.rs"]
mod settings_alone;
#[cfg(test)]
#[path = "../../../on-image-push/src/source.rs"]
mod source;
#[cfg(test)]
#[path = "../../../discover-repositories/src/survey.rs"]
mod survey;
#[cfg(test)]
#[path = "../../../discover-repositories/src/surveying.rs"]
mod surveying;
#[cfg(test)]
#[path = "../../../on-image-push/src/tag_moved.rs"]
mod tag_moved;

#[cfg(test)]
#[path = "../../../apply-plan/src/handler.rs"]
mod apply_plan;
#[cfg(test)]
#[path = "../../../apply-plan/src/applying.rs"]
mod applying;
#[cfg(test)]
#[path = "../../../build-plan/src/handler.rs"]
mod build_plan;
#[cfg(test)]
#[path = "../../../build-plan/src/earlier.rs"]
mod earlier;
#[cfg(test)]
#[path = "../../../build-plan/src/folding.rs"]
mod folding;
#[cfg(test)]
#[path = "../../../collect-workloads/src/known_versions.rs"]
mod known_versions;
#[cfg(test)]
#[path = "../../../build-plan/src/lockstep.rs"]
mod lockstep;
#[cfg(test)]
#[path = "../../../build-plan/src/mounting.rs"]
mod mounting;
#[cfg(test)]
#[path = "../../../report-metrics/src/of_settings.rs"]
mod of_settings;
#[cfg(test)]
#[path = "../../../build-plan/src/past.rs"]
mod past;
#[cfg(test)]
#[path = "../../../apply-plan/src/phases.rs"]
mod phases;
#[cfg(test)]
#[path = "../../../report-metrics/src/planned.rs"]
mod planned;
#[cfg(test)]
#[path = "../../../build-plan/src/planning.rs"]
mod planning;
#[cfg(test)]
#[path = "../../../collect-workloads/src/reading.rs"]
mod reading;
#[cfg(test)]
#[path = "../../../apply-plan/src/refusing.rs"]
mod refusing;
#[cfg(test)]
#[path = "../../../collect-workloads/src/unread.rs"]
mod unread;
#[cfg(test)]
#[path = "../../../audit-immutability/src/uses.rs"]
mod uses;
#[cfg(test)]
#[path = "../../../apply-plan/src/uses_now.rs"]
mod uses_now;
#[cfg(test)]
#[path = "../../../report-metrics/src/wholes.rs"]
mod wholes;
#[cfg(test)]
#[path = "../../../collect-workloads/src/handler.rs"]
mod workloads;

#[cfg(test)]
mod actions;
#[cfg(test)]
mod applying_parts;
#[cfg(test)]
mod auditing_shares;
#[cfg(test)]
mod collecting;
#[cfg(test)]
mod collecting_badly;
#[cfg(test)]
mod computing;
#[cfg(test)]
mod discovering;
#[cfg(test)]
mod evaluating;
#[cfg(test)]
mod failing_shares;
#[cfg(test)]
mod planning_and_applying;
#[cfg(test)]
mod prices_and_gaps;
#[cfg(test)]
mod pushing;
#[cfg(test)]
mod pushing_elsewhere;
#[cfg(test)]
mod pushing_images;
#[cfg(test)]
mod recorder;
#[cfg(test)]
mod reporting;
#[cfg(test)]
mod run;
#[cfg(test)]
mod several_accounts;
#[cfg(test)]
mod summing_up;
#[cfg(test)]
mod whole;
#[cfg(test)]
mod world;

// The server of the ledger's tests knows it by this name.
#[cfg(test)]
use demurrage_aws::Server;
