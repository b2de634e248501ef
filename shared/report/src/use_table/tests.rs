//! What people see of use, as a whole.

use chrono::{DateTime, Utc};
use demurrage_core::in_use::{
    ReadSource, SourceState, Use, UseGap, UseGapReason, UseGraph, UseScope, UseSource,
};
use demurrage_core::lifecycle::Relations;
use demurrage_core::{Image, RegistryKind, Repository, Tag, instant};

use super::use_table;
use crate::use_report::{UseReport, UsedRepository};

fn at(text: &str) -> DateTime<Utc> {
    instant::parse(text).unwrap()
}

fn used(reference: &str, evidence: &str) -> Use {
    Use {
        reference: reference.parse().unwrap(),
        evidence: evidence.to_owned(),
        source: UseSource::Ecs,
        since: None,
    }
}

fn read(scope: UseScope, read_at: &str, state: SourceState, uses: usize) -> ReadSource {
    ReadSource { scope, read_at: at(read_at), state, uses }
}

fn image(number: u32, tags: &[&str]) -> Image {
    let mut image = Image::new(format!("sha256:{number:064x}").parse().unwrap());
    image.tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
    image
}

#[test]
fn sources_gaps_images_and_what_is_of_no_image_are_shown() {
    let of = |source| UseScope::of_region(source, "123456789012", "eu-west-1");
    let subject = image(2, &["1.0", "prod"]);
    let mut signature = image(3, &[]);
    signature.subject = Some(subject.digest);
    let images = vec![image(1, &["0.9"]), subject, signature, image(4, &["latest"])];
    let repository = Repository { images, ..Repository::new("shop/cart") };
    let uses = vec![
        used("shop/cart:1.0", "service `cart` in cluster `prod`"),
        used("shop/cart:prod", "task definition `cart:7`"),
        used("shop/cart:prod", "pod shop/cart-7d9 (container\u{1b}[31m app) in prod"),
        used("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/gone:1.0", "function `resize`"),
    ];
    let graph = UseGraph::of(uses);
    let relations = Relations::of(&repository.images);
    let in_use = graph.of_repository(RegistryKind::Private, &repository, &relations);
    let account = Some("123456789012".to_owned());
    let protections = &in_use.protections;
    let failed = SourceState::Failed("`lambda:ListFunctions` is not allowed".to_owned());
    let off = SourceState::NotEnabled("Inspector is off".to_owned());
    let cluster = UseScope::of_cluster("prod");
    let why = UseGapReason::TooOld {
        read_at: at("2026-11-22T00:00:00Z"),
        age: at("2026-11-25T12:00:00Z") - at("2026-11-22T00:00:00Z"),
    };
    let report = UseReport {
        now: at("2026-11-25T12:00:00Z"),
        sources: vec![
            read(of(UseSource::Ecs), "2026-11-25T11:59:30Z", SourceState::Read, 2),
            read(of(UseSource::Lambda), "2026-11-25T11:30:00Z", failed, 1),
            read(of(UseSource::Inspector), "2026-11-25T06:00:00Z", off, 0),
            read(cluster.clone(), "2026-11-22T00:00:00Z", SourceState::Read, 1),
        ],
        gaps: vec![UseGap { scope: cluster, why }],
        repositories: UsedRepository::of(account, "eu-west-1", &repository, protections, graph.uses())
            .into_iter()
            .collect(),
        unresolved: graph.uses().iter().skip(3).collect(),
        stored: Vec::new(),
    };
    insta::assert_snapshot!(use_table(&report, None));
    insta::assert_snapshot!("at_80_columns", use_table(&report, Some(80)));
}

#[test]
fn a_store_without_records_says_so() {
    let report = UseReport {
        now: at("2026-11-25"),
        sources: Vec::new(),
        gaps: Vec::new(),
        repositories: Vec::new(),
        unresolved: Vec::new(),
        stored: Vec::new(),
    };
    assert_eq!(use_table(&report, None), "no source of uses was read\n\n");
}
