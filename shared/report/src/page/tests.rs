//! What the page says of inventories: by the vectors of lifecycle policies, and of registries of many sizes.

mod sizes;
mod vectors;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::audit::{QuotaStock, RegistrySettings, RegistryUnder, RepositoryUnder, Rules};
use demurrage_core::audit::{UsesUnder, Verdict, audit_repository};
use demurrage_core::cost::{PriceList, Region, RegionPrices};
use demurrage_core::in_use::{Use, UseGraph, UseSource};
use demurrage_core::lifecycle::{Relations, Switches};
use demurrage_core::{
    Descriptor, Digest, Fact, Image, Listing, Manifest, ManifestKind, RegistryFacts, RegistryKind,
    Repository, Tag, instant,
};
use serde_json::Value;

use super::{
    PAGE_DETAILS_MAX, PAGE_MARK, Page, PageAbout, PageHead, PageImages, PageMaker, PageRegistryHead,
    PageRepository, PageTransfer,
};

const ACCOUNT: &str = "123456789012";
const SEOUL: &str = "ap-northeast-2";
const MIB: u64 = 1 << 20;

/// What tests of the page have in common.
struct World {
    now: DateTime<Utc>,
    list: PriceList,
    prices: RegionPrices,
    rules: Rules,
    uses: Option<UseGraph>,
}

impl World {
    fn new() -> Self {
        let list = PriceList::embedded();
        let prices = list.registry_prices(RegistryKind::Private, Region::parse(SEOUL).unwrap());
        let now = instant::parse("2026-11-25T00:00:00Z").unwrap();
        Self { now, list, prices, rules: Rules::default(), uses: None }
    }

    fn about(&self) -> PageAbout<'_> {
        PageAbout {
            kind: RegistryKind::Private,
            account: Some(ACCOUNT),
            region: SEOUL,
            prices: Some(&self.prices),
            list: &self.list,
            replication: None,
            rules: &self.rules,
            uses: self.uses.as_ref(),
            now: self.now,
            switches: Switches::default(),
        }
    }

    fn verdict(&self, repository: &Repository, relations: &Relations) -> Verdict {
        let settings = RegistrySettings::of(&RegistryFacts::default());
        let uses = self.uses.as_ref().map(|graph| UsesUnder { graph, incomplete: None });
        let registry = RegistryUnder {
            kind: RegistryKind::Private,
            account: Some(ACCOUNT),
            region: SEOUL,
            settings: &settings,
            rules: &self.rules,
            now: self.now,
            switches: Switches::default(),
            readers: &[],
            uses,
        };
        audit_repository(&RepositoryUnder {
            registry: &registry,
            repository,
            relations,
            replicas: &[],
            ledger: None,
        })
    }

    fn repository(&self, repository: &Repository) -> PageRepository {
        let relations = Relations::of(&repository.images);
        let verdict = self.verdict(repository, &relations);
        PageRepository::of(&self.about(), repository, &relations, &verdict, None)
    }

    fn maker(&self) -> PageMaker {
        let head = PageHead::of(self.now, "store".to_owned(), "demurrage 0.0.0".to_owned(), &self.list);
        PageMaker::new(head)
    }

    fn head(&self, repositories: usize) -> PageRegistryHead {
        PageRegistryHead {
            kind: RegistryKind::Private,
            account: Some(ACCOUNT.to_owned()),
            region: SEOUL.to_owned(),
            taken_at: self.now,
            notes: Vec::new(),
            use_gaps: self.uses.as_ref().map(|_| Vec::new()),
            prices: Some(self.prices.clone()),
            verdict: Verdict { findings: Vec::new(), unevaluated: Vec::new(), clean: 0 },
            stock: QuotaStock::of(vec![Some(self.now); repositories].into_iter(), self.now),
            repositories_max: 100_000,
            images_max: 100_000,
        }
    }

    /// The page of one registry of these repositories, the largest looked into.
    fn page(&self, repositories: &[Repository]) -> Page {
        let mut maker = self.maker();
        let of = repositories.iter().map(|it| self.repository(it)).collect();
        maker.registry(&self.head(repositories.len()), of);
        let largest = maker.largest(PAGE_DETAILS_MAX);
        for repository in repositories.iter().filter(|it| largest.contains(&self.about(), &it.name)) {
            maker.images(&self.about(), &repository.name, PageImages::of(&self.about(), repository, None));
        }
        maker.finish()
    }
}

/// A repository of which everything was read: images of one layer each, a day apart, the newest pushed a day ago.
fn repository(name: &str, images: u32, keep: Option<u64>, now: DateTime<Utc>) -> Repository {
    let image = |place: u32| Image {
        tags: vec![Tag::as_given(&format!("v{place}"))],
        pushed_at: Some(now - TimeDelta::days(i64::from(place) + 1)),
        size_bytes: Some(MIB),
        manifest: Some(Box::new(Manifest {
            layers: vec![Descriptor { digest: digest(2, place), media_type: String::new(), size_bytes: MIB }],
            ..Manifest::new(ManifestKind::OciImage)
        })),
        ..Image::new(digest(1, place))
    };
    Repository {
        images: (0..images).map(image).collect(),
        lifecycle_policy: keep.map_or(Fact::Absent, |keep| Fact::Present(policy(keep))),
        ..Repository::new(name)
    }
}

fn policy(keep: u64) -> String {
    format!(
        r#"{{"rules": [{{"rulePriority": 1, "description": "the newest are enough for everyone here", "selection":
        {{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": {keep}}}, "action": {{"type": "expire"}}}}]}}"#
    )
}

fn digest(kind: u8, number: u32) -> Digest {
    let mut bytes = [kind; 32];
    bytes[1..5].copy_from_slice(&number.to_be_bytes());
    Digest::from_bytes(bytes)
}

/// What the scripts of a page read.
fn data(html: &str) -> Value {
    let (_, after) = html.split_once(r#"id="page-data">"#).unwrap();
    let (json, _) = after.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

#[test]
fn names_of_others_cannot_end_the_script_and_arrive_as_they_are() {
    let world = World::new();
    let mut named = repository("team/<!--", 2, None, world.now);
    let tag = "</script><img src=x onerror=alert(1)>&\u{2028}\u{2029}";
    named.images[0].tags = vec![Tag::as_given(tag)];
    let html = world.page(&[named]).html().unwrap();
    assert!(!html.contains("<img src=x"));
    assert!(!html.contains(['\u{2028}', '\u{2029}']));
    assert_eq!(html.matches("</script>").count(), 3, "the data, the charts and the scripts of the page");
    let data = data(&html);
    assert_eq!(data["repositories"][0]["name"], "team/<!--");
    assert!(data["repositories"][0]["detail"]["images"].to_string().contains(&Value::from(tag).to_string()));
    assert!(html.contains(PAGE_MARK));
}

#[test]
fn nothing_on_the_page_is_loaded_from_anywhere() {
    let world = World::new();
    let html = world.page(&[repository("team/app", 3, Some(1), world.now)]).html().unwrap();
    assert!(html.contains("default-src 'none'"));
    let (before_data, _) = html.split_once(r#"id="page-data">"#).unwrap();
    for loading in ["src=", "url(", "@import", "<link rel=\"stylesheet\""] {
        assert!(!before_data.contains(loading), "{loading}");
    }
}

#[test]
fn what_could_not_be_read_is_said_and_hides_nothing_else() {
    let world = World::new();
    let mut failed = Repository::new("team/failed");
    failed.lifecycle_policy = Fact::Present(policy(1));
    failed.listing = Listing::Failed("AccessDenied".to_owned());
    let unread =
        Repository { lifecycle_policy: Fact::NotEvaluated, ..repository("team/unread", 4, None, world.now) };
    let html = world.page(&[repository("team/app", 3, Some(1), world.now), failed, unread]).html().unwrap();
    let data = data(&html);
    let gaps = data["gaps"].as_array().unwrap();
    let gap = |what: &str| {
        gaps.iter().find(|gap| gap["what"] == what).unwrap_or_else(|| panic!("{what}: {gaps:?}"))
    };
    assert_eq!(gap("the images could not be listed")["where"], format!("team/failed in {ACCOUNT} {SEOUL}"));
    assert_eq!(
        gap("the lifecycle policy was not read")["where"],
        format!("team/unread in {ACCOUNT} {SEOUL}")
    );
    assert_eq!(gap("nobody asked what is in use")["mend"], "run `demurrage use`");
    let totals = &data["totals"];
    assert_eq!(totals["next"]["bytes"], 2 * MIB, "two of the three images of the one that was read go");
    assert_eq!(totals["next"]["unknown_repositories"], 2);
    assert_eq!(totals["unpriced_repositories"], 1);
    assert_eq!(totals["in_use_images"], Value::Null);
    let row = |name: &str| {
        let rows = data["repositories"].as_array().unwrap().iter();
        rows.into_iter().find(|row| row["name"] == name).unwrap().clone()
    };
    assert_eq!(row("team/failed")["images"], Value::Null, "not read is not empty");
    assert_eq!(row("team/failed")["listing"], "not read");
    assert_eq!(data["registries"][0]["is_complete"], false);
    let (_, without_scripts) = html.split_once("<noscript>").unwrap();
    let (without_scripts, _) = without_scripts.split_once("</noscript>").unwrap();
    assert!(without_scripts.contains("the images could not be listed"));
    assert!(without_scripts.contains("at least 2.00 MiB (2 repositories not known)"), "{without_scripts}");
}

#[test]
fn an_image_in_use_that_the_policy_takes_is_counted_and_shown_first() {
    let mut world = World::new();
    let of = repository("team/app", 100, Some(1), world.now);
    let reference = format!("{ACCOUNT}.dkr.ecr.{SEOUL}.amazonaws.com/team/app@{}", of.images[99].digest);
    world.uses = Some(UseGraph::of(vec![Use {
        reference: reference.parse().unwrap(),
        evidence: "service web".to_owned(),
        source: UseSource::References,
        since: None,
    }]));
    let repository = Repository { registry_id: Some(ACCOUNT.to_owned()), ..of };
    let data = data(&world.page(&[repository]).html().unwrap());
    assert_eq!(data["totals"]["in_use_images"], 1);
    assert_eq!(data["totals"]["in_use_expiring"], 1);
    assert_eq!(data["totals"]["in_use_known"], true);
    let shown = &data["repositories"][0]["detail"]["images"][0];
    assert_eq!((&shown["in_use"], &shown["decision"]), (&"service web".into(), &"expires".into()));
    assert_eq!(data["next"][0]["in_use"], 1);
    assert_eq!(data["findings"][0]["audit"], "lifecycle-expires-in-use");
    assert_eq!(data["protected"][0]["by"], "in use");
}

#[test]
fn none_in_use_about_to_expire_is_only_said_where_everything_was_asked() {
    let mut world = World::new();
    world.uses = Some(UseGraph::of(Vec::new()));
    let repositories = [repository("team/app", 3, Some(1), world.now)];
    let expiring = |gaps: Vec<String>| {
        let mut maker = world.maker();
        let of = repositories.iter().map(|it| world.repository(it)).collect();
        maker.registry(&PageRegistryHead { use_gaps: Some(gaps), ..world.head(1) }, of);
        data(&maker.finish().html().unwrap())["totals"]["in_use_expiring"].clone()
    };
    assert_eq!(expiring(Vec::new()), 0);
    assert_eq!(expiring(vec!["ECS was never read".to_owned()]), Value::Null);
}

#[test]
fn the_curve_marks_the_number_of_today_and_ends_where_nothing_more_is_kept() {
    let world = World::new();
    let data = data(&world.page(&[repository("team/app", 30, Some(7), world.now)]).html().unwrap());
    let sweep = &data["sweeps"][0];
    assert_eq!(sweep["today"], 7);
    let points = sweep["points"].as_array().unwrap();
    let at = |number: u64| points.iter().find(|point| point["number"] == number).unwrap();
    assert_eq!(at(7)["kept_bytes"], 7 * MIB);
    assert_eq!(at(30)["kept_images"], 30);
    assert_eq!(points.last().unwrap()["number"], 30);
}

#[test]
fn storage_over_time_begins_when_every_registry_was_read() {
    let world = World::new();
    let day = |days: i64| world.now - TimeDelta::days(days);
    let other = PageAbout { region: "us-east-1", ..world.about() };
    let mut maker = world.maker();
    maker.past(&world.about(), day(9), 100);
    maker.past(&other, day(8), 10);
    maker.past(&world.about(), day(7), 200);
    let data = data(&maker.finish().html().unwrap());
    let past: Vec<(&str, u64)> = data["over_time"]["past"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["at"].as_str().unwrap(), it["bytes"].as_u64().unwrap()))
        .collect();
    assert_eq!(past, [("2026-11-17T00:00:00Z", 110), ("2026-11-18T00:00:00Z", 210)]);
}

#[test]
fn nothing_is_forecast_where_images_are_from_after_the_time_that_is_asked_about() {
    let world = World::new();
    let later = repository("team/app", 3, None, world.now + TimeDelta::days(30));
    let forecast = |of: Repository| data(&world.page(&[of]).html().unwrap())["over_time"]["forecast"].clone();
    assert_eq!(forecast(later), Value::Array(Vec::new()));
    assert_eq!(forecast(repository("team/app", 3, None, world.now)).as_array().unwrap().len(), 3);
}

#[test]
fn what_is_billed_takes_the_place_of_what_is_computed_for_the_same_sender_alone() {
    let world = World::new();
    let transfer = |account: &str, basis| PageTransfer {
        account: Some(account.to_owned()),
        from: SEOUL.to_owned(),
        to: "us-east-1".to_owned(),
        what: "all that was sent".to_owned(),
        bytes: 5,
        usd_low: None,
        usd_high: None,
        basis,
    };
    let replication = demurrage_core::Replication::parse(&format!(
        r#"{{"registryId": "{ACCOUNT}", "replicationConfiguration": {{"rules": [{{"destinations": [{{"region": "us-east-1",
        "registryId": "{ACCOUNT}"}}]}}]}}}}"#
    ))
    .unwrap();
    let bases = |billed: &str| {
        let about = PageAbout { replication: Some(&replication), ..world.about() };
        let of = repository("team/app", 3, None, world.now);
        let relations = Relations::of(&of.images);
        let verdict = world.verdict(&of, &relations);
        let mut maker = world.maker();
        maker.registry(&world.head(1), vec![PageRepository::of(&about, &of, &relations, &verdict, None)]);
        maker.transfer(transfer(billed, "billed"));
        let data = data(&maker.finish().html().unwrap());
        let lines = data["transfer"].as_array().unwrap().clone();
        lines.into_iter().map(|line| line["basis"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(bases(ACCOUNT), ["billed"]);
    assert_eq!(bases("999999999999"), ["billed", "computed"]);
}
