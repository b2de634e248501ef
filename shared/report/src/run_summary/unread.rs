//! What a run did not read, in sentences: the head of every summary.

use super::lines::many;
use super::{FailedShare, RegistrySummary, RunSummary, UnreadRegistry};

/// One sentence for each thing, the largest first. Texts of others are written by `quote`.
pub(super) fn sentences(summary: &RunSummary, quote: fn(&str) -> String) -> Vec<String> {
    let mut sentences: Vec<String> =
        summary.unread_registries.iter().map(|unread| of_registry(unread, quote)).collect();
    sentences.extend(summary.failed_shares.iter().map(|share| of_share(share, quote)));
    if summary.accounts_inactive != 0 {
        let verb = if summary.accounts_inactive == 1 { "is" } else { "are" };
        let accounts = many(summary.accounts_inactive.into(), "account");
        sentences.push(format!("{accounts} of the organization {verb} not active"));
    }
    for registry in &summary.registries {
        sentences.extend(of_repositories(registry, quote));
        sentences.extend(of_manifests(registry, quote));
        sentences.extend(of_uses(registry, quote));
    }
    let named = summary.problems.len() as u64;
    if summary.problems_more != 0 {
        let all = many(named.saturating_add(summary.problems_more), "problem");
        let verb = if named == 1 { "is" } else { "are" };
        sentences.push(format!("{all}, of which {named} {verb} named here"));
    }
    sentences.extend(summary.problems.iter().map(|problem| quote(problem)));
    sentences
}

fn of_registry(unread: &UnreadRegistry, quote: fn(&str) -> String) -> String {
    let account = unread.account.as_deref().map(|account| format!(" of {}", quote(account)));
    format!(
        "nothing was read{} in {}: {}",
        account.unwrap_or_default(),
        quote(&unread.region),
        quote(&unread.cause)
    )
}

fn of_share(share: &FailedShare, quote: fn(&str) -> String) -> String {
    let range = if share.first == share.last {
        quote(&share.first)
    } else {
        format!("{} to {}", quote(&share.first), quote(&share.last))
    };
    format!(
        "share {} failed, {} of {} in {}, {range}: {}",
        share.share,
        many(share.repositories, "repository"),
        quote(&share.account),
        quote(&share.region),
        quote(&share.cause)
    )
}

fn of_repositories(registry: &RegistrySummary, quote: fn(&str) -> String) -> Option<String> {
    let (account, region) = (quote(&registry.account), quote(&registry.region));
    let verb = if registry.repositories_unread == 1 { "was" } else { "were" };
    (registry.repositories_unread != 0).then(|| {
        let repositories = many(registry.repositories_unread, "repository");
        format!("{repositories} of {account} in {region} {verb} not read whole")
    })
}

fn of_manifests(registry: &RegistrySummary, quote: fn(&str) -> String) -> Option<String> {
    let (account, region) = (quote(&registry.account), quote(&registry.region));
    let verb = if registry.manifests_unread == 1 { "was" } else { "were" };
    let why = if registry.is_pull_excluded { "" } else { ", as reading them would count as pulls" };
    (registry.manifests_unread != 0).then(|| {
        let manifests = many(registry.manifests_unread, "manifest");
        format!(
            "{manifests} of {account} in {region} {verb} not read{why}: what belongs together is not known"
        )
    })
}

fn of_uses(registry: &RegistrySummary, quote: fn(&str) -> String) -> impl Iterator<Item = String> {
    let (account, region) = (quote(&registry.account), quote(&registry.region));
    let sentence = move |cause: &String| {
        format!("what is in use in {region} of {account} is not all known: {}", quote(cause))
    };
    registry.unread_uses.iter().map(sentence)
}
