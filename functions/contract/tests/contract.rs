//! `infra/contract.json` says what the types say: the template, the state machine, the dashboard and the alarms are
//! checked against it.
#![expect(clippy::expect_used, reason = "a test that stops when its own data is wrong")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use demurrage_contract::{
    ApplyInput, ApplyOutput, ApplyPhase, AuditInput, AuditOutput, AuditTask, CollectOutput, ComputeInput,
    ComputeOutput, DiscoverInput, DiscoverOutput, EvaluateInput, EvaluateOutput, FailureKind, Function,
    InventoryLine, PARTIAL, PartLine, PlanInput, PlanMode, PlanOutput, ReportInput, ReportOutput, RunId,
    RunRequest, SettingsLine, Status, Trigger, WorkLine, WorkloadsInput, WorkloadsLine, WorkloadsOutput,
};
use demurrage_core::metric::{self, Metric};
use demurrage_store::Table;
use serde::Serialize;
use serde_json::{Value, json};

fn run() -> RunId {
    "20261124T191546Z-1a2b3c4d".parse().expect("a run")
}

fn line() -> WorkLine {
    WorkLine::Inventory(InventoryLine {
        run: run(),
        share: 99_999,
        account: "123456789012".to_owned(),
        region: "ap-southeast-1".to_owned(),
        calls_per_second: 2_000.123,
        segment: 999,
        from: 99_999,
    })
}

fn workloads_line() -> WorkloadsLine {
    let (account, region) = ("123456789012".to_owned(), "ap-southeast-1".to_owned());
    WorkloadsLine { run: run(), registry: 99_999, account, region }
}

fn settings_line() -> WorkLine {
    let (account, region) = ("123456789012".to_owned(), "ap-southeast-1".to_owned());
    WorkLine::Settings(SettingsLine { run: run(), registry: 99_999, account, region })
}

fn to_compute() -> ComputeInput {
    ComputeInput { run: run(), share: 99_999, segment: 999, from: 99_999 }
}

fn to_audit() -> AuditInput {
    AuditInput { run: run(), share: 99_999, segment: 999, from: 99_999 }
}

fn to_evaluate() -> EvaluateInput {
    EvaluateInput { run: run(), share: 99_999, segment: 999, from: 99_999 }
}

/// An input and an output of a function, as long as they become.
fn example(function: Function) -> (Value, Value) {
    let (share, segment, status) = (99_999, 999, Status::Complete);
    match function {
        Function::DiscoverRepositories => {
            let execution = "a".repeat(80);
            let started_at = run().started_at();
            let request = RunRequest::default();
            (
                value(&DiscoverInput { execution, started_at, request }),
                value(&DiscoverOutput {
                    run: run(),
                    bucket: "b".repeat(63),
                    work: format!("{}/runs/{}/work.jsonl", "p".repeat(64), run()),
                    lines: share,
                    parts: format!("{}/runs/{}/parts.jsonl", "p".repeat(64), run()),
                    shares: share,
                    settings_only: false,
                    more: false,
                }),
            )
        }
        Function::CollectInventory => {
            let output = CollectOutput {
                run: run(),
                share,
                segment,
                status,
                more: true,
                next: line(),
                evaluate: to_evaluate(),
                compute: to_compute(),
                audit: to_audit(),
            };
            (value(&line()), value(&output))
        }
        Function::CollectWorkloads => {
            let output = WorkloadsOutput { run: run(), known: 99_999, unknown: 99_999, status };
            (value(&WorkloadsInput::Line(workloads_line())), value(&output))
        }
        Function::EvaluateLifecycle => {
            let next = to_evaluate();
            let output = EvaluateOutput { run: run(), share, segment, status, more: true, next };
            (value(&to_evaluate()), value(&output))
        }
        Function::ComputeCosts => {
            let next = to_compute();
            let output = ComputeOutput { run: run(), share, segment, status, more: true, next };
            (value(&to_compute()), value(&output))
        }
        Function::AuditImmutability => {
            let next = AuditTask::Share(to_audit());
            let output = AuditOutput { run: run(), status, more: true, next };
            (value(&to_audit()), value(&output))
        }
        Function::BuildPlan => {
            (value(&PlanInput { run: Some(run()), ..PlanInput::default() }), value(&planned()))
        }
        Function::ApplyPlan => (
            value(&ApplyInput { part: Some(99_999), phase: Some(ApplyPhase::Part), ..to_apply() }),
            value(&ApplyOutput {
                hash: "f".repeat(64),
                mode: PlanMode::Observe,
                status,
                halt: Some("use_unknown".to_owned()),
                expired: 999_999,
                archived: 999_999,
                untagged: 999_999,
                settings: 999_999,
                left: 999_999,
                unplanned: 999_999,
                report: Some("p".repeat(128)),
                more: true,
            }),
        ),
        // It takes what `EventBridge` sends, and nobody waits for what it gives.
        Function::OnImagePush => (json!({}), json!({})),
        Function::ReportMetrics => {
            let summary = format!("{}/runs/{}/summary.md", "p".repeat(64), run());
            let output = ReportOutput { run: run(), status, summary, more: false };
            (value(&ReportInput { run: run(), plan: Some("f".repeat(64)) }), value(&output))
        }
    }
}

fn to_apply() -> ApplyInput {
    ApplyInput { hash: "f".repeat(64), mode: PlanMode::default(), phase: None, part: None }
}

fn planned() -> PlanOutput {
    PlanOutput {
        hash: Some("f".repeat(64)),
        path: Some(format!("s3://{}/{}/plans/{}/plan.json", "b".repeat(63), "p".repeat(64), "f".repeat(64))),
        mode: PlanMode::Approve,
        expires_at: Some(run().started_at()),
        actions: 999_999,
        images: 999_999,
        bytes_freed: u64::MAX,
        usd_per_month: Some("999999.9999999999".to_owned()),
        tripped: 999_999,
        refused: 999_999,
        kept: 999_999,
        pending: 999_999,
        status: Status::Partial,
        admitted: false,
        more: true,
    }
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("it is written")
}

fn fields(value: &Value) -> Vec<&String> {
    value.as_object().expect("an object").keys().collect()
}

fn contract() -> Value {
    let functions: BTreeMap<&str, Value> = Function::ALL
        .into_iter()
        .map(|function| {
            let (input, output) = example(function);
            let mut actions = [function.actions(), function.store_actions()].concat();
            actions.sort_unstable();
            let described = json!({
                "trigger": function.trigger().name(),
                "input": fields(&input),
                "output": fields(&output),
                "environment": function.environment(),
                "actions": actions,
            });
            (function.name(), described)
        })
        .collect();
    let errors = |is_retried: bool| -> Vec<&str> {
        let all = FailureKind::ALL.into_iter().filter(|kind| kind.is_retried() == is_retried);
        all.map(FailureKind::error_type).collect()
    };
    let metrics: Vec<Value> = Metric::ALL
        .iter()
        .map(|metric| {
            json!({
                "name": metric.name(),
                "unit": metric.unit().name(),
                "dimensions": metric.dimensions().names(),
                "statistic": metric::STATISTIC,
            })
        })
        .collect();
    let tables: BTreeMap<&str, Value> =
        Table::ALL.into_iter().map(|table| (table.name(), value(&table.athena_columns()))).collect();
    json!({
        "functions": functions,
        "work_lines": {
            "inventory": fields(&value(&line())),
            "workloads": fields(&value(&WorkLine::Workloads(workloads_line()))),
            "settings": fields(&value(&settings_line())),
        },
        "settle": fields(&value(&WorkloadsInput::Settle(run()))),
        "part_line": fields(&value(&PartLine { run: run(), share: 99_999 })),
        "errors": {"retried": errors(true), "fatal": errors(false), "partial": PARTIAL},
        "metrics": {"namespace": metric::NAMESPACE, "metrics": metrics},
        "tables": tables,
    })
}

/// Where it differs, `UPDATE_CONTRACT=1 cargo nextest run -p demurrage-contract` writes it anew.
#[test]
fn the_written_contract_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/contract.json");
    let text = serde_json::to_string_pretty(&contract()).expect("it is written") + "\n";
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&path, &text).expect("a file is written");
    }
    assert_eq!(fs::read_to_string(&path).expect("a file"), text);
}

#[test]
fn what_goes_through_the_state_machine_is_a_few_hundred_bytes() {
    for function in Function::ALL {
        let (input, output) = example(function);
        let longest = input.to_string().len().max(output.to_string().len());
        assert!(longest <= 700, "{}: {longest}", function.name());
    }
}

#[test]
fn an_execution_may_be_started_with_nothing_and_not_with_what_nobody_knows() {
    assert_eq!(serde_json::from_str::<RunRequest>("{}").expect("a request"), RunRequest::default());
    let error = serde_json::from_str::<RunRequest>("{\"region\": \"us-east-1\"}").expect_err("no such field");
    assert!(error.to_string().contains("region"), "{error}");
}

#[test]
fn no_function_but_those_that_read_asks_ecr_and_one_writes_to_it() {
    for function in Function::ALL {
        let of_ecr: Vec<&str> =
            function.actions().iter().copied().filter(|action| action.starts_with("ecr:")).collect();
        let reads = ["Describe", "Get", "List", "BatchGet"];
        let is_reading = |action: &&str| reads.iter().any(|verb| action.starts_with(&format!("ecr:{verb}")));
        let (asks_ecr, writes) = (!of_ecr.is_empty(), !of_ecr.iter().all(is_reading));
        let may = match function {
            Function::DiscoverRepositories | Function::CollectInventory | Function::OnImagePush => {
                (true, false)
            }
            Function::ApplyPlan => (true, true),
            Function::CollectWorkloads
            | Function::EvaluateLifecycle
            | Function::ComputeCosts
            | Function::AuditImmutability
            | Function::ReportMetrics
            | Function::BuildPlan => (false, false),
        };
        assert_eq!((asks_ecr, writes), may, "{}", function.name());
    }
}

#[test]
fn a_plan_is_looked_at_where_nobody_says_otherwise() {
    let build: PlanInput = serde_json::from_str("{}").expect("an input");
    assert_eq!(build.mode, PlanMode::Observe);
    let apply: ApplyInput = serde_json::from_str("{\"hash\": \"f\"}").expect("an input");
    assert_eq!(apply.mode, PlanMode::Observe);
    assert!(serde_json::from_str::<ApplyInput>("{}").is_err(), "a plan is named by its hash");
}

#[test]
fn what_an_event_calls_leaves_the_store_as_it_is_and_deletes_nothing_anywhere() {
    for function in Function::ALL {
        let all = [function.actions(), function.store_actions()].concat();
        let deletes: Vec<&&str> = all.iter().filter(|action| action.contains("Delete")).collect();
        let may: &[&&str] = if function == Function::ApplyPlan { &[&"ecr:BatchDeleteImage"] } else { &[] };
        assert_eq!(deletes, may, "{}", function.name());
        if function.trigger() == Trigger::Event {
            assert!(!all.iter().any(|action| action.starts_with("s3:Put")), "{}", function.name());
        }
    }
}
