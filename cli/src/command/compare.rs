//! `demurrage compare`: two policies over one inventory.

use std::path::{Path, PathBuf};

use clap::Args;
use demurrage_core::lifecycle::{Certainty, Change, Policy, Relations, certainties, compare};
use demurrage_core::{Fact, RegistryKind, Repository};
use demurrage_report::{ChangedRepository, compare_json, compare_table, count};

use super::previews::{Setting, known_use, say_unresolved};
use super::terraform_plan::{self, PlannedChange};
use crate::args::{Format, NowArgs, worse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::known_uses::{InUse, WithUseArgs};
use crate::selected::{Selected, SourceArgs, by_name};
use crate::switch_args::SwitchArgs;
use crate::{policy_file, talk, terminal};

/// Compare what two policies do to the same images
///
/// Exit code 1: the new policy does something worse to an image than the old one (keep < archive < expire).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage compare none attached --store /tmp/demo/store \\\n    --repository shop/checkout-api")]
pub(crate) struct CompareArgs {
    /// The old policy: a file, `none` for no policy, or `attached` for that of each repository in the store
    #[arg(value_name = "OLD", required_unless_present = "terraform_plan", conflicts_with = "terraform_plan")]
    old: Option<PathBuf>,
    /// The new policy, given in the same ways
    #[arg(value_name = "NEW", required_unless_present = "terraform_plan")]
    new: Option<PathBuf>,
    /// Take old and new policies from `terraform show -json PLAN`
    #[arg(long, value_name = "FILE")]
    terraform_plan: Option<PathBuf>,
    #[command(flatten)]
    source: SourceArgs,
    /// Only repositories of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB", conflicts_with = "images")]
    repository: Option<String>,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Evaluate under all settings, and say which changes are certain
    #[arg(long)]
    all_settings: bool,
    #[command(flatten)]
    in_use: WithUseArgs,
    #[command(flatten)]
    switches: SwitchArgs,
}

pub(crate) fn run(arguments: &CompareArgs) -> Result<Exit, Failure> {
    let graph = arguments.in_use.graph(|| arguments.source.store.open(), arguments.now.now())?;
    let setting = Setting {
        now: arguments.now.now(),
        switches: arguments.switches.switches(),
        all_settings: arguments.all_settings,
    };
    let (sides, planned) = match (&arguments.terraform_plan, &arguments.old, &arguments.new) {
        (Some(plan), _, _) => (None, Some(terraform_plan::read(plan)?)),
        (None, Some(old), Some(new)) => (Some((Side::read(old)?, Side::read(new)?)), None),
        (None, _, _) => return Err(Failure::usage("two policies are needed", "name OLD and NEW")),
    };
    let selected = arguments.source.read(setting.now, by_name(arguments.repository.as_deref()))?;
    let store = (selected.is_store && graph.is_some()).then(|| arguments.source.store.open()).transpose()?;
    let in_use = graph.map(|graph| InUse::over(graph, store.as_ref(), &selected)).transpose()?;
    let (changed, is_partial) = match (&sides, &planned) {
        (Some((old, new)), _) => by_sides(&selected, old, new, setting, in_use.as_ref()),
        (None, Some(plan)) => by_plan(&selected, plan, setting, in_use.as_ref()),
        (None, None) => (Vec::new(), false),
    };
    match arguments.format {
        Format::Json => talk::json(&compare_json(&changed))?,
        Format::Table => talk::data(&compare_table(&changed, terminal::width()))?,
    }
    let all = || changed.iter().flat_map(|changed| &changed.changes);
    let worse_off = all().filter(|change| change.is_worse()).count();
    let better_off = all().count() - worse_off;
    if let Some(in_use) = &in_use {
        say_unresolved(in_use, &selected);
    }
    let worse_in_use: Option<usize> = changed.iter().map(ChangedRepository::worse_in_use).sum();
    let worse_in_use = worse_in_use.filter(|_| !changed.is_empty());
    talk::say(format!(
        "{} compared: {} {} worse{}, {} better",
        count(changed.len(), "repository"),
        count(worse_off, "image"),
        if worse_off == 1 { "fares" } else { "fare" },
        worse_in_use.map_or_else(String::new, |in_use| format!(" ({in_use} in use)")),
        count(better_off, "image")
    ));
    Ok(worse(is_partial || selected.is_partial, worse_off != 0))
}

/// One side of a comparison.
enum Side {
    None,
    Attached,
    Policy(Box<Policy>),
}

impl Side {
    fn read(path: &Path) -> Result<Self, Failure> {
        match path.to_str() {
            Some("none") => Ok(Self::None),
            Some("attached") => Ok(Self::Attached),
            _ => policy_file::read(path).map(|policy| Self::Policy(Box::new(policy))),
        }
    }

    /// The policy of this side for a repository.
    ///
    /// # Errors
    /// Why it is not known.
    fn of(&self, repository: &Repository) -> Result<Option<Policy>, String> {
        match (self, &repository.lifecycle_policy) {
            (Self::None, _) | (Self::Attached, Fact::Absent) => Ok(None),
            (Self::Policy(policy), _) => Ok(Some((**policy).clone())),
            (Self::Attached, Fact::Present(text)) => {
                Policy::parse(text).map(Some).map_err(|_| "its policy is not one that ECR accepts".to_owned())
            }
            (Self::Attached, Fact::NotEvaluated) => Err("its attached policy was not read".to_owned()),
        }
    }
}

/// A repository of which a policy is not known is left out with a warning: then the answer is partial.
fn by_sides<'a>(
    selected: &'a Selected,
    old: &Side,
    new: &Side,
    setting: Setting,
    in_use: Option<&'a InUse>,
) -> (Vec<ChangedRepository<'a>>, bool) {
    let mut is_partial = false;
    let mut changed = Vec::new();
    for (place, repository) in selected.repositories.iter().enumerate() {
        let used = in_use.map(|in_use| (in_use, place, selected.kind_of(place)));
        match old.of(repository).and_then(|old| Ok((old, new.of(repository)?))) {
            Ok((old, new)) => changed.push(changes(repository, old, new, setting, used)),
            Err(cause) => {
                talk::warn(format!("{}: {cause}", repository.name));
                is_partial = true;
            }
        }
    }
    (changed, is_partial)
}

fn by_plan<'a>(
    selected: &'a Selected,
    plan: &terraform_plan::Plan,
    setting: Setting,
    in_use: Option<&'a InUse>,
) -> (Vec<ChangedRepository<'a>>, bool) {
    let mut is_partial = false;
    for unknown in &plan.unknown {
        talk::warn(unknown);
        is_partial = true;
    }
    let mut changed = Vec::new();
    for PlannedChange { repository: name, old, new, creates_repository } in &plan.changes {
        let repositories = selected.repositories.iter().enumerate();
        let known: Vec<_> = repositories.filter(|(_, repository)| repository.name == *name).collect();
        if known.is_empty() && *creates_repository {
            talk::say(format!("{name}: the plan creates it, so there are no images yet"));
        } else if known.is_empty() {
            talk::warn(format!("{name}: the plan changes its policy, and its images are not known here"));
            is_partial = true;
        }
        for (place, repository) in known {
            let used = in_use.map(|in_use| (in_use, place, selected.kind_of(place)));
            changed.push(changes(repository, old.clone(), new.clone(), setting, used));
        }
    }
    (changed, is_partial)
}

fn changes<'a>(
    repository: &'a Repository,
    old: Option<Policy>,
    new: Option<Policy>,
    setting: Setting,
    used: Option<(&'a InUse, usize, RegistryKind)>,
) -> ChangedRepository<'a> {
    let images = &repository.images;
    let relations = Relations::of(images);
    let changes = compare(old.as_ref(), new.as_ref(), images, &relations, setting.now, setting.switches);
    let certainties = setting.all_settings.then(|| {
        let of = |policy: Option<&Policy>| {
            policy.map_or_else(Vec::new, |policy| certainties(policy, images, &relations, setting.now))
        };
        let (old, new) = (of(old.as_ref()), of(new.as_ref()));
        changes.iter().map(|change| either(change, &old, &new)).collect()
    });
    let in_use = used.map(|(in_use, place, kind)| known_use(in_use, place, kind, repository, &relations));
    ChangedRepository { repository, old, new, now: setting.now, changes, certainties, in_use }
}

/// What a change depends on: what either of its decisions does.
fn either(change: &Change, old: &[Certainty], new: &[Certainty]) -> Certainty {
    let mut both = Certainty::default();
    for side in [old, new] {
        if let Some(certainty) = side.get(change.image as usize) {
            both.switches.extend(&certainty.switches);
            both.unread_manifests |= certainty.unread_manifests;
        }
    }
    both.switches.sort_unstable();
    both.switches.dedup();
    both
}
