//! `demurrage restore`: images that a plan took, back, as far as that is possible.

use std::collections::BTreeMap;

use clap::Args;
use demurrage_aws::restore::{ImageOutcome, RepositoryRestoration, RestoreError, look, restore, settle};
use demurrage_aws::{CallError, Session};
use demurrage_core::journal::{Loss, Losses, Restoration, Way};
use demurrage_core::plan::RepositoryAddress;
use demurrage_core::{Digest, Manifest, RegistryKind};
use demurrage_report::{
    RestoreReport, RestoredImage, RestoredOutcome, RestoredRepository, count, restore_json, restore_table,
};
use demurrage_store::{FolderLease, Journal, LeaseError, Store};

use crate::args::{Format, StoreArgs, clock, worse};
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::image_selector::ImageSelector;
use crate::{journal_name, question, runtime, talk, terminal};

/// What the journal of a restoration begins with.
const RESTORE: &str = "restore-";

/// Bring back images that a plan deleted or archived, as far as that is possible
///
/// It shows first what can come back, and does it with `--yes`, or when somebody at a terminal agrees. An image can be pushed
/// again where the plan's journal has its manifest and all its layers are still there: ECR removes those at a time that it
/// does not tell. A tag comes back where it is on no image now. To ECR the image is new: what an attached lifecycle policy
/// would delete because of it is said. It may be run again at any time.
///
/// Exit code 0: everything can come back, or is back; 1: it is, and an attached policy would act because of it; 4: only a
/// part; 5: nothing is gone; 2: no such journal or image; 3: AWS, the network or the disk.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  demurrage restore 0123456789ab\n  demurrage restore 0123456789ab team/app:v1.4.2 --yes"
)]
pub(crate) struct RestoreArgs {
    /// The journal: the hash of the plan or at least its first 12 digits, the folder of the plan, or the place of the journal
    #[arg(value_name = "JOURNAL")]
    journal: String,
    /// Only these images, and what belongs to them: digests, at least 12 digits of one, or `REPOSITORY:TAG`
    #[arg(value_name = "IMAGE")]
    images: Vec<ImageSelector>,
    /// Do it, without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    store: StoreArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

pub(crate) fn run(arguments: &RestoreArgs) -> Result<Exit, Failure> {
    let (store, name) = journal_name::find(&arguments.journal, &arguments.store)?;
    if let Some(restored) = name.strip_prefix(RESTORE) {
        return Err(Failure::usage(
            format!("`{name}` is the journal of a restoration, which took nothing"),
            format!("name the journal of the plan: `{restored}`"),
        ));
    }
    let losses = chosen(losses(&store, &name)?, &arguments.images)?;
    if losses.is_empty() {
        talk::say("the journal has nothing that went");
        return Ok(Exit::NothingToDo);
    }
    let mut sessions = Sessions { aws: &arguments.aws, open: BTreeMap::new() };
    let mut looked = Vec::new();
    for (repository, losses) in losses.repositories() {
        looked.push((look_at(&store, &mut sessions, repository, losses)?, losses));
    }
    let changes =
        looked.iter().flat_map(|(found, _)| &found.images).filter(|image| image.way.changes()).count();
    let mut report = report(&name, &looked);
    let wanted = match changes {
        // What became of calls whose answers were lost is written down, though nothing is left to do.
        0 => arguments.yes && store.journals()?.contains(&format!("{RESTORE}{name}")),
        _ => is_wanted(arguments, &report, changes),
    };
    if !wanted {
        show(&report, arguments.format)?;
        return Ok(exit(&report));
    }
    let failure = act(&store, &name, &mut sessions, &looked, &mut report)?;
    show(&report, arguments.format)?;
    match failure {
        Some(failure) => Err(failure),
        None => Ok(exit(&report)),
    }
}

/// What the journal says was taken.
fn losses(store: &Store, name: &str) -> Result<Losses, Failure> {
    let mut losses = Losses::default();
    for entry in store.journal_walk(name)? {
        losses.learn(&entry?);
    }
    Ok(losses)
}

/// The losses that are asked for; each name has to mean one.
fn chosen(losses: Losses, images: &[ImageSelector]) -> Result<Losses, Failure> {
    if images.is_empty() {
        return Ok(losses);
    }
    let means = |image: &ImageSelector, repository: &RepositoryAddress, loss: &Loss| {
        image.means(&repository.name, Some(&loss.image.digest), &loss.image.tags)
    };
    for image in images {
        let mut all = losses.repositories();
        if !all.any(|(repository, losses)| losses.values().any(|loss| means(image, repository, loss))) {
            return Err(Failure::usage(
                format!("the journal has nothing of the image {image}"),
                "`demurrage history` shows what went",
            ));
        }
    }
    Ok(losses.only(|repository, loss| images.iter().any(|image| means(image, repository, loss))))
}

/// Sessions by region, each opened once.
struct Sessions<'a> {
    aws: &'a AwsArgs,
    open: BTreeMap<String, Session>,
}

impl Sessions<'_> {
    /// The session for a repository, whose account has to be that of the credentials.
    fn of(&mut self, repository: &RepositoryAddress) -> Result<Session, Failure> {
        let session = if let Some(session) = self.open.get(&repository.region) {
            session.clone()
        } else {
            let session = runtime::wait(self.aws.session(&repository.region, None))??;
            self.open.insert(repository.region.clone(), session.clone());
            session
        };
        match &repository.account {
            Some(account) if account != session.account() => Err(Failure::usage(
                format!(
                    "the credentials are of account {}, and `{repository}` is of another one",
                    session.account()
                ),
                "use credentials of that account, or `--role-arn`",
            )),
            Some(_) | None => Ok(session),
        }
    }
}

fn look_at(
    store: &Store,
    sessions: &mut Sessions<'_>,
    repository: &RepositoryAddress,
    losses: &BTreeMap<Digest, Loss>,
) -> Result<RepositoryRestoration, Failure> {
    let ecr = sessions.of(repository)?.ecr(&repository.region);
    let manifests = manifests(store, repository)?;
    let found = runtime::wait(look(&ecr, repository, losses, &manifests, clock()))?;
    found.map_err(|error| of_call(&error))
}

/// The manifests that the newest inventory of the store has of the images of a repository.
fn manifests(store: &Store, repository: &RepositoryAddress) -> Result<BTreeMap<Digest, Manifest>, Failure> {
    let mut known = BTreeMap::new();
    for entry in store.newest()? {
        let is_its_registry = entry.kind == RegistryKind::Private
            && entry.region == repository.region
            && repository.account.as_ref().is_none_or(|account| entry.registry_id.as_ref() == Some(account));
        if is_its_registry {
            let inventory = store.read(&entry, |name| name == repository.name)?;
            let images = inventory.repositories.into_iter().flat_map(|repository| repository.images);
            known.extend(images.filter_map(|image| Some((image.digest, *image.manifest?))));
        }
    }
    Ok(known)
}

/// Whether it is to be done. Who is asked has seen what it is.
fn is_wanted(arguments: &RestoreArgs, report: &RestoreReport, changes: usize) -> bool {
    if arguments.yes {
        return true;
    }
    if !question::can_be_asked() {
        talk::hint("nothing was done; `--yes` does it");
        return false;
    }
    talk::say(restore_table(report, terminal::width()));
    question::agrees(&format!("bring back {}?", count(changes, "image")))
}

type Looked<'a> = (RepositoryRestoration, &'a BTreeMap<Digest, Loss>);

/// Brings back, repository by repository; what ended it before its end.
fn act(
    store: &Store,
    name: &str,
    sessions: &mut Sessions<'_>,
    looked: &[Looked<'_>],
    report: &mut RestoreReport,
) -> Result<Option<Failure>, Failure> {
    let own = format!("{RESTORE}{name}");
    let _lease = lease(store, &own)?;
    let mut journal = Journal::open_about(store, &own, name)?;
    report.is_done = true;
    let from = format!("journal {}", name.chars().take(12).collect::<String>());
    for ((found, losses), shown) in looked.iter().zip(&mut report.repositories) {
        let ecr = sessions.of(&found.repository)?.ecr(&found.repository.region);
        settle(&mut journal, &found.repository, &found.present, clock())?;
        match runtime::wait(restore(&ecr, &mut journal, found, losses, &from, clock))? {
            Ok(outcomes) => take_over(shown, outcomes),
            Err(RestoreError::Store(error)) => return Err(error.into()),
            Err(RestoreError::Call(error)) => {
                talk::hint("run it again: what is back needs nothing then");
                return Ok(Some(of_call(&error)));
            }
        }
    }
    Ok(None)
}

/// In a bucket numbers that are taken tell two who are at work at once.
fn lease(store: &Store, journal: &str) -> Result<Option<FolderLease>, Failure> {
    match FolderLease::take(store, journal, &format!("process {}", std::process::id())) {
        Ok(lease) => Ok(Some(lease)),
        Err(LeaseError::Bucket { .. }) => Ok(None),
        Err(LeaseError::Store(error)) => Err(error.into()),
        Err(held @ LeaseError::Held { .. }) => Err(Failure::aws(held.to_string(), "wait until it has ended")),
    }
}

fn of_call(error: &CallError) -> Failure {
    Failure::aws(error.to_string(), error.help())
}

fn report(name: &str, looked: &[Looked<'_>]) -> RestoreReport {
    let image = |restoration: &Restoration, losses: &BTreeMap<Digest, Loss>| RestoredImage {
        had_tags: losses.get(&restoration.digest).map_or_else(Vec::new, |loss| loss.image.tags.clone()),
        restoration: restoration.clone(),
        outcome: None,
    };
    let repository = |(found, losses): &Looked<'_>| RestoredRepository {
        repository: found.repository.clone(),
        images: found.images.iter().map(|restoration| image(restoration, losses)).collect(),
        pushed_out: found.pushed_out.clone(),
        notes: found.notes.clone(),
        refused: found.refused.clone(),
    };
    RestoreReport {
        journal: name.to_owned(),
        repositories: looked.iter().map(repository).collect(),
        is_done: false,
    }
}

fn take_over(shown: &mut RestoredRepository, outcomes: Vec<ImageOutcome>) {
    for ImageOutcome { digest, is_back, tags, failures } in outcomes {
        let image = shown.images.iter_mut().find(|image| image.digest() == digest);
        if let Some(image) = image {
            image.outcome = Some(RestoredOutcome { is_back, tags, failures });
        }
    }
}

fn show(report: &RestoreReport, format: Format) -> Result<(), Failure> {
    match format {
        Format::Table => talk::data(&restore_table(report, terminal::width())),
        Format::Json => talk::json(&restore_json(report)),
    }
}

fn exit(report: &RestoreReport) -> Exit {
    let images = || report.repositories.iter().flat_map(|repository| &repository.images);
    let is_refused = report.repositories.iter().any(|repository| repository.refused.is_some());
    if !is_refused && images().all(|image| image.restoration.way == Way::Nothing) {
        return Exit::NothingToDo;
    }
    let lacks = |image: &RestoredImage| {
        matches!(image.restoration.way, Way::Impossible(_))
            || image.outcome.as_ref().is_some_and(|outcome| !outcome.is_back || !outcome.failures.is_empty())
    };
    let is_pushing_out = report.repositories.iter().any(|repository| !repository.pushed_out.is_empty());
    worse(is_refused || images().any(lacks), is_pushing_out)
}
