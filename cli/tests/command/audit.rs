//! `demurrage audit` over stores, in each of its forms.

use serde_json::{Value, json};

use crate::support::{Folder, image, images, registry};

/// A registry of two repositories in which `v1` of `team/app` moves between two inventories.
fn moved(folder: &Folder) {
    registry(folder);
    let import =
        |time: &str| folder.run(&format!("import aws --region ap-northeast-2 --taken-at {time}")).expect(0);
    import("2026-11-01T00:00:00Z");
    let list =
        images(&[image('a', &[], "2026-01-01T00:00:00Z"), image('b', &["v1", "v2"], "2026-02-01T00:00:00Z")]);
    folder.write_json("aws/repositories/team/app/describe-images.json", &list);
    import("2026-11-02T00:00:00Z");
}

const NOW: &str = "--now 2026-11-03T00:00:00Z";

fn findings<'d>(document: &'d Value, audit: &str) -> Vec<&'d Value> {
    let all = document["findings"].as_array().expect("an array");
    all.iter().filter(|finding| finding["audit"] == audit).collect()
}

#[test]
fn a_tag_that_moved_between_two_inventories_is_found_by_the_ledger_and_by_inventories() {
    let folder = Folder::new();
    moved(&folder);
    let run = folder.run(&format!("audit --format json {NOW}")).expect(1);
    assert!(!run.stderr.contains("ledger"), "{}", run.stderr);
    let by_ledger = run.json();
    let found = findings(&by_ledger, "tag-moved");
    assert_eq!(found.len(), 1, "{by_ledger:#}");
    assert_eq!(found[0]["arn"], "arn:aws:ecr:ap-northeast-2:123456789012:repository/team/app");
    let names: Vec<_> = std::fs::read_dir(folder.path("store/inventories"))
        .expect("a store")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    let (first, last) = (names.iter().min().expect("one"), names.iter().max().expect("one"));
    let since_first = folder.run(&format!("audit --format json {NOW} --since {first}")).expect(1);
    assert_eq!(findings(&since_first.json(), "tag-moved"), found);
    let since_last = folder.run(&format!("audit --format json {NOW} --since {last}")).expect(1);
    assert_eq!(findings(&since_last.json(), "tag-moved"), Vec::<&Value>::new());
}

#[test]
fn without_a_ledger_the_inventories_tell_and_a_ledger_that_is_behind_is_named() {
    let folder = Folder::new();
    moved(&folder);
    let ledger = folder.path("store/ledger");
    let kept = folder.path("kept");
    std::fs::rename(&ledger, &kept).expect("the ledger goes");
    let run = folder.run(&format!("audit --format json {NOW}")).expect(1);
    assert_eq!(findings(&run.json(), "tag-moved").len(), 1);
    assert!(run.stderr.contains("history: 2 inventories"), "{}", run.stderr);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-02T12:00:00Z").expect(0);
    std::fs::remove_dir_all(&ledger).expect("the newer ledger goes");
    std::fs::rename(&kept, &ledger).expect("the older one comes back");
    let run = folder.run(&format!("audit --format json {NOW}")).expect(1);
    assert!(run.stderr.contains("the tag ledger is behind"), "{}", run.stderr);
}

#[test]
fn only_what_is_bad_enough_makes_the_code_one() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-01T00:00:00Z").expect(0);
    folder.run(&format!("audit {NOW}")).expect(1);
    folder.run(&format!("audit {NOW} --fail-on medium")).expect(1);
    folder.run(&format!("audit {NOW} --fail-on critical")).expect(0);
}

#[test]
fn an_accepted_risk_is_shown_and_does_not_count() {
    let folder = Folder::new();
    moved(&folder);
    folder.write("demurrage.toml", "[[audit.mutability]]\nrepositories = '*'\nmay_move = ['*']\n");
    let run = folder.run(&format!("audit --format json {NOW}"));
    assert!(run.stderr.contains("rules: demurrage.toml"), "{}", run.stderr);
    assert_eq!(findings(&run.json(), "tags-can-move"), Vec::<&Value>::new());
    folder.write(
        "accepting.toml",
        "[[audit.accepted]]\naudit = 'tag-moved'\nrepositories = 'team/*'\nreason = 'a test'\nuntil = 2026-12-01T00:00:00Z\n",
    );
    let run = folder.run(&format!("audit --format json {NOW} --config accepting.toml"));
    let document = run.json();
    let found = findings(&document, "tag-moved");
    assert_eq!((found.len(), &found[0]["counts"]), (1, &json!(false)), "{}", run.stderr);
    assert_eq!(document["summary"]["accepted"], 1);
    let sarif = folder.run(&format!("audit --format sarif {NOW} --config accepting.toml")).json();
    let results = sarif["runs"][0]["results"].as_array().expect("an array");
    let suppressed = results.iter().filter(|result| result["suppressions"][0]["justification"] == "a test");
    assert_eq!(suppressed.count(), 1);
}

#[test]
fn rules_that_are_wrong_are_named_with_their_place() {
    let folder = Folder::new();
    moved(&folder);
    folder.write("demurrage.toml", "[audit]\nowner_tag = ['team']\n");
    let run = folder.run("audit").expect(2);
    assert!(run.stderr.contains("did you mean `owner_tags`?"), "{}", run.stderr);
    folder.run("audit --config none.toml").expect(2);
}

#[test]
fn sarif_is_what_its_schema_says() {
    let folder = Folder::new();
    moved(&folder);
    let log = folder.run(&format!("audit --format sarif {NOW}")).expect(1).json();
    let text = include_str!("../../../tests/vectors/schema/sarif-2.1.0.json");
    // A pattern of the standard (of languages, which are not written) has a bracket too many.
    let schema: Value = serde_json::from_str(&text.replace("{2}]?$", "{2}$")).expect("JSON");
    let schema = jsonschema::draft7::new(&schema).expect("a schema");
    let errors: Vec<String> =
        schema.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert!(!log["runs"][0]["results"].as_array().expect("an array").is_empty());
    let mut wrong = log;
    wrong["runs"][0]["results"][0]["level"] = json!("bad");
    assert!(!schema.is_valid(&wrong), "the schema refuses what is no level");
}

#[test]
fn what_was_not_read_is_not_evaluated_in_every_form() {
    let folder = Folder::new();
    moved(&folder);
    let document = folder.run(&format!("audit --format json {NOW}")).json();
    let unread = document["not_evaluated"].as_array().expect("an array");
    let unread = unread.iter().filter(|one| one["audit"] == "policy-open-to-anyone").count();
    assert!(unread >= 2, "{document:#}");
    let table = folder.run(&format!("audit {NOW}")).stdout;
    let line = table.lines().find(|line| line.contains("not read") && line.contains("policy-open-to-anyone"));
    assert!(line.is_some_and(|line| line.contains("2 repositories")), "{table}");
    let log = folder.run(&format!("audit --format sarif {NOW}")).json();
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().expect("an array");
    assert!(notes.iter().any(|note| note["associatedRule"]["id"] == "policy-open-to-anyone"), "{notes:#?}");
    let list = folder.run(&format!("audit --format asff {NOW}")).json();
    let unavailable = |one: &&Value| one["Compliance"]["Status"] == "NOT_AVAILABLE";
    assert!(list.as_array().expect("an array").iter().any(|one| unavailable(&one)));
}

#[test]
fn a_listing_that_was_cut_off_makes_the_code_four() {
    let folder = Folder::new();
    registry(&folder);
    let mut list = images(&[image('a', &["v1"], "2026-01-01T00:00:00Z")]);
    list["nextToken"] = json!("more");
    folder.write_json("aws/repositories/team/app/describe-images.json", &list);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-01T00:00:00Z");
    folder.run(&format!("audit {NOW}")).expect(4);
}

#[test]
fn findings_of_an_unknown_account_are_no_list_for_security_hub() {
    let folder = Folder::new();
    let repository =
        json!({"repositories": [{"repositoryName": "team/app", "imageTagMutability": "MUTABLE"}]});
    folder.write_json("aws/describe-repositories.json", &repository);
    let mut one = image('a', &["v1"], "2026-01-01T00:00:00Z");
    one.as_object_mut().expect("an object").remove("registryId");
    folder.write_json("aws/repositories/team/app/describe-images.json", &images(&[one]));
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-01T00:00:00Z");
    let run = folder.run(&format!("audit --format asff {NOW}")).expect(2);
    assert!(run.stderr.contains("`team/app` in ap-northeast-2"), "{}", run.stderr);
    assert!(run.stdout.is_empty());
}

#[test]
fn one_repository_is_audited_without_its_registry() {
    let folder = Folder::new();
    moved(&folder);
    let document = folder.run(&format!("audit --format json --repository team/web {NOW}")).expect(1).json();
    let all = document["findings"].as_array().expect("an array");
    assert!(all.iter().all(|finding| finding["repository_name"] == "team/web"), "{document:#}");
    assert_eq!(document["registries"][0]["registry_audited"], false);
    assert_eq!(findings(&document, "tags-can-move").len(), 1);
}
