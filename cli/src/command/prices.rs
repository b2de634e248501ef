//! `demurrage prices`: which prices are used, and reading them anew.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use demurrage_aws::prices::{FileError, PRICES_URL, PricesError, refresh};
use demurrage_core::cost::{Currency, PriceList, Region};
use demurrage_report::{count, prices_table};

use crate::args::{Format, NowArgs, StoreArgs, clock};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{price_list, runtime, talk, terminal};

/// Show the prices that are used, or read them anew
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage prices show --region eu-west-1 --region ap-northeast-2")]
pub(crate) struct PricesArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Show(ShowArgs),
    Refresh(RefreshArgs),
}

/// Show the prices that are used: those in the store, else the copy that this program carries
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage prices show --region eu-west-1")]
struct ShowArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Only this region; repeatable
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it; JSON is the form of the store
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Read the prices of AWS into the store, from the files of the Price List; no credentials are used
///
/// Prices of NAT gateways and endpoints stay those of the copy that this program carries.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage prices refresh --region eu-west-1")]
struct RefreshArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Only this region, the others have no prices then; repeatable [default: all that are billed in dollars]
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// Where the files are
    #[arg(long, value_name = "URL", default_value = PRICES_URL)]
    base_url: String,
}

pub(crate) fn run(arguments: &PricesArgs) -> Result<Exit, Failure> {
    match &arguments.what {
        What::Show(arguments) => show(arguments),
        What::Refresh(arguments) => renew(arguments),
    }
}

fn show(arguments: &ShowArgs) -> Result<Exit, Failure> {
    let asked = regions(&arguments.region)?;
    let mut list = price_list::read(&arguments.store.open()?, arguments.now.now())?;
    match arguments.format {
        Format::Json => {
            list.regions.retain(|region, _| asked.contains(region));
            talk::data(&list.to_json())?;
        }
        Format::Table => {
            let asked: Vec<Region> = asked.into_iter().collect();
            talk::data(&prices_table(&list, &asked, terminal::width()))?;
        }
    }
    talk::say(format!("prices of {}, in US dollars: {}", list.date, list.source));
    Ok(Exit::Done)
}

fn renew(arguments: &RefreshArgs) -> Result<Exit, Failure> {
    let asked: Vec<Region> = regions(&arguments.region)?.into_iter().collect();
    let store = arguments.store.open()?;
    let before: Option<PriceList> = price_list::stored(&store).ok().flatten();
    let read = runtime::wait(refresh(&arguments.base_url, &asked, clock().date_naive()))?;
    let refreshed = read.map_err(|error| {
        let help = match &error {
            PricesError::Index { error: error @ FileError::Address { .. }, .. } => {
                return Failure::usage(error.to_string(), "write `--base-url` as `https://HOST`");
            }
            PricesError::Index { .. } => "look at `--base-url`, and whether the network leads there",
            PricesError::Nothing { .. } => "nothing was put into the store",
        };
        Failure::aws(format!("the prices were not read: {error}"), help)
    })?;
    for warning in &refreshed.warnings {
        talk::warn(warning.to_string());
    }
    let place = price_list::put(&store, &refreshed.list)?;
    let before = before.map_or_else(String::new, |before| format!(", after those of {}", before.date));
    talk::say(format!(
        "prices of {} put into {place}{before}",
        count(refreshed.list.regions.len(), "region")
    ));
    Ok(if refreshed.warnings.is_empty() { Exit::Done } else { Exit::Partial })
}

/// The regions that are asked for, where none is named all that are billed in dollars.
fn regions(codes: &[String]) -> Result<BTreeSet<Region>, Failure> {
    if codes.is_empty() {
        return Ok(Region::all().filter(|region| region.currency() == Currency::Usd).collect());
    }
    codes.iter().map(|code| price_list::region(code)).collect()
}
