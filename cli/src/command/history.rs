//! `demurrage history`: what went, when, by which plan and rule, and why.

use chrono::{DateTime, Utc};
use clap::Args;
use demurrage_core::Wildcard;
use demurrage_core::journal::{Happening, HistoryRow, history_of, history_of_dropped};
use demurrage_report::{HistoryOf, history_json, history_text};
use demurrage_store::Store;

use crate::args::{Format, StoreArgs, time};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::image_selector::ImageSelector;
use crate::talk;

/// Show what was done to registries: what went, when, by which plan and rule, and why
///
/// It reads the journals of the store, one after another in the order in which they began, and shows of each image what
/// was deleted, untagged, archived or restored, what was left alone because something had changed, what failed, and which
/// settings changed. `unknown` is a call whose answer was lost, and that nobody has looked after yet.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage history --repository 'team/*' --since 2026-11-01")]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Only repositories of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    repository: Option<String>,
    /// Only what happened at this time or later: ISO 8601, a date is its midnight in UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<DateTime<Utc>>,
    /// Only this image: a digest, at least 12 digits of it, or `REPOSITORY:TAG`
    #[arg(long, value_name = "IMAGE")]
    image: Option<ImageSelector>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// What is asked for.
struct Asked {
    repository: Wildcard,
    since: Option<DateTime<Utc>>,
    image: Option<ImageSelector>,
}

impl Asked {
    fn takes(&self, row: &HistoryRow) -> bool {
        let name = &row.repository.name;
        self.since.is_none_or(|since| since <= row.at)
            && self.repository.matches(name)
            && self.image.as_ref().is_none_or(|image| image.means(name, row.digest.as_ref(), &row.tags))
    }
}

pub(crate) fn run(arguments: &HistoryArgs) -> Result<Exit, Failure> {
    let store = arguments.store.open()?;
    let asked = Asked {
        repository: Wildcard::new(arguments.repository.as_deref().unwrap_or("*")),
        since: arguments.since,
        image: arguments.image.clone(),
    };
    let mut written = Written { format: arguments.format, text: String::new(), rows: 0, unknown: 0 };
    if arguments.format == Format::Json {
        written.text.push('[');
    }
    for journal in in_order(&store)? {
        write(&store, &journal, &asked, &mut written)?;
    }
    if arguments.format == Format::Json {
        written.text.push_str("\n]\n");
    }
    written.flush()?;
    if written.rows == 0 {
        talk::say("nothing was done that is asked for");
    }
    if written.unknown != 0 {
        talk::hint("apply the plan again: it looks what became of the calls whose answers were lost");
    }
    Ok(if written.rows == 0 { Exit::NothingToDo } else { Exit::Done })
}

/// The journals in the order in which they began; those without an entry last.
fn in_order(store: &Store) -> Result<Vec<String>, Failure> {
    let mut journals = Vec::new();
    for name in store.journals()? {
        let first = store.journal_first(&name)?;
        journals.push((first.is_none(), first, name));
    }
    journals.sort_unstable();
    Ok(journals.into_iter().map(|(_, _, name)| name).collect())
}

/// Writes the rows of a journal: its entries, then what was left alone.
fn write(store: &Store, journal: &str, asked: &Asked, written: &mut Written) -> Result<(), Failure> {
    let mut walk = store.journal_walk(journal)?;
    for entry in walk.by_ref() {
        let entry = entry?;
        let of = HistoryOf { journal, number: Some(entry.intent.number) };
        for row in history_of(&entry).iter().filter(|row| asked.takes(row)) {
            written.row(&of, row)?;
        }
    }
    while let Some(dropped) = walk.next_dropped()? {
        for row in dropped.iter().map(history_of_dropped).filter(|row| asked.takes(row)) {
            written.row(&HistoryOf { journal, number: None }, &row)?;
        }
    }
    Ok(())
}

/// What is written, some of it not yet.
struct Written {
    format: Format,
    text: String,
    rows: u64,
    unknown: u64,
}

/// Bytes that are written at a time.
const PIECE_BYTES: usize = 64 * 1024;

impl Written {
    fn row(&mut self, of: &HistoryOf<'_>, row: &HistoryRow) -> Result<(), Failure> {
        match self.format {
            Format::Table => self.text.push_str(&history_text(of, row)),
            Format::Json => {
                self.text.push_str(if self.rows == 0 { "\n" } else { ",\n" });
                self.text.push_str(&history_json(of, row).to_string());
            }
        }
        self.rows += 1;
        self.unknown += u64::from(row.happening == Happening::Unknown);
        if PIECE_BYTES < self.text.len() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        talk::data(&std::mem::take(&mut self.text))
    }
}
