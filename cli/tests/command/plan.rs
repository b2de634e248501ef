//! `demurrage plan`: what it decides over a store, what it refuses, and that nobody changes it afterwards.

use std::collections::BTreeMap;
use std::fs;

use demurrage_core::in_use::{SourceRecord, SourceState, UseRecord, UseSource};
use demurrage_core::{
    Digest, Fact, Image, Inventory, RegistryFacts, RegistryKind, RepositoriesListing, Repository, Tag,
    instant,
};
use demurrage_store::Store;
use serde_json::{Value, json};

use crate::support::{Folder, Run, keep};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "ap-northeast-2";
/// When the inventory was taken, and uses were read.
const TAKEN: &str = "2026-11-01T00:00:00Z";
const NOW: &str = "2026-11-01T01:00:00Z";

fn image(number: u8, tags: &[&str]) -> Image {
    let mut image = Image::new(Digest::from_bytes([number; 32]));
    image.tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
    image.pushed_at = instant::parse(&format!("2026-10-{number:02}T00:00:00Z"));
    image.size_bytes = Some(1_000 * u64::from(number));
    image
}

/// A repository of which everything was read: `v1` to `v9`, pushed one a day, `latest` on the third.
pub(crate) fn repository(name: &str) -> Repository {
    let mut repository = Repository::new(name);
    repository.registry_id = Some(ACCOUNT.to_owned());
    repository.lifecycle_policy = Fact::Absent;
    repository.repository_policy = Fact::Absent;
    let tags = BTreeMap::from([
        ("demurrage".to_owned(), "enforce".to_owned()),
        ("team".to_owned(), "shop".to_owned()),
    ]);
    repository.resource_tags = Fact::Present(tags);
    repository.images = (1..=9)
        .map(|number| match number {
            3 => image(number, &["v3", "latest"]),
            _ => image(number, &[&format!("v{number}")]),
        })
        .collect();
    repository
}

/// A store of these repositories, with use that was read when they were, and a policy that keeps two images.
fn world(repositories: Vec<Repository>) -> Folder {
    let folder = Folder::new();
    folder.write_json("policy.json", &keep(2));
    add_inventory(&folder, repositories, TAKEN);
    add_use(&folder, TAKEN, &SourceState::Read);
    folder
}

fn store(folder: &Folder) -> Store {
    Store::new(folder.path("store"))
}

pub(crate) fn add_inventory(folder: &Folder, repositories: Vec<Repository>, taken_at: &str) {
    let facts = RegistryFacts { description: Fact::Absent, policy: Fact::Absent, ..RegistryFacts::default() };
    let inventory = Inventory {
        kind: RegistryKind::Private,
        registry_id: Some(ACCOUNT.to_owned()),
        region: REGION.to_owned(),
        taken_at: instant::parse(taken_at).expect("a time"),
        registry: facts,
        repositories_listing: RepositoriesListing::Complete,
        repositories,
        notes: Vec::new(),
    };
    store(folder).add(&inventory).expect("it is stored");
}

pub(crate) fn add_use(folder: &Folder, read_at: &str, state: &SourceState) {
    let source = |source| SourceRecord { source, name: None, state: state.clone() };
    let record = UseRecord {
        account: Some(ACCOUNT.to_owned()),
        region: Some(REGION.to_owned()),
        turn: 0,
        read_at: instant::parse(read_at).expect("a time"),
        sources: vec![source(UseSource::Ecs), source(UseSource::Lambda)],
        uses: Vec::new(),
    };
    store(folder).add_use(&record).expect("it is stored");
}

fn plan(folder: &Folder, more: &str) -> Run {
    folder.run(format!("plan --policy policy.json --now {NOW} --format json {more}").trim_end())
}

/// The tags, or else the digests, of what the first part of the plan at this path does.
fn actions(document: &Value) -> Vec<String> {
    let path = document["path"].as_str().expect("a path");
    let part = fs::read_to_string(path.replace("plan.json", "part-00000.jsonl")).expect("a part");
    part.lines()
        .skip(1)
        .map(|line| {
            let action: Value = serde_json::from_str(line).expect("JSON");
            let name = action["tags"][0].as_str().unwrap_or_default().to_owned();
            format!("{} {name}", action["action"].as_str().unwrap_or_default())
        })
        .collect()
}

#[test]
fn a_plan_has_what_the_policy_chose_less_what_guards_keep() {
    let folder = world(vec![repository("shop/cart")]);
    folder.write("running.txt", "shop/cart:v4\n");
    let document = plan(&folder, "--in-use running.txt").expect(1).json();
    assert_eq!(actions(&document), ["expire v1", "expire v2", "expire v5", "expire v6", "expire v7"]);
    assert_eq!(document["kept"], json!({"in_use": 1, "protected_tag": 1}));
    assert_eq!(document["images"], 5);
    assert_eq!(document["bytes_freed"], 21_000);
    assert_eq!(document["refused"], json!([]));
    assert_eq!(document["usd_per_month"], "0.0000019558");
    assert_eq!(document["expires_at"], "2026-11-02T01:00:00+00:00");
    let tripped = &document["tripped"][1];
    assert_eq!((&tripped["guard"], &tripped["repository"]), (&json!("percent"), &json!("shop/cart")));
}

#[test]
fn the_same_input_gives_the_same_bytes_on_any_number_of_threads() {
    let names = ["a", "b", "c", "d", "e"];
    let folder = world(names.map(repository).to_vec());
    let of = |threads: &str, out: &str| {
        let mut command = folder.command();
        command.env("RAYON_NUM_THREADS", threads);
        command.args(["plan", "--policy", "policy.json", "--now", NOW, "--format", "json", "--out", out]);
        Run::of(&command.output().expect("it starts")).expect(1);
        ["plan.json", "part-00000.jsonl", "kept.jsonl"]
            .map(|name| fs::read(folder.path(out).join(name)).expect("a file"))
    };
    let one = of("1", "one");
    assert_eq!(one, of("4", "four"));
    assert_eq!(String::from_utf8_lossy(&one[1]).lines().count(), 31);
}

#[test]
fn a_plan_that_was_changed_is_not_shown() {
    let folder = world(vec![repository("shop/cart")]);
    plan(&folder, "--out plan").expect(1);
    folder.run("plan show plan").expect(1);
    let path = folder.path("plan").join("part-00000.jsonl");
    let text = fs::read_to_string(&path).expect("a part");
    fs::write(&path, text.replace("\"v1\"", "\"v9\"")).expect("it is written");
    let run = folder.run("plan show plan").expect(2);
    assert!(run.stderr.contains("was changed after the plan was made"), "{}", run.stderr);
    fs::write(&path, text).expect("it is written");
    folder.run("plan show plan/plan.json --format json").expect(1);
    let run = folder.run("plan show 000000000000").expect(2);
    assert!(run.stderr.contains("there is no plan `000000000000`"), "{}", run.stderr);
    let again = plan(&folder, "--out plan").expect(2);
    assert!(again.stderr.contains("holds a plan already"), "{}", again.stderr);
}

#[test]
fn nothing_is_planned_where_use_was_not_read_or_could_not_be() {
    for (state, words) in
        [(None, "was never read"), (Some(SourceState::Failed("denied".to_owned())), "could not be read")]
    {
        let folder = Folder::new();
        folder.write_json("policy.json", &keep(2));
        add_inventory(&folder, vec![repository("shop/cart")], TAKEN);
        if let Some(state) = state {
            add_use(&folder, TAKEN, &state);
        }
        let document = plan(&folder, "").expect(4).json();
        assert_eq!(document["actions"], 0);
        let reason = document["refused"][0]["reason"].as_str().expect("a reason");
        assert!(reason.contains("what is in use is not known") && reason.contains(words), "{reason}");
    }
}

#[test]
fn an_attached_policy_an_old_inventory_and_other_readers_are_refused() {
    let mut attached = repository("attached");
    attached.lifecycle_policy = Fact::Present(keep(2).to_string());
    let mut shared = repository("shared");
    shared.repository_policy = Fact::Present(
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "210987654321"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]})
        .to_string(),
    );
    let folder = world(vec![attached, shared]);
    let document = plan(&folder, "").expect(4).json();
    let refused = document["refused"].as_array().expect("refusals");
    let reasons: Vec<&str> = refused.iter().filter_map(|refusal| refusal["reason"].as_str()).collect();
    assert_eq!(
        reasons,
        [
            "the policy is attached to it: ECR runs it by itself, and knows of no use",
            "others may pull from it, and what they use was not read: 210987654321",
        ]
    );
    let only = plan(&folder, "--repository attached").expect(5).json();
    assert_eq!((&only["actions"], &only["images"]), (&json!(0), &json!(0)));
    folder.write("demurrage.toml", "[plan]\nother_readers = 'ignore'\n");
    plan(&folder, "--repository shared").expect(1);
    let old = folder.run("plan --policy policy.json --now 2026-11-02T00:00:01Z").expect(4);
    assert!(old.stdout.contains("its inventory is too old"), "{}", old.stdout);
}

#[test]
fn without_rules_there_is_nothing_to_plan_by() {
    let folder = world(vec![repository("shop/cart")]);
    let run = folder.run(&format!("plan --now {NOW}")).expect(2);
    assert!(run.stderr.contains("there are no rules to plan by"), "{}", run.stderr);
}

const RULES: &str = "[[retention]]\nname = 'builds'\nrepositories = ['shop/*']\nkeep = [{ newest = 2 }]\n\
                     expire = [{ tags = ['v*'], pushed_older_than = '20d' }]\n[plan]\nmax_percent_per_repository = 100\n\
                     max_percent_per_run = 100\n";

#[test]
fn retention_rules_choose_in_repositories_that_opted_in_alone() {
    let mut other = repository("shop/other");
    other.resource_tags = Fact::Absent;
    let folder = world(vec![repository("elsewhere"), repository("shop/cart"), other]);
    folder.write("demurrage.toml", RULES);
    let document = folder.run(&format!("plan --now {NOW} --format json")).expect(0).json();
    assert_eq!(document["repositories"], 1);
    assert_eq!(actions(&document)[..2], ["expire v1", "expire v2"]);
    let reason = document["refused"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("did not opt in"), "{reason}");
    assert_eq!(document["refused"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_machine_takes_what_two_plans_a_day_apart_chose_and_the_tags_have_to_be_the_same() {
    let folder = world(vec![repository("shop/cart")]);
    folder.write("demurrage.toml", RULES);
    let of = |now: &str, code| {
        folder.run(&format!("plan --mode enforce --now {now} --format json")).expect(code).json()
    };
    let first = of(NOW, 5);
    assert_eq!((&first["pending"], &first["actions"]), (&json!(6), &json!(0)));
    assert_eq!(of("2026-11-01T23:00:00Z", 5)["pending"], 6, "no plan is old enough");
    let mut later = repository("shop/cart");
    later.images[1].tags.push(Tag::as_given("v2-again"));
    add_inventory(&folder, vec![later], "2026-11-02T01:00:00Z");
    add_use(&folder, "2026-11-02T01:00:00Z", &SourceState::Read);
    let second = of("2026-11-02T01:00:00Z", 0);
    assert_eq!(second["pending"], 1);
    assert_eq!(actions(&second), ["expire v1", "expire v4", "expire v5", "expire v6", "expire v7"]);
}

#[test]
fn a_hold_keeps_an_image_until_it_ends() {
    let folder = world(vec![repository("shop/cart")]);
    let hold = demurrage_core::plan::Hold {
        account: None,
        region: None,
        repository: "shop/cart".to_owned(),
        tag: Tag::as_given("v5"),
        digests: Vec::new(),
        until: instant::parse("2026-12-01").expect("a time"),
        reason: "incident 7".to_owned(),
        by: "mina".to_owned(),
        made_at: instant::parse(TAKEN).expect("a time"),
    };
    store(&folder).add_hold(&hold).expect("it is stored");
    let table = folder.run(&format!("plan --policy policy.json --now {NOW}")).expect(1);
    let words = "1 held: shop/cart:v5 (the tag `v5` is held until 2026-12-01 00:00 UTC: incident 7)";
    assert!(table.stdout.contains(words), "{}", table.stdout);
    assert!(table.stdout.contains("LOOK FIRST"), "{}", table.stdout);
}

#[test]
fn two_plans_are_compared_action_by_action() {
    let folder = world(vec![repository("shop/cart")]);
    plan(&folder, "--out one").expect(1);
    folder.write("running.txt", "shop/cart:v4\n");
    plan(&folder, "--out two --in-use running.txt").expect(1);
    let run = folder.run("plan diff one two").expect(1);
    assert_eq!(
        run.stdout,
        "- expire shop/cart:v4\n  was by rule 1 of `policy.json`: number 6 by age, where the rule keeps the newest 2\n\
         0 more, 1 fewer, 0 changed, 5 actions the same\n"
    );
    folder.run("plan diff one one --format json").expect(0);
}

#[test]
fn what_anybody_wrote_stays_text_in_a_pull_request() {
    let mut hostile = repository("shop/cart");
    hostile.images[2].tags = vec![Tag::as_given("latest"), Tag::as_given("a`|<b>\n# x")];
    let folder = world(vec![hostile]);
    folder.write_json("a|b.json", &keep(2));
    let document = folder
        .run_args(&["plan", "--policy", "a|b.json", "--now", NOW, "--format", "json", "--out", "plan"])
        .expect(1)
        .json();
    assert_eq!(document["images"], 6);
    let markdown = folder.run("plan show plan --format markdown").expect(1).stdout;
    assert!(markdown.contains("### Look first: 2 soft guards tripped"), "{markdown}");
    assert!(markdown.contains("a\u{a6}b.json"), "{markdown}");
    assert!(!markdown.lines().any(|line| line.starts_with("# ")), "{markdown}");
}

#[test]
fn owners_are_told_what_goes_in_the_next_days() {
    let folder = world(vec![repository("shop/cart")]);
    folder.write("demurrage.toml", RULES.replace("20d", "30d"));
    let notice = |days: u32| {
        let run = folder.run(&format!("plan notice --days {days} --now {NOW} --format json")).expect(0);
        let document = run.json();
        assert_eq!(document["owners"][0]["owner"], "shop");
        document["owners"][0]["images"].as_array().map(Vec::len)
    };
    assert_eq!((notice(0), notice(14)), (Some(2), Some(6)));
    let markdown = folder.run(&format!("plan notice --owner-tag Team --now {NOW}")).expect(0).stdout;
    assert!(markdown.contains("## `shop`: 6 images"), "{markdown}");
}
