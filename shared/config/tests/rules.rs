//! What a configuration means as rules.

#![expect(clippy::panic, reason = "a test that stops when an assumption fails")]

use chrono::TimeDelta;
use demurrage_config::Configuration;
use demurrage_core::access::AccountId;
use demurrage_core::audit::{RequiredMode, Rules, Severity};
use demurrage_core::in_use::{UnsaidTopic, UseSource};
use demurrage_core::{Wildcard, instant};

fn rules(text: &str) -> Rules {
    Configuration::parse(text).unwrap_or_else(|error| panic!("{error}")).rules
}

#[test]
fn the_first_promise_that_matches_counts() {
    let rules = rules(
        "[[audit.mutability]]
         repositories = 'cache/*'
         may_move = ['*']
         [[audit.mutability]]
         repositories = '*'
         may_move = ['latest', 'main-*']
         mode = 'IMMUTABLE_WITH_EXCLUSION'",
    );
    let promise = |name: &str| rules.promise(name).expect("a promise");
    assert!(promise("cache/node").lets_move("1.0.0"));
    assert!(!promise("shop/cart").lets_move("1.0.0"));
    assert!(promise("shop/cart").lets_move("main-7"));
    assert_eq!(promise("shop/cart").required, Some(RequiredMode::ImmutableWithExclusion));
    assert_eq!(promise("cache/node").required, None);
}

#[test]
fn each_table_reaches_its_rule() {
    let rules = rules(
        "[audit]
         owner_tags = ['squad']
         untagged_bytes = 5
         history_days = 8
         [audit.scanning]
         severity = 'critical'
         mend_days = 7
         scan_days = 14
         [audit.access]
         accounts = ['111122223333']
         organizations = ['o-a1b2c3d4e5']
         services = ['*.amazonaws.com']
         principals = ['arn:aws:iam::111122223333:role/ci-*']
         [[audit.encryption]]
         repositories = 'vault/*'
         keys = ['arn:aws:kms:*:111122223333:key/*']
         [audit.capacity]
         images_per_repository = 1
         tags_per_image = 2
         repositories = 3
         public_repositories = 4
         near_percent = 100
         near_days = 6",
    );
    assert_eq!((rules.owner_tags, rules.untagged_bytes), (vec!["squad".to_owned()], 5));
    assert_eq!(rules.history_days, 8);
    assert_eq!(rules.scanning.severity, Severity::Critical);
    assert_eq!((rules.scanning.mend_days, rules.scanning.scan_days), (7, 14));
    let accounts: Vec<&str> = rules.access.accounts.iter().map(AccountId::as_str).collect();
    assert_eq!(accounts, ["111122223333"]);
    assert!(rules.access.organizations.contains("o-a1b2c3d4e5"));
    assert!(rules.access.services[0].matches("lambda.amazonaws.com"));
    assert!(rules.access.principals[0].matches("arn:aws:iam::111122223333:role/ci-build"));
    assert_eq!(rules.encryption[0].repositories, Wildcard::new("vault/*"));
    assert!(rules.encryption[0].keys[0].matches("arn:aws:kms:eu-west-1:111122223333:key/1"));
    let capacity = rules.capacity;
    assert_eq!((capacity.images_per_repository, capacity.tags_per_image), (1, 2));
    assert_eq!((capacity.repositories, capacity.public_repositories), (3, 4));
    assert_eq!((capacity.near_percent, capacity.near_days), (100, 6));
}

#[test]
fn a_destination_has_the_account_and_the_region_that_images_come_from() {
    let rules = rules(
        "[[audit.replication]]
         repositories = 'shop/*'
         from = 'eu-west-1'
         region = 'us-gov-east-1'
         account = '111122223333'",
    );
    let required = &rules.replication[0];
    assert!(required.repositories.matches("shop/cart"));
    assert_eq!(required.from.as_deref(), Some("eu-west-1"));
    assert_eq!((&*required.region, required.registry_id.as_deref()), ("us-gov-east-1", Some("111122223333")));
}

#[test]
fn a_risk_is_accepted_up_to_midnight_of_its_last_day_or_to_an_instant() {
    let rules = rules(
        "[[audit.accepted]]
         audit = 'tags-can-move'
         repositories = 'legacy/*'
         account = '111122223333'
         region = 'eu-west-1'
         reason = 'frozen in spring'
         until = 2027-03-31
         [[audit.accepted]]
         audit = 'replication-deletes-too'
         reason = 'replicas follow'
         until = 2027-03-31T12:00:00+02:00",
    );
    let [day, instant] = rules.accepted.as_slice() else { panic!("two risks") };
    assert_eq!((day.audit, day.reason.as_str()), ("tags-can-move", "frozen in spring"));
    assert_eq!(day.repositories, Some(Wildcard::new("legacy/*")));
    assert_eq!((day.account.as_deref(), day.region.as_deref()), (Some("111122223333"), Some("eu-west-1")));
    assert_eq!(Some(day.until), instant::parse("2027-03-31T00:00:00Z"));
    assert_eq!(instant.repositories, None);
    assert_eq!(Some(instant.until), instant::parse("2027-03-31T10:00:00Z"));
}

#[test]
fn what_has_to_be_known_of_use_reaches_its_rules() {
    let parse = |text: &str| Configuration::parse(text).unwrap_or_else(|error| panic!("{error}")).in_use;
    let asked = parse(
        "[in_use]
         sources = ['lambda', 'inspector']
         accounts = ['210987654321/eu-west-1']
         regions = ['eu-north-1']
         clusters = ['prod']
         gone = ['old']
         max_age_hours = 12
         cluster_max_age_hours = 26
         task_definition_revisions = 5
         lambda_versions_back = 0",
    );
    assert_eq!(asked.rules.sources, [UseSource::Lambda, UseSource::Inspector].into());
    assert_eq!(asked.rules.accounts, [("210987654321".to_owned(), "eu-west-1".to_owned())].into());
    assert_eq!(
        (asked.rules.clusters, asked.rules.gone),
        (["prod".to_owned()].into(), ["old".to_owned()].into())
    );
    assert_eq!(asked.rules.max_age, TimeDelta::hours(12));
    assert_eq!(asked.rules.cluster_max_age, Some(TimeDelta::hours(26)));
    assert_eq!((asked.task_definition_revisions, asked.lambda_versions_back, asked.inspector), (5, 0, true));
    assert_eq!(asked.rules.regions, ["eu-north-1".to_owned()].into());
    assert!(!parse("[in_use]\ninspector = false").inspector);
    assert_eq!(asked.rules.unsaid, [].into());
    assert_eq!(parse("").rules.unsaid, UnsaidTopic::ALL.into());
    assert_eq!(parse("[in_use]\nregions = []").rules.unsaid, [UnsaidTopic::Clusters].into());
    assert_eq!(parse("[in_use]\nclusters = []").rules.unsaid, [UnsaidTopic::Regions].into());
    let refused = |text: &str| Configuration::parse(text).unwrap_err().to_string();
    let both = refused("[in_use]\nsources = ['inspector']\ninspector = false");
    assert_eq!(both, "3:13: Inspector has to be read, and is not asked");
    assert_eq!(refused("[in_use]\nregions = ['Seoul!']"), "2:12: `Seoul!` is no region");
    assert_eq!(
        parse("[in_use]\nsources = []").rules.sources,
        [].into(),
        "a team that asks for nothing says so itself"
    );
}
