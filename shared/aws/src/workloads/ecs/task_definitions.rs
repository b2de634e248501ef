//! The images of task definitions that something names, each described once.
//!
//! A revision never changes, and one that was deregistered can be described as long as it is not deleted. Its images are
//! mostly tags, which mean what they meant when they were resolved, and what they mean now.

use std::collections::BTreeSet;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::TaskDefinition;
use demurrage_core::in_use::UseSource;
use futures::StreamExt;

use super::named::{Absent, Named, Naming};
use super::{AT_ONCE, name_of};
use crate::CallError;
use crate::ecr_time::instant;
use crate::workloads::client::ServiceClient;
use crate::workloads::found::Found;

/// The images of all that are named.
pub(super) async fn read(ecs: &ServiceClient<Client>, named: &Named) -> Found {
    let mut found = Found::new(UseSource::Ecs);
    let described = futures::stream::iter(named.iter())
        .map(|(task_definition, namings)| of_one(ecs, task_definition, namings))
        .buffered(AT_ONCE);
    for of_one in described.collect::<Vec<Found>>().await {
        found.add(of_one);
    }
    found
}

async fn of_one(ecs: &ServiceClient<Client>, task_definition: &str, namings: &BTreeSet<Naming>) -> Found {
    let mut found = Found::new(UseSource::Ecs);
    let send = |client: Client| client.describe_task_definition().task_definition(task_definition).send();
    let described = match ecs.call("ecs:DescribeTaskDefinition", send).await {
        Ok(answer) => answer.task_definition,
        Err(failure) if is_absent(&failure) && namings.iter().all(|it| it.absent == Absent::Unusable) => None,
        Err(failure) => {
            let by = namings.first().map_or("", |naming| naming.by.as_str());
            let what = format!("task definition `{}`, named by {by}", name_of(task_definition));
            found.gap_of(&what, Some(&failure));
            None
        }
    };
    if let Some(described) = described {
        add(&mut found, task_definition, &described, namings);
    }
    found
}

/// Whether ECS does not have it.
///
/// Source: ECS developer guide, "Deleting a task definition revision", read 2026-11-25: one that is used is not gone; the code and
/// the message are those of an answer to a name that never was.
fn is_absent(failure: &CallError) -> bool {
    failure.is("ClientException") && failure.cause.starts_with("Unable to describe task definition")
}

fn add(found: &mut Found, asked: &str, described: &TaskDefinition, namings: &BTreeSet<Naming>) {
    let name = name_of(described.task_definition_arn().unwrap_or(asked));
    let registered_at = instant(described.registered_at());
    for container in described.container_definitions() {
        // What a deployment fills in cannot be run as it stands.
        let image = container.image().unwrap_or_default();
        if image.is_empty() || image.contains('<') && image.contains('>') {
            continue;
        }
        let container = container.name().unwrap_or_default();
        for naming in namings {
            let evidence =
                format!("task definition `{name}`, container `{container}`, named by {}", naming.by);
            found.image(image, evidence, naming.since.or(registered_at));
        }
    }
}
