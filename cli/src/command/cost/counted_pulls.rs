//! How often repositories were pulled from: asked of `CloudWatch`, kept in the store, and taken from there.
//!
//! Only what is in the store is used, so the same question has the same answer until pulls are counted again. Leaves out
//! ECR Public, which has no such metric.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_aws::{CallError, Session};
use demurrage_core::cost::{PullCounts, PullWindow};
use demurrage_core::{Inventory, RegistryKind};
use demurrage_report::{CountedPulls, count};
use demurrage_store::{Documents, Store, StoreError};

use crate::args::clock;
use crate::aws_args::AwsArgs;
use crate::failure::Failure;
use crate::registries::Registries;
use crate::{runtime, talk};

/// The folder of counted pulls in a store.
const FOLDER: &str = "pulls";

/// The pulls that were counted last, by account and region.
#[derive(Debug, Default)]
pub(super) struct StoredCounts(BTreeMap<(String, String), PullCounts>);

impl StoredCounts {
    /// Those of these registries that are in the store.
    pub(super) fn read(store: &Store, registries: &Registries) -> Result<Self, Failure> {
        let documents = documents(store)?;
        let mut all = BTreeMap::new();
        for (account, inventory) in private(registries) {
            let name = newest(account, &inventory.region);
            let Some(bytes) = documents.get(&name)? else { continue };
            let counts = std::str::from_utf8(&bytes)
                .map_err(|error| error.to_string())
                .and_then(|text| PullCounts::from_json(text).map_err(|error| error.to_string()));
            let counts = counts.map_err(|cause| Failure::Content {
                path: documents.shown(&name).into(),
                cause,
                help: Some("move the file away, or count anew with `--count-pulls`".to_owned()),
            })?;
            all.insert((account.to_owned(), inventory.region.clone()), counts);
        }
        Ok(Self(all))
    }

    /// Those of a registry, where they were counted.
    pub(super) fn of(&self, inventory: &Inventory) -> Option<&PullCounts> {
        let account = inventory.registry_id.clone().filter(|_| inventory.kind == RegistryKind::Private)?;
        self.0.get(&(account, inventory.region.clone()))
    }

    /// What a report says of a registry: of the repositories of its inventory that are asked about.
    pub(super) fn report(
        &self,
        inventory: &Inventory,
        wanted: impl Fn(&str) -> bool,
    ) -> Option<CountedPulls> {
        let counts = self.of(inventory)?;
        let names = inventory.repositories.iter().map(|repository| &repository.name);
        Some(CountedPulls {
            account: counts.registry_id.clone(),
            region: counts.region.clone(),
            window: counts.window,
            repositories: names
                .filter(|name| wanted(name))
                .map(|name| (name.clone(), counts.of(name)))
                .collect(),
        })
    }
}

/// Asks `CloudWatch` about all repositories of the registries, and puts the answers into the store. Returns whether
/// something was left out.
pub(super) fn count_now(
    store: &Store,
    aws: &AwsArgs,
    registries: &Registries,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    if clock() < now {
        return Err(Failure::usage("`--now` is in the future: nobody has counted its pulls", "leave it out"));
    }
    let asked: Vec<(&str, &Inventory)> = private(registries).collect();
    let Some((_, first)) = asked.first() else {
        talk::warn("no private registry with a known account is in the store, so no pulls are counted");
        return Ok(true);
    };
    let documents = documents(store)?;
    let (counted, failures) = runtime::wait(async {
        let session = aws.session(&first.region, None).await?;
        Ok::<_, Failure>(ask(&session, &asked, PullWindow::before(now)).await)
    })??;
    if let (true, Some(failure)) = (counted.is_empty(), failures.first()) {
        return Err(Failure::aws(failure.to_string(), failure.help()));
    }
    for counts in &counted {
        put(&documents, counts)?;
    }
    Ok(counted.len() < asked.len() || counted.iter().any(|counts| !counts.unread.is_empty()))
}

/// What was counted of the registries of the session's account, and why others were not; says which are left out.
async fn ask(
    session: &Session,
    registries: &[(&str, &Inventory)],
    window: PullWindow,
) -> (Vec<PullCounts>, Vec<CallError>) {
    let (mut counted, mut failures) = (Vec::new(), Vec::new());
    for &(account, inventory) in registries {
        let region = &*inventory.region;
        if account != session.account() {
            talk::warn(format!(
                "{account} {region}: pulls are not counted, as the credentials are of account {}; count with a role of \
                 that account (`--role-arn`)",
                session.account()
            ));
            continue;
        }
        let names: Vec<&str> = inventory.repositories.iter().map(|repository| &*repository.name).collect();
        match session.pull_counter(region).count(&names, window).await {
            Ok(counts) => counted.push(counts),
            Err(failure) => {
                talk::warn(format!("{account} {region}: pulls are not counted: {failure}"));
                failures.push(failure);
            }
        }
    }
    (counted, failures)
}

/// Keeps what was counted: as the newest of its registry, and by its last day.
fn put(documents: &Documents, counts: &PullCounts) -> Result<(), Failure> {
    let PullCounts { registry_id, region, window, pulls, unread } = counts;
    let text = counts.to_json();
    let name = newest(registry_id, region);
    let by_day = format!("{registry_id}-{region}-{}.json", window.until().date_naive());
    documents.put(&by_day, text.as_bytes())?;
    documents.put(&name, text.as_bytes())?;
    talk::say(format!(
        "pulls of {} counted {window}, put into {}",
        count(pulls.len(), "repository"),
        documents.shown(&name)
    ));
    if let Some((first, cause)) = unread.first_key_value() {
        talk::warn(format!(
            "{registry_id} {region}: pulls of {} were not counted; the first is `{first}`: {cause}",
            count(unread.len(), "repository")
        ));
    }
    Ok(())
}

/// The private registries of which the account is known.
fn private(registries: &Registries) -> impl Iterator<Item = (&str, &Inventory)> {
    let private = registries.asked.iter().filter(|inventory| inventory.kind == RegistryKind::Private);
    private.filter_map(|inventory| Some((inventory.registry_id.as_deref()?, inventory)))
}

fn newest(account: &str, region: &str) -> String {
    format!("{account}-{region}.json")
}

fn documents(store: &Store) -> Result<Documents, StoreError> {
    store.documents(&[FOLDER])
}
