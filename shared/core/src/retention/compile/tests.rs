use chrono::{TimeDelta, Utc};

use super::{
    Compiled, GENERATED_REPOSITORIES, Known, Purpose, WhyLeft, compile, generated_repository, holds_over,
    policy_text,
};
use crate::in_use::RepositoryUse;
use crate::lifecycle::{Action, Limit, Policy, Selection};
use crate::retention::{
    Clause, Condition, ExpireBy, Newest, RetentionAction, RetentionRule, RetentionRules, TagRegex,
};
use crate::{Digest, Image, Repository, Tag, Wildcard};

const DELETE: RetentionAction = RetentionAction::Expire(ExpireBy::Delete);

fn tags(patterns: &[&str]) -> Condition {
    Condition::Tags(patterns.iter().map(|pattern| Wildcard::new(pattern)).collect())
}

fn older(days: i64) -> Condition {
    Condition::PushedOlderThan(TimeDelta::days(days))
}

fn clause<const N: usize>(conditions: [Condition; N]) -> Clause {
    Clause { conditions: Vec::from(conditions), newest: None }
}

fn newest(count: u32, condition: Condition) -> Clause {
    Clause { conditions: vec![condition], newest: Some(Newest { count, group: None }) }
}

fn rules(keep: Vec<Clause>, expire: Vec<Clause>, action: RetentionAction) -> RetentionRules {
    let repositories = vec![Wildcard::new("*")];
    RetentionRules {
        rules: vec![RetentionRule { name: "builds".to_owned(), repositories, keep, expire, action }],
    }
}

fn compiled(rules: &RetentionRules) -> Compiled {
    compile(rules, "shop/cart", &[Wildcard::new("latest")], &[])
}

/// The rules that act, shortly.
fn acting(compiled: &Compiled) -> Vec<(Selection, Limit, Action)> {
    let acting = compiled.rules.iter().filter(|native| native.purpose != Purpose::Shield);
    acting.map(|native| (native.rule.selection.clone(), native.rule.limit, native.rule.action)).collect()
}

fn shields(compiled: &Compiled) -> Vec<String> {
    let shields = compiled.rules.iter().filter(|native| native.purpose == Purpose::Shield);
    shields.map(|native| native.rule.selection.to_string()).collect()
}

fn why(compiled: &Compiled) -> Vec<&WhyLeft> {
    compiled.left.iter().map(|left| &left.why).collect()
}

#[test]
fn what_is_untagged_and_what_is_old_can_be_handed_over() {
    let rules = rules(
        vec![clause([tags(&["v*", "release-*"])])],
        vec![clause([Condition::Untagged, older(14)]), clause([older(90)])],
        DELETE,
    );
    let compiled = compiled(&rules);
    assert_eq!(
        acting(&compiled),
        [
            (Selection::Untagged, Limit::SinceImagePushed(14), Action::Expire),
            (Selection::Any, Limit::SinceImagePushed(90), Action::Expire),
        ]
    );
    assert_eq!(shields(&compiled), ["`latest`", "`sha256-*`", "`v*`", "`release-*`"]);
    assert_eq!(why(&compiled), [&WhyLeft::Milder, &WhyLeft::Milder]);
    assert!(Policy::parse(&policy_text(&rules, &compiled.rules)).is_ok());
}

#[test]
fn all_but_the_newest_of_one_pattern_is_one_rule() {
    let rules = rules(
        vec![newest(10, tags(&["v*"])), clause([tags(&["main"])])],
        vec![clause([tags(&["*"])])],
        DELETE,
    );
    let compiled = compiled(&rules);
    let patterns = |pattern: &str| Selection::Patterns(vec![Wildcard::new(pattern)]);
    assert_eq!(
        acting(&compiled),
        [
            (patterns("v*"), Limit::ImageCountMoreThan(10), Action::Expire),
            (patterns("*"), Limit::SinceImagePushed(1), Action::Expire),
        ]
    );
    assert_eq!(shields(&compiled), ["`latest`", "`sha256-*`", "`main`"]);
}

#[test]
fn an_age_is_rounded_up_to_whole_days() {
    let half = Condition::PushedOlderThan(TimeDelta::hours(36));
    let compiled = compiled(&rules(Vec::new(), vec![clause([half])], RetentionAction::Archive));
    assert_eq!(acting(&compiled), [(Selection::Any, Limit::SinceImagePushed(2), Action::Archive)]);
}

#[test]
fn archived_first_is_archived_by_ecr_and_deleted_by_plans() {
    let action = RetentionAction::Expire(ExpireBy::ArchiveThenDelete { archive_days: 90 });
    let compiled = compiled(&rules(Vec::new(), vec![clause([older(30)])], action));
    assert_eq!(acting(&compiled), [(Selection::Any, Limit::SinceImagePushed(30), Action::Archive)]);
    assert_eq!(why(&compiled), [&WhyLeft::DeletesLater]);
}

#[test]
fn what_ecr_cannot_tell_is_left_for_plans() {
    let left = |keep: Vec<Clause>, expire: Clause, action| {
        let compiled = compiled(&rules(keep, vec![expire], action));
        assert_eq!(compiled.rules, []);
        compiled.left.into_iter().map(|left| left.why).collect::<Vec<_>>()
    };
    let unsheltered = [WhyLeft::Unsheltered { rule: 0, clause: 0 }];
    assert_eq!(left(vec![clause([Condition::InUse])], clause([older(90)]), DELETE), unsheltered);
    let newest = Clause { conditions: Vec::new(), newest: Some(Newest { count: 5, group: None }) };
    assert_eq!(left(vec![newest], clause([older(90)]), DELETE), unsheltered);
    assert_eq!(left(Vec::new(), clause([tags(&["pr-*"])]), DELETE), [WhyLeft::OtherTags]);
    assert_eq!(left(Vec::new(), clause([tags(&["*"])]), RetentionAction::Untag), [WhyLeft::Untag]);
    let pulled = Condition::PulledOlderThan(TimeDelta::days(90));
    assert_eq!(
        left(Vec::new(), clause([pulled]), RetentionAction::Archive),
        [WhyLeft::Condition("pulled_older_than")]
    );
}

#[test]
fn a_keep_that_ecr_cannot_say_shields_all_that_it_may_keep() {
    let regex = Condition::TagsRegex(TagRegex::parse("v[0-9]+").unwrap());
    let compiled = compiled(&rules(
        vec![clause([regex]), clause([tags(&["rc-*"]), Condition::InUse])],
        vec![clause([older(90)])],
        DELETE,
    ));
    assert_eq!(shields(&compiled), ["`latest`", "`sha256-*`", "`*`", "`rc-*`"]);
}

#[test]
fn nothing_acts_on_what_a_shield_claims_as_a_whole() {
    let group = Some(TagRegex::parse_group("(.+)-[0-9]+").unwrap());
    let groups = Clause { conditions: Vec::new(), newest: Some(Newest { count: 3, group }) };
    let rules = rules(
        vec![groups, clause([tags(&["v*"])])],
        vec![clause([tags(&["*"]), older(30)]), clause([Condition::Untagged])],
        DELETE,
    );
    let compiled = compiled(&rules);
    assert_eq!(acting(&compiled), [(Selection::Untagged, Limit::SinceImagePushed(1), Action::Expire)]);
    assert_eq!(why(&compiled), [&WhyLeft::Shielded, &WhyLeft::Milder]);
    assert!(Policy::parse(&policy_text(&rules, &compiled.rules)).is_ok());
}

#[test]
fn no_policy_takes_more_over_other_repositories_either() {
    let keeps = [
        vec![],
        vec![clause([tags(&["v*"])])],
        vec![newest(2, tags(&["v*"])), newest(1, tags(&["w*"]))],
        vec![clause([Condition::Untagged])],
        vec![clause([Condition::TaggedOlderThan(TimeDelta::days(3))])],
    ];
    let expires = [
        vec![clause([tags(&["*"])])],
        vec![clause([Condition::Untagged]), clause([tags(&["*"]), older(3)])],
        vec![clause([older(30)]), clause([Condition::Untagged, older(1)])],
    ];
    let mut handed_over = 0;
    for keep in &keeps {
        for expire in &expires {
            for action in [DELETE, RetentionAction::Archive] {
                let rules = rules(keep.clone(), expire.clone(), action);
                let compiled = compiled(&rules);
                handed_over += acting(&compiled).len();
                for number in GENERATED_REPOSITORIES..GENERATED_REPOSITORIES + 200 {
                    let (repository, in_use, now) = generated_repository(&rules, "shop/cart", number);
                    let known = Known { repository: &repository, in_use: &in_use, ledger: None, now };
                    assert!(holds_over(&rules, &compiled, known), "{rules:?} over {number}");
                }
            }
        }
    }
    assert!(30 < handed_over, "{handed_over} rules are handed over");
}

#[test]
fn a_rule_that_takes_more_from_a_repository_that_is_there_is_dropped() {
    let rules = rules(Vec::new(), vec![clause([older(90)])], RetentionAction::Archive);
    let now = chrono::DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap();
    // An index that somebody archived, young, and its child, which is old: ECR would archive the child.
    let mut repository = Repository::new("shop/cart");
    let (mut index, mut child) =
        (Image::new(Digest::from_bytes([1; 32])), Image::new(Digest::from_bytes([2; 32])));
    index.tags = vec![Tag::as_given("v1")];
    index.pushed_at = now.checked_sub_signed(TimeDelta::days(1));
    index.status = crate::ImageStatus::Archived;
    let mut manifest = crate::Manifest::new(crate::ManifestKind::OciIndex);
    let descriptor = crate::Descriptor { digest: child.digest, media_type: String::new(), size_bytes: 1 };
    manifest.children.push(crate::Child { descriptor, platform: None, attests: None });
    index.manifest = Some(Box::new(manifest));
    child.pushed_at = now.checked_sub_signed(TimeDelta::days(100));
    repository.images = vec![index, child];
    let in_use = RepositoryUse { protections: vec![None, None] };
    let known = Known { repository: &repository, in_use: &in_use, ledger: None, now };
    let alone = compiled(&rules);
    assert!(!holds_over(&rules, &alone, known));
    let compiled = compile(&rules, "shop/cart", &[], &[known]);
    assert_eq!(compiled.rules, []);
    let [WhyLeft::Takes(contradiction)] = &*why(&compiled).into_iter().cloned().collect::<Vec<_>>() else {
        panic!("{:?}", compiled.left)
    };
    assert_eq!(
        contradiction.to_string(),
        "in shop/cart it would archive 020202020202, and the rules do not: it stays with `v1`"
    );
}

#[test]
fn made_up_repositories_are_always_the_same_and_have_everything() {
    let rules = rules(vec![clause([tags(&["v*"])])], vec![clause([older(90)])], DELETE);
    let all: Vec<Repository> = (0..200).map(|number| generated_repository(&rules, "a", number).0).collect();
    assert_eq!(all[7], generated_repository(&rules, "a", 7).0);
    assert_ne!(all[7], all[8]);
    let has = |is_it: fn(&Image) -> bool| all.iter().any(|repository| repository.images.iter().any(is_it));
    assert!(has(|image| image.children().count() == 2));
    assert!(has(|image| image.subject.is_some()));
    assert!(has(|image| 2 < image.tags.len()));
    assert!(has(|image| image.tags.is_empty()));
    assert!(has(|image| image.pushed_at.is_none()));
    assert!(has(|image| image.activated_at.is_some()));
    assert!(has(|image| image.status == crate::ImageStatus::Archived && image.is_index()));
    assert!(has(|image| image.tags.iter().any(|tag| tag.as_str().starts_with("sha256-"))));
}
