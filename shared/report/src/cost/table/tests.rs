//! A report with everything in it that a table, JSON and rows can show, compared as a whole.

use demurrage_core::cost::{
    ArchiveAdvice, BreakEven, Gigabytes, MonthlyCost, PolicyUnknown, PullRate, PullSource, PullTarget,
    PullWindow, Region, Usd,
};
use demurrage_core::{Digest, Image, RegistryKind, Tag, instant};

use crate::cost::{
    BytesCost, CostBy, CostReport, CountedPulls, ForecastFigure, ImageCost, MountedFigure, NetworkHours,
    PolicyEffect, PolicySavings, PricesUsed, PullRow, RegistryFigures, ReplicaFigures, ReplicationRange,
    ReplicationSum, RepositoryCost, RuleSavings, StorageSum, UnreadRepository, cost_csv, cost_json,
    cost_table,
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
            is_size_sum_exact: true,
            stored_bytes: stored_gib * GIB,
            archived_bytes: 0,
            storage,
        },
        images_without_manifest: 0,
        is_exact: true,
        lifecycle: PolicyEffect::NoPolicy,
        replication: Some(Vec::new()),
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
    large.lifecycle = PolicyEffect::Known(PolicySavings {
        next_run_freed_bytes: 30 * GIB,
        next_run_freed: usd("3"),
        settled_freed_bytes: 42 * GIB,
        settled_freed: usd("4.2"),
        by_rule: vec![rule(1, 40), rule(20, 2)],
    });
    large.replication = Some(vec![ReplicationRange {
        region: "us-east-1".to_owned(),
        registry: "123456789012".to_owned(),
        low: usd("0.1"),
        high: usd("3.25"),
    }]);
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
        unread: Vec::new(),
        total,
        registries: Vec::new(),
        pulls: None,
        network_hours: Vec::new(),
        counted_pulls: Vec::new(),
    }
}

fn gib(number: u128) -> BytesCost {
    BytesCost { bytes: number * GIB, usd: usd(&format!("{}.{}", number / 10, number % 10)) }
}

/// A registry of which all is known, and one of ECR Public of which little is.
fn registries() -> Vec<RegistryFigures> {
    let range = |region: &str, low: Option<Usd>| ReplicationRange {
        region: region.to_owned(),
        registry: "123456789012".to_owned(),
        low,
        high: usd("3.25"),
    };
    let whole = RegistryFigures {
        account: Some("123456789012".to_owned()),
        region: "ap-northeast-2".to_owned(),
        kind: RegistryKind::Private,
        is_exact: false,
        image_size_sum: gib(412),
        is_size_sum_exact: false,
        mounted: MountedFigure::On(gib(90)),
        forecast: Some(vec![
            ForecastFigure { days: 30, without_policies: gib(120), with_policies: Some(gib(60)) },
            ForecastFigure {
                days: 90,
                without_policies: gib(160),
                with_policies: Some(BytesCost { bytes: GIB, usd: None }),
            },
            ForecastFigure { days: 365, without_policies: gib(160), with_policies: None },
        ]),
        replication: Some(vec![
            ReplicationSum { range: range("us-east-1", usd("0.1")), is_exact: false },
            ReplicationSum { range: range("us-west-2", None), is_exact: true },
        ]),
        replicas: vec![ReplicaFigures {
            region: "us-east-1".to_owned(),
            registry: "123456789012".to_owned(),
            missing_images: 1,
            orphan_images: 2,
            orphan_bytes: 3 * GIB,
            never_pulled_images: 4,
            never_pulled_bytes: 5 * GIB,
        }],
        archive: Some(ArchiveAdvice::Saves {
            cost: MonthlyCost { standard_usd: usd("10").unwrap(), archive_usd: usd("7").unwrap() },
            restore_usd: usd("2").unwrap(),
            pays_after_days: 91,
            pays_after_days_restored_once: Some(111),
        }),
    };
    let public = RegistryFigures {
        account: None,
        region: "us-east-1".to_owned(),
        kind: RegistryKind::Public,
        is_exact: true,
        image_size_sum: gib(1),
        is_size_sum_exact: true,
        mounted: MountedFigure::NotRead,
        forecast: None,
        replication: Some(Vec::new()),
        replicas: Vec::new(),
        archive: None,
    };
    let cost = MonthlyCost { standard_usd: usd("10").unwrap(), archive_usd: usd("10").unwrap() };
    let nothing_saved = |region: &str, saves_beyond_gb: Option<u64>| RegistryFigures {
        region: region.to_owned(),
        kind: RegistryKind::Private,
        mounted: MountedFigure::Off,
        archive: Some(ArchiveAdvice::SavesNothing { cost, saves_beyond_gb }),
        ..public.clone()
    };
    let later = nothing_saved("eu-west-1", Some(150 << 10));
    let never = RegistryFigures { replication: None, ..nothing_saved("eu-west-2", None) };
    let nothing = MonthlyCost { standard_usd: Usd::ZERO, archive_usd: Usd::ZERO };
    let full = RegistryFigures {
        archive: Some(ArchiveAdvice::SavesNothing { cost: nothing, saves_beyond_gb: Some(150 << 10) }),
        ..nothing_saved("eu-west-3", None)
    };
    vec![whole, public, later, never, full]
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
fn whole_registries_have_sentences_below_a_table_and_figures_in_json() {
    let image = image();
    let mut report = report(&image);
    report.repositories.clear();
    report.registries = registries();
    insta::assert_snapshot!("cost_registries", cost_table(&report, &CostBy::Repository, None));
    let json = serde_json::to_value(cost_json(&report, &CostBy::Repository)).unwrap();
    insta::assert_snapshot!("cost_registries_json", format!("{:#}", json["registries"]));
}

#[test]
fn what_was_not_read_makes_sums_inexact_or_unknown_and_never_smaller() {
    let image = image();
    let mut report = report(&image);
    report.repositories[1].lifecycle = PolicyEffect::Unknown(PolicyUnknown::NotRead);
    report.repositories[1].replication = None;
    report.repositories[1].sum.is_size_sum_exact = false;
    report.total.is_size_sum_exact = false;
    let unread = |region: &str| UnreadRepository {
        account: Some("123456789012".to_owned()),
        region: region.to_owned(),
        resource_tags: None,
    };
    report.unread = vec![unread("cn-north-1"), unread("eu-west-1")];
    for (name, by) in [("repository", CostBy::Repository), ("region", CostBy::Region)] {
        insta::assert_snapshot!(format!("cost_unread_{name}"), cost_table(&report, &by, None));
        insta::assert_snapshot!(format!("cost_unread_{name}_csv"), cost_csv(&report, &by));
    }
    let json = serde_json::to_value(cost_json(&report, &CostBy::Repository)).unwrap();
    let row = &json["repositories"][1];
    assert_eq!((&row["lifecycle_state"], &row["lifecycle"]), (&"not_read".into(), &().into()));
    assert_eq!(row["replication"], serde_json::Value::Null);
    assert_eq!(
        (&json["total"]["repositories_unread"], &json["total"]["is_exact"]),
        (&2.into(), &false.into())
    );
    let json = serde_json::to_value(cost_json(&report, &CostBy::Region)).unwrap();
    let shares: Vec<_> = json["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["region"].as_str().unwrap(),
                row["repositories_unread"].as_u64().unwrap(),
                row["is_exact"] == true,
                row["settled_freed_bytes"].is_null(),
            )
        })
        .collect();
    assert_eq!(
        shares,
        [("ap-northeast-2", 0, false, true), ("cn-north-1", 1, false, false), ("eu-west-1", 1, false, true)]
    );
}

/// Pulls of each kind, and what was counted of two registries.
fn with_pulls(report: &mut CostReport<'_>) {
    let pull = |to: PullTarget, source: PullSource, pulls: Option<u64>| PullRow {
        account: Some("123456789012".to_owned()),
        region: "ap-northeast-2".to_owned(),
        name: (source != PullSource::Bill).then(|| "small".to_owned()),
        to,
        pulls_per_month: pulls,
        image_bytes: Some(GIB),
        gigabytes: (pulls.is_some() || source == PullSource::Bill).then(|| Gigabytes::of_bytes(12 * GIB)),
        transfer: usd("0.96").filter(|_| pulls.is_some() || source == PullSource::Bill),
        is_exact: source != PullSource::CloudWatch,
        source,
        rate: PullRate::InterRegionAtSource,
        replica: None,
    };
    let virginia = PullTarget::Region(Region::parse("us-east-1").unwrap());
    let oregon = PullTarget::Region(Region::parse("us-west-2").unwrap());
    report.pulls = Some(vec![
        PullRow { replica: Some(BreakEven::From(3)), ..pull(virginia, PullSource::Assumption, Some(12)) },
        PullRow { replica: Some(BreakEven::Never), ..pull(virginia, PullSource::Bill, None) },
        PullRow {
            transfer: None,
            replica: Some(BreakEven::Unknown),
            ..pull(oregon, PullSource::CloudWatch, Some(1_204))
        },
        pull(oregon, PullSource::CloudWatch, None),
        PullRow {
            is_exact: false,
            replica: Some(BreakEven::From(1)),
            ..pull(virginia, PullSource::Assumption, Some(2))
        },
        PullRow { replica: Some(BreakEven::From(1)), ..pull(oregon, PullSource::Assumption, Some(2)) },
        PullRow { transfer: usd("0"), ..pull(PullTarget::Internet, PullSource::Assumption, Some(12)) },
    ]);
    let window = PullWindow::before(instant::parse("2026-11-01").unwrap());
    let counted = |region: &str, repositories: &[(&str, Option<u64>)]| CountedPulls {
        account: "123456789012".to_owned(),
        region: region.to_owned(),
        window,
        repositories: repositories.iter().map(|(name, pulls)| ((*name).to_owned(), *pulls)).collect(),
    };
    report.counted_pulls = vec![
        counted("ap-northeast-2", &[("large", None), ("small", Some(4_816)), ("tiny", Some(0))]),
        counted("ap-northeast-2", &[("small", Some(3))]),
        counted("us-east-1", &[("small", Some(1))]),
    ];
    let hours = |region: &str, cost: Option<Usd>| NetworkHours {
        account: Some("123456789012".to_owned()),
        region: region.to_owned(),
        nat_gateway_hours: 1_460,
        endpoint_hours: 0,
        cost,
    };
    report.network_hours = vec![hours("ap-northeast-2", usd("86.14")), hours("mx-central-1", None)];
    report.repositories.clear();
}

#[test]
fn pulls_say_where_each_figure_is_from_and_when_a_replica_is_cheaper() {
    let image = image();
    let mut report = report(&image);
    with_pulls(&mut report);
    insta::assert_snapshot!("cost_pulls", cost_table(&report, &CostBy::Repository, None));
    let json = serde_json::to_value(cost_json(&report, &CostBy::Repository)).unwrap();
    insta::assert_snapshot!("cost_pulls_json", format!("{:#}", json["pulls"]));
    insta::assert_snapshot!("cost_pulls_counted_json", format!("{:#}", json["pulls_counted"]));
}

#[test]
fn pulls_alone_are_a_table_json_and_rows() {
    let image = image();
    let mut report = report(&image);
    with_pulls(&mut report);
    insta::assert_snapshot!("cost_by_pulls", cost_table(&report, &CostBy::Pulls, None));
    insta::assert_snapshot!("cost_by_pulls_csv", cost_csv(&report, &CostBy::Pulls));
    let json = serde_json::to_value(cost_json(&report, &CostBy::Pulls)).unwrap();
    let members: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(members, ["network_hours", "now", "prices", "pulls", "pulls_counted", "total"]);
}
