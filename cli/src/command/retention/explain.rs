//! `demurrage retention explain`: what retention rules want of an image, and why.

use chrono::{DateTime, Utc};
use clap::Args;
use demurrage_core::Repository;
use demurrage_core::in_use::{RepositoryUse, UseGraph};
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::lifecycle::Relations;
use demurrage_core::retention::{RetentionExplanation, RetentionReason, RetentionRules, decide, explain};
use demurrage_report::{
    ExplainedRetention, retention_json, retention_rows_json, retention_table, retention_text,
};

use crate::args::{Format, NowArgs, worse};
use crate::command::explain::{Reference, find, reference};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::known_uses::{gaps, known_uses};
use crate::rules_file::RulesArgs;
use crate::selected::{Selected, SourceArgs};
use crate::{talk, terminal};

/// Explain what retention rules want of an image, clause by clause
///
/// Without a tag or digest every image of the repository is explained, one line each. It is what rules want, not what a
/// plan does: its guards come after that.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage retention explain shop/checkout-api:latest --store /tmp/demo/store --config demurrage.toml")]
pub(crate) struct ExplainArgs {
    /// Which image, or all of a repository
    #[arg(value_name = "REPOSITORY[:TAG|@DIGEST]", value_parser = reference)]
    reference: Reference,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    rules: RulesArgs,
    #[command(flatten)]
    in_use: InUseArgs,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// A repository, and all that rules ask of it.
struct Scene<'a> {
    rules: &'a RetentionRules,
    repository: &'a Repository,
    relations: Relations,
    graph: &'a UseGraph,
    in_use: RepositoryUse,
    ledger: Option<RepositoryLedger>,
    now: DateTime<Utc>,
}

pub(crate) fn run(arguments: &ExplainArgs) -> Result<Exit, Failure> {
    let now = arguments.now.now();
    let read = super::rules(&arguments.rules)?;
    let configuration = &read.configuration;
    let name = &arguments.reference.repository;
    let selected = arguments.source.read(now, |repository| repository == name)?;
    let (place, repository) = one(&selected, name)?;
    let graph = if selected.is_store {
        let store = arguments.source.store.open()?;
        let known = known_uses(&store, &arguments.in_use, &configuration.in_use.rules)?;
        for gap in gaps(&store, &known, now, configuration.in_use.rules.max_age)? {
            talk::warn(format!("what is in use is not all known: {gap}"));
        }
        known.graph
    } else {
        arguments.in_use.read()?.unwrap_or_else(|| UseGraph::of(Vec::new()))
    };
    let ledger = ledger(arguments, &selected, place, name)?;
    let relations = Relations::of(&repository.images);
    let in_use = graph.of_repository_at(selected.kind_of(place), repository, &relations, ledger.as_ref());
    let rules = &configuration.retention;
    let scene = Scene { rules, repository, relations, graph: &graph, in_use, ledger, now };
    if !rules.are_about(&repository.name) {
        talk::warn(format!("no retention rule is about {}: nothing of it goes", repository.name));
    }
    match &arguments.reference.image {
        Some(image) => scene.one(find(repository, image)?, arguments.format)?,
        None => scene.all(arguments.format)?,
    }
    Ok(worse(selected.is_partial, false))
}

/// The repository that is meant, and its place.
fn one<'a>(selected: &'a Selected, name: &str) -> Result<(usize, &'a Repository), Failure> {
    let is_it = |r: &Repository| r.name == *name || (!selected.is_store && r.name.is_empty());
    let mut found = selected.repositories.iter().enumerate().filter(|(_, repository)| is_it(repository));
    let first = found.next().ok_or_else(|| {
        Failure::usage(
            format!("there is no repository `{name}` here"),
            "`demurrage preview` lists what there is",
        )
    })?;
    match found.count() {
        0 => Ok(first),
        more => Err(Failure::usage(
            format!("there are {} repositories `{name}`, in different registries", more + 1),
            "choose one with `--region REGION`",
        )),
    }
}

/// What is known of the tags of the repository at this place; nothing of files, and where it cannot be read: what it would
/// say is unknown then, and keeps images.
fn ledger(
    arguments: &ExplainArgs,
    selected: &Selected,
    place: usize,
    name: &str,
) -> Result<Option<RepositoryLedger>, Failure> {
    let Some(registry) = selected.registries.iter().find(|registry| registry.repositories.contains(&place))
    else {
        return Ok(None);
    };
    let store = arguments.source.store.open()?;
    let ledger = store.ledger(registry.kind, registry.account.as_deref(), &registry.region);
    match ledger.and_then(|ledger| ledger.repository(name)) {
        Ok(ledger) => Ok(Some(ledger)),
        Err(error) => {
            talk::warn(format!("what happened to tags is not known: {error}"));
            Ok(None)
        }
    }
}

impl Scene<'_> {
    fn about(&self) -> ExplainedRetention<'_> {
        let Self { rules, repository, graph, in_use, now, .. } = self;
        ExplainedRetention { repository, rules, in_use, graph, now: *now }
    }

    fn explain(&self, image: u32) -> Option<RetentionExplanation> {
        let Self { rules, repository, relations, in_use, now, .. } = self;
        explain(rules, repository, relations, in_use, self.ledger.as_ref(), *now, image)
    }

    /// The image, and the images that its fate hangs on.
    fn one(&self, image: u32, format: Format) -> Result<(), Failure> {
        let mut chain: Vec<RetentionExplanation> = Vec::new();
        let mut next = Some(image);
        while let Some(image) = next {
            let is_explained = chain.iter().any(|explanation| explanation.image == image);
            let Some(explanation) = self.explain(image).filter(|_| !is_explained) else { break };
            next = match explanation.decided.reason {
                RetentionReason::With { image } | RetentionReason::PartOf { image } => Some(image),
                _ => None,
            };
            chain.push(explanation);
        }
        let about = self.about();
        match format {
            Format::Json => {
                let documents: Vec<_> =
                    chain.iter().map(|explanation| retention_json(about, explanation)).collect();
                talk::json(&documents)
            }
            Format::Table => {
                let texts: Vec<_> = chain
                    .iter()
                    .map(|explanation| retention_text(about, explanation, terminal::width()))
                    .collect();
                talk::data(&texts.join("\n"))
            }
        }
    }

    fn all(&self, format: Format) -> Result<(), Failure> {
        let Self { rules, repository, relations, in_use, now, .. } = self;
        let decided = decide(rules, repository, relations, in_use, self.ledger.as_ref(), *now);
        match format {
            Format::Json => talk::json(&retention_rows_json(self.about(), &decided)),
            Format::Table => talk::data(&retention_table(self.about(), &decided, terminal::width())),
        }
    }
}
