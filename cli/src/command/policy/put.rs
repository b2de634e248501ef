//! `demurrage policy put`: a lifecycle policy in the place of the attached one, after ECR itself has said what it does.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use demurrage_aws::{CallError, CallErrorKind, Ecr, attached_policy, default_region};
use demurrage_core::in_use::KnownUses;
use demurrage_core::lifecycle::lint::lint;
use demurrage_core::lifecycle::{Policy, Severity, Switches};
use demurrage_report::{compare_table, verify_table};
use demurrage_store::Store;

use super::document::{Document, keep};
use super::put_outcome::{PutOutcome, put};
use super::question::{Answered, Asked, is_same};
use super::refusal::Refusal;
use crate::args::{Format, StoreArgs, clock};
use crate::aws_args::AwsArgs;
use crate::command::import::region;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::known_uses::known_uses;
use crate::rules_file::RulesArgs;
use crate::{policy_file, question, runtime, talk, terminal};

/// How long after the repository was read a policy may be put: what runs may be another thing by then.
const ANSWER_MINUTES_MAX: i64 = 15;

/// Put a lifecycle policy on a repository, after ECR and this command agree on what it does
///
/// The images are read, ECR is asked for its own preview of the policy, and that is compared with ours image by image.
/// The policy is put only if both say the same, and no image that is in use, held or protected, or may be a part of such a one,
/// would expire or be archived by its next run. Nothing overrides that. What was attached before is kept in the store, so that it can be put
/// back. `docs/POLICY_PUT.md` says what is not looked at.
///
/// Exit code 0: it is attached; 1: it was refused, or another policy is attached afterwards; 2: the policy or an option cannot
/// be used; 3: AWS, the network or the disk; 4: it was put and could not be read back; 5: it is attached already, or you said
/// no.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage policy put policy.json --repository team/app \\\n    \
    --region ap-northeast-2 --in-use running.txt")]
pub(super) struct PutArgs {
    /// The policy, or the output of `aws ecr get-lifecycle-policy`; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The repository, without the name of the registry: `team/app`
    #[arg(long, value_name = "NAME")]
    repository: String,
    /// Region of the registry [default: `AWS_REGION`, or that of the profile]
    #[arg(long, value_name = "REGION", value_parser = region)]
    region: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    in_use: InUseArgs,
    #[command(flatten)]
    rules: RulesArgs,
    /// Put it without a question, unless it is refused
    #[arg(long)]
    yes: bool,
    /// How to write what came of it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

pub(super) fn run(arguments: &PutArgs) -> Result<Exit, Failure> {
    let policy = policy_file::read(&arguments.file)?;
    say_findings(&policy);
    let store = arguments.store.open()?;
    let configuration = arguments.rules.configuration()?.configuration;
    let known = known_uses(&store, &arguments.in_use, &configuration.in_use.rules)?;
    let (account, ecr) = runtime::wait(open(arguments))??;
    let attached = runtime::wait(attached_policy(&ecr, &arguments.repository))?;
    let attached = attached.map_err(|error| failure(&arguments.repository, &error))?;
    let putting = Putting {
        arguments,
        asked: Asked {
            ecr: &ecr,
            account: &account,
            name: &arguments.repository,
            store: &store,
            use_max_age: configuration.in_use.rules.max_age,
            guards: &configuration.plan.guards,
        },
        policy: &policy,
        attached: attached.as_deref(),
        known: &known,
        store: &store,
        read_at: clock(),
    };
    putting.run()
}

/// What would surprise whoever wrote the policy. It hinders nothing: what it does is looked at anyway.
fn say_findings(policy: &Policy) {
    for finding in lint(policy).iter().filter(|finding| Severity::High <= finding.severity) {
        talk::warn(format!("{}[{}]: {}", finding.severity.name(), finding.id, finding.message));
        talk::hint(&finding.help);
    }
}

/// Whose registry it is, and a client of it.
async fn open(arguments: &PutArgs) -> Result<(String, Ecr), Failure> {
    let region = match &arguments.region {
        Some(region) => region.clone(),
        None => default_region()
            .await
            .ok_or_else(|| Failure::usage("no region is known", "name one: `--region ap-northeast-2`"))?,
    };
    let session = arguments.aws.session(&region, None).await?;
    Ok((session.account().to_owned(), session.ecr(&region)))
}

/// A call that failed before anything was put.
fn failure(repository: &str, error: &CallError) -> Failure {
    match error.kind {
        CallErrorKind::NotFound | CallErrorKind::Refused => Failure::usage(
            format!("`{repository}`: {error}"),
            "name a repository of the registry, such as `team/app`; `--region` and the credentials say of which",
        ),
        CallErrorKind::Denied
        | CallErrorKind::Credentials
        | CallErrorKind::Throttled
        | CallErrorKind::Unreachable
        | CallErrorKind::Server => Failure::aws(error.to_string(), error.help()),
    }
}

/// A policy on its way to a repository.
struct Putting<'a> {
    arguments: &'a PutArgs,
    asked: Asked<'a>,
    policy: &'a Policy,
    /// The text of the attached policy, when it was read.
    attached: Option<&'a str>,
    known: &'a KnownUses,
    store: &'a Store,
    read_at: DateTime<Utc>,
}

impl Putting<'_> {
    fn run(&self) -> Result<Exit, Failure> {
        let mut document = Document::of(&self.asked, self.attached, self.policy);
        if self.attached.is_some_and(|attached| is_same(attached, self.policy)) {
            return self.end(document.ended(&PutOutcome::AlreadyAttached), Exit::NothingToDo);
        }
        let switches = Switches::default();
        let answered = match runtime::wait(self.asked.about(self.policy, switches))?? {
            Ok(answered) => answered,
            Err(refusal) => return self.refuse(document, &[refusal]),
        };
        let refusals = self.show(&mut document, &answered, switches)?;
        keep(self.store, "lifecycle-policy-before", answered.theirs.answered_at, &document)?;
        if !refusals.is_empty() {
            return self.refuse(document, &refusals);
        }
        if !self.arguments.yes {
            let question = format!("put this policy on {} of {}?", self.asked.name, self.asked.place());
            let unasked = "nothing was put: nobody is there to ask";
            let help = "add `--yes` to put it without a question";
            if !question::agrees_or_fails(&question, unasked, help)? {
                return self.end(document.ended(&PutOutcome::Declined), Exit::NothingToDo);
            }
        }
        let waited = clock() - self.read_at;
        if TimeDelta::minutes(ANSWER_MINUTES_MAX) < waited {
            return self.refuse(document, &[Refusal::TooLate { minutes: waited.num_minutes() }]);
        }
        self.put(document)
    }

    /// Shows what changes, and returns why it is refused.
    fn show(
        &self,
        document: &mut Document,
        answered: &Answered,
        switches: Switches,
    ) -> Result<Vec<Refusal>, Failure> {
        let in_use = self.asked.in_use(self.known, &answered.repository)?;
        let ties = self.asked.ties(&answered.repository)?;
        let refusals = answered.refusals(&self.asked.gaps(self.known), &in_use, &ties);
        let old = self.attached.and_then(|text| Policy::parse(text).ok());
        if old.is_none() && self.attached.is_some() {
            talk::warn("the attached policy is not one that this version reads: changes are against none");
        }
        let changed = [answered.changes(old, self.policy, switches, in_use)];
        document.add(answered, &changed, self.known);
        if self.arguments.format == Format::Table {
            talk::data(&compare_table(&changed, terminal::width()))?;
            talk::data(&verify_table(std::slice::from_ref(&answered.verified), terminal::width()))?;
        }
        if changed.iter().all(|changed| changed.changes.is_empty()) {
            talk::say("no image fares differently by its next run than by that of what is attached");
        }
        Ok(refusals)
    }

    fn put(&self, mut document: Document) -> Result<Exit, Failure> {
        let outcome = runtime::wait(put(&self.asked, self.policy, self.attached))??;
        if let PutOutcome::ChangedBefore = outcome {
            return self.refuse(document, &[Refusal::PolicyChanged]);
        }
        let exit = outcome.exit();
        let document = document.ended(&outcome);
        keep(self.store, "lifecycle-policy-put", clock(), document)?;
        self.end(document, exit)
    }

    fn refuse(&self, mut document: Document, refusals: &[Refusal]) -> Result<Exit, Failure> {
        for refusal in refusals {
            talk::warn(format!("{} is refused: {refusal}", self.asked.name));
            talk::hint(&refusal.help());
        }
        self.end(document.ended(&PutOutcome::Refused(refusals.to_vec())), Exit::Findings)
    }

    /// Says what came of it, for programs on stdout.
    fn end(&self, document: &Document, exit: Exit) -> Result<Exit, Failure> {
        if self.arguments.format == Format::Json {
            talk::json(document.json())?;
        }
        talk::say(document.sentence());
        Ok(exit)
    }
}
