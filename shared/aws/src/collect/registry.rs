//! What is read of a registry itself: replication, policy, scanning, settings, pull-time exclusions, creation
//! templates, pull-through caches.

use demurrage_core::{Fact, RegistryFacts};

use super::paged_answer::{self, Page, PagedAnswer};
use crate::calls::{Needs, PAGE_ENTRIES};
use crate::exclusions::{self, Exclusion};
use crate::raw_answer::RawAnswer;
use crate::{CallError, CallErrorKind, Ecr, Session};

/// The account settings of ECR.
///
/// Source: ECR user guide, "Private registry settings" and "Blob mounting", read 2026-11-23.
const ACCOUNT_SETTINGS: [&str; 3] = ["BASIC_SCAN_TYPE_VERSION", "BLOB_MOUNTING", "REGISTRY_POLICY_SCOPE"];

/// What is known of a registry, and what could not be read.
#[derive(Debug)]
pub(super) struct RegistryRead {
    pub(super) facts: RegistryFacts,
    pub(super) exclusion: Exclusion,
    pub(super) problems: Vec<CallError>,
    pub(super) needs: Needs,
}

/// Reads a registry. What cannot be read is not evaluated, and named.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(super) async fn read(ecr: &Ecr, session: &Session) -> Result<RegistryRead, CallError> {
    let mut problems = Vec::new();
    let (description, policy, scanning, listed, (templates, rules)) = tokio::join!(
        description(ecr),
        policy(ecr),
        scanning(ecr),
        exclusions::list(ecr),
        Box::pin(async { tokio::join!(creation_templates(ecr), pull_through_cache_rules(ecr)) }),
    );
    let description = settle(description, &mut problems)?;
    let policy = settle(policy, &mut problems)?;
    let scanning = settle(scanning, &mut problems)?;
    let (creation_templates, template_pages) = settle_pages(templates, &mut problems)?;
    let (pull_through_cache_rules, cache_rule_pages) = settle_pages(rules, &mut problems)?;
    let (exclusion, pull_time_exclusions) = excluded(session, listed, &mut problems)?;
    let mut account_settings = Vec::new();
    for name in ACCOUNT_SETTINGS {
        match account_setting(ecr, name).await {
            Ok(text) => account_settings.extend(text),
            // A setting that this registry does not know is no problem of it.
            Err(error) if error.kind == CallErrorKind::Refused => {}
            Err(error) if error.kind.ends_the_run() => return Err(error),
            Err(error) => problems.push(error),
        }
    }
    let facts = RegistryFacts {
        description,
        policy,
        scanning,
        account_settings,
        pull_time_exclusions,
        creation_templates,
        pull_through_cache_rules,
    };
    let account_settings = ACCOUNT_SETTINGS.len() as u64;
    let needs = Needs { account_settings, template_pages, cache_rule_pages, ..Needs::default() };
    Ok(RegistryRead { facts, exclusion, problems, needs })
}

/// Whether the principal is among those whose pulls are not recorded, and the answer as it came.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(super) fn excluded(
    session: &Session,
    listed: Result<(Vec<String>, Option<String>), CallError>,
    problems: &mut Vec<CallError>,
) -> Result<(Exclusion, Fact<String>), CallError> {
    match listed {
        Ok((arns, raw)) => Ok((exclusions::among(session, &arns), fact(raw))),
        Err(error) if error.kind.ends_the_run() => Err(error),
        Err(error) => {
            problems.push(error.clone());
            Ok((Exclusion::Unreadable(error), Fact::NotEvaluated))
        }
    }
}

/// The fact, or nothing where it could not be read; an error only where the run has to end.
pub(super) fn settle<T>(
    read: Result<Fact<T>, CallError>,
    problems: &mut Vec<CallError>,
) -> Result<Fact<T>, CallError> {
    match read {
        Ok(fact) => Ok(fact),
        Err(error) if error.kind.ends_the_run() => Err(error),
        // A repository that was deleted meanwhile: its listing says so, once.
        Err(error) if error.is("RepositoryNotFoundException") => Ok(Fact::NotEvaluated),
        Err(error) => {
            problems.push(error);
            Ok(Fact::NotEvaluated)
        }
    }
}

/// The same of an answer of pages, with their number: one call was made where it could not be read.
fn settle_pages(
    read: Result<PagedAnswer, CallError>,
    problems: &mut Vec<CallError>,
) -> Result<(Fact<String>, u64), CallError> {
    let pages = read.as_ref().map_or(1, |read| read.pages);
    Ok((settle(read.map(|read| read.text), problems)?, pages))
}

/// A call that answers that there is none with an error of this kind.
pub(super) fn absent_if_not_found<T>(
    read: Result<Fact<T>, CallError>,
    code: &str,
) -> Result<Fact<T>, CallError> {
    match read {
        Err(error) if error.is(code) => Ok(Fact::Absent),
        other => other,
    }
}

fn fact<T>(value: Option<T>) -> Fact<T> {
    value.map_or(Fact::NotEvaluated, Fact::Present)
}

async fn description(ecr: &Ecr) -> Result<Fact<String>, CallError> {
    let raw = RawAnswer::default();
    ecr.call("DescribeRegistry", |client| {
        client.describe_registry().customize().interceptor(raw.clone()).send()
    })
    .await?;
    Ok(fact(raw.text()))
}

async fn scanning(ecr: &Ecr) -> Result<Fact<String>, CallError> {
    let raw = RawAnswer::default();
    ecr.call("GetRegistryScanningConfiguration", |client| {
        client.get_registry_scanning_configuration().customize().interceptor(raw.clone()).send()
    })
    .await?;
    Ok(fact(raw.text()))
}

pub(super) async fn policy(ecr: &Ecr) -> Result<Fact<String>, CallError> {
    let read = ecr.call("GetRegistryPolicy", |client| client.get_registry_policy().send()).await;
    absent_if_not_found(read.map(|answer| fact(answer.policy_text)), "RegistryPolicyNotFoundException")
}

async fn creation_templates(ecr: &Ecr) -> Result<PagedAnswer, CallError> {
    const OPERATION: &str = "DescribeRepositoryCreationTemplates";
    let page = async |token: Option<String>| {
        let raw = RawAnswer::default();
        let asked = ecr.call(OPERATION, |client| {
            let call = client.describe_repository_creation_templates().max_results(PAGE_ENTRIES);
            call.set_next_token(token.clone()).customize().interceptor(raw.clone()).send()
        });
        let next_token = asked.await?.next_token;
        Ok(Page { raw, next_token })
    };
    paged_answer::read(OPERATION, "repositoryCreationTemplates", page).await
}

async fn pull_through_cache_rules(ecr: &Ecr) -> Result<PagedAnswer, CallError> {
    const OPERATION: &str = "DescribePullThroughCacheRules";
    let page = async |token: Option<String>| {
        let raw = RawAnswer::default();
        let asked = ecr.call(OPERATION, |client| {
            let call = client.describe_pull_through_cache_rules().max_results(PAGE_ENTRIES);
            call.set_next_token(token.clone()).customize().interceptor(raw.clone()).send()
        });
        let next_token = asked.await?.next_token;
        Ok(Page { raw, next_token })
    };
    paged_answer::read(OPERATION, "pullThroughCacheRules", page).await
}

async fn account_setting(ecr: &Ecr, name: &str) -> Result<Option<String>, CallError> {
    let raw = RawAnswer::default();
    ecr.call("GetAccountSetting", |client| {
        client.get_account_setting().name(name).customize().interceptor(raw.clone()).send()
    })
    .await?;
    Ok(raw.text())
}
