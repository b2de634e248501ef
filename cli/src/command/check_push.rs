//! `demurrage check-push`: what a push of a tag would do, before a build pushes.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use demurrage_aws::{CallError, CallErrorKind, PushTarget, default_region, push_target};
use demurrage_core::{Digest, Tag, instant};
use serde_json::json;

use self::answer::{Answer, Wanted, answer};
use self::offline::{Stored, stored};
use super::import::region;
use crate::args::StoreArgs;
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::rules_file::RulesArgs;
use crate::{runtime, talk};

mod answer;
mod offline;

/// Say what a push of a tag would do, before a build pushes it
///
/// ECR refuses a push to a tag that cannot move, even of the image that the tag is on: a build that is run again fails.
/// This asks first, by two calls that only read. Somebody else may push in the meantime. With `--offline` the newest inventory
/// of the store answers, and nobody is asked: what was pushed since is not known.
///
/// Exit code 0: push; 1: the push would be refused, or would move a tag that the rules promise never to move; 5: the tag is
/// on `--digest` already, so there is nothing to push; 2: a name is none; 3: AWS or the network; 4: what decides could not
/// be read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  demurrage check-push team/app v1.4.2 --region ap-northeast-2\n  \
    demurrage check-push team/app v1.4.2 --offline")]
pub(crate) struct CheckPushArgs {
    /// The repository, without the name of the registry: `team/app`
    #[arg(value_name = "REPOSITORY")]
    repository: String,
    /// The tag
    #[arg(value_name = "TAG")]
    tag: Tag,
    /// The digest of what would be pushed: of the index, where it is one
    #[arg(long, value_name = "DIGEST")]
    digest: Option<Digest>,
    /// Region of the registry [default: `AWS_REGION`, or that of the profile]
    #[arg(long, value_name = "REGION", value_parser = region)]
    region: Option<String>,
    /// Answer by the newest inventory of the store, and ask nobody
    #[arg(long)]
    offline: bool,
    /// The store that answers: a folder, or `s3://bucket/prefix` [default: `DEMURRAGE_STORE`, or `demurrage/store` in the
    /// user's data folder]
    #[arg(long, value_name = "PLACE", requires = "offline")]
    store: Option<PathBuf>,
    #[command(flatten)]
    rules: RulesArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    format: AnswerFormat,
    #[command(flatten)]
    aws: AwsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AnswerFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

pub(crate) fn run(arguments: &CheckPushArgs) -> Result<Exit, Failure> {
    refuse_host(&arguments.repository)?;
    let rules = arguments.rules.read()?;
    let met = if arguments.offline { offline(arguments)? } else { runtime::wait(ask(arguments))?? };
    let wanted = Wanted {
        repository: &arguments.repository,
        tag: &arguments.tag,
        digest: arguments.digest.as_ref(),
        promise: rules.promise(&arguments.repository),
    };
    let answer = match &met.stored {
        Stored::Target(target) => answer(target, &wanted),
        Stored::Unknown(reason) => Answer::Unknown { image: None, reason: reason.clone() },
    };
    let exit = exit(&answer);
    match arguments.format {
        AnswerFormat::Text => talk::data(&format!("{}\n", answer.sentence(&wanted)))?,
        AnswerFormat::Json => talk::json(&json!({
            "registry_id": met.account,
            "region": met.region,
            "taken_at": met.taken_at.map(instant::format),
            "repository_name": arguments.repository,
            "image_tag": arguments.tag.as_str(),
            "wanted_digest": arguments.digest.map(|digest| digest.to_string()),
            "current_digest": answer.image().map(|image| image.digest.to_string()),
            "image_status": answer.image().map(|image| image.status.as_api()),
            "image_tag_mutability": mutability(&met.stored),
            "answer": answer.name(),
            "push": exit == Exit::Done,
            "exit_code": exit.code(),
            "sentence": answer.sentence(&wanted),
        }))?,
    }
    Ok(exit)
}

/// A name with the registry before it is the commonest mistake, since that is what is pushed to.
fn refuse_host(repository: &str) -> Result<(), Failure> {
    match repository.split_once('/') {
        Some((host, name)) if host.contains('.') && host.contains("ecr") => Err(Failure::usage(
            format!("`{repository}` has the name of the registry before that of the repository"),
            format!("write `{name}`, and `--region` for the registry"),
        )),
        Some(_) | None => Ok(()),
    }
}

/// What a push would meet, and where.
struct Met {
    account: Option<String>,
    region: String,
    /// When that was read, where an inventory answers.
    taken_at: Option<DateTime<Utc>>,
    stored: Stored,
}

fn offline(arguments: &CheckPushArgs) -> Result<Met, Failure> {
    if let Some(option) = arguments.aws.given() {
        return Err(Failure::usage(
            format!("`{option}` is about asking AWS, and `--offline` asks nobody"),
            "leave one of them out",
        ));
    }
    let store = StoreArgs { store: arguments.store.clone() }.open()?;
    let (region, repository) = (arguments.region.as_deref(), &arguments.repository);
    let (entry, stored) = stored(&store, region, repository, &arguments.tag)?;
    Ok(Met { account: entry.registry_id, region: entry.region, taken_at: Some(entry.taken_at), stored })
}

async fn ask(arguments: &CheckPushArgs) -> Result<Met, Failure> {
    let region = match &arguments.region {
        Some(region) => region.clone(),
        None => default_region()
            .await
            .ok_or_else(|| Failure::usage("no region is known", "name one: `--region ap-northeast-2`"))?,
    };
    let session = arguments.aws.session(&region, None).await?;
    let ecr = session.ecr(&region);
    let target = push_target(&ecr, &arguments.repository, &arguments.tag).await;
    let target = target.map_err(|error| failure(&arguments.repository, &error))?;
    let account = Some(session.account().to_owned());
    Ok(Met { account, region, taken_at: None, stored: Stored::Target(target) })
}

fn failure(repository: &str, error: &CallError) -> Failure {
    match error.kind {
        // What the API does not take as a name is a mistake of whoever wrote it.
        CallErrorKind::Refused => Failure::usage(
            format!("`{repository}` cannot be asked for: {error}"),
            "a repository is named like `team/app`",
        ),
        CallErrorKind::NotFound
        | CallErrorKind::Denied
        | CallErrorKind::Credentials
        | CallErrorKind::Throttled
        | CallErrorKind::Unreachable
        | CallErrorKind::Server => Failure::aws(error.to_string(), error.help()),
    }
}

fn mutability(stored: &Stored) -> Option<&str> {
    match stored {
        Stored::Target(PushTarget::Repository { repository, .. }) => {
            repository.tag_mutability.present().map(|setting| &*setting.mode)
        }
        Stored::Target(PushTarget::NoRepository(_)) | Stored::Unknown(_) => None,
    }
}

const fn exit(answer: &Answer) -> Exit {
    match answer {
        Answer::New | Answer::CreatedOnPush { .. } | Answer::Moves { .. } | Answer::Restores { .. } => {
            Exit::Done
        }
        Answer::Refused { .. } | Answer::BreaksPromise { .. } | Answer::NoRepository => Exit::Findings,
        Answer::AlreadyThere { .. } => Exit::NothingToDo,
        Answer::Unknown { .. } => Exit::Partial,
    }
}
