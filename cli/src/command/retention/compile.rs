//! `demurrage retention compile`: lifecycle policies of what ECR can do of retention rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use demurrage_core::in_use::RepositoryUse;
use demurrage_core::lifecycle::Relations;
use demurrage_core::retention::RetentionRules;
use demurrage_core::retention::compile::{Compiled, Known, compile, holds_over, policy_text};
use demurrage_core::{Fact, RegistryKind, Repository, Wildcard};
use demurrage_report::{
    COMPILED_WARNING, CompiledRepository, compiled_json, compiled_proof, compiled_text, count,
};
use rayon::prelude::*;

use crate::args::{Format, NowArgs, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::known_uses::known_uses;
use crate::rules_file::RulesArgs;
use crate::selected::{Registry, Selected, SourceArgs, by_name};
use crate::{talk, terminal};

/// Make lifecycle policies of what ECR can do of retention rules, and say what is left for plans
///
/// A rule is handed over only where the policy takes nothing that the rules keep, over the inventory and over a thousand
/// repositories that are made up. Nothing is put: `demurrage policy put` does that.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage retention compile --store /tmp/demo/store --config demurrage.toml --out policies")]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Only this region of the store
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    #[command(flatten)]
    rules: RulesArgs,
    /// Only repositories of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    repository: Option<String>,
    #[command(flatten)]
    in_use: InUseArgs,
    /// Write each policy below this folder, as `ACCOUNT/REGION/REPOSITORY.json`
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// A repository, and what its rules came to.
struct Done<'a> {
    registry: &'a Registry,
    repository: &'a Repository,
    compiled: Compiled,
    policy: Option<String>,
    path: Option<String>,
}

pub(crate) fn run(arguments: &CompileArgs) -> Result<Exit, Failure> {
    let read = super::rules(&arguments.rules)?;
    let rules = &read.configuration.retention;
    let protected = &read.configuration.plan.guards.protected_tags;
    let source = SourceArgs {
        store: arguments.store.clone(),
        region: arguments.region.clone(),
        images: None,
        manifests: Vec::new(),
    };
    let wanted = by_name(arguments.repository.as_deref());
    let selected = source.read(arguments.now.now(), |name| wanted(name) && rules.are_about(name))?;
    let mut done = compiled(arguments, &selected, rules, protected, &read.configuration.in_use.rules)?;
    for done in &mut done {
        done.path = write(arguments.out.as_deref(), done)?;
    }
    say(arguments.format, rules, &done)?;
    let hands_over = done.iter().any(|done| done.policy.is_some());
    Ok(match (selected.is_partial, hands_over) {
        (true, _) => Exit::Partial,
        (false, true) => Exit::Done,
        (false, false) => Exit::NothingToDo,
    })
}

/// What the rules of every repository come to.
fn compiled<'a>(
    arguments: &CompileArgs,
    selected: &'a Selected,
    rules: &RetentionRules,
    protected: &[Wildcard],
    use_rules: &demurrage_core::in_use::UseRules,
) -> Result<Vec<Done<'a>>, Failure> {
    let graph = known_uses(&arguments.store.open()?, &arguments.in_use, use_rules)?.graph;
    let private = selected.registries.iter().filter(|registry| registry.kind == RegistryKind::Private);
    let repositories: Vec<(&Registry, &Repository)> = private
        .flat_map(|registry| {
            let of_it = selected.repositories.get(registry.repositories.clone()).unwrap_or_default();
            of_it.iter().map(move |repository| (registry, repository))
        })
        .collect();
    // Repositories that the same rules are about come to the same, unless what is in them speaks against it.
    let mut kinds: BTreeMap<Vec<u32>, &str> = BTreeMap::new();
    for (_, repository) in &repositories {
        kinds.entry(places(rules, repository)).or_insert(&repository.name);
    }
    let kinds: BTreeMap<Vec<u32>, Compiled> =
        kinds.into_par_iter().map(|(places, name)| (places, compile(rules, name, protected, &[]))).collect();
    let now = arguments.now.now();
    let one = |&(registry, repository): &(&'a Registry, &'a Repository)| {
        let relations = Relations::of(&repository.images);
        let in_use: RepositoryUse = graph.of_repository(registry.kind, repository, &relations);
        let known = Known { repository, in_use: &in_use, ledger: None, now };
        let of_kind = kinds.get(&places(rules, repository));
        let compiled = match of_kind.filter(|compiled| holds_over(rules, compiled, known)) {
            Some(compiled) => compiled.clone(),
            None => compile(rules, &repository.name, protected, &[known]),
        };
        let policy = (!compiled.rules.is_empty()).then(|| policy_text(rules, &compiled.rules));
        Done { registry, repository, compiled, policy, path: None }
    };
    Ok(repositories.par_iter().map(one).collect())
}

/// The rules that are about a repository.
fn places(rules: &RetentionRules, repository: &Repository) -> Vec<u32> {
    rules.of(&repository.name).map(|(place, _)| place).collect()
}

/// Writes the policy of a repository, where there is one and somebody wants it; where it is.
fn write(out: Option<&Path>, done: &Done<'_>) -> Result<Option<String>, Failure> {
    let (Some(out), Some(policy)) = (out, &done.policy) else { return Ok(None) };
    let account = done.registry.account.as_deref().unwrap_or("unknown-account");
    let path = out.join(account).join(&done.registry.region).join(format!("{}.json", done.repository.name));
    let folder = path.parent().unwrap_or(out);
    fs::create_dir_all(folder).map_err(Failure::write(folder))?;
    fs::write(&path, policy).map_err(Failure::write(&path))?;
    Ok(Some(path.display().to_string()))
}

fn say(format: Format, rules: &RetentionRules, done: &[Done<'_>]) -> Result<(), Failure> {
    let shown: Vec<CompiledRepository<'_>> = done
        .iter()
        .map(|done| CompiledRepository {
            account: done.registry.account.as_deref(),
            region: &done.registry.region,
            name: &done.repository.name,
            compiled: &done.compiled,
            policy: done.policy.as_deref(),
            path: done.path.as_deref(),
        })
        .collect();
    match format {
        Format::Json => talk::json(&compiled_json(rules, &shown))?,
        Format::Table => talk::data(&compiled_text(rules, &shown, terminal::width()))?,
    }
    let is_replaced = |done: &&Done<'_>| {
        done.policy.is_some() && matches!(done.repository.lifecycle_policy, Fact::Present(_))
    };
    let replaced = done.iter().filter(is_replaced).count();
    if replaced != 0 {
        let attached = count(replaced, "repository");
        let has = if replaced == 1 { "has" } else { "have" };
        talk::warn(format!("{attached} {has} a policy already: putting one of these replaces it"));
    }
    if done.iter().any(|done| done.policy.is_some()) {
        talk::warn(COMPILED_WARNING);
        talk::say(compiled_proof(done.len()));
    } else {
        talk::say("nothing of the rules can be handed over to ECR");
    }
    Ok(())
}
