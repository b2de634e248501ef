use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{OtherReaders, PolicyText, Request, refuse};
use crate::lifecycle::Policy;
use crate::plan::Mode;
use crate::{Fact, Listing, Repository, instant};

const POLICY: &str = r#"{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any",
    "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}"#;
/// Means the same.
const POLICY_TOO: &str = r#"{"rules": [{"rulePriority": 7, "description": "three", "selection": {"tagStatus": "any",
    "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}"#;
const OTHER_POLICY: &str = r#"{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any",
    "countType": "imageCountMoreThan", "countNumber": 4}, "action": {"type": "expire"}}]}"#;

struct World {
    repository: Repository,
    mode: Mode,
    by_rules: bool,
    taken_at: &'static str,
    gaps: Vec<String>,
    other_readers: OtherReaders,
    read_accounts: BTreeSet<String>,
    registry_policy: Fact<String>,
}

fn world() -> World {
    let mut repository = Repository::new("shop/cart");
    repository.registry_id = Some("123456789012".to_owned());
    repository.resource_tags = Fact::Absent;
    repository.lifecycle_policy = Fact::Absent;
    repository.repository_policy = Fact::Absent;
    World {
        repository,
        mode: Mode::Approve,
        by_rules: false,
        taken_at: "2026-11-24T00:00:00Z",
        gaps: Vec::new(),
        other_readers: OtherReaders::Refuse,
        read_accounts: BTreeSet::new(),
        registry_policy: Fact::Absent,
    }
}

impl World {
    fn tagged(mut self, value: &str) -> Self {
        self.repository.resource_tags = Fact::Present([("demurrage".to_owned(), value.to_owned())].into());
        self
    }

    fn read_by(mut self, principal: &str, actions: &str) -> Self {
        self.repository.repository_policy = Fact::Present(format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {principal}, "Action": {actions}}}]}}"#
        ));
        self
    }

    fn answer(&self) -> String {
        let policy = Policy::parse(POLICY).unwrap();
        let request = Request {
            now: instant::parse("2026-11-25T00:00:00Z").unwrap(),
            taken_at: instant::parse(self.taken_at).unwrap(),
            inventory_max_age: TimeDelta::hours(24),
            mode: self.mode,
            policy: (!self.by_rules).then_some(PolicyText { policy: &policy, text: POLICY }),
            use_gaps: &self.gaps,
            other_readers: self.other_readers,
            read_accounts: &self.read_accounts,
            account: None,
            registry_policy: &self.registry_policy,
        };
        refuse(&self.repository, &request).map_or_else(|| "planned".to_owned(), |refused| refused.to_string())
    }
}

#[test]
fn rules_need_repositories_that_opted_in_and_a_machine_always_does() {
    let opted = "planned";
    let not = "it did not opt in: it has no resource tag `demurrage` = `enforce`";
    assert_eq!(world().answer(), opted);
    for (by_rules, mode) in [(true, Mode::Observe), (true, Mode::Approve), (false, Mode::Enforce)] {
        assert_eq!(World { mode, by_rules, ..world() }.answer(), not);
        assert_eq!(World { mode, by_rules, ..world() }.tagged("observe").answer(), not);
        assert_eq!(World { mode, by_rules, ..world() }.tagged("enforce").answer(), opted);
        let mut unread = World { mode, by_rules, ..world() };
        unread.repository.resource_tags = Fact::NotEvaluated;
        assert!(unread.answer().contains("resource tags were not read"));
    }
}

#[test]
fn an_inventory_may_be_as_old_as_its_limit_and_not_of_the_future() {
    let of = |taken_at| World { taken_at, ..world() }.answer();
    assert_eq!(of("2026-11-24T00:00:00Z"), "planned");
    assert!(of("2026-11-23T23:59:59Z").contains("too old"));
    assert_eq!(of("2026-11-25T00:05:00Z"), "planned");
    assert!(of("2026-11-25T00:05:01Z").contains("after the time of the plan"));
}

#[test]
fn a_listing_that_is_not_whole_is_refused() {
    let mut cut_off = world();
    cut_off.repository.listing = Listing::CutOff;
    assert_eq!(cut_off.answer(), "not all of its images were listed");
    cut_off.repository.listing = Listing::Failed("denied".to_owned());
    assert_eq!(cut_off.answer(), "its images could not be listed: denied");
}

#[test]
fn a_policy_that_is_attached_or_means_the_same_as_the_attached_one_is_refused() {
    let with = |attached: Fact<String>| {
        let mut world = world();
        world.repository.lifecycle_policy = attached;
        world.answer()
    };
    let present = |text: &str| with(Fact::Present(text.to_owned()));
    let refused = "the policy is attached to it: ECR runs it by itself, and knows of no use";
    assert_eq!(present(POLICY), refused);
    assert_eq!(present(&format!("{POLICY}\n")), refused);
    assert_eq!(present(POLICY_TOO), refused);
    assert_eq!(present(OTHER_POLICY), "planned");
    assert_eq!(present("{}"), "planned");
    assert!(with(Fact::NotEvaluated).contains("was not read"));
}

#[test]
fn a_gap_in_what_is_known_to_be_in_use_is_named() {
    let gaps = vec!["ECS was not read".to_owned(), "Lambda was not read".to_owned()];
    let answer = World { gaps, ..world() }.answer();
    assert_eq!(answer, "what is in use is not known: ECS was not read, and 1 more");
}

#[test]
fn who_may_pull_from_outside_has_to_have_been_asked() {
    let pull = r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;
    let other = || world().read_by(r#"{"AWS": "210987654321"}"#, pull);
    assert_eq!(other().answer(), "others may pull from it, and what they use was not read: 210987654321");
    assert_eq!(World { read_accounts: ["210987654321".to_owned()].into(), ..other() }.answer(), "planned");
    assert_eq!(World { other_readers: OtherReaders::Ignore, ..other() }.answer(), "planned");
    let role = world().read_by(r#"{"AWS": "arn:aws:iam::210987654321:role/run"}"#, pull);
    assert!(role.answer().contains("role/run"));
    assert_eq!(World { read_accounts: ["210987654321".to_owned()].into(), ..role }.answer(), "planned");
    assert!(world().read_by("\"*\"", pull).answer().contains("anyone"));
    assert_eq!(world().read_by(r#"{"AWS": "123456789012"}"#, pull).answer(), "planned");
    assert_eq!(world().read_by("\"*\"", "\"ecr:DescribeImages\"").answer(), "planned");
}

#[test]
fn a_policy_that_cannot_be_read_may_let_anyone_pull() {
    let mut unread = world();
    unread.repository.repository_policy = Fact::NotEvaluated;
    assert!(unread.answer().contains("the repository policy was not read"));
    unread.repository.repository_policy = Fact::Present("{".to_owned());
    assert!(unread.answer().contains("who may pull from it is not known"));
    let registry = World { registry_policy: Fact::NotEvaluated, ..world() };
    assert!(registry.answer().contains("the registry policy was not read"));
}
