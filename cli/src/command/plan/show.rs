//! `demurrage plan show`: a plan as it was made, after every hash of it was compared.

use clap::{Args, ValueEnum};
use demurrage_core::plan::actions_text;
use demurrage_report::{
    PlanChanges, PlanReport, plan_images_markdown, plan_images_table, plan_json, plan_markdown, plan_table,
};
use demurrage_store::StoredPlan;

use super::given;
use crate::args::StoreArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::by_name;
use crate::{talk, terminal};

/// Show a plan, after all of its hashes are compared
///
/// With `--images` also every image and every setting, with the reason: of all repositories, or of those of a name. A part of
/// the plan is held at a time, however large it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  demurrage plan show plan --images 'shop/*'\n  \
    demurrage plan show plan --images --format json | jq -r .digest")]
pub(super) struct ShowArgs {
    /// Its folder, its `plan.json`, or its hash in the store: at least the first twelve digits
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Image by image: of all repositories, or of those of this name; `*` stands for any characters. As JSON, one action a
    /// line
    #[arg(long, value_name = "GLOB", num_args = 0..=1, default_missing_value = "*")]
    images: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ShowFormat::Table)]
    format: ShowFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
}

pub(super) fn run(arguments: &ShowArgs) -> Result<Exit, Failure> {
    let stored = given::find(&arguments.store.open()?, &arguments.plan)?;
    // The order of the repositories goes over all parts: it is looked at before anything is shown.
    let changes = changes(&stored)?;
    let kept = stored.kept().map_err(given::failure)?;
    let pending = stored.pending().map_err(given::failure)?;
    let path = stored.path();
    let report =
        PlanReport { plan: &stored.plan, path: &path, changes: &changes, kept: &kept, pending: &pending };
    match (arguments.format, &arguments.images) {
        (ShowFormat::Table, _) => talk::data(&plan_table(&report, terminal::width()))?,
        (ShowFormat::Json, None) => talk::json(&plan_json(report.plan, report.path))?,
        (ShowFormat::Json, Some(_)) => {}
        (ShowFormat::Markdown, _) => talk::data(&plan_markdown(&report))?,
    }
    if let Some(glob) = &arguments.images {
        show_images(&stored, glob, arguments.format)?;
    }
    Ok(if stored.plan.head.tripped.is_empty() { Exit::Done } else { Exit::Findings })
}

/// What the plan does, summed up part by part.
fn changes(stored: &StoredPlan) -> Result<PlanChanges, Failure> {
    let mut changes = PlanChanges::default();
    let mut last = None;
    for part in stored.parts() {
        for repository in part.map_err(given::failure)? {
            if last.as_ref().is_some_and(|last| repository.repository <= *last) {
                return Err(Failure::usage(
                    format!("`{}` was changed: its repositories are not in order", stored.path()),
                    "make a new plan",
                ));
            }
            changes.add(&repository);
            last = Some(repository.repository);
        }
    }
    Ok(changes)
}

/// Shows the repositories whose names are wanted, one after the other.
fn show_images(stored: &StoredPlan, glob: &str, format: ShowFormat) -> Result<(), Failure> {
    let wanted = by_name(Some(glob));
    let width = terminal::width();
    let mut found = false;
    if format == ShowFormat::Table {
        talk::data("\n")?;
    }
    for part in stored.parts() {
        for repository in part.map_err(given::failure)? {
            if !wanted(&repository.repository.name) {
                continue;
            }
            found = true;
            match format {
                ShowFormat::Table => talk::data(&plan_images_table(&repository, width))?,
                ShowFormat::Markdown => talk::data(&plan_images_markdown(&repository))?,
                ShowFormat::Json => talk::data(&actions_text(&repository))?,
            }
        }
    }
    if !found {
        talk::warn(format!("the plan changes no repository that is named `{glob}`"));
    }
    Ok(())
}
