//! `demurrage hold`: an image that stays whatever a plan says, for an incident or an audit.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use demurrage_core::plan::Hold;
use demurrage_core::{Digest, RegistryKind, Tag, instant};
use demurrage_store::{HoldEnd, Store, StoredHold};
use serde_json::{Value, json};

use super::import::region;
use crate::args::{Format, NowArgs, StoreArgs, time};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::talk;
use crate::who::who;

/// Hold back an image from every plan, until a time
///
/// The image that the tag is on, with everything that belongs to it, is not deleted, archived or untagged by any plan of this
/// store while the hold is in force; plans that were made before are checked again when they are applied. It holds
/// the image that the tag is on now, by the newest inventories, and whatever image the tag is on later. It does not bind lifecycle policies that are attached to repositories: ECR runs those by itself.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  demurrage hold team/app:v1.4.2 --until 2027-01-31 --reason 'incident 12'\n  \
                  demurrage hold list\n  demurrage hold end team/app:v1.4.2 --reason 'it is over'"
)]
pub(crate) struct HoldArgs {
    #[command(subcommand)]
    command: Option<HoldCommand>,
    #[command(flatten)]
    made: Option<MadeArgs>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    now: NowArgs,
    #[command(flatten)]
    store: StoreArgs,
}

/// Without options of others: the parser knows only from its own whether this was given.
#[derive(Debug, Args)]
struct MadeArgs {
    /// The image: `team/app:v1.4.2`
    #[arg(value_name = "REPOSITORY:TAG", value_parser = image)]
    image: (String, Tag),
    /// The first time at which it is not held any more: ISO 8601, a date is its midnight in UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: DateTime<Utc>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
struct PlaceArgs {
    /// Only in this account [default: in every one]
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Only in this region [default: in every one]
    #[arg(long, value_name = "REGION", value_parser = region)]
    region: Option<String>,
}

#[derive(Debug, Subcommand)]
enum HoldCommand {
    /// List the holds that are in force, or all that there ever were
    List {
        #[command(flatten)]
        store: StoreArgs,
        /// Those that are over, too
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        now: NowArgs,
        /// How to write it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// End holds before their time
    End {
        /// The image: `team/app:v1.4.2`
        #[arg(value_name = "REPOSITORY:TAG", value_parser = image)]
        image: (String, Tag),
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        now: NowArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
}

pub(crate) fn run(arguments: &HoldArgs) -> Result<Exit, Failure> {
    match (&arguments.command, &arguments.made) {
        (Some(HoldCommand::List { store, all, now, format }), _) => {
            let now = now.now();
            let mut holds = store.open()?.stored_holds()?;
            holds.retain(|stored| *all || stored.is_in_force(now));
            list(&holds, now, *format)
        }
        (Some(HoldCommand::End { image, reason, place, now, store }), _) => {
            let end = HoldEnd { at: now.now(), by: who(), reason: reason.clone() };
            ended(&store.open()?, image, place, &end)
        }
        (None, Some(made)) => hold(&arguments.store.open()?, made, &arguments.place, arguments.now.now()),
        (None, None) => Err(Failure::usage(
            "no image is named",
            "name one, `demurrage hold REPOSITORY:TAG --until TIME --reason TEXT`, or ask for `demurrage hold list`",
        )),
    }
}

/// A repository and a tag.
fn image(text: &str) -> Result<(String, Tag), String> {
    let (repository, tag) = text.rsplit_once(':').ok_or("it has no tag; write `REPOSITORY:TAG`")?;
    if repository.is_empty() || repository.contains(':') {
        return Err("not a repository and a tag; write `team/app:v1.4.2`".to_owned());
    }
    let tag = tag.parse::<Tag>().map_err(|error| error.to_string())?;
    Ok((repository.to_owned(), tag))
}

fn hold(store: &Store, made: &MadeArgs, place: &PlaceArgs, now: DateTime<Utc>) -> Result<Exit, Failure> {
    let (repository, tag) = made.image.clone();
    if made.until <= now {
        return Err(Failure::usage(
            format!("{} is not in the future: it would hold nothing", instant::minute(made.until)),
            "name a later time with `--until`",
        ));
    }
    let mut hold = Hold {
        account: place.account.clone(),
        region: place.region.clone(),
        repository,
        tag,
        digests: Vec::new(),
        until: made.until,
        reason: made.reason.clone(),
        by: who(),
        made_at: now,
    };
    hold.digests = images_now(store, &hold)?;
    store.add_hold(&hold)?;
    talk::say(format!("held: {}", sentence(&hold)));
    for digest in &hold.digests {
        talk::say(format!("held, whatever becomes of the tag: {digest}"));
    }
    Ok(Exit::Done)
}

/// The images that the tag is on by the newest inventories. A slip in the name holds nothing, and nobody would notice: it is
/// said, and the hold is made.
fn images_now(store: &Store, hold: &Hold) -> Result<Vec<Digest>, Failure> {
    let mut looked = false;
    let mut found: BTreeSet<Digest> = BTreeSet::new();
    for entry in store.newest()? {
        if entry.kind != RegistryKind::Private {
            continue;
        }
        let inventory = store.read(&entry, |name| name == hold.repository)?;
        looked = true;
        let (account, region) = (inventory.registry_id.as_deref(), &inventory.region);
        let meant = inventory.repositories.iter().filter(|it| hold.is_about(account, Some(region), &it.name));
        let tagged = meant.flat_map(|it| &it.images).filter(|image| image.tags.contains(&hold.tag));
        found.extend(tagged.map(|image| image.digest));
    }
    if found.is_empty() {
        let (repository, tag) = (&hold.repository, &hold.tag);
        talk::warn(if looked {
            format!(
                "no newest inventory of the store has `{repository}:{tag}` there; the tag is held all the same, \
                 whichever image it comes to be on"
            )
        } else {
            format!(
                "the store holds no inventory, so nobody knows which image `{repository}:{tag}` is: only the tag is held"
            )
        });
    }
    Ok(found.into_iter().collect())
}

/// Ends the holds of this image that have not ended yet and are made for this place.
fn ended(store: &Store, image: &(String, Tag), place: &PlaceArgs, end: &HoldEnd) -> Result<Exit, Failure> {
    let (repository, tag) = image;
    let holds = store.stored_holds()?.into_iter().filter(|stored| stored.is_in_force(end.at));
    let same = |asked: &Option<String>, held: &Option<String>| asked.is_none() || asked == held;
    let meant: Vec<StoredHold> = holds
        .filter(|StoredHold { hold, .. }| {
            hold.repository == *repository
                && hold.tag == *tag
                && same(&place.account, &hold.account)
                && same(&place.region, &hold.region)
        })
        .collect();
    if meant.is_empty() {
        talk::say(format!("no hold on `{repository}:{tag}` is in force there"));
        return Ok(Exit::NothingToDo);
    }
    for stored in &meant {
        store.end_hold(stored.number, end)?;
        talk::say(format!("ended: {}", sentence(&stored.hold)));
    }
    Ok(Exit::Done)
}

fn list(holds: &[StoredHold], now: DateTime<Utc>, format: Format) -> Result<Exit, Failure> {
    match format {
        Format::Json => {
            let all: Vec<Value> = holds.iter().map(|stored| hold_json(stored, now)).collect();
            talk::json(&json!({ "holds": all }))?;
        }
        Format::Table => {
            for stored in holds {
                let over = match &stored.ended {
                    Some(end) => {
                        format!("; ended by {} at {}: {}", end.by, instant::minute(end.at), end.reason)
                    }
                    None if stored.is_in_force(now) => String::new(),
                    None => "; over".to_owned(),
                };
                talk::data(&format!("{}{over}\n", sentence(&stored.hold)))?;
            }
            if holds.is_empty() {
                talk::say("nothing is held");
            }
        }
    }
    Ok(Exit::Done)
}

fn hold_json(stored: &StoredHold, now: DateTime<Utc>) -> Value {
    let hold = &stored.hold;
    let ended = stored.ended.as_ref();
    json!({
        "registry_id": hold.account,
        "region": hold.region,
        "repository_name": hold.repository,
        "image_tag": hold.tag.as_str(),
        "image_digests": hold.digests.iter().map(Digest::to_string).collect::<Vec<_>>(),
        "until": instant::format(hold.until),
        "reason": hold.reason,
        "by": hold.by,
        "made_at": instant::format(hold.made_at),
        "in_force": stored.is_in_force(now),
        "ended_at": ended.map(|end| instant::format(end.at)),
        "ended_by": ended.map(|end| &end.by),
        "ended_because": ended.map(|end| &end.reason),
    })
}

fn sentence(hold: &Hold) -> String {
    let account = hold.account.as_ref().map(|account| format!(" in account {account}")).unwrap_or_default();
    let region = hold.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    format!(
        "{}:{}{account}{region} until {}, by {} at {}: {}",
        hold.repository,
        hold.tag,
        instant::minute(hold.until),
        hold.by,
        instant::minute(hold.made_at),
        hold.reason,
    )
}
