//! A report with everything in it that a table, JSON and rows can show, compared as a whole.

use demurrage_core::cost::{
    ArchiveAdvice, BreakEven, Gigabytes, MonthlyCost, PullRate, PullSource, PullTarget, PullWindow, Region,
    Usd,
};
use demurrage_core::{Digest, Image, RegistryKind, Tag, instant};

use crate::cost::{
    BytesCost, CostBy, CostReport, CountedPulls, ForecastFigure, ImageCost, MountedFigure, PolicySavings,
    PricesUsed, PullRow, RegistryFigures, ReplicaFigures, ReplicationRange, ReplicationSum, RepositoryCost,
    RuleSavings, StorageSum, cost_csv, cost_json, cost_table,
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
        registries: Vec::new(),
        pulls: None,
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
        mounted: MountedFigure::On(gib(90)),
        forecast: Some(vec![
            ForecastFigure { days: 30, without_policies: gib(120), with_policies: gib(60) },
            ForecastFigure {
                days: 90,
                without_policies: gib(160),
                with_policies: BytesCost { bytes: GIB, usd: None },
            },
        ]),
        replication: vec![
            ReplicationSum { range: range("us-east-1", usd("0.1")), is_exact: false },
            ReplicationSum { range: range("us-west-2", None), is_exact: true },
        ],
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
            pays_after_days_restored_once: None,
        }),
    };
    let public = RegistryFigures {
        account: None,
        region: "us-east-1".to_owned(),
        kind: RegistryKind::Public,
        is_exact: true,
        image_size_sum: gib(1),
        mounted: MountedFigure::NotRead,
        forecast: None,
        replication: Vec::new(),
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
    let never = nothing_saved("eu-west-2", None);
    vec![whole, public, later, never]
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
    assert_eq!(members, ["now", "prices", "pulls", "pulls_counted", "total"]);
}
