//! `demurrage explain`: why an image is kept or goes.

use std::path::PathBuf;

use clap::Args;
use demurrage_core::lifecycle::{Explanation, Policy, Reason, Relations, explain, explain_all};
use demurrage_core::{Digest, Fact, Image, Repository, Tag};
use demurrage_report::{ExplainedRepository, explain_image, explain_json, explain_table};

use crate::args::{Format, NowArgs, worse};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::SourceArgs;
use crate::switch_args::SwitchArgs;
use crate::{policy_file, talk, terminal};

/// Explain why an image is kept or goes, and what comes next
///
/// Without a tag or digest every image of the repository is explained, one line each.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo >/dev/null\n  \
    demurrage explain shop/checkout-api:latest --store /tmp/demo/store")]
pub(crate) struct ExplainArgs {
    /// Which image, or all of a repository
    #[arg(value_name = "REPOSITORY[:TAG|@DIGEST]", value_parser = reference)]
    reference: Reference,
    #[command(flatten)]
    source: SourceArgs,
    /// The policy [default: the one attached to the repository in the store]; `-` is stdin
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    switches: SwitchArgs,
}

/// A repository, and perhaps one image of it.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) repository: String,
    pub(super) image: Option<Name>,
}

#[derive(Debug, Clone)]
pub(super) enum Name {
    Tag(Tag),
    Digest(Digest),
}

pub(super) fn reference(text: &str) -> Result<Reference, String> {
    let (repository, image) = if let Some((repository, digest)) = text.split_once('@') {
        let digest = digest.parse().map_err(|error: demurrage_core::DigestError| error.to_string())?;
        (repository, Some(Name::Digest(digest)))
    } else if let Some((repository, tag)) = text.split_once(':') {
        let tag = tag.parse().map_err(|error: demurrage_core::TagError| error.to_string())?;
        (repository, Some(Name::Tag(tag)))
    } else {
        (text, None)
    };
    let is_name =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/');
    if repository.is_empty() || !repository.chars().all(is_name) {
        return Err(format!("`{repository}` is not the name of a repository"));
    }
    Ok(Reference { repository: repository.to_owned(), image })
}

pub(crate) fn run(arguments: &ExplainArgs) -> Result<Exit, Failure> {
    let now = arguments.now.now();
    let given = arguments.policy.as_deref().map(policy_file::read).transpose()?;
    let name = &arguments.reference.repository;
    let selected = arguments.source.read(now, |repository| repository == name)?;
    // Output that was cut down by a query may lack the name; then the file is what is meant.
    let is_it = |r: &&Repository| r.name == *name || (!selected.is_store && r.name.is_empty());
    let found: Vec<&Repository> = selected.repositories.iter().filter(is_it).collect();
    let repository = match &*found {
        [] => {
            let help = "`demurrage preview` lists what there is";
            return Err(Failure::usage(format!("there is no repository `{name}` here"), help));
        }
        [repository] => *repository,
        [_, _, ..] => {
            let cause = format!("there are {} repositories `{name}`, in different registries", found.len());
            return Err(Failure::usage(cause, "choose one with `--region REGION`"));
        }
    };
    let policy = match given {
        Some(policy) => policy,
        None => attached_policy(repository)?,
    };
    let about = ExplainedRepository { repository, policy: &policy, now };
    let relations = Relations::of(&repository.images);
    match &arguments.reference.image {
        Some(image) => {
            let position = find(repository, image)?;
            one(arguments, about, &relations, position)?;
        }
        None => all(arguments, about, &relations)?,
    }
    Ok(worse(selected.is_partial, false))
}

fn attached_policy(repository: &Repository) -> Result<Policy, Failure> {
    let missing = |cause: &str| {
        Err(Failure::usage(format!("{}: {cause}", repository.name), "give a policy with `--policy FILE`"))
    };
    match &repository.lifecycle_policy {
        Fact::Present(text) => Policy::parse(text).map_err(|rejection| Failure::Policy {
            path: format!("the policy of {}", repository.name).into(),
            rejection: Box::new(rejection),
        }),
        Fact::Absent => missing("it has no lifecycle policy, so ECR keeps every image"),
        Fact::NotEvaluated => missing("its lifecycle policy was not read"),
    }
}

/// The place of an image.
pub(super) fn find(repository: &Repository, name: &Name) -> Result<u32, Failure> {
    let is_it = |image: &Image| match name {
        Name::Digest(digest) => image.digest == *digest,
        Name::Tag(tag) => image.tags.contains(tag),
    };
    let found = (0..u32::MAX).zip(&repository.images).find(|(_, image)| is_it(image));
    found.map(|(position, _)| position).ok_or_else(|| {
        let what = match name {
            Name::Digest(digest) => format!("digest {digest}"),
            Name::Tag(tag) => format!("tag `{tag}`"),
        };
        Failure::usage(
            format!("{} has no image with the {what}", repository.name),
            format!("`demurrage explain {}` shows all of them", repository.name),
        )
    })
}

/// The image, and the images that its fate hangs on: its index, its subject, theirs.
fn one(
    arguments: &ExplainArgs,
    about: ExplainedRepository<'_>,
    relations: &Relations,
    position: u32,
) -> Result<(), Failure> {
    let switches = arguments.switches.switches();
    let images = &about.repository.images;
    let mut chain: Vec<Explanation> = Vec::new();
    let mut next = Some(position);
    while let Some(position) = next {
        let explained = chain.iter().any(|explanation| explanation.image == position);
        let Some(explanation) =
            explain(about.policy, images, relations, about.now, switches, position).filter(|_| !explained)
        else {
            break;
        };
        next = match explanation.decision.reason {
            Reason::ReferencedByIndex { index } => Some(index),
            Reason::FollowsSubject { subject } => Some(subject),
            _ => None,
        };
        chain.push(explanation);
    }
    match arguments.format {
        Format::Json => {
            let documents: Vec<_> =
                chain.iter().map(|explanation| explain_json(about, explanation)).collect();
            talk::json(&documents)
        }
        Format::Table => {
            let texts: Vec<_> = chain
                .iter()
                .map(|explanation| explain_image(about, explanation, terminal::width()))
                .collect();
            talk::data(&texts.join("\n"))
        }
    }
}

fn all(
    arguments: &ExplainArgs,
    about: ExplainedRepository<'_>,
    relations: &Relations,
) -> Result<(), Failure> {
    let switches = arguments.switches.switches();
    let explanations = explain_all(about.policy, &about.repository.images, relations, about.now, switches);
    match arguments.format {
        Format::Json => {
            let documents: Vec<_> =
                explanations.map(|explanation| explain_json(about, &explanation)).collect();
            talk::json(&documents)
        }
        Format::Table => talk::data(&explain_table(about, explanations, terminal::width())),
    }
}
