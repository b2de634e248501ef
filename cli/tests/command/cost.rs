//! What a registry costs: collected from a server, priced by the command, and added up here once more by other means.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use fake_ecr::{ImageRecord, ImageStatus, ManifestText, RepositoryRecord, generate};
use serde_json::{Value, json};

use crate::server::{ACCOUNT, Live, REGION};

const NOW: &str = "2026-11-01T00:00:00Z";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

pub(crate) fn now() -> DateTime<Utc> {
    NOW.parse().expect("a time")
}

/// A repository of which nothing but the name and the policy is special.
pub(crate) fn repository(name: &str, policy: Option<&Value>) -> RepositoryRecord {
    RepositoryRecord {
        name: name.to_owned(),
        created_at: now() - TimeDelta::days(400),
        mutability: "MUTABLE".to_owned(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".to_owned(),
        kms_key: None,
        lifecycle_policy: policy.map(Value::to_string),
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: BTreeMap::new(),
    }
}

/// An image with these layers, by number and size, pushed so many days ago.
pub(crate) fn image(tag: &str, layers: &[(u64, u64)], age_days: i64) -> ImageRecord {
    let descriptor = |(number, size): (u64, u64), media_type: &str| json!({"mediaType": media_type, "digest": format!("sha256:{number:064x}"), "size": size});
    let layer = "application/vnd.oci.image.layer.v1.tar+gzip";
    let text = json!({
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": descriptor((0xc0_0000 + u64::try_from(age_days).expect("days"), 1_000), "application/vnd.oci.image.config.v1+json"),
        "layers": layers.iter().map(|&it| descriptor(it, layer)).collect::<Vec<_>>(),
    })
    .to_string();
    ImageRecord {
        digest: fake_ecr::digest(text.as_bytes()),
        tags: vec![tag.to_owned()],
        pushed_at: now() - TimeDelta::days(age_days),
        pulled_at: None,
        archived_at: None,
        activated_at: None,
        activating_until: None,
        status: ImageStatus::Active,
        size_bytes: 1_000 + layers.iter().map(|(_, size)| size).sum::<u64>(),
        media_type: IMAGE.to_owned(),
        artifact_type: None,
        subject: None,
        children: Vec::new(),
        manifest: ManifestText::Held(text.into()),
    }
}

pub(crate) fn keep_newest(priority: u64, count: u64) -> Value {
    json!({"rules": [{"rulePriority": priority, "selection": {"tagStatus": "any",
        "countType": "imageCountMoreThan", "countNumber": count}, "action": {"type": "expire"}}]})
}

/// What a repository stores, added up image by image with sets of texts.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
struct Stored {
    images: u64,
    without_manifest: u64,
    naive: u128,
    standard: u128,
    archived: u128,
}

/// What the command can know: archived images cannot be pulled, so nobody has read their manifests.
fn stored(images: &[ImageRecord], text: impl Fn(&ImageRecord) -> String) -> Stored {
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    let mut standard = BTreeSet::new();
    let mut stored = Stored::default();
    for image in images {
        stored.images += 1;
        stored.naive += u128::from(image.size_bytes);
        let is_index = image.media_type.contains("index") || image.media_type.contains("list");
        let mut held = Vec::new();
        if image.status == ImageStatus::Active {
            let manifest: Value = serde_json::from_str(&text(image)).expect("a manifest");
            let lists = ["layers", "blobs"].into_iter().filter_map(|list| manifest[list].as_array());
            let named: Vec<&Value> = lists.flatten().chain(manifest.get("config")).collect();
            for blob in named {
                held.push((
                    blob["digest"].as_str().expect("a digest").to_owned(),
                    blob["size"].as_u64().expect("a size"),
                ));
            }
        } else {
            stored.without_manifest += 1;
            if !is_index {
                held.push((image.digest.clone(), image.size_bytes));
            }
        }
        for (digest, size) in held {
            if image.status != ImageStatus::Archived {
                standard.insert(digest.clone());
            }
            sizes.insert(digest, size);
        }
    }
    for (digest, size) in sizes {
        let class = if standard.contains(&digest) { &mut stored.standard } else { &mut stored.archived };
        *class += u128::from(size);
    }
    stored
}

/// Ten-billionths of a dollar for bytes in a month at 0.10, each step rounded half up as on paper.
fn ten_billionths(bytes: u128) -> u128 {
    let gb_months = (bytes * 10_000_000_000 * 2 + (1 << 30)) / (2 << 30);
    (gb_months + 5) / 10
}

fn dollars(ten_billionths: u128) -> String {
    format!("{}.{:010}", ten_billionths / 10_000_000_000, ten_billionths % 10_000_000_000)
}

#[test]
fn a_generated_registry_costs_what_it_adds_up_to_blob_by_blob() {
    let live = Live::generated(12, 120, 21);
    live.collect("").expect(0);
    let options = generate::Options { repositories: 12, images_per_repository: 120, seed: 21, now: now() };
    let registry = generate::Registry::new(options);
    let run = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0);
    let answer = run.json();
    let mut total = Stored::default();
    let mut cost = 0;
    for (place, name) in live.names.iter().enumerate() {
        let i = registry.index_of(name).expect("a repository");
        let text = |image: &ImageRecord| match &image.manifest {
            ManifestText::Held(text) => text.to_string(),
            ManifestText::Generated(number) => registry.manifest(i, *number),
        };
        let wanted = stored(&live.fake().images(ACCOUNT, REGION, name), text);
        let row = &answer["repositories"][place];
        assert_eq!(row["name"], **name);
        let number = |key: &str| u128::from(row[key].as_u64().expect(key));
        let found = Stored {
            images: row["images"].as_u64().expect("a number"),
            without_manifest: row["images_without_manifest"].as_u64().expect("a number"),
            naive: number("image_size_sum_bytes"),
            standard: number("stored_bytes"),
            archived: number("archived_bytes"),
        };
        assert_eq!(found, wanted, "{name}");
        let usd = ten_billionths(wanted.standard) + ten_billionths(wanted.archived);
        assert_eq!(row["storage_usd_per_month"], dollars(usd), "{name}");
        total.images += wanted.images;
        total.naive += wanted.naive;
        total.standard += wanted.standard;
        total.archived += wanted.archived;
        cost += usd;
    }
    assert!(0 < total.archived && total.standard < total.naive, "{total:?}");
    let sum = json!({"repositories_unread": 0, "images": total.images, "image_size_sum_bytes": u64::try_from(total.naive).expect("64 bits"),
        "stored_bytes": u64::try_from(total.standard).expect("64 bits"),
        "archived_bytes": u64::try_from(total.archived).expect("64 bits"), "storage_usd_per_month": dollars(cost), "is_exact": false});
    assert_eq!(answer["total"], sum);
    assert_eq!(answer["now"], "2026-11-01T00:00:00+00:00");
    assert_eq!(answer["prices"]["date"], "2026-09-21");
}

#[test]
fn the_next_run_frees_what_only_images_of_its_preview_hold_and_rules_share_the_settled_whole() {
    let live = Live::generated(12, 120, 21);
    live.collect("").expect(0);
    let options = generate::Options { repositories: 12, images_per_repository: 120, seed: 21, now: now() };
    let registry = generate::Registry::new(options);
    let previews = live.folder.run(&format!("preview --now {NOW} --format json")).expect(0).json();
    let costs = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0).json();
    let (mut compared, mut freed_at_all) = (0, 0);
    for preview in previews.as_array().expect("previews") {
        let name = preview["repositoryName"].as_str().expect("a name");
        let results = preview["previewResults"].as_array().expect("results").iter();
        let expired: BTreeSet<&str> = results
            .filter(|result| result["action"]["type"] == "EXPIRE")
            .filter_map(|result| result["imageDigest"].as_str())
            .collect();
        let i = registry.index_of(name).expect("a repository");
        let text = |image: &ImageRecord| match &image.manifest {
            ManifestText::Held(text) => text.to_string(),
            ManifestText::Generated(number) => registry.manifest(i, *number),
        };
        let mut images = live.fake().images(ACCOUNT, REGION, name);
        let total = |stored: Stored| stored.standard + stored.archived;
        let before = total(stored(&images, text));
        images.retain(|image| !expired.contains(&*image.digest));
        let freed = before - total(stored(&images, text));

        let rows = costs["repositories"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["name"] == name).expect("the repository");
        let number = |value: &Value| u128::from(value.as_u64().expect("a number"));
        assert_eq!(number(&row["lifecycle"]["next_run_freed_bytes"]), freed, "{name}");
        let settled = number(&row["lifecycle"]["settled_freed_bytes"]);
        let by_rule = row["lifecycle"]["by_rule"].as_array().expect("rules");
        assert_eq!(by_rule.iter().map(|rule| number(&rule["freed_bytes"])).sum::<u128>(), settled, "{name}");
        assert!(freed <= settled && settled <= before, "{name}");
        compared += 1;
        freed_at_all += freed;
    }
    assert!(3 < compared && 0 < freed_at_all, "{compared} repositories, {freed_at_all} bytes");
}

/// Three images on one base, the newest kept: `app`; a second repository with the same base: `web`.
fn small() -> Live {
    let live = Live::empty();
    let images = vec![
        image("v1", &[(1, 300 << 20), (11, 5 << 20)], 30),
        image("v2", &[(1, 300 << 20), (12, 7 << 20)], 20),
        image("v3", &[(1, 300 << 20), (13, 9 << 20)], 10),
    ];
    let record = RepositoryRecord {
        resource_tags: BTreeMap::from([("team".to_owned(), "=cmd|' /C calc'!A0".to_owned())]),
        ..repository("app", Some(&keep_newest(7, 1)))
    };
    live.fake().load_repository(ACCOUNT, REGION, record, images);
    let images = vec![image("latest", &[(1, 300 << 20)], 5)];
    live.fake().load_repository(ACCOUNT, REGION, repository("web", None), images);
    live.collect("").expect(0);
    live
}

#[test]
fn the_document_has_exactly_the_members_that_are_promised() {
    let answer = small().folder.run(&format!("cost --now {NOW} --format json")).expect(0).json();
    let stored = (321_u64 << 20) + 3_000;
    let (freed, web) = ((12_u64 << 20) + 2_000, (300_u64 << 20) + 1_000);
    let price = |bytes: u64| ten_billionths(bytes.into());
    let saved = price(stored) - price(stored - freed);
    let amounts = |bytes: u64| json!({"bytes": bytes, "usd_per_month": dollars(price(bytes))});
    // What only images of the last 30 days hold grows day by day; the policy keeps the newest image, and there is none
    // for the other repository.
    let horizon = |days: u64| {
        let grown = |new: u64| (new * days + 15) / 30;
        let (app, web) = (stored + grown((16_u64 << 20) + 2_000), web + grown(web));
        json!({"days": days, "without_policies": amounts(app + web),
            "with_policies": amounts((309_u64 << 20) + 1_000 + web)})
    };
    let registry = &answer["registries"][0];
    assert!(
        registry["forecast"]["method"].as_str().is_some_and(|method| method.contains("the last 30 days"))
    );
    let all = price(stored + web);
    assert_eq!(
        answer,
        json!({
            "now": "2026-11-01T00:00:00+00:00",
            "prices": {"date": "2026-09-21", "source": answer["prices"]["source"].as_str().expect("a source")},
            "repositories": [
                {"account": ACCOUNT, "region": REGION, "name": "app", "images": 3, "images_without_manifest": 0,
                 "image_size_sum_bytes": (921_u64 << 20) + 3_000, "stored_bytes": stored, "archived_bytes": 0,
                 "storage_usd_per_month": dollars(price(stored)), "is_exact": true,
                 "lifecycle_state": "known",
                 "lifecycle": {"next_run_freed_bytes": freed, "settled_freed_bytes": freed,
                    "settled_freed_usd_per_month": dollars(saved),
                    "by_rule": [{"rule_priority": 7, "freed_bytes": freed}]},
                 "replication": []},
                {"account": ACCOUNT, "region": REGION, "name": "web", "images": 1, "images_without_manifest": 0,
                 "image_size_sum_bytes": web, "stored_bytes": web, "archived_bytes": 0,
                 "storage_usd_per_month": dollars(price(web)), "is_exact": true, "lifecycle_state": "none",
                 "lifecycle": null, "replication": []},
            ],
            "registries": [
                {"account": ACCOUNT, "region": REGION, "registry_kind": "private", "is_exact": true,
                 "image_size_sum": amounts((1_221_u64 << 20) + 4_000), "image_size_sum_is_exact": true,
                 "blob_mounting": {"setting": "off", "counted_once": null},
                 "forecast": {"method": registry["forecast"]["method"],
                    "horizons": [horizon(30), horizon(90), horizon(365)]},
                 "replication": [], "replicas": [],
                 "archive": {"advice": "saves_nothing", "standard_usd_per_month": dollars(all),
                    "archive_usd_per_month": dollars(all), "saves_beyond_gb": 153_600, "restore_usd": null,
                    "pays_after_days": null, "pays_after_days_restored_once": null}},
            ],
            "total": {"repositories_unread": 0, "images": 4, "image_size_sum_bytes": (1_221_u64 << 20) + 4_000, "stored_bytes": stored + web,
                "archived_bytes": 0, "storage_usd_per_month": dollars(price(stored) + price(web)), "is_exact": true},
        })
    );
}

#[test]
fn an_image_frees_what_no_other_holds_and_shares_the_rest() {
    let answer =
        small().folder.run(&format!("cost --now {NOW} --by image --format json --repository app")).expect(0);
    let answer = answer.json();
    for (tag, own) in [("v1", 5_u64), ("v2", 7), ("v3", 9)] {
        let images = answer["images"].as_array().expect("images");
        let image = images.iter().find(|image| image["image_tags"] == json!([tag])).expect("the image");
        assert_eq!(image["exclusive_bytes"], (own << 20) + 1_000);
        assert_eq!(image["shared_bytes"], 300_u64 << 20);
    }
    // A glob takes away repositories, from the total as well.
    assert_eq!(answer["total"]["images"], 3);
}

#[test]
fn regions_tags_and_rules_add_up_to_the_same_total() {
    let live = small();
    let of =
        |by: &str| live.folder.run(&format!("cost --now {NOW} --format json --by {by}")).expect(0).json();
    let total = of("repository")["total"].clone();
    let (region, tag, rule) = (of("region"), of("tag:team"), of("rule"));
    for answer in [&region, &tag, &rule] {
        assert_eq!(answer["total"], total);
    }
    assert_eq!(region["regions"][0]["storage_usd_per_month"], total["storage_usd_per_month"]);
    let values = tag["values"].as_array().expect("values");
    assert_eq!(values.len(), 2, "{tag:#}");
    assert_eq!(values.iter().map(|value| value["images"].as_u64().unwrap_or(0)).sum::<u64>(), 4);
    assert_eq!(
        rule["rules"],
        json!([{"account": ACCOUNT, "region": REGION, "name": "app", "rule_priority": 7,
        "freed_bytes": (12_u64 << 20) + 2_000, "is_exact": true}])
    );
}

#[test]
fn no_cell_of_a_spreadsheet_begins_as_a_formula() {
    let run = small().folder.run(&format!("cost --now {NOW} --by tag:team --format csv")).expect(0);
    let mut lines = run.stdout.lines();
    assert!(
        lines.next().is_some_and(|line| line.starts_with("team,repositories,repositories_unread,images,")),
        "{}",
        run.stdout
    );
    assert!(lines.any(|line| line.starts_with("'=cmd|")), "{}", run.stdout);
    assert!(!run.stdout.contains("\n=") && !run.stdout.contains(",="), "{}", run.stdout);
}

#[test]
fn the_table_has_the_sum_that_others_show_beside_the_exact_one() {
    let run = small().folder.run(&format!("cost --now {NOW}")).expect(0);
    insta::assert_snapshot!("cost", run.stdout);
}

#[test]
fn what_has_no_price_is_unknown_and_never_free() {
    let live = small();
    let images = vec![image("v1", &[(1, 300 << 20)], 1)];
    live.fake().load_repository(ACCOUNT, "cn-north-1", repository("app", None), images);
    live.collect(" --region cn-north-1").expect(0);
    let run = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0);
    let answer = run.json();
    let china =
        answer["repositories"].as_array().expect("rows").iter().find(|row| row["region"] == "cn-north-1");
    let china = china.expect("the region");
    assert_eq!(
        (&china["stored_bytes"], &china["storage_usd_per_month"]),
        (&json!((300_u64 << 20) + 1_000), &Value::Null)
    );
    assert_eq!(answer["total"]["storage_usd_per_month"], Value::Null);
    assert!(run.stderr.contains("CNY"), "{}", run.stderr);
    let table = live.folder.run(&format!("cost --now {NOW}")).expect(0).stdout;
    assert!(table.contains("unknown"), "{table}");
    let csv = live.folder.run(&format!("cost --now {NOW} --format csv")).expect(0).stdout;
    assert!(csv.lines().any(|line| line.contains("cn-north-1") && line.contains(",unknown,")), "{csv}");
}

#[test]
fn prices_that_are_old_are_a_warning() {
    let live = small();
    let at = |time: &str| live.folder.run(&format!("cost --now {time}")).expect(0).stderr;
    assert!(!at("2026-12-20").contains("90 days"), "{}", at("2026-12-20"));
    assert!(at("2026-12-21").contains("the prices are of 2026-09-21"), "{}", at("2026-12-21"));
}

#[test]
fn a_code_that_is_no_region_ends_with_2() {
    let live = small();
    let run = live.folder.run("cost --region eu-mars-1").expect(2);
    assert!(run.stderr.contains("`eu-mars-1` is not a region"), "{}", run.stderr);
    let text = "[[pulls]]\nrepository = \"*\"\nto = \"eu-mars-1\"\nper_month = 10\n";
    live.folder.write("assumed.toml", text);
    let run = live.folder.run("cost --assumptions assumed.toml").expect(2);
    assert!(
        run.stderr.contains("`eu-mars-1` is not a region") && run.stderr.contains("here"),
        "{}",
        run.stderr
    );
    live.folder.write("assumed.toml", text.replace("per_month", "per_year"));
    let run = live.folder.run("cost --assumptions assumed.toml").expect(2);
    assert!(run.stderr.contains("per_year"), "{}", run.stderr);
}

#[test]
fn the_documentation_has_the_figures_that_the_command_says() {
    let live = Live::generated(20, 500, 1);
    live.collect("").expect(0);
    let text = live.folder.run(&format!("cost --now {NOW}")).expect(0).stdout;
    let document = include_str!("../../../docs/COSTS.md");
    let mut shown = text.lines().filter(|line| line.contains(" in all ") || line.contains("added up"));
    let (total, naive) = (shown.next().expect("a line that sums up"), shown.next().expect("the naive sum"));
    for line in [total, naive] {
        assert!(document.contains(line), "docs/COSTS.md lacks:\n{line}");
    }
    let answer = live.folder.run(&format!("cost --now {NOW} --format json")).expect(0).json();
    let bytes = |key: &str| answer["total"][key].as_u64().expect(key);
    let all = bytes("stored_bytes") + bytes("archived_bytes");
    assert!(3 * all <= bytes("image_size_sum_bytes"), "others say at least three times as much");
}
