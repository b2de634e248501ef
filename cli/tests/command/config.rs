//! `demurrage config check`.

use serde_json::json;

use crate::support::{Folder, registry};

/// Rules of a team that has said who uses images, to be written after other settings of no table.
const RULES: &str = "
in_use.regions = []
in_use.clusters = []
[[retention]]
name = 'builds'
repositories = ['team/*']
expire = [{ untagged = true, pushed_older_than = '30d' }]
keep = [{ tags = ['v*'] }]
";

/// A store with the two repositories of [`registry`], of which those named opted in.
fn store(folder: &Folder, opted_in: &[&str]) {
    registry(folder);
    for name in ["team/app", "team/web"] {
        let value = if opted_in.contains(&name) { "enforce" } else { "observe" };
        let tags = json!({"tags": [{"Key": "demurrage", "Value": value}]});
        folder.write_json(&format!("aws/repositories/{name}/list-tags-for-resource.json"), &tags);
    }
    folder.run("import aws --region eu-west-1 --taken-at 2026-11-24T00:00:00Z").expect(0);
}

/// The kinds of what is found, in their order.
fn found(folder: &Folder, arguments: &str, code: i32) -> Vec<String> {
    let line = format!("config check --format json {arguments}");
    let run = folder.run(line.trim_end()).expect(code).json();
    let findings = run["findings"].as_array().expect("a list");
    findings
        .iter()
        .map(|one| format!("{} {}", one["weight"].as_str().unwrap(), one["id"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_configuration_without_doubts_is_done_and_says_what_else_can_be_looked_at() {
    let folder = Folder::new();
    folder.write("demurrage.toml", RULES);
    let run = folder.run("config check").expect(0);
    assert_eq!(run.stdout, "");
    assert_eq!(
        run.stderr,
        "demurrage.toml: 0 mistakes, 0 risks\n\
         hint: `--parameters FILE` looks at what the service is deployed with, too\n\
         hint: `--store PLACE` holds the rules against what was read, too\n"
    );
}

#[test]
fn every_mistake_of_the_file_is_said_with_its_place_and_what_was_meant() {
    let folder = Folder::new();
    folder.write(
        "demurrage.toml",
        "[[audit.accepted]]\naudit = 'tags-can-mov'\nreason = ''\nuntil = 2027-01-01\n",
    );
    let run = folder.run("config check").expect(2);
    assert!(run.stdout.contains("mistake[configuration] demurrage.toml:2:9: "), "{}", run.stdout);
    assert!(run.stdout.contains("did you mean `tags-can-move`?"), "{}", run.stdout);
    assert!(
        run.stdout.contains("mistake[configuration] demurrage.toml:3:10: `reason` is empty"),
        "{}",
        run.stdout
    );
    assert_eq!(folder.run("config check nowhere.toml").expect(2).stdout, "");
}

#[test]
fn rules_that_delete_what_nobody_asked_about_are_risks() {
    let folder = Folder::new();
    folder
        .write("demurrage.toml", format!("in_use.sources = ['ecs']\nplan.other_readers = 'ignore'\n{RULES}"));
    assert_eq!(found(&folder, "", 1), ["risk use-not-asked", "risk other-readers-ignored"]);
    // Without rules nothing goes, so nothing is risked.
    folder.write("demurrage.toml", "in_use.sources = []\n");
    assert_eq!(found(&folder, "", 0), [""; 0]);
}

#[test]
fn regions_and_clusters_of_which_nobody_said_anything_are_noted() {
    let folder = Folder::new();
    let silent = RULES.replace("in_use.regions = []", "").replace("in_use.clusters = []", "");
    folder.write("demurrage.toml", silent);
    assert_eq!(found(&folder, "", 0), ["note use-unsaid", "note use-unsaid"]);
    folder.write("demurrage.toml", RULES.replace("in_use.regions = []", ""));
    let run = folder.run("config check").expect(0);
    assert!(run.stdout.contains("nobody said which other regions use them"), "{}", run.stdout);
    assert!(!run.stdout.contains("clusters"), "{}", run.stdout);
}

#[test]
fn a_risk_that_is_accepted_no_longer_is_a_note_and_no_reason_to_fail() {
    let folder = Folder::new();
    let accepted =
        "[[audit.accepted]]\naudit = 'tags-can-move'\nrepositories = '*'\nreason = 'x'\nuntil = 2026-01-01\n";
    folder.write("demurrage.toml", accepted);
    assert_eq!(found(&folder, "--now 2025-12-31", 0), [""; 0]);
    assert_eq!(found(&folder, "--now 2026-01-01", 0), ["note acceptance-over"]);
    let run = folder.run("config check --now 2026-01-01").expect(0);
    assert!(
        run.stdout.contains("was accepted until 2026-01-01, and its findings count again"),
        "{}",
        run.stdout
    );
}

#[test]
fn parameters_that_cloudformation_would_refuse_are_mistakes() {
    let folder = Folder::new();
    folder.write("demurrage.toml", RULES);
    let overrides = "Mod=approve Regions='eu-west-1, us-east-1' Mode=approve";
    folder.write(
        "samconfig.toml",
        format!("[default.deploy.parameters]\nparameter_overrides = \"{overrides}\"\n"),
    );
    let run = folder.run("config check --parameters samconfig.toml").expect(2);
    assert!(
        run.stdout.contains("there is no parameter `Mod`\n  help: did you mean `Mode`?\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("`Regions` cannot be `eu-west-1, us-east-1`"), "{}", run.stdout);
    // A deployment of CloudFormation, as a list.
    folder.write_json("p.json", &json!([{"ParameterKey": "Mode", "ParameterValue": "delete"}]));
    let run = folder.run("config check --parameters p.json").expect(2);
    assert!(run.stdout.contains("it is one of observe, approve, enforce"), "{}", run.stdout);
    let run = folder.run("config check --parameters samconfig.toml --environment prod").expect(2);
    assert!(run.stderr.contains("it has no environment `prod`"), "{}", run.stderr);
}

#[test]
fn uses_that_no_run_of_the_deployment_reads_are_risks() {
    let folder = Folder::new();
    let uses =
        "in_use.accounts = ['210987654321/eu-west-1', '333333333333/eu-west-1', '210987654321/us-east-1']\n";
    folder.write("demurrage.toml", format!("{uses}{RULES}"));
    let parameters = |accounts: &str, regions: &str| {
        let given = json!({"Accounts": accounts, "Regions": regions, "OrganizationId": "o-a1b2c3d4e5", "Mode": "approve"});
        folder.write_json("p.json", &json!({ "Parameters": given }));
    };
    parameters("210987654321,333333333333", "eu-west-1,us-east-1");
    assert_eq!(found(&folder, "--parameters p.json", 0), [""; 0]);
    parameters("210987654321", "eu-west-1");
    let run = folder.run("config check --parameters p.json").expect(1);
    assert!(
        run.stdout.contains("in 333333333333/eu-west-1 has to be known, and is not read"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("in 210987654321/us-east-1 has to be known"), "{}", run.stdout);
    assert!(!run.stdout.contains("in 210987654321/eu-west-1 has"), "{}", run.stdout);
    folder.write_json("p.json", &json!({"Mode": "approve"}));
    assert_eq!(found(&folder, "--parameters p.json", 1), ["risk use-unread"; 3]);
    // A single account may be the stack's own, which is always read.
    folder.write("demurrage.toml", format!("in_use.accounts = ['210987654321/eu-west-1']\n{RULES}"));
    assert_eq!(found(&folder, "--parameters p.json", 0), [""; 0]);
    folder.write_json("p.json", &json!({"Mode": "approve", "Regions": "us-east-1"}));
    assert_eq!(found(&folder, "--parameters p.json", 1), ["risk use-unread"]);
}

#[test]
fn a_mode_and_rules_that_do_not_fit_are_said() {
    let folder = Folder::new();
    folder.write("demurrage.toml", "");
    folder.write_json("p.json", &json!({"Mode": "enforce"}));
    assert_eq!(found(&folder, "--parameters p.json", 1), ["risk nothing-to-plan", "risk enforced-untold"]);
    folder.write("demurrage.toml", RULES);
    folder.write_json("p.json", &json!({}));
    assert_eq!(found(&folder, "--parameters p.json", 0), ["note plans-are-looked-at-alone"]);
    let odd = json!({"OrganizationalUnits": "r-ab12", "Accounts": "210987654321", "ExcludedAccounts": "210987654321"});
    folder.write_json("p.json", &odd);
    assert_eq!(
        found(&folder, "--parameters p.json", 1),
        [
            "risk units-without-organization",
            "risk account-excluded",
            "risk events-not-let-in",
            "note plans-are-looked-at-alone"
        ]
    );
}

#[test]
fn a_rule_about_no_repository_of_the_store_is_a_risk_and_says_which_is_near() {
    let folder = Folder::new();
    store(&folder, &["team/app"]);
    folder.write(
        "demurrage.toml",
        format!("{RULES}\n[[audit.budget]]\nrepositories = 'team/ap'\nmax_tags = 3\n"),
    );
    let run = folder.run("config check --store store").expect(1);
    assert_eq!(
        run.stdout,
        "risk[no-such-repository] `[[audit.budget]]`: `team/ap` matches none of the 2 repositories that were read\n  \
         help: did you mean `team/app`?\n"
    );
    folder.write("demurrage.toml", RULES);
    assert_eq!(found(&folder, "--store store", 0), [""; 0]);
}

#[test]
fn a_rule_of_which_no_repository_opted_in_changes_nothing_and_that_is_a_risk() {
    let folder = Folder::new();
    store(&folder, &[]);
    folder.write("demurrage.toml", RULES);
    assert_eq!(found(&folder, "--store store", 1), ["risk nobody-opted-in"]);
}

#[test]
fn uses_of_which_the_store_has_no_record_are_risks() {
    let folder = Folder::new();
    store(&folder, &["team/app"]);
    let uses = "in_use.accounts = ['210987654321/eu-west-1']\n";
    let rules = RULES.replace("clusters = []", "clusters = ['prod']");
    folder.write("demurrage.toml", format!("{uses}{rules}"));
    assert_eq!(found(&folder, "--store store", 1), ["risk use-never-read", "risk use-never-read"]);
}

#[test]
fn a_store_without_an_inventory_leaves_the_question_open() {
    let folder = Folder::new();
    folder.write("demurrage.toml", RULES);
    let run = folder.run("config check --store store").expect(4);
    assert!(run.stderr.contains("no inventory of a private registry"), "{}", run.stderr);
}
