//! Settings that a plan changes.

use demurrage_core::TagMutability;
use demurrage_core::apply::{Conclusion, RepositoryState};
use demurrage_core::plan::{Mode, Setting, SettingAction};
use fake_ecr::{FaultKind, FaultTimes};

use crate::registry::{image, repository};
use crate::world::{ACCOUNT, REGION, World};

const POLICY: &str = r#"{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}"#;

fn wanted() -> Vec<SettingAction> {
    let mutability = |mode: &str| TagMutability { mode: mode.to_owned(), exclusion_filters: Vec::new() };
    let action = |setting| SettingAction { setting, rule: "an-audit".to_owned(), reason: "so".to_owned() };
    vec![
        action(Setting::TagMutability { from: mutability("MUTABLE"), to: mutability("IMMUTABLE") }),
        action(Setting::LifecyclePolicy { from: None, to: POLICY.to_owned() }),
        action(Setting::ScanOnPush { from: Some(false), to: true }),
    ]
}

async fn world() -> World {
    let mut app = repository("app");
    app.resource_tags.insert("demurrage".to_owned(), "enforce".to_owned());
    World::new(vec![(app, vec![image("one", &["one"], 1)])]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_a_repository_that_opted_out_since_stay() {
    let world = world().await;
    let settings: Vec<_> = wanted().into_iter().map(|setting| ("app", setting)).collect();
    let plan = world.plan_of(&[], &settings, Mode::Approve).await;
    let mut record = world.fake().repository(ACCOUNT, REGION, "app").unwrap();
    record.resource_tags.clear();
    let images = world.fake().images(ACCOUNT, REGION, "app");
    world.fake().load_repository(ACCOUNT, REGION, record, images);
    let report = world.applied(&plan).await;
    let app = &report.repositories[0];
    let RepositoryState::Refused(why) = &app.state else { panic!("{report:#?}") };
    assert!(why.contains("`demurrage` = `enforce`"), "{why}");
    let record = world.fake().repository(ACCOUNT, REGION, "app").unwrap();
    assert_eq!((record.mutability.as_str(), record.scan_on_push), ("MUTABLE", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_put_and_read_back() {
    let world = world().await;
    let settings: Vec<_> = wanted().into_iter().map(|setting| ("app", setting)).collect();
    let plan = world.plan_of(&[], &settings, Mode::Approve).await;
    let report = world.applied(&plan).await;
    assert_eq!(
        (report.repositories[0].settings, report.conclusion()),
        (3, Conclusion::AllDone),
        "{report:#?}"
    );
    let record = world.fake().repository(ACCOUNT, REGION, "app").unwrap();
    assert_eq!((record.mutability.as_str(), record.scan_on_push), ("IMMUTABLE", true));
    assert_eq!(record.lifecycle_policy.as_deref(), Some(POLICY));
    assert_eq!(world.journal(&plan).entries().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_is_not_as_it_was_planned_stays_and_one_that_is_as_wanted_is_done() {
    let world = world().await;
    let settings: Vec<_> = wanted().into_iter().map(|setting| ("app", setting)).collect();
    let plan = world.plan_of(&[], &settings, Mode::Approve).await;
    let mut record = world.fake().repository(ACCOUNT, REGION, "app").unwrap();
    record.scan_on_push = true;
    record.lifecycle_policy = Some(POLICY.replace("14", "30"));
    let images = world.fake().images(ACCOUNT, REGION, "app");
    world.fake().load_repository(ACCOUNT, REGION, record, images);
    let report = world.applied(&plan).await;
    let app = &report.repositories[0];
    assert_eq!((app.settings, app.already, app.left.len()), (1, 1, 1), "{report:#?}");
    assert_eq!(app.left[0].why, "the lifecycle policy is not as it was planned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_whose_answer_is_lost_is_looked_at_and_put_once() {
    for operation in ["PutImageTagMutability", "PutLifecyclePolicy", "PutImageScanningConfiguration"] {
        let world = world().await;
        let settings: Vec<_> = wanted().into_iter().map(|setting| ("app", setting)).collect();
        let plan = world.plan_of(&[], &settings, Mode::Approve).await;
        world.fake().add_fault(fake_ecr::Fault {
            operation: operation.to_owned(),
            account: None,
            region: None,
            kind: FaultKind::Truncated,
            times: FaultTimes::Count(1),
        });
        let report = world.applied(&plan).await;
        assert_eq!(report.conclusion(), Conclusion::AllDone, "{operation}: {report:#?}");
        assert_eq!(world.calls(operation), 1);
        let journal = world.journal(&plan);
        let mut errors = journal.entries().iter().filter_map(|entry| entry.outcome.as_ref()?.error.as_ref());
        assert!(errors.next_back().unwrap().ends_with("found done"));
    }
}
