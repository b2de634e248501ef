//! `demurrage check-push`: what a push of a tag would do, before a build pushes.

use clap::{Args, ValueEnum};
use demurrage_aws::{CallError, CallErrorKind, PushTarget, default_region, push_target};
use demurrage_core::{Digest, Tag};
use serde_json::json;

use self::answer::{Answer, Wanted, answer};
use super::import::region;
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::rules_file::RulesArgs;
use crate::{runtime, talk};

mod answer;

/// Say what a push of a tag would do, before a build pushes it
///
/// ECR refuses a push to a tag that cannot move, even of the image that the tag is on: a build that is run again fails.
/// This asks first, by two calls that only read. Somebody else may push in the meantime.
///
/// Exit code 0: push; 1: the push would be refused, or would move a tag that the rules promise never to move; 5: the tag is
/// on `--digest` already, so there is nothing to push; 2: a name is none; 3: AWS or the network; 4: what decides could not
/// be read.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage check-push team/app v1.4.2 --region ap-northeast-2")]
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
    let (account, region, target) = runtime::wait(ask(arguments))??;
    let wanted = Wanted {
        repository: &arguments.repository,
        tag: &arguments.tag,
        digest: arguments.digest.as_ref(),
        promise: rules.promise(&arguments.repository),
    };
    let answer = answer(&target, &wanted);
    let exit = exit(&answer);
    match arguments.format {
        AnswerFormat::Text => talk::data(&format!("{}\n", answer.sentence(&wanted)))?,
        AnswerFormat::Json => talk::json(&json!({
            "registryId": account,
            "region": region,
            "repositoryName": arguments.repository,
            "imageTag": arguments.tag.as_str(),
            "wantedDigest": arguments.digest.map(|digest| digest.to_string()),
            "currentDigest": answer.image().map(|image| image.digest.to_string()),
            "imageStatus": answer.image().map(|image| image.status.as_api()),
            "imageTagMutability": mutability(&target),
            "answer": answer.name(),
            "push": exit == Exit::Done,
            "exitCode": exit.code(),
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

async fn ask(arguments: &CheckPushArgs) -> Result<(String, String, PushTarget), Failure> {
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
    Ok((session.account().to_owned(), region, target))
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

fn mutability(target: &PushTarget) -> Option<&str> {
    match target {
        PushTarget::Repository { repository, .. } => {
            repository.tag_mutability.present().map(|setting| &*setting.mode)
        }
        PushTarget::NoRepository(_) => None,
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
