//! `demurrage report`: one page of what is stored, what it costs, what goes, and what is not known.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use demurrage_config::Configuration;
use demurrage_core::cost::PriceList;
use demurrage_core::in_use::KnownUses;
use demurrage_core::lifecycle::Switches;
use demurrage_report::page::{PAGE_DETAILS_MAX, Page, PageGap, PageHead, PageMaker};
use demurrage_report::{count, large_bytes};
use demurrage_store::{InventoryEntry, Store};

use self::file::Target;
use self::registry::Registry;
use crate::args::{NowArgs, StoreArgs, worse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::known_uses::known_uses;
use crate::rules_file::RulesArgs;
use crate::selected::{announce, entries};
use crate::switch_args::SwitchArgs;
use crate::{price_list, talk};

mod file;
mod past;
mod registry;
mod sent;
mod went;

/// Write one page of what is stored, what it costs, what goes next and what could not be read
///
/// The page is one HTML file that loads nothing, for browsers, print and screen readers. It has charts with a table behind
/// each, the largest 200 repositories image by image, and at most 5 MB however many repositories there are.
/// docs/REPORT.md says what each part means. Nothing is asked of AWS.
///
/// Exit code 4: a repository, or something of a registry, could not be read; the page says what, at its top.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage report --store /tmp/demo/store --out /tmp/demo/page.html")]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Only this region of the store
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The file to write; an earlier report is replaced
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
    /// Replace the file also where it is no report
    #[arg(long)]
    force: bool,
    /// Earlier inventories of each registry that are read for what was stored over time, evenly over all there are
    #[arg(long, value_name = "NUMBER", default_value_t = 12)]
    past: usize,
    /// Files of a bill, as `reconcile` takes them: what it has of bytes that were sent replaces what is computed; repeatable
    #[arg(long, value_name = "FILE", num_args = 1..)]
    bill: Vec<PathBuf>,
    #[command(flatten)]
    in_use: InUseArgs,
    #[command(flatten)]
    rules: RulesArgs,
    #[command(flatten)]
    now: NowArgs,
    #[command(flatten)]
    switches: SwitchArgs,
}

pub(crate) fn run(arguments: &ReportArgs) -> Result<Exit, Failure> {
    let target = Target::of(&arguments.out, arguments.force)?;
    let now = arguments.now.now();
    let read = arguments.rules.configuration()?;
    if let Some(source) = &read.source {
        talk::say(format!("rules: {}", source.name));
    }
    let store = arguments.store.open()?;
    let asked = Asked {
        store: &store,
        entries: entries(&store, arguments.region.as_deref())?,
        configuration: &read.configuration,
        in_use: &arguments.in_use,
        bill: &arguments.bill,
        past: arguments.past,
        now,
        switches: arguments.switches.switches(),
    };
    let made = asked.page()?;
    talk::say(write(&target, &made.page)?);
    Ok(worse(made.is_partial, false))
}

/// What a page is made of.
pub(super) struct Asked<'a> {
    pub(super) store: &'a Store,
    /// The newest inventories of the registries that it is about.
    pub(super) entries: Vec<InventoryEntry>,
    pub(super) configuration: &'a Configuration,
    pub(super) in_use: &'a InUseArgs,
    pub(super) bill: &'a [PathBuf],
    /// Earlier inventories of each registry that are read.
    pub(super) past: usize,
    pub(super) now: DateTime<Utc>,
    pub(super) switches: Switches,
}

/// What is the same for all registries.
struct Basis<'a> {
    asked: &'a Asked<'a>,
    list: PriceList,
    /// Nothing where nobody ever said what is in use.
    uses: Option<KnownUses>,
    /// The newest inventory of each registry of the store.
    newest: Vec<InventoryEntry>,
    /// All inventories that can be read, from the oldest to the newest.
    all: Vec<InventoryEntry>,
}

/// A page, and whether something is missing from it.
pub(super) struct Made {
    pub(super) page: Page,
    pub(super) is_partial: bool,
}

impl Asked<'_> {
    /// Reads the store and makes the page.
    pub(super) fn page(&self) -> Result<Made, Failure> {
        let list = price_list::read(self.store, self.now)?;
        let uses = known_uses(self.store, self.in_use, &self.configuration.in_use.rules)?;
        let (all, unreadable) = self.store.readable_inventories()?;
        let basis = Basis {
            asked: self,
            list,
            uses: Some(uses).filter(|uses| !uses.records.is_empty()),
            newest: self.store.newest()?,
            all,
        };
        let program = format!("demurrage {}", env!("CARGO_PKG_VERSION"));
        let mut maker = PageMaker::new(PageHead::of(self.now, self.store.shown(), program, &basis.list));
        let mut is_partial = false;
        for error in unreadable {
            let mend = "move its folder away; `demurrage status` names it".to_owned();
            maker.gap(PageGap { what: error.to_string(), r#where: self.store.shown(), mend });
        }
        for transfer in sent::billed(self.bill, &mut is_partial)? {
            maker.transfer(transfer);
        }
        let mut registries = Vec::new();
        for entry in &self.entries {
            announce(entry);
            let registry = Registry::of(&basis, entry)?;
            is_partial |= registry.take_in(&mut maker)?;
            past::take_in(&registry, &mut maker);
            if let Err(failure) = went::take_in(&registry, &mut maker) {
                let what = format!("what went since the inventory before is not known: {failure}");
                maker.gap(PageGap { what, r#where: registry.place(), mend: String::new() });
                is_partial = true;
            }
            registries.push(registry);
        }
        let largest = maker.largest(PAGE_DETAILS_MAX);
        for registry in &registries {
            registry.look_into(&largest, &mut maker)?;
        }
        Ok(Made { page: maker.finish(), is_partial })
    }
}

/// Writes a page; gives a sentence that says where it is.
pub(super) fn write(target: &Target, page: &Page) -> Result<String, Failure> {
    let html = page
        .html()
        .map_err(|cause| Failure::content(target.path(), format!("the page cannot be made: {cause}"), ""))?;
    target.write(&html)?;
    Ok(format!(
        "the report of {} is in `{}` ({})",
        count(page.repositories(), "repository"),
        target.path().display(),
        large_bytes(html.len() as u128),
    ))
}

/// The file of a report in a folder of this program, which may be replaced where it is one.
pub(super) fn target(path: &Path) -> Result<Target, Failure> {
    Target::of(path, false)
}
