//! Daemons of a cluster: what ECS starts on each managed instance, now or with the next one.
//!
//! Regions whose ECS has no daemons say so, or know no such question; then there are none.
//!
//! Source: ECS API reference, `CreateDaemon`, `DescribeDaemon`, `ListDaemonDeployments` and `DescribeDaemonRevisions`, read
//! 2026-11-25.

use std::collections::BTreeMap;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::DaemonRevision;

use super::history::is_not_known;
use super::{BatchAnswer, EcsRead, PAGE_ENTRIES, is_gone, look_at_failures, name_of};
use crate::CallError;
use crate::ecr_time::instant;
use crate::workloads::client::ServiceClient;
use crate::workloads::pages;

/// Revisions of one call: as few as of services, which is documented.
const BATCH_ARNS: usize = 20;
/// How many deployments are looked at, from the last one back.
const DEPLOYMENTS: usize = 4;

/// The daemons of a cluster.
pub(super) async fn read(ecs: &ServiceClient<Client>, cluster: &str) -> EcsRead {
    let mut read = EcsRead::new();
    let what = format!("daemons of cluster `{}`", name_of(cluster));
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            let list = client.list_daemons().cluster_arn(cluster).max_results(PAGE_ENTRIES);
            list.set_next_token(token.clone()).send()
        };
        let page = ecs.call("ecs:ListDaemons", send).await?;
        Ok((page.daemon_summaries_list, page.next_token))
    };
    let listed = pages::read("ecs:ListDaemons", page).await;
    read.found.gap_of(&what, listed.failure.as_ref().filter(|failure| !are_not_there(failure)));
    let mut revisions = BTreeMap::new();
    for daemon in listed.entries.iter().filter_map(|daemon| daemon.daemon_arn()) {
        let told = format!("daemon `{}` in cluster `{}`", name_of(daemon), name_of(cluster));
        let of_daemon = revisions_of(ecs, daemon, &told, &mut read).await;
        revisions.extend(of_daemon.into_iter().map(|arn| (arn, told.clone())));
    }
    describe_revisions(ecs, &what, &revisions, &mut read).await;
    read
}

fn are_not_there(failure: &CallError) -> bool {
    is_gone(failure) || is_not_known(failure) || failure.is("UnsupportedFeatureException")
}

/// The revisions that a daemon runs, and those of its last deployments.
async fn revisions_of(
    ecs: &ServiceClient<Client>,
    daemon: &str,
    told: &str,
    read: &mut EcsRead,
) -> Vec<String> {
    let mut revisions = Vec::new();
    match ecs.call("ecs:DescribeDaemon", |client| client.describe_daemon().daemon_arn(daemon).send()).await {
        Ok(answer) => {
            let current = answer.daemon.and_then(|daemon| daemon.current_revisions).unwrap_or_default();
            revisions.extend(current.into_iter().filter_map(|revision| revision.arn));
        }
        Err(failure) => {
            let failure = Some(&failure).filter(|failure| !failure.is("DaemonNotFoundException"));
            read.found.gap_of(told, failure);
        }
    }
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            let list = client.list_daemon_deployments().daemon_arn(daemon).max_results(PAGE_ENTRIES);
            list.set_next_token(token.clone()).send()
        };
        let page = ecs.call("ecs:ListDaemonDeployments", send).await?;
        Ok((page.daemon_deployments, page.next_token))
    };
    let mut listed = pages::read("ecs:ListDaemonDeployments", page).await;
    let failure = listed.failure.as_ref().filter(|failure| !failure.is("DaemonNotFoundException"));
    read.found.gap_of(&format!("deployments of {told}"), failure);
    listed.entries.sort_by_key(|deployment| std::cmp::Reverse(instant(deployment.created_at())));
    let last = listed.entries.into_iter().take(DEPLOYMENTS);
    revisions.extend(last.filter_map(|deployment| deployment.target_daemon_revision_arn));
    revisions
}

async fn describe_revisions(
    ecs: &ServiceClient<Client>,
    what: &str,
    revisions: &BTreeMap<String, String>,
    read: &mut EcsRead,
) {
    let arns: Vec<String> = revisions.keys().cloned().collect();
    for batch in arns.chunks(BATCH_ARNS) {
        let send = |client: Client| {
            client.describe_daemon_revisions().set_daemon_revision_arns(Some(batch.to_vec())).send()
        };
        let answer = match ecs.call("ecs:DescribeDaemonRevisions", send).await {
            Ok(answer) => answer,
            Err(failure) => {
                read.found.gap_of(what, Some(&failure));
                continue;
            }
        };
        let described = BatchAnswer {
            asked: batch.len(),
            described: answer.daemon_revisions().len(),
            failures: answer.failures(),
        };
        look_at_failures(&mut read.found, what, &described);
        for revision in answer.daemon_revisions() {
            let arn = revision.daemon_revision_arn().unwrap_or_default();
            of_revision(read, revisions.get(arn).map_or("a daemon", String::as_str), revision);
        }
    }
}

fn of_revision(read: &mut EcsRead, told: &str, revision: &DaemonRevision) {
    for image in revision.container_images() {
        let container = image.container_name().unwrap_or_default();
        let evidence = format!("{told}, container `{container}`");
        match (image.image_digest().filter(|digest| !digest.is_empty()), image.image()) {
            (Some(digest), asked) => read.found.digest(digest, asked, evidence, None),
            (None, Some(asked)) if !asked.is_empty() => {
                read.found.image(asked, evidence, instant(revision.created_at()));
            }
            (None, _) => read.found.gap(format!("{evidence}: ECS names no image")),
        }
    }
}
