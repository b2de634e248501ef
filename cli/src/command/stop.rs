//! `demurrage stop`: everything that changes a registry stops before its next batch.

use clap::Args;
use demurrage_core::instant;
use demurrage_store::StopOrder;
use serde_json::json;

use crate::args::{Format, StoreArgs, clock};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::talk;
use crate::who::who;

/// Stop everything that changes registries by this store, or let it go on
///
/// The order is kept in the store, and looked for before every batch of every plan that is applied: what is under way ends
/// with the call that it is making, and nothing new begins until the stop is lifted. What was done stays done.
///
/// Exit code of `--show`: 0 nothing is stopped, 1 it is.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  demurrage stop --reason 'incident 12'\n  demurrage stop --lift --reason 'it is over'"
)]
pub(crate) struct StopArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Why: what others read who meet the stop. Without it, that none was given is kept, and said
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Let everything go on
    #[arg(long)]
    lift: bool,
    /// Only say whether there is an order to stop
    #[arg(long, conflicts_with_all = ["lift", "reason"])]
    show: bool,
    /// How to write what `--show` shows
    #[arg(long, value_enum, default_value_t = Format::Table, requires = "show")]
    format: Format,
}

pub(crate) fn run(arguments: &StopArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    let there = store.stop()?;
    if arguments.show {
        return show(there.as_ref(), arguments.format);
    }
    let order = StopOrder { at: clock(), by: who(), reason: arguments.reason.clone() };
    match (arguments.lift, there) {
        (true, None) => {
            talk::say("nothing is stopped");
            Ok(Exit::NothingToDo)
        }
        (true, Some(_)) => {
            store.lift_stop(&order)?;
            talk::say("the stop is lifted");
            Ok(Exit::Done)
        }
        (false, Some(there)) => {
            talk::say(format!("it is stopped already: {}", sentence(&there)));
            Ok(Exit::NothingToDo)
        }
        (false, None) => {
            store.put_stop(&order)?;
            if order.reason.is_empty() {
                talk::warn("no reason was given: whoever meets the stop reads that, and your name");
            }
            talk::say("stopped: nothing begins a batch from now on; `demurrage stop --lift` lets it go on");
            Ok(Exit::Done)
        }
    }
}

fn show(there: Option<&StopOrder>, format: Format) -> Result<Exit, Failure> {
    match format {
        Format::Json => talk::json(&json!({
            "stopped": there.is_some(),
            "at": there.map(|order| instant::format(order.at)),
            "by": there.map(|order| &order.by),
            "reason": there.map(|order| &order.reason),
        }))?,
        Format::Table => {
            let said = there.map_or_else(
                || "nothing is stopped".to_owned(),
                |order| format!("stopped: {}", sentence(order)),
            );
            talk::data(&format!("{said}\n"))?;
        }
    }
    Ok(if there.is_some() { Exit::Findings } else { Exit::Done })
}

fn sentence(order: &StopOrder) -> String {
    let at = order.at.format("%Y-%m-%d %H:%M UTC");
    let reason = if order.reason.is_empty() { "no reason given" } else { &order.reason };
    format!("by {} at {at}: {reason}", order.by)
}
