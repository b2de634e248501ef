use chrono::{DateTime, Utc};

use super::{PartHead, part_text, plan_text, read_part, read_plan};
use crate::plan::{
    Action, ActionKind, DecidedFrom, ImageAction, KeptImage, Mode, PartSummary, PendingImage, Plan, PlanHash,
    PlanHead, PlanTextError, Refusal, RepositoryAddress, RepositoryPlan, Setting, SettingAction, SoftGuard,
    Source, Stage, TrippedGuard, kept_text, pending_text, read_kept_text, read_pending_text,
};
use crate::{Digest, ExclusionFilter, Tag, TagMutability, instant};

fn time(text: &str) -> DateTime<Utc> {
    instant::parse(text).unwrap()
}

fn address(name: &str) -> RepositoryAddress {
    let account = Some("123456789012".to_owned());
    RepositoryAddress { account, region: "ap-northeast-2".to_owned(), name: name.to_owned() }
}

fn head() -> PlanHead {
    let source = |name: &str| Source { name: name.to_owned(), hash: "ab".repeat(32) };
    PlanHead {
        made_at: time("2026-11-25T00:00:00Z"),
        expires_at: time("2026-11-26T00:00:00Z"),
        mode: Mode::Approve,
        decided_from: DecidedFrom {
            inventories: vec![source("20261124T000000Z-0000")],
            uses: vec![source("one"), source("two")],
            rules: source("policy.json"),
            configuration: None,
            holds: source("holds"),
            earlier_plan: Some("cd".repeat(32)),
        },
        tripped: vec![TrippedGuard {
            guard: SoftGuard::Percent,
            repository: Some(address("shop/cart")),
            detail: "60 % would go".to_owned(),
        }],
    }
}

fn image_action(number: u8) -> Action {
    Action::Image(ImageAction {
        digest: Digest::from_bytes([number; 32]),
        kind: ActionKind::Expire,
        stage: Stage::Referrer,
        tags: vec![Tag::as_given("1.0"), Tag::as_given("a \"tag\"\n")],
        pushed_at: Some(time("2026-01-01T00:00:00.123456+00:00")),
        last_pulled_at: None,
        parents: vec![Digest::from_bytes([7; 32])],
        subject: Some(Digest::from_bytes([8; 32])),
        unit: Digest::from_bytes([9; 32]),
        rule: "rule 2 of `policy.json`".to_owned(),
        reason: "rank 4 among all images".to_owned(),
        not_in_use: "nothing".to_owned(),
        bytes_freed: u64::MAX,
    })
}

fn settings() -> Vec<Action> {
    let exclusion_filters =
        vec![ExclusionFilter { filter_type: "WILDCARD".to_owned(), filter: "latest".to_owned() }];
    let from = TagMutability { mode: "MUTABLE".to_owned(), exclusion_filters: Vec::new() };
    let to = TagMutability { mode: "IMMUTABLE_WITH_EXCLUSION".to_owned(), exclusion_filters };
    let all = [
        Setting::TagMutability { from, to },
        Setting::LifecyclePolicy { from: None, to: "{}".to_owned() },
        Setting::LifecyclePolicy { from: Some("{}".to_owned()), to: "{ }".to_owned() },
        Setting::ScanOnPush { from: None, to: true },
        Setting::ScanOnPush { from: Some(true), to: false },
    ];
    let action = |setting| {
        let (rule, reason) = ("tags-can-move".to_owned(), "tags may move".to_owned());
        Action::Setting(SettingAction { setting, rule, reason })
    };
    all.into_iter().map(action).collect()
}

fn part() -> (PartHead, Vec<RepositoryPlan>) {
    let head = PartHead { head: head(), aside: PlanHash::from_bytes([1; 32]) };
    let mut unknown = address("b");
    unknown.account = None;
    let repositories = vec![
        RepositoryPlan { repository: unknown, images_listed: 3, actions: vec![image_action(1)] },
        RepositoryPlan {
            repository: address("a"),
            images_listed: 9,
            actions: [vec![image_action(2)], settings()].concat(),
        },
    ];
    (head, repositories)
}

#[test]
fn a_part_is_read_as_it_was_written() {
    let (head, repositories) = part();
    let text = part_text(&head, &repositories);
    assert_eq!(text.lines().count(), 8);
    assert_eq!(read_part(&text), Ok((head, repositories)));
}

#[test]
fn a_part_of_which_repositories_are_out_of_order_or_torn_apart_is_none() {
    let (head, mut repositories) = part();
    repositories.reverse();
    let error = read_part(&part_text(&head, &repositories)).unwrap_err();
    assert_eq!(error.to_string(), "line 8: the repository `ap-northeast-2/b` is out of order");
    repositories.truncate(1);
    let (first, second) =
        (repositories[0].clone(), RepositoryPlan { images_listed: 1, ..repositories[0].clone() });
    assert!(read_part(&part_text(&head, &[first, second])).is_err());
}

#[test]
fn a_line_with_anything_that_is_not_understood_is_refused() {
    let (head, repositories) = part();
    let text = part_text(&head, &repositories);
    for (from, to) in [
        ("\"expire\"", "\"explode\""),
        ("\"referrer\"", "\"friend\""),
        ("\"not_in_use\"", "\"in_use\""),
        ("2026-01-01T00:00:00.123456+00:00", "once"),
        ("\"approve\"", "\"maybe\""),
        ("\"percent\"", "\"luck\""),
        ("\"from\":{\"mode\":\"MUTABLE\",\"exclusion_filters\":[]}", "\"from\":null"),
        ("sha256:08", "sha256:x8"),
    ] {
        assert_ne!(text.replace(from, to), text, "{from}");
        assert!(read_part(&text.replace(from, to)).is_err(), "{to}");
    }
    let newer = text.replace("{\"format_version\":1", "{\"format_version\":2");
    assert_eq!(read_part(&newer), Err(PlanTextError::Version { found: 2 }));
    assert!(read_part("").is_err());
}

fn plan() -> Plan {
    let part = |number: u8| PartSummary {
        file: format!("part-{number:05}.jsonl"),
        hash: PlanHash::from_bytes([number; 32]),
        repositories: 2,
        actions: 7,
        images: 2,
        bytes_freed: 100,
    };
    Plan {
        head: head(),
        hash: PlanHash::from_bytes([2; 32]),
        parts: vec![part(0), part(1)],
        refused: vec![Refusal { repository: address("c"), reason: "cut off".to_owned() }],
        usd_per_month: "12.5".parse().ok(),
        kept: vec![("in_use".to_owned(), 3)],
        kept_hash: Some(PlanHash::from_bytes([3; 32])),
        pending: 4,
        pending_hash: None,
    }
}

#[test]
fn a_description_is_read_as_it_was_written_and_its_totals_are_sums() {
    let plan = plan();
    let text = plan_text(&plan);
    assert_eq!(read_plan(&text), Ok(plan.clone()));
    assert_eq!((plan.repositories(), plan.actions(), plan.images(), plan.bytes_freed()), (4, 14, 4, 200));
    let edited = text.replacen("\"bytes_freed\": 200", "\"bytes_freed\": 20", 1);
    assert_ne!(edited, text);
    assert!(read_plan(&edited).unwrap_err().to_string().contains("totals"));
}

#[test]
fn what_stays_and_what_waits_is_read_as_it_was_written() {
    let kept = KeptImage {
        repository: address("a"),
        digest: Digest::from_bytes([1; 32]),
        tags: vec![Tag::as_given("latest")],
        kind: ActionKind::Archive,
        rule: "retention `builds`".to_owned(),
        guard: "protected_tag".to_owned(),
        detail: "`latest`".to_owned(),
    };
    let pending = PendingImage {
        repository: address("a"),
        digest: Digest::from_bytes([1; 32]),
        tags: Vec::new(),
        kind: ActionKind::Untag,
        rule: "retention `builds`".to_owned(),
    };
    assert_eq!(read_kept_text(&kept_text(std::slice::from_ref(&kept))), Ok(vec![kept]));
    assert_eq!(read_pending_text(&pending_text(std::slice::from_ref(&pending))), Ok(vec![pending]));
    assert!(read_kept_text("{}").is_err());
}
