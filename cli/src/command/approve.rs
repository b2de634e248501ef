//! `demurrage approve`: lets a plan of the service through, so that its state machine applies it.

use clap::Args;
use demurrage_aws::{CallError, Execution, StateMachine, StateMachineArn};
use demurrage_core::apply::{ApplyReport, admit};
use demurrage_core::instant;
use demurrage_core::plan::Plan;
use demurrage_store::{Journal, Store, StoredPlan};
use serde_json::json;

use super::apply::asking;
use super::plan::given;
use crate::args::{Format, StoreArgs, clock};
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{question, runtime, talk};

/// Let a plan of the service through: its state machine applies it
///
/// Shows what the plan comes to, asks, and starts an execution that has the hash of the plan as its name, with your
/// credentials: the trail of AWS has who let it through. A name is given once, so a plan is started once. One part goes first,
/// and the others only where nothing was odd; `demurrage stop` ends all of them before their next call.
///
/// Exit code 0: started; 1: it was started before, and when; 2: the plan may not be applied; 3: AWS or the network; 5: nothing
/// to do, or you said no.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  demurrage approve 0123456789ab --store s3://bucket/prefix\n\nLook at it before: `demurrage plan \
                      show HASH --store s3://bucket/prefix`."
)]
pub(crate) struct ApproveArgs {
    /// The hash of the plan, or at least its first 12 digits: it says that this plan is meant, and lifts its soft guards
    #[arg(value_name = "HASH")]
    hash: String,
    #[command(flatten)]
    store: StoreArgs,
    /// The state machine that applies plans [default: the one that the deployment wrote into the store]
    #[arg(long, value_name = "ARN")]
    state_machine: Option<String>,
    /// Let it through, without asking
    #[arg(long)]
    yes: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

/// Whether it was started now, or before.
enum Start {
    Now(Execution),
    Before(Execution),
}

pub(crate) fn run(arguments: &ApproveArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    let stored = store.plan(&arguments.hash).map_err(given::failure)?;
    let arn = machine(arguments, &store)?;
    if let Some(exit) = applicable(&store, &stored)? {
        return Ok(exit);
    }
    let plan = &stored.plan;
    if !arguments.yes {
        asking::asked(
            "nobody can be asked whether the plan is to be let through: this is no terminal",
            &format!("look at it with `demurrage plan show {}`, and add `--yes`", plan.hash.short()),
        )?;
    }
    asking::tell(plan);
    talk::tell(format!(
        "it was made at {}, and holds until {}",
        instant::minute(plan.head.made_at),
        instant::minute(plan.head.expires_at)
    ));
    if !arguments.yes && !question::agrees("let it through?") {
        talk::say("nothing was started");
        return Ok(Exit::NothingToDo);
    }
    let start = runtime::wait(start(arguments, &arn, plan))??;
    let report = store.beside_journal(&plan.hash)?.shown("report.json");
    show(arguments.format, &arn, plan, &start, &report)
}

/// The state machine that is named, or that of the deployment.
fn machine(arguments: &ApproveArgs, store: &Store) -> Result<StateMachineArn, Failure> {
    let (text, help) = match &arguments.state_machine {
        Some(text) => (text.clone(), "the output `ApplyStateMachine` of the stack has it".to_owned()),
        None => match store.deployment()? {
            Some(deployment) => (
                deployment.apply_state_machine,
                "that is what `deployment.json` of the store says; name another one with `--state-machine`"
                    .to_owned(),
            ),
            None => {
                return Err(Failure::usage(
                    format!("no deployment of the service writes the store `{}`", store.shown()),
                    "name its state machine (`--state-machine ARN`), or carry the plan out from here (`demurrage apply`)",
                ));
            }
        },
    };
    StateMachineArn::parse(&text).map_err(|error| Failure::usage(error.to_string(), help))
}

/// Refuses a plan that the machine would refuse, before its name is given away; how it ends where there is nothing to do.
fn applicable(store: &Store, stored: &StoredPlan) -> Result<Option<Exit>, Failure> {
    let plan = &stored.plan;
    stored.verify().map_err(given::failure)?;
    let journal = Journal::open(store, &plan.hash.to_string())?;
    if let Some(report) = journal.report::<ApplyReport>()? {
        talk::say(format!("the plan was applied already, on {}", instant::minute(report.ended_at)));
        return Ok(Some(Exit::NothingToDo));
    }
    admit(&plan.head, clock()).map_err(|error| Failure::usage(error.to_string(), error.help()))?;
    if plan.actions() == 0 {
        talk::say("the plan does nothing");
        return Ok(Some(Exit::NothingToDo));
    }
    // It would end before its first call, and its name could not be used again.
    if let Some(order) = store.stop()? {
        return Err(Failure::usage(
            format!("everything is stopped by {}, since {}", order.by, instant::minute(order.at)),
            "`demurrage stop --lift` lets it go on, then approve the plan",
        ));
    }
    Ok(None)
}

async fn start(arguments: &ApproveArgs, arn: &StateMachineArn, plan: &Plan) -> Result<Start, Failure> {
    let session = arguments.aws.session(arn.region(), None).await?;
    if session.account() != arn.account() {
        return Err(Failure::usage(
            format!(
                "the state machine is of the account {}, and these credentials are of {}",
                arn.account(),
                session.account()
            ),
            "name credentials of that account (`--profile`, or `--role-arn` for a role in it)",
        ));
    }
    talk::say(format!("account {}, as {}", session.account(), session.arn()));
    let machine = StateMachine::new(&session, arn.clone());
    let hash = plan.hash.to_string();
    // AWS takes a second start of one that runs for the first one's: who comes second has to know.
    if let Some(there) = machine.execution(&hash).await.map_err(failure)? {
        return Ok(Start::Before(there));
    }
    let input = json!({"hash": hash, "mode": plan.head.mode.name()}).to_string();
    if let Some(execution) = machine.start(&hash, &input).await.map_err(failure)? {
        return Ok(Start::Now(execution));
    }
    match machine.execution(&hash).await.map_err(failure)? {
        Some(there) => Ok(Start::Before(there)),
        None => Err(Failure::aws(
            format!(
                "AWS says that an execution of the name `{hash}` was started before, and does not know it"
            ),
            "try again",
        )),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn failure(error: CallError) -> Failure {
    let help = match error.code.as_deref() {
        Some("StateMachineDoesNotExist") => {
            "look whether the deployment is still there, and at `--state-machine`".to_owned()
        }
        Some(_) | None => error.help(),
    };
    Failure::aws(error.to_string(), help)
}

/// Says what was started, or when it was.
fn show(
    format: Format,
    arn: &StateMachineArn,
    plan: &Plan,
    start: &Start,
    report: &str,
) -> Result<Exit, Failure> {
    let (execution, is_new) = match start {
        Start::Now(execution) => (execution, true),
        Start::Before(execution) => (execution, false),
    };
    match format {
        Format::Json => talk::json(&json!({
            "hash": plan.hash.to_string(),
            "mode": plan.head.mode.name(),
            "state_machine": arn.text(),
            "execution": execution.arn,
            "started": is_new,
            "started_at": execution.started_at.map(instant::format),
            "ended_at": execution.ended_at.map(instant::format),
            "status": execution.status,
            "report": report,
        }))?,
        Format::Table => talk::data(&sentences(plan, execution, is_new, report))?,
    }
    Ok(if is_new { Exit::Done } else { Exit::Findings })
}

fn sentences(plan: &Plan, execution: &Execution, is_new: bool, report: &str) -> String {
    let at = execution.started_at.map_or_else(String::new, |at| format!(" at {}", instant::minute(at)));
    let (arn, hash) = (&execution.arn, plan.hash.short());
    if is_new {
        return format!(
            "started{at}:\n  {arn}\n`demurrage history` tells what went, and in the end this does what is left:\n  {report}\n"
        );
    }
    let status = execution.status.to_ascii_lowercase();
    let ended =
        execution.ended_at.map_or_else(String::new, |at| format!(", ended at {}", instant::minute(at)));
    format!(
        "the plan {hash} was started before{at}, and is {status}{ended}:\n  {arn}\nA plan is started once; what is left of it is in the next one.\n"
    )
}
