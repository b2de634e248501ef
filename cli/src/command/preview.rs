//! `demurrage preview`: what the next run of a policy would do.

use std::path::PathBuf;

use clap::Args;
use demurrage_core::lifecycle::Policy;
use demurrage_core::{RegistryKind, Repository};
use demurrage_report::{PreviewDocument, count, preview_json, preview_summary, preview_table};

use super::previews::{Attached, Pair, Setting, attached, previews, say_unresolved};
use super::verify;
use crate::args::{Format, NowArgs, worse};
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::known_uses::{InUse, WithUseArgs};
use crate::selected::{SourceArgs, by_name};
use crate::switch_args::SwitchArgs;
use crate::{policy_file, talk, terminal};

/// Show what a lifecycle policy would do to each image, with the reason
///
/// Over a store each repository's attached policy is evaluated, or the one of `--policy`. Over files the
/// policy is that of `--policy`. The JSON has the shape of `aws ecr get-lifecycle-policy-preview`.
///
/// Exit code 1: with `--in-use` or `--with-use`, an image that is in use, or may be a part of one that is, would expire or be archived.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage preview --store /tmp/demo/store --repository 'shop/*'")]
pub(crate) struct PreviewArgs {
    #[command(flatten)]
    source: SourceArgs,
    /// Only repositories of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB", conflicts_with = "images")]
    repository: Option<String>,
    /// The policy, or the output of `aws ecr get-lifecycle-policy`; `-` is stdin
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Evaluate under all settings, and say which decisions are certain
    #[arg(long)]
    all_settings: bool,
    /// Ask ECR for its own preview of each policy, compare, and keep the answer in the store as evidence.
    /// The images are listed anew; a preview changes nothing, and replaces one that is being looked at
    #[arg(long, conflicts_with_all = ["images", "now", "all_settings", "in_use", "with_use"])]
    verify: bool,
    #[command(flatten)]
    in_use: WithUseArgs,
    #[command(flatten)]
    switches: SwitchArgs,
    #[command(flatten)]
    aws: AwsArgs,
}

pub(crate) fn run(arguments: &PreviewArgs) -> Result<Exit, Failure> {
    let policy = arguments.policy.as_deref().map(policy_file::read).transpose()?;
    if policy.is_none() && arguments.source.images.is_some() {
        return Err(Failure::usage("`--images` needs a policy", "add `--policy FILE`"));
    }
    if let Some(option) = arguments.aws.given().filter(|_| !arguments.verify) {
        return Err(Failure::usage(
            format!("`{option}` is about asking AWS, which a preview does not"),
            "add `--verify`, or leave it out",
        ));
    }
    let store = || arguments.source.store.open();
    let graph = arguments.in_use.graph(store, arguments.now.now())?;
    let setting = Setting {
        now: arguments.now.now(),
        switches: arguments.switches.switches(),
        all_settings: arguments.all_settings,
    };
    let selected = arguments.source.read(setting.now, by_name(arguments.repository.as_deref()))?;
    let attached = match policy {
        Some(policy) => {
            Attached { policies: vec![Some(policy); selected.repositories.len()], is_partial: false }
        }
        None => attached(&selected.repositories),
    };
    let kind_of = |place| selected.kind_of(place);
    let pairs = pairs(&selected.repositories, &attached.policies, kind_of);
    if selected.is_store && selected.repositories.is_empty() {
        talk::warn("no repository of the store has such a name");
    }
    if arguments.verify {
        let question = verify::Question {
            store: &arguments.source.store.open()?,
            aws: &arguments.aws,
            switches: setting.switches,
            format: arguments.format,
        };
        return verify::run(
            &question,
            &selected.registries,
            &pairs,
            selected.is_partial || attached.is_partial,
        );
    }
    let store = (selected.is_store && graph.is_some()).then(|| arguments.source.store.open()).transpose()?;
    let in_use = graph.map(|graph| InUse::over(graph, store.as_ref(), &selected)).transpose()?;
    let documents = previews(&pairs, setting, in_use.as_ref());
    match (arguments.format, selected.is_store, &*documents) {
        (Format::Json, false, [document]) => talk::json(&preview_json(document))?,
        (Format::Json, _, _) => talk::json(&documents.iter().map(preview_json).collect::<Vec<_>>())?,
        (Format::Table, _, _) => table(&documents)?,
    }
    if let Some(in_use) = &in_use {
        say_unresolved(in_use, &selected);
    }
    let keeps_all = documents.iter().all(|document| document.acted_on_in_use().unwrap_or_default() == 0);
    Ok(worse(selected.is_partial || attached.is_partial, !keeps_all))
}

/// Repositories that have a policy, with it.
pub(super) fn pairs<'a>(
    repositories: &'a [Repository],
    policies: &'a [Option<Policy>],
    kind_of: impl Fn(usize) -> RegistryKind,
) -> Vec<Pair<'a>> {
    let both = repositories.iter().zip(policies);
    both.enumerate()
        .filter_map(|(place, (repository, policy))| {
            Some(Pair { repository, policy: policy.as_ref()?, place, kind: kind_of(place) })
        })
        .collect()
}

fn table(documents: &[PreviewDocument<'_>]) -> Result<(), Failure> {
    for document in documents {
        talk::data(&preview_table(document, usize::MAX, terminal::width()))?;
        talk::data("\n")?;
    }
    if 1 < documents.len() {
        talk::data(&preview_summary(documents, terminal::width()))?;
    }
    let expiring: usize = documents.iter().map(|document| document.preview.expiring).sum();
    let archiving: usize = documents.iter().map(|document| document.preview.archiving).sum();
    let in_use: Option<usize> = documents.iter().map(PreviewDocument::acted_on_in_use).sum();
    let in_use = in_use.filter(|_| !documents.is_empty());
    talk::say(format!(
        "{}: {} would expire, {} would be archived{}; nothing was changed",
        count(documents.len(), "preview"),
        count(expiring, "image"),
        count(archiving, "image"),
        in_use.map_or_else(String::new, |in_use| format!(", {in_use} of them in use"))
    ));
    Ok(())
}
