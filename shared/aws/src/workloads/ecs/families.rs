//! The newest active revisions of each family of task definitions, whether or not anything names them.
//!
//! Who calls `RunTask` names a family, or one of its last revisions.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{SortOrder, TaskDefinitionFamilyStatus, TaskDefinitionStatus};
use futures::StreamExt;

use super::named::{Absent, Naming};
use super::{AT_ONCE, EcsRead, PAGE_ENTRIES, name_of};
use crate::workloads::client::ServiceClient;
use crate::workloads::pages::{self, Listed};

/// As many of the newest active revisions of each family.
pub(super) async fn read(ecs: &ServiceClient<Client>, revisions: u32) -> EcsRead {
    let mut read = EcsRead::new();
    if revisions == 0 {
        return read;
    }
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            let list = client.list_task_definition_families().status(TaskDefinitionFamilyStatus::Active);
            list.max_results(PAGE_ENTRIES).set_next_token(token.clone()).send()
        };
        let page = ecs.call("ecs:ListTaskDefinitionFamilies", send).await?;
        Ok((page.families, page.next_token))
    };
    let families: Listed<String> = pages::read("ecs:ListTaskDefinitionFamilies", page).await;
    read.found.gap_of("families of task definitions", families.failure.as_ref());
    let wanted = usize::try_from(revisions).unwrap_or(usize::MAX);
    let of_families =
        futures::stream::iter(&families.entries).map(|family| newest(ecs, family, wanted)).buffered(AT_ONCE);
    let of_families: Vec<Listed<String>> = of_families.collect().await;
    for (family, newest) in families.entries.iter().zip(of_families) {
        read.found.gap_of(&format!("task definitions of family `{family}`"), newest.failure.as_ref());
        for arn in &newest.entries {
            let by = format!("one of the newest {revisions} active revisions of `{family}`");
            read.named.insert(arn, Naming { by, since: None, absent: Absent::Unusable });
        }
    }
    read
}

/// The newest active revisions of a family, the newest first, and no more pages than they are on.
///
/// Source: ECS API reference, `ListTaskDefinitions`, read 2026-11-25: `familyPrefix` is "the full family name", `DESC` has the newest
/// revision first.
async fn newest(ecs: &ServiceClient<Client>, family: &str, wanted: usize) -> Listed<String> {
    let most = i32::try_from(wanted).unwrap_or(PAGE_ENTRIES).min(PAGE_ENTRIES);
    let found = AtomicUsize::new(0);
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            let list =
                client.list_task_definitions().family_prefix(family).status(TaskDefinitionStatus::Active);
            list.sort(SortOrder::Desc).max_results(most).set_next_token(token.clone()).send()
        };
        let page = ecs.call("ecs:ListTaskDefinitions", send).await?;
        let mut arns = page.task_definition_arns.unwrap_or_default();
        arns.retain(|arn| is_of_family(arn, family));
        let so_far = found.fetch_add(arns.len(), Ordering::Relaxed) + arns.len();
        Ok((Some(arns), page.next_token.filter(|_| so_far < wanted)))
    };
    let mut newest = pages::read("ecs:ListTaskDefinitions", page).await;
    newest.entries.truncate(wanted);
    newest
}

/// Whether an ARN such as `arn:aws:ecs:…:task-definition/web:7` is of this family.
fn is_of_family(arn: &str, family: &str) -> bool {
    name_of(arn).rsplit_once(':').is_some_and(|(name, _)| name == family)
}
