//! What an event is acted on with: clients, each built once, and what they said a short while ago.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::collect::{look_up_exclusion, look_up_image, look_up_manifest, look_up_repository};
use demurrage_aws::ledger::TagLedger;
use demurrage_aws::publish::Publisher;
use demurrage_aws::{CallError, CallErrorKind, Ecr, Exclusion, Session};
use demurrage_contract::Failure;
use demurrage_core::audit::Rules;
use demurrage_core::ledger::{EventImage, EventRepository};
use demurrage_core::{Fact, Image, Manifest, TagMutability};
use demurrage_serve::rules;
use demurrage_store::Store;
use tokio::task::block_in_place;

use crate::kept::Kept;

/// Clients that are kept: where there are more, they are built anew.
const REGISTRIES_MAX: usize = 500;
/// Events of which it is remembered that they were told; the names of the oldest are forgotten together.
const TOLD_MAX: usize = 10_000;

/// What a deployment sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The name of the deployment.
    pub(crate) deployment: String,
    /// Where findings go.
    pub(crate) topic_arn: Option<String>,
    /// Whether manifests may be read although that is recorded as a pull.
    pub(crate) may_pull: bool,
    /// The source of events, where it is not ECR itself.
    pub(crate) event_source: Option<String>,
}

/// What is known of the setting of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known<T> {
    /// It was read.
    Is(T),
    /// It is not known, for this reason: a lowercase fragment.
    Not(String),
}

/// Clients, and what they said.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) ledger: TagLedger,
    pub(crate) publisher: Publisher,
    pub(crate) settings: Settings,
    accounts: AccountSessions,
    registries: Mutex<BTreeMap<(String, String), Ecr>>,
    mutability: Kept<Known<TagMutability>>,
    exclusions: Kept<Exclusion>,
    rules: Kept<Rules>,
    told: Mutex<BTreeSet<String>>,
    /// Accounts and regions of which it was said that manifests are not read.
    unread: Mutex<BTreeSet<(String, String)>>,
}

impl Edge {
    pub(crate) fn new(
        accounts: AccountSessions,
        ledger: TagLedger,
        publisher: Publisher,
        settings: Settings,
    ) -> Self {
        Self {
            ledger,
            publisher,
            settings,
            accounts,
            registries: Mutex::default(),
            mutability: Kept::default(),
            exclusions: Kept::default(),
            rules: Kept::default(),
            told: Mutex::default(),
            unread: Mutex::default(),
        }
    }

    /// The rules of the store.
    pub(crate) fn rules(&self, store: &Store) -> Result<Rules, Failure> {
        if let Some(rules) = self.rules.get("") {
            return Ok(rules);
        }
        let read = block_in_place(|| rules(store))?;
        self.rules.put("", read.clone());
        Ok(read)
    }

    /// Which tags of a repository may move. That it is not known keeps no finding from being raised.
    pub(crate) async fn mutability(&self, repository: &EventRepository) -> Known<TagMutability> {
        let arn = repository.arn();
        if let Some(known) = self.mutability.get(&arn) {
            return known;
        }
        let ecr = match self.registry(repository).await {
            Ok((_, ecr)) => ecr,
            Err(error) => return Known::Not(error.to_string()),
        };
        let known = match look_up_repository(&ecr, &repository.name).await {
            Ok(Some(there)) => match there.tag_mutability {
                Fact::Present(setting) => Known::Is(setting),
                Fact::Absent | Fact::NotEvaluated => Known::Not("ECR does not say it".to_owned()),
            },
            Ok(None) => Known::Not("the repository is not there any more".to_owned()),
            // What may pass is asked again by the next event.
            Err(error) => return Known::Not(error.to_string()),
        };
        self.mutability.put(&arn, known.clone());
        known
    }

    /// The image as it is listed; nothing where it is not there any more.
    pub(crate) async fn image(&self, image: &EventImage) -> Result<Known<Option<Image>>, CallError> {
        match self.registry(&image.repository).await {
            Ok((_, ecr)) => look_up_image(&ecr, &image.repository.name, &image.digest).await.map(Known::Is),
            Err(error) => not_reached(error),
        }
    }

    /// The manifest of an image, where reading it leaves no trace or may leave one.
    pub(crate) async fn manifest(&self, image: &EventImage) -> Result<Known<Option<Manifest>>, CallError> {
        let (session, ecr) = match self.registry(&image.repository).await {
            Ok(there) => there,
            Err(error) => return not_reached(error),
        };
        if !self.settings.may_pull && !self.exclusion(&session, &ecr).await.leaves_no_trace() {
            let reason = "reading its manifest would be recorded as a pull, for the role that this function reads \
                          with is no pull-time exclusion of the registry";
            return Ok(Known::Not(reason.to_owned()));
        }
        look_up_manifest(&ecr, &image.repository.name, &image.digest).await.map(Known::Is)
    }

    async fn exclusion(&self, session: &Session, ecr: &Ecr) -> Exclusion {
        let registry = format!("{}/{}", session.account(), ecr.region());
        if let Some(known) = self.exclusions.get(&registry) {
            return known;
        }
        let exclusion = look_up_exclusion(ecr, session).await;
        match exclusion {
            Exclusion::Unreadable(_) => {}
            Exclusion::Present { .. } | Exclusion::Absent => {
                self.exclusions.put(&registry, exclusion.clone());
            }
        }
        exclusion
    }

    /// Whether it was not said yet of an account and region that manifests are not read there.
    pub(crate) fn is_first_unread(&self, account: &str, region: &str) -> bool {
        let place = (account.to_owned(), region.to_owned());
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).insert(place)
    }

    /// Whether this process has told what an event means, to the end.
    pub(crate) fn has_told(&self, event_id: &str) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).contains(event_id)
    }

    /// Remembers that it has.
    pub(crate) fn tells(&self, event_id: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if TOLD_MAX <= told.len() {
            told.clear();
        }
        told.insert(event_id.to_owned());
    }

    /// The registry of a repository, and the session in which it is asked: in another account by the role that the
    /// account has for it.
    async fn registry(&self, repository: &EventRepository) -> Result<(Session, Ecr), CallError> {
        let EventRepository { account, region, .. } = repository;
        let session = self.accounts.of(account).await?;
        let mut registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        if REGISTRIES_MAX <= registries.len() {
            registries.clear();
        }
        let key = (account.clone(), region.clone());
        let ecr = registries.entry(key).or_insert_with(|| session.ecr(region)).clone();
        Ok((session, ecr))
    }
}

/// What is not known where an account cannot be reached: that it cannot will be so when the event comes again, too;
/// anything else may pass, and is an error.
fn not_reached<T>(error: CallError) -> Result<Known<T>, CallError> {
    match error.kind {
        CallErrorKind::Credentials => Ok(Known::Not(error.to_string())),
        CallErrorKind::Denied
        | CallErrorKind::NotFound
        | CallErrorKind::Refused
        | CallErrorKind::Throttled
        | CallErrorKind::Unreachable
        | CallErrorKind::Server => Err(error),
    }
}
