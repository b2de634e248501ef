//! `demurrage plan notice`: what goes in the next days, told to the owners of repositories.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use demurrage_core::cost::PriceList;
use demurrage_core::plan::{Action, Mode, RepositoryAddress};
use demurrage_report::{GoingSoon, plan_notice_json, plan_notice_markdown};

use super::AskedArgs;
use super::basis::Basis;
use super::deciding::decide_all;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::by_name;
use crate::talk;

/// Show what goes in the next days, by the owners of repositories, so that they can say no
///
/// It is what a plan would do then, if nothing changed until then: what is in use now is taken to be in use then.
#[derive(Debug, Args)]
pub(super) struct NoticeArgs {
    #[command(flatten)]
    asked: AskedArgs,
    /// So many days from now
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(i64).range(0..=3650))]
    days: i64,
    /// The resource tag that names the owner [default: `owner_tags` of the configuration]
    #[arg(long, value_name = "KEY")]
    owner_tag: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = NoticeFormat::Markdown)]
    format: NoticeFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NoticeFormat {
    /// For a message
    Markdown,
    /// For programs
    Json,
}

pub(super) fn run(arguments: &NoticeArgs) -> Result<Exit, Failure> {
    let mut basis = Basis::read(&arguments.asked)?;
    let ahead = TimeDelta::days(arguments.days);
    let until = basis.now + ahead;
    // What was read now is as old then as it has to be now; a hold that ends before does not keep an image.
    basis.configuration.plan.inventory_max_age += ahead;
    basis.age_by(ahead);
    let wanted = by_name(arguments.asked.repository.as_deref());
    let prices = PriceList::embedded();
    let question = basis.question(until, Mode::Approve);
    let decided = decide_all(&basis.store, &basis.entries, question, None, &prices, &wanted)?;
    let owners = owners(&basis, arguments.owner_tag.as_deref())?;
    let going = decided.body.repositories.iter().flat_map(|plan| {
        let owner = owners.get(&plan.repository);
        plan.actions.iter().filter_map(Action::image).map(move |action| GoingSoon {
            owner: owner.cloned(),
            repository: plan.repository.clone(),
            digest: action.digest,
            tags: action.tags.clone(),
            kind: action.kind,
            rule: action.rule.clone(),
            reason: action.reason.clone(),
        })
    });
    let going: Vec<GoingSoon> = going.collect();
    match arguments.format {
        NoticeFormat::Markdown => {
            talk::data(&plan_notice_markdown(&going, &decided.body.refused, until))?;
        }
        NoticeFormat::Json => talk::json(&plan_notice_json(&going, &decided.body.refused, until))?,
    }
    Ok(match (decided.body.is_partial, going.is_empty()) {
        (true, _) => Exit::Partial,
        (false, true) => Exit::NothingToDo,
        (false, false) => Exit::Done,
    })
}

/// Who the repositories belong to, by their resource tags.
fn owners(basis: &Basis, tag: Option<&str>) -> Result<BTreeMap<RepositoryAddress, String>, Failure> {
    let keys: Vec<String> = match tag {
        Some(tag) => vec![tag.to_owned()],
        None => basis.configuration.rules.owner_tags.clone(),
    };
    let mut owners = BTreeMap::new();
    for entry in &basis.entries {
        for repository in basis.store.repositories(entry)? {
            let Some(tags) = repository.resource_tags.present() else { continue };
            let named = |key: &String| tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            if let Some((_, owner)) = keys.iter().find_map(named) {
                let address = RepositoryAddress {
                    account: entry.registry_id.clone(),
                    region: entry.region.clone(),
                    name: repository.name,
                };
                owners.insert(address, owner.clone());
            }
        }
    }
    Ok(owners)
}
