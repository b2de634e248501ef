//! The lines of work of a run, and what it is about.

use demurrage_contract::documents::{PlannedRegistry, RunDocument, names};
use demurrage_contract::{
    Failure, FailureKind, InventoryLine, PartLine, RunId, SettingsLine, WorkLine, WorkloadsLine,
};
use demurrage_store::Documents;
use serde::Serialize;

use crate::layout::{LaidOut, Layout};
use crate::plan::{self, Step};
use crate::settings::Settings;

/// JSON Lines, counted.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
    lines: u32,
}

impl Lines {
    fn add(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        let broken =
            |error| Failure::new(FailureKind::Broken, format!("a line could not be written: {error}"));
        serde_json::to_writer(&mut self.text, line).map_err(broken)?;
        self.text.push(b'\n');
        self.lines = self.lines.saturating_add(1);
        Ok(())
    }
}

/// Writes the lines of a run in which images are read: `steps` in their order, the rates shared out.
pub(crate) fn of_images(
    documents: &Documents,
    settings: &Settings,
    run: &RunId,
    layout: &Layout,
    steps: &[Step],
) -> Result<u32, Failure> {
    let at_a_time = plan::at_a_time(steps, layout.registries.len(), settings.concurrency);
    let (mut work, mut parts) = (Lines::default(), Lines::default());
    for step in steps {
        let (at, share) = match *step {
            Step::Workloads { registry } => (registry, None),
            Step::Share { registry, share, .. } => (registry, Some(share)),
        };
        let Some(LaidOut { account, region, .. }) = layout.registries.get(at) else { continue };
        let (run, account, region) = (run.clone(), account.clone(), region.clone());
        let Some(share) = share else {
            let registry = u32::try_from(at).unwrap_or(u32::MAX);
            work.add(&WorkLine::Workloads(WorkloadsLine { run, registry, account, region }))?;
            continue;
        };
        parts.add(&PartLine { run: run.clone(), share })?;
        let at_a_time = at_a_time.get(at).copied().unwrap_or(1);
        let calls_per_second = plan::rate(settings.calls_per_second, at_a_time);
        let line = InventoryLine { run, share, account, region, calls_per_second, segment: 0, from: 0 };
        work.add(&WorkLine::Inventory(line))?;
    }
    put(documents, &work, &parts)
}

/// Writes the lines of a run that is about settings alone: one for each registry.
pub(crate) fn of_settings(documents: &Documents, run: &RunId, layout: &Layout) -> Result<u32, Failure> {
    let mut work = Lines::default();
    for (registry, LaidOut { account, region, .. }) in (0..).zip(&layout.registries) {
        let (run, account, region) = (run.clone(), account.clone(), region.clone());
        work.add(&WorkLine::Settings(SettingsLine { run, registry, account, region }))?;
    }
    put(documents, &work, &Lines::default())
}

fn put(documents: &Documents, work: &Lines, parts: &Lines) -> Result<u32, Failure> {
    documents.put(names::WORK, &work.text)?;
    documents.put(names::PARTS, &parts.text)?;
    Ok(work.lines)
}

/// The registries as the run has them, with the numbers of their shares.
pub(crate) fn planned(layout: Layout, numbers: Vec<Vec<u32>>, run: RunDocument) -> RunDocument {
    let registries = layout.registries.into_iter().zip(numbers).map(|(laid_out, shares)| {
        let LaidOut { account, region, .. } = laid_out;
        PlannedRegistry { account, region, shares }
    });
    RunDocument { registries: registries.collect(), unread: layout.unread, ..run }
}
