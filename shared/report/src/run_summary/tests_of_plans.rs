//! What summaries say of plans, of registries as a whole, and of runs about settings alone.

use demurrage_core::instant;
use demurrage_core::plan::{Mode, SoftGuard, TrippedGuard};

use super::tests::{ACCOUNT, complete, usd};
use super::{
    Mounted, QuotaUse, RegistryWhole, ReplicasIn, RunAbout, RunPlan, RunSummary, run_summary_json,
    run_summary_mail, run_summary_markdown,
};

/// A plan that trips a limit, of which somebody else wrote the text.
pub(super) fn plan(mode: Mode, text: &str) -> RunPlan {
    RunPlan {
        hash: "8f".repeat(32),
        store: "s3://bucket/demurrage".to_owned(),
        mode,
        expires_at: instant::parse("2026-11-25T19:22:50Z").unwrap(),
        actions: 1_206,
        images: 1_204,
        bytes_freed: 5_497_558_138,
        usd_per_month: Some(usd("0.5120000000")),
        refused: 3,
        kept: 17,
        pending: 0,
        tripped: vec![TrippedGuard { guard: SoftGuard::ALL[0], repository: None, detail: text.to_owned() }],
    }
}

pub(super) fn whole(text: &str) -> RegistryWhole {
    RegistryWhole {
        is_exact: true,
        stored_bytes: 1_330_151_371_571,
        mounted: Some(Mounted {
            bytes: 900_151_371_571,
            usd_per_month: Some(usd("83.8318950000")),
            shared_blobs: 12_345,
        }),
        blob_mounting: "on".to_owned(),
        orphan_referrers: 31,
        orphan_referrers_bytes: 40_960,
        replicas: Some(vec![ReplicasIn {
            account: text.to_owned(),
            region: text.to_owned(),
            compared: 1_200,
            not_compared: 14,
            missing_images: 2,
            orphan_images: 410,
            orphan_bytes: 64_424_509_440,
            never_pulled_images: 900,
            never_pulled_bytes: 107_374_182_400,
        }]),
        repositories: QuotaUse { count: 1_214, quota: 100_000, days_left: None },
        fullest: vec![(text.to_owned(), QuotaUse { count: 97_500, quota: 100_000, days_left: Some(21) })],
    }
}

fn planned(mode: Mode) -> RunSummary {
    let mut summary = complete();
    let replicas = whole("eu-west-1").replicas.into_iter().flatten().next();
    let there = ReplicasIn { account: ACCOUNT.to_owned(), ..replicas.unwrap() };
    summary.registries[0].whole = Some(RegistryWhole { replicas: Some(vec![there]), ..whole("team/app") });
    summary.plan = Some(plan(mode, "1,204 images would go, the limit is 1,000"));
    summary
}

#[test]
fn a_plan_that_waits_stands_before_the_figures_with_the_command_that_approves_it() {
    insta::assert_snapshot!("planned_markdown", run_summary_markdown(&planned(Mode::Approve)));
    let mail = run_summary_mail(&planned(Mode::Approve));
    insta::assert_snapshot!("planned_mail", format!("{}\n\n{}", mail.subject, mail.text));
    let json = run_summary_json(&planned(Mode::Approve));
    let text = serde_json::to_string_pretty(&[&json["plan"], &json["registries"][0]["whole"]]).unwrap();
    insta::assert_snapshot!("planned_json", text);
}

#[test]
fn only_a_plan_that_waits_for_somebody_has_a_command() {
    let command = format!("demurrage approve {} --store s3://bucket/demurrage", "8f".repeat(32));
    assert_eq!(plan(Mode::Approve, "").approval(), Some(command));
    let nothing = RunPlan { actions: 0, images: 0, ..plan(Mode::Approve, "") };
    for none in [plan(Mode::Observe, ""), plan(Mode::Enforce, ""), nothing] {
        assert_eq!(none.approval(), None, "{none:?}");
        let summary = RunSummary { plan: Some(none), ..complete() };
        assert!(!run_summary_markdown(&summary).contains("demurrage approve"));
        let mail = run_summary_mail(&summary);
        assert!(!mail.text.contains("demurrage approve") && !mail.subject.contains("approval"));
    }
}

#[test]
fn a_run_about_settings_alone_says_nothing_of_images() {
    let mut summary = RunSummary { about: RunAbout::Settings, accounts_inactive: 2, ..complete() };
    let registry = &mut summary.registries[0];
    registry.costs = None;
    registry.lint.clear();
    registry.going_next.clear();
    registry.findings.clear();
    insta::assert_snapshot!("settings_markdown", run_summary_markdown(&summary));
    let mail = run_summary_mail(&summary);
    insta::assert_snapshot!("settings_mail", format!("{}\n\n{}", mail.subject, mail.text));
    assert_eq!(run_summary_json(&summary)["settingsOnly"], true);
}
