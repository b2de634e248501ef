//! The question before a plan is carried out, or let through.

use demurrage_core::plan::Plan;
use demurrage_report::{bytes, count};

use crate::failure::Failure;
use crate::{question, talk};

/// Says what the plan comes to, and each soft guard that the answer lifts; whether somebody agrees.
pub(super) fn agrees(plan: &Plan) -> Result<bool, Failure> {
    asked(
        "nobody can be asked whether the plan is to be carried out: this is no terminal",
        "look at the plan with `demurrage plan show`, and add `--yes`",
    )?;
    tell(plan);
    Ok(question::agrees("carry it out?"))
}

/// Fails with this where nobody can be asked.
pub(crate) fn asked(unasked: &str, help: &str) -> Result<(), Failure> {
    if question::can_be_asked() { Ok(()) } else { Err(Failure::usage(unasked, help)) }
}

/// Says what the plan comes to, and each soft guard that it trips.
pub(crate) fn tell(plan: &Plan) {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    talk::tell(format!(
        "the plan {} changes {}{} in {}, and frees {}",
        plan.hash.short(),
        count(number(plan.images()), "image"),
        settings(plan),
        count(number(plan.repositories()), "repository"),
        bytes(plan.bytes_freed()),
    ));
    for tripped in &plan.head.tripped {
        let place = tripped.repository.as_ref().map_or_else(String::new, |place| format!(" in {place}"));
        talk::warn(format!("the soft guard {}{place}: {}", tripped.guard, tripped.detail));
    }
}

/// The settings that it changes, where it does.
fn settings(plan: &Plan) -> String {
    match plan.actions().saturating_sub(plan.images()) {
        0 => String::new(),
        settings => format!(" and {}", count(usize::try_from(settings).unwrap_or(usize::MAX), "setting")),
    }
}
