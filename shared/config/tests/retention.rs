//! What retention tables mean as rules.

use chrono::TimeDelta;
use demurrage_config::Configuration;
use demurrage_core::Wildcard;
use demurrage_core::retention::{
    Clause, Condition, ExpireBy, Newest, RetentionAction, RetentionRule, RetentionRules, TagRegex,
};

#[test]
fn every_condition_reaches_its_rule() {
    let text = r#"
        [[retention]]
        name = "builds"
        repositories = ["shop/*", "team/app"]
        expire_by = "archive_then_delete"
        keep = [{ newest = 3, group = '(.+)-\d+' }, { in_use = true }, { larger_than = "2 GiB" }]
        expire = [
            { tags = ["pr-*", "ci"], tags_regex = 'pr-\d+', tagged_older_than = "2w" },
            { untagged = true, never_pulled = true },
            { pushed_older_than = "12h", pulled_older_than = "90d" },
            { never_pulled = true, pulled_grace = "1w" },
        ]
        [[retention]]
        name = "tags"
        repositories = ["*"]
        action = "untag"
        keep = [{ newest = 1 }]
    "#;
    let clause = |conditions| Clause { conditions, newest: None };
    let builds = RetentionRule {
        name: "builds".to_owned(),
        repositories: vec![Wildcard::new("shop/*"), Wildcard::new("team/app")],
        keep: vec![
            Clause {
                conditions: Vec::new(),
                newest: Some(Newest { count: 3, group: TagRegex::parse(r"(.+)-\d+").ok() }),
            },
            clause(vec![Condition::InUse]),
            clause(vec![Condition::LargerThan { bytes: 2 << 30 }]),
        ],
        expire: vec![
            clause(vec![
                Condition::Tags(vec![Wildcard::new("pr-*"), Wildcard::new("ci")]),
                Condition::TagsRegex(TagRegex::parse(r"pr-\d+").unwrap()),
                Condition::TaggedOlderThan(TimeDelta::days(14)),
            ]),
            clause(vec![Condition::Untagged, Condition::NeverPulled { grace: TimeDelta::days(30) }]),
            clause(vec![
                Condition::PushedOlderThan(TimeDelta::hours(12)),
                Condition::PulledOlderThan(TimeDelta::days(90)),
            ]),
            clause(vec![Condition::NeverPulled { grace: TimeDelta::days(7) }]),
        ],
        action: RetentionAction::Expire(ExpireBy::ArchiveThenDelete { archive_days: 90 }),
    };
    let tags = RetentionRule {
        name: "tags".to_owned(),
        repositories: vec![Wildcard::new("*")],
        keep: vec![Clause { conditions: Vec::new(), newest: Some(Newest { count: 1, group: None }) }],
        expire: Vec::new(),
        action: RetentionAction::Untag,
    };
    let configuration = Configuration::parse(text).unwrap();
    assert_eq!(configuration.retention, RetentionRules { rules: vec![builds, tags] });
}

#[test]
fn without_tables_nothing_is_about_any_repository() {
    let configuration = Configuration::parse("[audit]").unwrap();
    assert!(!configuration.retention.are_about("shop/cart"));
}
