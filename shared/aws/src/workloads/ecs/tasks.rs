//! Tasks of a cluster that run, or are about to.
//!
//! A container that has its image already says by which digest. Leaves out tasks that have stopped.

use std::collections::BTreeMap;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{Container, DesiredStatus, Task};
use chrono::{DateTime, Utc};

use super::named::{Absent, Naming};
use super::{BatchAnswer, EcsRead, PAGE_ENTRIES, is_gone, look_at_failures, name_of};
use crate::ecr_time::instant;
use crate::workloads::client::ServiceClient;
use crate::workloads::pages;

/// Most tasks of one `DescribeTasks`.
///
/// Source: ECS API reference, `DescribeTasks`, read 2026-11-25: "up to 100 task IDs or full ARN entries".
const BATCH_TASKS: usize = 100;
/// What is in the ARN of a task definition of a daemon.
///
/// Source: ECS API reference, `DescribeDaemonTaskDefinition`, read 2026-11-25.
const DAEMON: &str = ":daemon-task-definition/";

/// What tasks have in common that are told of once.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    digest: String,
    image: Option<String>,
    container: String,
    place: String,
}

/// The tasks of a cluster.
pub(super) async fn read(ecs: &ServiceClient<Client>, cluster: &str) -> EcsRead {
    let mut read = EcsRead::new();
    let what = format!("tasks of cluster `{}`", name_of(cluster));
    // The status that is asked for is the desired one: tasks that are provisioned or pending have it, too.
    // Source: ECS API reference, `ListTasks`, `desiredStatus`, read 2026-11-25.
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            let list = client.list_tasks().cluster(cluster).desired_status(DesiredStatus::Running);
            list.max_results(PAGE_ENTRIES).set_next_token(token.clone()).send()
        };
        let page = ecs.call("ecs:ListTasks", send).await?;
        Ok((page.task_arns, page.next_token))
    };
    let listed = pages::read("ecs:ListTasks", page).await;
    read.found.gap_of(&what, listed.failure.as_ref().filter(|failure| !is_gone(failure)));
    let mut alike: BTreeMap<Alike, (String, usize)> = BTreeMap::new();
    for batch in listed.entries.chunks(BATCH_TASKS) {
        let send =
            |client: Client| client.describe_tasks().cluster(cluster).set_tasks(Some(batch.to_vec())).send();
        let answer = match ecs.call("ecs:DescribeTasks", send).await {
            Ok(answer) => answer,
            Err(failure) => {
                read.found.gap_of(&what, Some(&failure).filter(|failure| !is_gone(failure)));
                continue;
            }
        };
        let described =
            BatchAnswer { asked: batch.len(), described: answer.tasks().len(), failures: answer.failures() };
        look_at_failures(&mut read.found, &what, &described);
        for task in answer.tasks().iter().filter(|task| task.last_status() != Some("STOPPED")) {
            of_task(&mut read, &mut alike, cluster, task);
        }
    }
    for (tasks, (first, count)) in alike {
        let more = if count == 1 { String::new() } else { format!(" and {} more", count - 1) };
        let evidence = format!("task `{first}`{more} {}, container `{}`", tasks.place, tasks.container);
        read.found.digest(&tasks.digest, tasks.image.as_deref(), evidence, None);
    }
    read
}

fn of_task(read: &mut EcsRead, alike: &mut BTreeMap<Alike, (String, usize)>, cluster: &str, task: &Task) {
    let id = name_of(task.task_arn().unwrap_or_default());
    let place = place(task, cluster);
    let created_at = instant(task.created_at());
    for container in task.containers() {
        let name = container.name().unwrap_or_default().to_owned();
        if let Some(digest) = digest_of(container) {
            let (digest, image) = (digest.to_owned(), container.image().map(str::to_owned));
            let key = Alike { digest, image, container: name, place: place.clone() };
            let (first, count) = alike.entry(key).or_insert_with(|| (id.to_owned(), 0));
            *count += 1;
            // Lists come in any order.
            if id < first.as_str() {
                id.clone_into(first);
            }
        } else if let Some(image) = container.image().filter(|image| !image.is_empty()) {
            let evidence = format!("task `{id}` {place}, container `{name}`");
            read.found.image(image, evidence, created_at);
        }
    }
    // Those of daemons are of another kind, and known by the daemons.
    if let Some(task_definition) = task.task_definition_arn().filter(|arn| !arn.contains(DAEMON)) {
        let by = format!("tasks {place}");
        let naming = Naming { by, since: resolved_at(task, created_at), absent: Absent::Unknown };
        read.named.insert(task_definition, naming);
    }
}

/// When the tags of a task are resolved whose containers do not say all of their digests.
fn resolved_at(task: &Task, created_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let says_all =
        !task.containers().is_empty() && task.containers().iter().all(|it| digest_of(it).is_some());
    created_at.filter(|_| !says_all)
}

fn digest_of(container: &Container) -> Option<&str> {
    container.image_digest().filter(|digest| !digest.is_empty())
}

/// Where a task runs: the group tells the service, or the family of one that was started by itself.
fn place(task: &Task, cluster: &str) -> String {
    let in_cluster = format!("in cluster `{}`", name_of(cluster));
    let group = task.group().filter(|group| !group.is_empty());
    group.map_or(in_cluster.clone(), |group| format!("of `{group}` {in_cluster}"))
}
