//! Services of a cluster, whatever number of tasks they want: what they deploy, and what they did before.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{DeploymentController, DeploymentControllerType, Service, TaskSet};
use futures::StreamExt;

use super::named::{Absent, Named, Naming};
use super::{AT_ONCE, BatchAnswer, EcsRead, PAGE_ENTRIES, history, is_gone, look_at_failures, name_of};
use crate::ecr_time::instant;
use crate::workloads::client::ServiceClient;
use crate::workloads::pages;

/// Most services of one `DescribeServices`.
///
/// Source: ECS API reference, `DescribeServices`, read 2026-11-25: "up to 10 services".
const BATCH_SERVICES: usize = 10;

/// The services of a cluster.
pub(super) async fn read(ecs: &ServiceClient<Client>, cluster: &str) -> EcsRead {
    let mut read = EcsRead::new();
    let what = format!("services of cluster `{}`", name_of(cluster));
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            let list = client.list_services().cluster(cluster).max_results(PAGE_ENTRIES);
            list.set_next_token(token.clone()).send()
        };
        let page = ecs.call("ecs:ListServices", send).await?;
        Ok((page.service_arns, page.next_token))
    };
    let listed = pages::read("ecs:ListServices", page).await;
    read.found.gap_of(&what, listed.failure.as_ref().filter(|failure| !is_gone(failure)));
    let mut services = Vec::new();
    for batch in listed.entries.chunks(BATCH_SERVICES) {
        let send = |client: Client| {
            client.describe_services().cluster(cluster).set_services(Some(batch.to_vec())).send()
        };
        let answer = match ecs.call("ecs:DescribeServices", send).await {
            Ok(answer) => answer,
            Err(failure) => {
                read.found.gap_of(&what, Some(&failure).filter(|failure| !is_gone(failure)));
                continue;
            }
        };
        let described = BatchAnswer {
            asked: batch.len(),
            described: answer.services().len(),
            failures: answer.failures(),
        };
        look_at_failures(&mut read.found, &what, &described);
        services.extend(answer.services.unwrap_or_default());
    }
    let (of_history, deployments) = history::read(ecs, cluster, &services).await;
    read.add(of_history);
    for service in &services {
        name_task_definitions(&mut read.named, cluster, service, deployments);
    }
    let of_task_sets =
        futures::stream::iter(&services).map(|service| task_sets(ecs, cluster, service)).buffered(AT_ONCE);
    for of_task_sets in of_task_sets.collect::<Vec<EcsRead>>().await {
        read.add(of_task_sets);
    }
    read
}

/// The task definitions of a service: of its deployments, of its task sets, and its own.
fn name_task_definitions(
    named: &mut Named,
    cluster: &str,
    service: &Service,
    deployments: history::ServiceDeployments,
) {
    let told = told(cluster, service);
    let note = match deployments {
        history::ServiceDeployments::Listed => "",
        history::ServiceDeployments::NotKnown => ", where no list of service deployments is known",
    };
    for deployment in service.deployments() {
        let Some(task_definition) = deployment.task_definition() else { continue };
        let status = deployment.status().unwrap_or("unknown").to_lowercase();
        let by = format!("the {status} deployment of {told}{note}");
        let naming = Naming { by, since: instant(deployment.created_at()), absent: Absent::Unknown };
        named.insert(task_definition, naming);
    }
    for task_set in service.task_sets() {
        name_task_set(named, &told, task_set);
    }
    let is_named = service.deployments().iter().any(|it| it.task_definition() == service.task_definition());
    if let Some(task_definition) = service.task_definition().filter(|_| !is_named) {
        let by = format!("{told}{note}");
        let naming = Naming { by, since: instant(service.created_at()), absent: Absent::Unknown };
        named.insert(task_definition, naming);
    }
}

fn name_task_set(named: &mut Named, told: &str, task_set: &TaskSet) {
    let Some(task_definition) = task_set.task_definition() else { return };
    let status = task_set.status().unwrap_or("unknown").to_lowercase();
    let by = format!("the {status} task set of {told}");
    let naming = Naming { by, since: instant(task_set.created_at()), absent: Absent::Unknown };
    named.insert(task_definition, naming);
}

/// The task sets of a service that others deploy, asked for by themselves.
async fn task_sets(ecs: &ServiceClient<Client>, cluster: &str, service: &Service) -> EcsRead {
    let mut read = EcsRead::new();
    let by_codedeploy = match service.deployment_controller().map(DeploymentController::r#type) {
        Some(DeploymentControllerType::External) => false,
        Some(DeploymentControllerType::CodeDeploy) => true,
        // ECS deploys by itself, and has no task sets then.
        _ => return read,
    };
    let told = told(cluster, service);
    let name = service.service_arn().or(service.service_name()).unwrap_or_default();
    let send = |client: Client| client.describe_task_sets().cluster(cluster).service(name).send();
    let answer = match ecs.call("ecs:DescribeTaskSets", send).await {
        Ok(answer) => answer,
        // ECS documents the operation for external controllers; of CodeDeploy's, the service has told already.
        Err(failure) if by_codedeploy && failure.is("InvalidParameterException") => return read,
        Err(failure) => {
            let failure = Some(&failure).filter(|failure| !is_gone(failure));
            read.found.gap_of(&format!("task sets of {told}"), failure);
            return read;
        }
    };
    let described =
        BatchAnswer { asked: 0, described: answer.task_sets().len(), failures: answer.failures() };
    look_at_failures(&mut read.found, &format!("task sets of {told}"), &described);
    for task_set in answer.task_sets() {
        name_task_set(&mut read.named, &told, task_set);
    }
    read
}

/// The service, as a fragment.
pub(super) fn told(cluster: &str, service: &Service) -> String {
    let name = service.service_name().or(service.service_arn().map(name_of)).unwrap_or_default();
    format!("service `{name}` in cluster `{}`", name_of(cluster))
}
