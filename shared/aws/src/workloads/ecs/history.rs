//! Revisions of services: the ones that run, and those before them, by digest.
//!
//! ECS keeps deployments of the last 90 days, from 25 October 2024 on; what is older is known by its task definition alone.
//! A roll-back goes to a revision before, so that its images are in use, too.
//!
//! Source: ECS developer guide, "Viewing Amazon ECS service deployments", read 2026-11-25.

use std::collections::BTreeMap;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    DeploymentController, DeploymentControllerType, Service, ServiceDeploymentBrief, ServiceDeploymentStatus,
    ServiceRevision,
};
use futures::StreamExt;

use super::named::{Absent, Naming};
use super::{AT_ONCE, BatchAnswer, EcsRead, PAGE_ENTRIES, is_gone, look_at_failures, name_of, services};
use crate::CallError;
use crate::ecr_time::instant;
use crate::workloads::client::ServiceClient;
use crate::workloads::pages::{self, Listed};

/// Most service deployments or revisions of one call.
///
/// Source: ECS API reference, `DescribeServiceDeployments` and `DescribeServiceRevisions`, read 2026-11-25: "a maximum of 20 ARNs".
const BATCH_ARNS: usize = 20;
/// How many successful deployments before the last one are in use.
const DEPLOYMENTS_BACK: usize = 3;

/// Whether ECS lists service deployments here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServiceDeployments {
    /// It does.
    Listed,
    /// It does not know the question, as in partitions that are behind.
    NotKnown,
}

/// Revisions and deployments to describe, with whose they are.
#[derive(Default)]
struct Wanted {
    deployments: BTreeMap<String, String>,
    revisions: BTreeMap<String, String>,
}

/// The revisions of these services, and whether there is a list of them.
pub(super) async fn read(
    ecs: &ServiceClient<Client>,
    cluster: &str,
    services: &[Service],
) -> (EcsRead, ServiceDeployments) {
    let mut read = EcsRead::new();
    let mut wanted = Wanted::default();
    let mut known = ServiceDeployments::Listed;
    let deployed_by_ecs: Vec<&Service> =
        services.iter().filter(|service| is_deployed_by_ecs(service)).collect();
    let listed =
        futures::stream::iter(&deployed_by_ecs).map(|service| list(ecs, cluster, service)).buffered(AT_ONCE);
    let listed: Vec<Listed<ServiceDeploymentBrief>> = listed.collect().await;
    for (service, listed) in deployed_by_ecs.into_iter().zip(listed) {
        let told = services::told(cluster, service);
        match listed.failure {
            Some(failure) if is_not_known(&failure) => known = ServiceDeployments::NotKnown,
            Some(failure) if is_gone(&failure) => {}
            failure => read.found.gap_of(&format!("service deployments of {told}"), failure.as_ref()),
        }
        for deployment in in_use(listed.entries) {
            wanted.deployments.extend(deployment.service_deployment_arn.map(|arn| (arn, told.clone())));
            wanted.revisions.extend(deployment.target_service_revision_arn.map(|arn| (arn, told.clone())));
        }
        let current = service.current_service_revisions().iter().filter_map(|revision| revision.arn());
        wanted.revisions.extend(current.map(|arn| (arn.to_owned(), told.clone())));
        let current = service.current_service_deployment();
        wanted.deployments.extend(current.map(|arn| (arn.to_owned(), told.clone())));
    }
    if known == ServiceDeployments::Listed {
        describe_deployments(ecs, cluster, &mut wanted, &mut read).await;
        describe_revisions(ecs, cluster, &wanted, &mut read).await;
    }
    (read, known)
}

fn is_deployed_by_ecs(service: &Service) -> bool {
    let controller = service.deployment_controller().map(DeploymentController::r#type);
    controller.is_none_or(|controller| *controller == DeploymentControllerType::Ecs)
}

/// Whether the service does not know the operation, as it says itself.
///
/// Source: ECS API reference, "Common errors" (`InvalidAction`), and the protocol's `UnknownOperationException`, read 2026-11-25.
pub(super) fn is_not_known(failure: &CallError) -> bool {
    ["UnknownOperationException", "UnknownOperation", "InvalidAction"].iter().any(|code| failure.is(code))
}

async fn list(
    ecs: &ServiceClient<Client>,
    cluster: &str,
    service: &Service,
) -> Listed<ServiceDeploymentBrief> {
    let name = service.service_arn().or(service.service_name()).unwrap_or_default();
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            let list = client.list_service_deployments().cluster(cluster).service(name);
            list.max_results(PAGE_ENTRIES).set_next_token(token.clone()).send()
        };
        let page = ecs.call("ecs:ListServiceDeployments", send).await?;
        Ok((page.service_deployments, page.next_token))
    };
    pages::read("ecs:ListServiceDeployments", page).await
}

/// The deployments whose revisions run or may run again: those under way, what came after the last that succeeded, that one, and
/// the successful ones before it.
fn in_use(mut deployments: Vec<ServiceDeploymentBrief>) -> Vec<ServiceDeploymentBrief> {
    deployments
        .sort_by_key(|it| std::cmp::Reverse((instant(it.created_at()), it.service_deployment_arn.clone())));
    let mut successful = 0;
    deployments.retain(|deployment| match deployment.status() {
        Some(ServiceDeploymentStatus::Successful | ServiceDeploymentStatus::RollbackSuccessful) => {
            successful += 1;
            successful <= DEPLOYMENTS_BACK + 1
        }
        Some(ServiceDeploymentStatus::Stopped | ServiceDeploymentStatus::RollbackFailed) => successful == 0,
        // Under way, or in a state that is newer than this program.
        Some(_) | None => true,
    });
    deployments
}

/// The revisions that deployments replace.
async fn describe_deployments(
    ecs: &ServiceClient<Client>,
    cluster: &str,
    wanted: &mut Wanted,
    read: &mut EcsRead,
) {
    let what = format!("service deployments of cluster `{}`", name_of(cluster));
    let arns: Vec<String> = wanted.deployments.keys().cloned().collect();
    for batch in arns.chunks(BATCH_ARNS) {
        let send = |client: Client| {
            client.describe_service_deployments().set_service_deployment_arns(Some(batch.to_vec())).send()
        };
        let answer = match ecs.call("ecs:DescribeServiceDeployments", send).await {
            Ok(answer) => answer,
            Err(failure) => {
                read.found.gap_of(&what, Some(&failure));
                continue;
            }
        };
        let deployments = answer.service_deployments();
        let described =
            BatchAnswer { asked: batch.len(), described: deployments.len(), failures: answer.failures() };
        look_at_failures(&mut read.found, &what, &described);
        for deployment in deployments {
            let told =
                deployment.service_deployment_arn().and_then(|arn| wanted.deployments.get(arn)).cloned();
            let told = told.unwrap_or_else(|| format!("a service in cluster `{}`", name_of(cluster)));
            let sources = deployment.source_service_revisions().iter();
            let revisions = sources.chain(deployment.target_service_revision()).filter_map(|it| it.arn());
            for arn in revisions {
                wanted.revisions.entry(arn.to_owned()).or_insert_with(|| told.clone());
            }
        }
    }
}

async fn describe_revisions(ecs: &ServiceClient<Client>, cluster: &str, wanted: &Wanted, read: &mut EcsRead) {
    let what = format!("service revisions of cluster `{}`", name_of(cluster));
    let arns: Vec<String> = wanted.revisions.keys().cloned().collect();
    for batch in arns.chunks(BATCH_ARNS) {
        let send = |client: Client| {
            client.describe_service_revisions().set_service_revision_arns(Some(batch.to_vec())).send()
        };
        let answer = match ecs.call("ecs:DescribeServiceRevisions", send).await {
            Ok(answer) => answer,
            Err(failure) => {
                read.found.gap_of(&what, Some(&failure));
                continue;
            }
        };
        let revisions = answer.service_revisions();
        let described =
            BatchAnswer { asked: batch.len(), described: revisions.len(), failures: answer.failures() };
        look_at_failures(&mut read.found, &what, &described);
        for revision in revisions {
            let arn = revision.service_revision_arn().unwrap_or_default();
            let told = wanted.revisions.get(arn).map_or("a service", String::as_str);
            of_revision(read, told, revision);
        }
    }
}

fn of_revision(read: &mut EcsRead, told: &str, revision: &ServiceRevision) {
    let id = name_of(revision.service_revision_arn().unwrap_or_default());
    let created_at = instant(revision.created_at());
    for image in revision.container_images() {
        let container = image.container_name().unwrap_or_default();
        let evidence = format!("revision `{id}` of {told}, container `{container}`");
        match (image.image_digest().filter(|digest| !digest.is_empty()), image.image()) {
            (Some(digest), asked) => read.found.digest(digest, asked, evidence, None),
            (None, Some(asked)) if !asked.is_empty() => read.found.image(asked, evidence, created_at),
            (None, _) => {}
        }
    }
    if let Some(task_definition) = revision.task_definition() {
        let by = format!("revision `{id}` of {told}");
        read.named.insert(task_definition, Naming { by, since: created_at, absent: Absent::Unusable });
    }
}
