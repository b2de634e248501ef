//! A report with everything in it that a table, JSON and rows can show, compared as a whole.

use demurrage_core::cost::{Basis, BreakEven, Gigabytes, PullRate, PullTarget, Region, Usd};
use demurrage_core::{Digest, Image, Tag, instant};

use crate::cost::{
    CostBy, CostReport, ImageCost, PolicySavings, PricesUsed, PullRow, RegistryNote, ReplicationRange,
    RepositoryCost, RuleSavings, StorageSum, cost_csv, cost_json, cost_table,
};

const GIB: u128 = 1 << 30;

fn usd(text: &str) -> Option<Usd> {
    text.parse().ok()
}

fn repository<'a>(region: &str, name: &str, stored_gib: u128, storage: Option<Usd>) -> RepositoryCost<'a> {
    RepositoryCost {
        account: Some("123456789012".to_owned()),
        region: region.to_owned(),
        name: name.to_owned(),
        resource_tags: Some(vec![("team".to_owned(), "=1+1".to_owned())]),
        sum: StorageSum {
            images: 1_204,
            image_size_sum_bytes: 4 * stored_gib * GIB,
            stored_bytes: stored_gib * GIB,
            archived_bytes: 0,
            storage,
        },
        images_without_manifest: 0,
        is_exact: true,
        lifecycle: None,
        replication: Vec::new(),
        images: Vec::new(),
    }
}

/// A small repository, a large one that is not exact, and one without a price.
fn report(image: &Image) -> CostReport<'_> {
    let mut large = repository("ap-northeast-2", "a-team/with-a-rather-long/name", 100, usd("10.7"));
    large.sum.archived_bytes = 7 * GIB;
    large.images_without_manifest = 3;
    large.is_exact = false;
    large.resource_tags = Some(Vec::new());
    let rule = |priority: u64, gib: u128| RuleSavings {
        priority,
        sentence: "expires untagged images 14 days after the push".to_owned(),
        freed_bytes: gib * GIB,
    };
    large.lifecycle = Some(PolicySavings {
        next_run_freed_bytes: 30 * GIB,
        next_run_freed: usd("3"),
        settled_freed_bytes: 42 * GIB,
        settled_freed: usd("4.2"),
        by_rule: vec![rule(1, 40), rule(20, 2)],
    });
    large.replication = vec![ReplicationRange {
        region: "us-east-1".to_owned(),
        registry: "123456789012".to_owned(),
        low: usd("0.1"),
        high: usd("3.25"),
    }];
    large.images =
        vec![ImageCost { image, exclusive_bytes: GIB, shared_bytes: 3 * GIB, exclusive: usd("0.1") }];
    let mut unpriced = repository("cn-north-1", "small", 2, None);
    unpriced.resource_tags = None;
    let repositories = vec![large, repository("ap-northeast-2", "small", 1, usd("0.1")), unpriced];
    let mut total = StorageSum::nothing();
    for repository in &repositories {
        total.add(&repository.sum);
    }
    CostReport {
        now: instant::parse("2026-11-01").unwrap(),
        prices: PricesUsed {
            date: instant::parse("2026-09-21").unwrap().date_naive(),
            source: "the AWS price list".to_owned(),
        },
        repositories,
        total,
        registries: vec![RegistryNote {
            name: "123456789012 ap-northeast-2".to_owned(),
            sentences: vec!["one thing to know".to_owned(), "another one".to_owned()],
        }],
        pulls: None,
    }
}

fn image() -> Image {
    let mut image = Image::new(Digest::from_bytes([7; 32]));
    image.tags = vec![Tag::as_given("v1"), Tag::as_given("latest")];
    image.size_bytes = Some(4 << 30);
    image
}

const ALL: [(&str, CostBy); 4] = [
    ("repository", CostBy::Repository),
    ("image", CostBy::Image),
    ("rule", CostBy::Rule),
    ("region", CostBy::Region),
];

fn all() -> Vec<(&'static str, CostBy)> {
    ALL.into_iter().chain([("tag", CostBy::Tag("team".to_owned()))]).collect()
}

#[test]
fn each_way_of_putting_costs_together_is_a_table_json_and_rows() {
    let image = image();
    let report = report(&image);
    for (name, by) in all() {
        insta::assert_snapshot!(format!("cost_{name}"), cost_table(&report, &by, None));
        insta::assert_snapshot!(format!("cost_{name}_csv"), cost_csv(&report, &by));
        let json = serde_json::to_string_pretty(&cost_json(&report, &by)).unwrap();
        insta::assert_snapshot!(format!("cost_{name}_json"), json);
    }
}

#[test]
fn a_table_fits_the_terminal_and_numbers_stay_whole() {
    let image = image();
    let report = report(&image);
    insta::assert_snapshot!("cost_narrow", cost_table(&report, &CostBy::Repository, Some(80)));
    for width in [80, 90, 100, 120, 200] {
        for (name, by) in all() {
            let text = cost_table(&report, &by, Some(width));
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= usize::from(width), "{name} in {width}:\n{text}");
            assert!(by == CostBy::Rule || text.contains("412 GiB"), "{name} in {width}:\n{text}");
        }
    }
}

#[test]
fn pulls_say_where_each_figure_is_from_and_when_a_replica_is_cheaper() {
    let image = image();
    let mut report = report(&image);
    let pull =
        |to: PullTarget, pulls: Option<u64>, transfer: Option<Usd>, replica: Option<BreakEven>| PullRow {
            account: Some("123456789012".to_owned()),
            region: "ap-northeast-2".to_owned(),
            name: pulls.map(|_| "small".to_owned()),
            to,
            pulls_per_month: pulls,
            image_bytes: Some(GIB),
            gigabytes: Some(Gigabytes::of_bytes(12 * GIB)),
            transfer,
            basis: if pulls.is_some() { Basis::Assumed } else { Basis::Billed },
            rate: PullRate::InterRegionAtSource,
            replica,
        };
    let virginia = PullTarget::Region(Region::parse("us-east-1").unwrap());
    report.pulls = Some(vec![
        pull(virginia, Some(12), usd("0.96"), Some(BreakEven::From(3))),
        pull(virginia, None, usd("0.96"), Some(BreakEven::Never)),
        pull(virginia, Some(12), None, Some(BreakEven::Unknown)),
        pull(PullTarget::Internet, Some(12), usd("0"), None),
    ]);
    report.repositories.clear();
    insta::assert_snapshot!("cost_pulls", cost_table(&report, &CostBy::Repository, None));
    let json = serde_json::to_value(cost_json(&report, &CostBy::Repository)).unwrap();
    insta::assert_snapshot!("cost_pulls_json", format!("{:#}", json["pulls"]));
}
