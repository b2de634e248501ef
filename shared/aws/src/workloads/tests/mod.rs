//! Facts about reading workloads, over HTTP.

mod ecs;
mod endpoints;
mod inspector;
mod lambda;
mod ministack;
mod server;
mod services;
mod sources;

use chrono::{DateTime, Utc};
use demurrage_core::in_use::{SourceState, UseSource};
use demurrage_core::instant;

use super::{KnownFunctionVersions, WorkloadOptions, WorkloadsRead, read_workloads};
use server::{Aws, World};

fn now() -> DateTime<Utc> {
    instant::parse("2026-11-25T00:00:00Z").unwrap()
}

/// A digest that ends with these hexadecimal digits.
fn digest(end: &str) -> String {
    format!("sha256:{end:0>64}")
}

/// The name of a private repository, as a reference begins.
fn image(rest: &str) -> String {
    format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/{rest}")
}

/// Reads all of a world.
async fn read(world: World) -> (WorkloadsRead, Aws) {
    let aws = world.start().await;
    let session = aws.session().await;
    let read =
        read_workloads(&session, &WorkloadOptions::default(), &KnownFunctionVersions::default(), now()).await;
    (read, aws)
}

/// What came of a source.
fn state(read: &WorkloadsRead, source: UseSource) -> SourceState {
    read.record.sources.iter().find(|record| record.source == source).unwrap().state.clone()
}

/// The uses of a source, each in a line: the reference, since when, why.
fn lines(read: &WorkloadsRead, source: UseSource) -> Vec<String> {
    let of_source = read.record.uses.iter().filter(|used| used.source == source);
    let line = of_source.map(|used| {
        let since = used.since.map_or_else(|| "-".to_owned(), |since| since.format("%Y-%m-%d").to_string());
        let reference = used.reference.to_string().replace(&"0".repeat(60), "…");
        let reference = reference.replace("123456789012.dkr.ecr.eu-west-1.amazonaws.com/", "");
        format!("{} | {since} | {}", reference.replace("123456789012/eu-west-1/", ""), used.evidence)
    });
    line.collect()
}
