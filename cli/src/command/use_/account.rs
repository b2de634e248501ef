//! What an account uses, asked of AWS region by region.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use demurrage_aws::workloads::{KnownFunctionVersions, WorkloadOptions, read_workloads};
use demurrage_aws::{Session, default_region};
use demurrage_core::RegistryKind;
use demurrage_core::in_use::UseRules;
use demurrage_report::count;
use demurrage_store::{Store, StoreError};
use tokio::task::block_in_place;

use super::Reading;
use crate::aws_args::AwsArgs;
use crate::failure::Failure;
use crate::{runtime, talk};

/// The folder of a store in which images of functions are remembered, where the service keeps them as well.
const FUNCTIONS: &str = "functions";
/// Between two lines that say that AWS is still asked.
const PAUSE: Duration = Duration::from_secs(10);

/// Reads each of these regions of the caller's account, or those of the store's inventories of it.
pub(super) fn read(
    reading: &mut Reading<'_>,
    aws: &AwsArgs,
    regions: &[String],
    options: &WorkloadOptions,
    rules: &UseRules,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    runtime::wait(read_all(reading, aws, regions, options, rules, now))?
}

async fn read_all(
    reading: &mut Reading<'_>,
    aws: &AwsArgs,
    regions: &[String],
    options: &WorkloadOptions,
    rules: &UseRules,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let store = reading.store;
    let inventories = block_in_place(|| of_inventories(store))?;
    let first = match regions.first().or_else(|| inventories.first().map(|(_, region)| region)) {
        Some(region) => Some(region.clone()),
        None => default_region().await,
    };
    let Some(first) = first else {
        return Err(Failure::usage("no region is known", "name one: `--region ap-northeast-2`"));
    };
    talk::say(format!("asking AWS whose the credentials are, in {first}"));
    let session = aws.session(&first, None).await?;
    talk::say(format!("account {}, as {}", session.account(), session.arn()));
    let near = block_in_place(|| store.rules_of_use(rules))?;
    for region in chosen(regions, &inventories, &near, session.account(), &first) {
        let session = session.in_region(&region);
        let known = block_in_place(|| known_functions(store, &session))?;
        let turn = block_in_place(|| store.use_turn())?;
        let asked = if options.inspector { "ECS, Lambda and Inspector" } else { "ECS and Lambda" };
        talk::say(format!("{region}: asking {asked}"));
        let mut read = waiting(&region, read_workloads(&session, options, &known, now)).await;
        read.record.turn = turn;
        talk::say(format!("{region}: {}", count(read.record.uses.len(), "use")));
        block_in_place(|| {
            remember(store, &session, &read.function_versions)?;
            reading.keep(&read.record)
        })?;
    }
    Ok(())
}

/// Waits for what is read of a region, and says now and then that it is still waited for.
async fn waiting<T>(region: &str, reading: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let mut reading = pin!(reading);
    loop {
        match tokio::time::timeout(PAUSE, &mut reading).await {
            Ok(read) => return read,
            Err(_) => talk::say(format!("{region}: not all answered after {} s", began.elapsed().as_secs())),
        }
    }
}

/// Account and region of the private registries that the store has inventories of.
fn of_inventories(store: &Store) -> Result<Vec<(Option<String>, String)>, StoreError> {
    let entries = store.newest()?.into_iter().filter(|entry| entry.kind == RegistryKind::Private);
    Ok(entries.map(|entry| (entry.registry_id, entry.region)).collect())
}

/// The regions that are read, each once: those that were named; or those of the account's inventories, or the first, with
/// those that the rules ask for beside them.
fn chosen(
    named: &[String],
    inventories: &[(Option<String>, String)],
    rules: &UseRules,
    account: &str,
    first: &str,
) -> Vec<String> {
    let mut regions = named.to_vec();
    if regions.is_empty() {
        let of_account =
            inventories.iter().filter(|(its, _)| its.as_deref().is_none_or(|its| its == account));
        regions.extend(of_account.map(|(_, region)| region.clone()));
    }
    if regions.is_empty() {
        regions.push(first.to_owned());
    }
    if named.is_empty() {
        regions.extend(rules.regions_of(account, first).into_iter().filter(|region| region != first));
    }
    let mut seen = BTreeSet::new();
    regions.retain(|region| seen.insert(region.clone()));
    regions
}

fn name(session: &Session) -> String {
    format!("{}-{}.json", session.account(), session.region())
}

/// What is remembered of functions. What cannot be read is as good as nothing: it is asked anew.
pub(in crate::command) fn known_functions(
    store: &Store,
    session: &Session,
) -> Result<KnownFunctionVersions, StoreError> {
    let documents = store.documents(&[FUNCTIONS])?;
    let name = name(session);
    let Some(bytes) = documents.get(&name)? else { return Ok(KnownFunctionVersions::default()) };
    let known = KnownFunctionVersions::from_json(&String::from_utf8_lossy(&bytes));
    Ok(known.unwrap_or_else(|error| {
        talk::warn(format!("`{}` is not used: {error}", documents.shown(&name)));
        KnownFunctionVersions::default()
    }))
}

pub(in crate::command) fn remember(
    store: &Store,
    session: &Session,
    known: &KnownFunctionVersions,
) -> Result<(), StoreError> {
    store.documents(&[FUNCTIONS])?.put(&name(session), known.to_json().as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use demurrage_core::in_use::UseRules;

    use super::chosen;

    #[test]
    fn regions_that_are_named_are_read_and_otherwise_those_of_the_accounts_inventories() {
        let inventories = [
            (Some("111122223333".to_owned()), "eu-west-1".to_owned()),
            (Some("999999999999".to_owned()), "us-east-1".to_owned()),
            (None, "ap-northeast-2".to_owned()),
        ];
        let named = ["us-west-2".to_owned(), "us-west-2".to_owned()];
        let read = |named: &[String], inventories: &[(Option<String>, String)], rules: &UseRules| {
            chosen(named, inventories, rules, "111122223333", "eu-north-1")
        };
        let rules = UseRules::default();
        assert_eq!(read(&named, &inventories, &rules), ["us-west-2"]);
        assert_eq!(read(&[], &inventories, &rules), ["eu-west-1", "ap-northeast-2"]);
        assert_eq!(read(&[], &[], &rules), ["eu-north-1"]);
        let near = BTreeSet::from([("111122223333".to_owned(), "sa-east-1".to_owned())]);
        let rules = UseRules { near, regions: ["us-east-2".to_owned()].into(), ..rules };
        assert_eq!(read(&named, &inventories, &rules), ["us-west-2"]);
        assert_eq!(read(&[], &[], &rules), ["eu-north-1", "sa-east-1", "us-east-2"], "and replicas");
    }
}
