//! Rules of `EventBridge` that start tasks of ECS, on all event buses; those that are disabled, too.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{EventBus, Rule, Target};
use futures::StreamExt;

use super::named::{Absent, Naming};
use super::{AT_ONCE, EcsRead};
use crate::call_error::CallErrorKind;
use crate::workloads::client::ServiceClient;
use crate::workloads::pages::{self, Listed};

/// Most entries of a page of any list.
///
/// Source: `EventBridge` API reference, `LimitMax100`, read 2026-11-25.
const PAGE_ENTRIES: i32 = 100;

/// Task definitions that rules name.
pub(super) async fn read(events: &ServiceClient<Client>) -> EcsRead {
    let mut read = EcsRead::new();
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            client.list_event_buses().limit(PAGE_ENTRIES).set_next_token(token.clone()).send()
        };
        let page = events.call("events:ListEventBuses", send).await?;
        Ok((page.event_buses, page.next_token))
    };
    let buses: Listed<EventBus> = pages::read("events:ListEventBuses", page).await;
    read.found.gap_of("event buses", buses.failure.as_ref());
    for bus in buses.entries.iter().filter_map(|bus| bus.name()) {
        let listed = rules(events, bus).await;
        let failure = listed.failure.as_ref().filter(|failure| failure.kind != CallErrorKind::NotFound);
        read.found.gap_of(&format!("rules of event bus `{bus}`"), failure);
        let names: Vec<&str> = listed.entries.iter().filter_map(|rule| rule.name()).collect();
        let of_rules = futures::stream::iter(names).map(|rule| of_rule(events, bus, rule)).buffered(AT_ONCE);
        for of_rule in of_rules.collect::<Vec<EcsRead>>().await {
            read.add(of_rule);
        }
    }
    read
}

async fn rules(events: &ServiceClient<Client>, bus: &str) -> Listed<Rule> {
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            client.list_rules().event_bus_name(bus).limit(PAGE_ENTRIES).set_next_token(token.clone()).send()
        };
        let page = events.call("events:ListRules", send).await?;
        Ok((page.rules, page.next_token))
    };
    pages::read("events:ListRules", page).await
}

async fn of_rule(events: &ServiceClient<Client>, bus: &str, rule: &str) -> EcsRead {
    let mut read = EcsRead::new();
    let told = format!("rule `{rule}` of event bus `{bus}`");
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            let list = client.list_targets_by_rule().event_bus_name(bus).rule(rule).limit(PAGE_ENTRIES);
            list.set_next_token(token.clone()).send()
        };
        let page = events.call("events:ListTargetsByRule", send).await?;
        Ok((page.targets, page.next_token))
    };
    let targets: Listed<Target> = pages::read("events:ListTargetsByRule", page).await;
    let failure = targets.failure.as_ref().filter(|failure| failure.kind != CallErrorKind::NotFound);
    read.found.gap_of(&format!("targets of {told}"), failure);
    for target in &targets.entries {
        if let Some(of_ecs) = target.ecs_parameters() {
            let naming = Naming { by: told.clone(), since: None, absent: Absent::Unusable };
            read.named.insert(of_ecs.task_definition_arn(), naming);
        }
    }
    read
}
