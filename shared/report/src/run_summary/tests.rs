//! What the summaries say, as a whole, and what hostile texts cannot make of them.

use demurrage_core::audit;
use demurrage_core::cost::Usd;
use demurrage_core::instant;
use demurrage_core::lifecycle::Severity;
use demurrage_core::plan::Mode;

use crate::PricesUsed;

use super::{
    CallTotals, FailedShare, GoingNext, LintCount, RegistryAudits, RegistryCosts, RegistrySummary,
    RepositoryFinding, RunAbout, RunPrices, RunStatus, RunSummary, UnevaluatedCount, UnreadRegistry,
    WorstFinding, run_summary_json, run_summary_mail, run_summary_markdown,
};

pub(super) const ACCOUNT: &str = "123456789012";

fn calls(operation: &str, sent: u64, throttled: u64, failed: u64) -> CallTotals {
    CallTotals { operation: operation.to_owned(), sent, throttled, failed }
}

fn going(repository: &str, expiring: u64, archiving: u64) -> GoingNext {
    GoingNext { repository: repository.to_owned(), expiring, archiving }
}

fn finding(repository: &str, id: &str, severity: Severity, message: &str) -> RepositoryFinding {
    RepositoryFinding {
        repository: repository.to_owned(),
        id: id.to_owned(),
        severity,
        message: message.to_owned(),
    }
}

pub(super) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn seoul() -> RegistrySummary {
    RegistrySummary {
        account: ACCOUNT.to_owned(),
        region: "ap-northeast-2".to_owned(),
        repositories: 1_214,
        images: 98_765,
        naive_stored_bytes: 5_497_558_138_880,
        costs: Some(RegistryCosts {
            stored_bytes: 1_319_413_953_331,
            archived_bytes: 10_737_418_240,
            repositories_inexact: 2,
            storage: Some(usd("123.8800000000")),
            reclaimable_bytes: Some(107_374_182_400),
            reclaimable: Some(usd("10.0000000000")),
            replication_low: Some(usd("1.5000000000")),
            replication_high: Some(usd("12.2500000000")),
        }),
        with_policy: 900,
        with_effective_policy: 870,
        rejected_policies: 2,
        expiring_next: 1_500,
        archiving_next: 3,
        is_pull_excluded: true,
        lint: vec![
            LintCount { severity: Severity::Low, id: "untagged-uncapped".to_owned(), repositories: 12 },
            LintCount { severity: Severity::High, id: "and-list".to_owned(), repositories: 4 },
        ],
        going_next: vec![going("team/app", 1_200, 0), going("team/web", 300, 3)],
        findings: vec![finding(
            "team/app",
            "and-list",
            Severity::High,
            "rule 1 selects images with a tag of `prod*` and one of `dev*`",
        )],
        calls: vec![calls("DescribeImages", 1_300, 20, 1), calls("BatchGetImage", 40, 0, 0)],
        ..RegistrySummary::default()
    }
}

fn prices(date: &str, is_old: bool) -> RunPrices {
    let used = PricesUsed { date: date.parse().unwrap(), source: "the price list of AWS".to_owned() };
    RunPrices { used, is_old }
}

pub(super) fn complete() -> RunSummary {
    RunSummary {
        run: "20261124T191546Z-1a2b3c4d".to_owned(),
        deployment: "demurrage".to_owned(),
        started_at: instant::parse("2026-11-24T19:15:46Z").unwrap(),
        ended_at: instant::parse("2026-11-24T19:22:50Z").unwrap(),
        registries: vec![seoul()],
        unread_registries: Vec::new(),
        failed_shares: Vec::new(),
        problems: Vec::new(),
        problems_more: 0,
        prices: prices("2026-09-21", false),
        about: RunAbout::Everything,
        accounts_inactive: 0,
        plan: None,
    }
}

/// Everything that can be missing is.
fn partial() -> RunSummary {
    let ireland = RegistrySummary {
        account: ACCOUNT.to_owned(),
        region: "eu-west-1".to_owned(),
        repositories: 40,
        repositories_unread: 1,
        images: 512,
        naive_stored_bytes: 1_610_612_736,
        unread_uses: vec!["`lambda`: access denied".to_owned()],
        with_policy: 1,
        with_effective_policy: 1,
        expiring_next: 900,
        manifests_unread: 77,
        // Of one policy it is not known what it frees, and there is no price.
        costs: Some(RegistryCosts {
            stored_bytes: 536_870_912,
            repositories_inexact: 3,
            ..RegistryCosts::default()
        }),
        lint: vec![LintCount { severity: Severity::High, id: "and-list".to_owned(), repositories: 1 }],
        going_next: vec![going("team/jobs", 900, 0)],
        findings: vec![finding("team/jobs", "no-rules", Severity::Error, "there is no rule")],
        calls: vec![calls("DescribeImages", 41, 0, 2)],
        ..RegistrySummary::default()
    };
    RunSummary {
        registries: vec![seoul(), ireland],
        unread_registries: vec![UnreadRegistry {
            account: None,
            region: "us-west-2".to_owned(),
            cause: "`DescribeRepositories` failed: not allowed (AccessDeniedException)".to_owned(),
        }],
        failed_shares: vec![
            FailedShare {
                share: 3,
                account: ACCOUNT.to_owned(),
                region: "ap-northeast-2".to_owned(),
                repositories: 118,
                first: "team/a".to_owned(),
                last: "team/k".to_owned(),
                cause: "the service wants fewer calls".to_owned(),
            },
            FailedShare {
                share: 7,
                account: ACCOUNT.to_owned(),
                region: "eu-west-1".to_owned(),
                repositories: 1,
                first: "huge".to_owned(),
                last: "huge".to_owned(),
                cause: "no outcome was left".to_owned(),
            },
        ],
        problems: vec!["team/jobs: `ListTagsForResource` failed: it timed out".to_owned()],
        problems_more: 4,
        prices: prices("2026-08-25", true),
        ..complete()
    }
}

#[test]
fn a_run_is_partial_where_anything_failed_or_a_repository_was_not_read_whole() {
    assert_eq!(complete().status(), RunStatus::Complete);
    assert_eq!(complete().failures(), 0);
    assert_eq!(partial().status(), RunStatus::Partial);
    assert_eq!(partial().failures(), 8);
    let only = |change: fn(&mut RunSummary)| {
        let mut summary = complete();
        change(&mut summary);
        summary.status()
    };
    assert_eq!(only(|summary| summary.registries[0].repositories_unread = 1), RunStatus::Partial);
    assert_eq!(only(|summary| summary.unread_registries = partial().unread_registries), RunStatus::Partial);
    assert_eq!(only(|summary| summary.failed_shares = partial().failed_shares), RunStatus::Partial);
    assert_eq!(only(|summary| summary.problems.push(String::new())), RunStatus::Partial);
    assert_eq!(only(|summary| summary.problems_more = 1), RunStatus::Partial);
    assert_eq!(only(|summary| summary.registries[0].manifests_unread = 1), RunStatus::Complete);
}

#[test]
fn a_run_whose_clocks_disagree_took_no_time() {
    assert_eq!(complete().duration_seconds(), 424);
    let ended_at = instant::parse("2026-11-24T19:15:45Z").unwrap();
    assert_eq!(RunSummary { ended_at, ..complete() }.duration_seconds(), 0);
}

#[test]
fn what_was_not_read_stands_at_the_top() {
    insta::assert_snapshot!("partial_markdown", run_summary_markdown(&partial()));
    let mail = run_summary_mail(&partial());
    insta::assert_snapshot!("partial_mail", format!("{}\n\n{}", mail.subject, mail.text));
}

#[test]
fn of_a_run_that_read_everything_nothing_is_said_to_be_missing() {
    insta::assert_snapshot!("complete_markdown", run_summary_markdown(&complete()));
    let mail = run_summary_mail(&complete());
    insta::assert_snapshot!("complete_mail", format!("{}\n\n{}", mail.subject, mail.text));
}

#[test]
fn programs_are_told_everything() {
    let text = serde_json::to_string_pretty(&run_summary_json(&partial())).unwrap();
    insta::assert_snapshot!("partial_json", text);
}

/// Two registries that were audited, the second not whole.
fn audited() -> RunSummary {
    let worst = |repository: Option<&str>, severity, audit: &str, message: &str| WorstFinding {
        repository: repository.map(str::to_owned),
        audit: audit.to_owned(),
        severity,
        message: message.to_owned(),
        owner: repository.map(|_| "platform".to_owned()),
    };
    let mut summary = partial();
    summary.registries[0].audits = Some(RegistryAudits {
        repositories: 1_214,
        is_whole: true,
        promises_broken: 14,
        tags_moved: 1,
        critical: 1,
        high: 2,
        medium: 1_300,
        low: 4,
        informational: 9,
        accepted: 3,
        unevaluated: 1_214,
        not_evaluated: vec![UnevaluatedCount {
            audit: "lifecycle-differs-between-replicas".to_owned(),
            reason: "the replicas were not read".to_owned(),
            times: 1_214,
        }],
        worst: vec![
            worst(Some("team/app"), audit::Severity::Critical, "policy-open-to-anyone", "anyone may delete"),
            worst(None, audit::Severity::High, "repositories-near-quota", "99 of 100 repositories"),
        ],
        documents: vec!["findings/123456789012-ap-northeast-2-000.jsonl".to_owned()],
        ..RegistryAudits::default()
    });
    summary.registries[1].audits = Some(RegistryAudits {
        repositories: 39,
        promises_broken: 1,
        high: 1,
        worst: vec![worst(Some("team/jobs"), audit::Severity::High, "tag-moved", "`1.0` moved")],
        documents: vec!["findings/123456789012-eu-west-1-000.jsonl".to_owned()],
        ..RegistryAudits::default()
    });
    summary
}

#[test]
fn audits_are_told_by_registry_and_the_worst_of_all_of_them_first() {
    insta::assert_snapshot!("audited_markdown", run_summary_markdown(&audited()));
    let mail = run_summary_mail(&audited());
    insta::assert_snapshot!("audited_mail", format!("{}\n\n{}", mail.subject, mail.text));
    let text =
        serde_json::to_string_pretty(&run_summary_json(&audited())["registries"][0]["audits"]).unwrap();
    insta::assert_snapshot!("audited_json", text);
}

#[test]
fn a_run_without_a_registry_has_a_summary() {
    let none = RunSummary { registries: Vec::new(), ..complete() };
    insta::assert_snapshot!("empty_markdown", run_summary_markdown(&none));
}

/// Texts that want to be more than text.
const HOSTILE: [&str; 16] = [
    "a | b | c",
    "a\\| b",
    "ends with \\",
    "`code` ``more`` ```fence",
    "one\n# two\r\n| three |\u{2028}- four\u{85}five\u{0b}six",
    "<script>alert(1)</script><!-- ",
    "<https://evil.example/>",
    "[click](https://evil.example) ![x](http://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "&lt;b&gt; &#124; &amp;",
    "@everyone #1 ~~struck~~ **bold** __bold__ $x$",
    "\u{202e}desrever\u{202c} \u{200b}\u{feff}\u{2066}",
    "\u{1b}[31mred\u{1b}[0m\u{7}\0",
    "   ",
    "",
    "café 서울 🚀",
];

/// A run in which every text is this one.
fn of_texts(text: &str) -> RunSummary {
    let mut summary = audited();
    let set = |place: &mut String| text.clone_into(place);
    set(&mut summary.run);
    set(&mut summary.deployment);
    set(&mut summary.prices.used.source);
    for registry in &mut summary.registries {
        set(&mut registry.account);
        set(&mut registry.region);
        registry.lint.iter_mut().for_each(|line| set(&mut line.id));
        registry.going_next.iter_mut().for_each(|line| set(&mut line.repository));
        for line in &mut registry.findings {
            [&mut line.repository, &mut line.id, &mut line.message].into_iter().for_each(set);
        }
        registry.calls.iter_mut().for_each(|line| set(&mut line.operation));
        registry.whole = Some(super::tests_of_plans::whole(text));
        if let Some(audits) = &mut registry.audits {
            audits.documents.iter_mut().for_each(set);
            for line in &mut audits.worst {
                line.repository.iter_mut().for_each(set);
                line.owner.iter_mut().for_each(set);
                [&mut line.audit, &mut line.message].into_iter().for_each(set);
            }
            for line in &mut audits.not_evaluated {
                [&mut line.audit, &mut line.reason].into_iter().for_each(set);
            }
        }
    }
    summary.plan = Some(super::tests_of_plans::plan(Mode::Approve, text));
    for unread in &mut summary.unread_registries {
        unread.account = Some(text.to_owned());
        [&mut unread.region, &mut unread.cause].into_iter().for_each(set);
    }
    for share in &mut summary.failed_shares {
        [&mut share.account, &mut share.region, &mut share.cause].into_iter().for_each(set);
        share.first = format!("{text}1");
        share.last = format!("{text}2");
    }
    summary.problems.iter_mut().for_each(set);
    summary
}

/// A line of Markdown without its code spans: what is left is ours.
fn without_spans(line: &str) -> String {
    assert!(line.matches('`').count().is_multiple_of(2), "a span does not end in its line: {line}");
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

#[test]
fn hostile_texts_change_nothing_of_the_markdown_but_what_stands_in_code_spans() {
    let harmless: Vec<String> = run_summary_markdown(&of_texts("x")).lines().map(without_spans).collect();
    for text in HOSTILE {
        let markdown = run_summary_markdown(&of_texts(text));
        for (line, wanted) in markdown.lines().zip(&harmless) {
            // Nothing is shown as a dash, for which no span is needed.
            let skeleton = without_spans(&line.replace('—', "`—`"));
            // Findings and calls of the same name become one row; the numbers of a row are not the point.
            assert_eq!(skeleton, *wanted, "{text:?}: {line}");
            assert_eq!(line.matches('|').count(), wanted.matches('|').count(), "{text:?}: {line}");
        }
        assert_eq!(markdown.lines().count(), harmless.len(), "{text:?}");
        assert!(markdown.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }
}

#[test]
fn hostile_texts_neither_break_a_line_of_a_mail_nor_turn_it_round_nor_link() {
    let lines = run_summary_mail(&of_texts("x")).text.lines().count();
    for text in HOSTILE {
        let mail = run_summary_mail(&of_texts(text));
        assert_eq!(mail.text.lines().count(), lines, "{text:?}");
        let turns = ['\u{202e}', '\u{202c}', '\u{200b}', '\u{feff}', '\u{2066}', '\u{2028}'];
        let is_seen = |c: char| c == '\n' || !c.is_control() && !turns.contains(&c);
        assert!(mail.text.chars().all(is_seen), "{text:?}");
        assert_eq!(mail.text.matches("://").count(), 1, "{text:?}: the place of the store is ours");
        let is_ours = |c: char| c == ' ' || c.is_ascii_graphic();
        assert!(mail.subject.chars().all(is_ours), "{}", mail.subject);
        assert!(mail.subject.starts_with("Demurrage "));
    }
}

#[test]
fn a_run_in_which_everything_failed_has_summaries_that_can_be_sent() {
    // Four bytes a character, longer than any name, and more of everything than is written.
    let mut summary = of_texts(&"🚀".repeat(300));
    summary.unread_registries = vec![summary.unread_registries[0].clone(); 300];
    summary.failed_shares = vec![summary.failed_shares[0].clone(); 1_000];
    summary.problems = vec![summary.problems[0].clone(); 100];
    let registry = &mut summary.registries[0];
    registry.going_next = vec![registry.going_next[0].clone(); 20];
    registry.findings = vec![registry.findings[0].clone(); 20];
    summary.registries = vec![summary.registries[0].clone(); 300];
    let registry = &mut summary.registries[0];
    let numbered = |number: usize, text: &str| format!("{number}{text}");
    registry.lint = (0..300)
        .map(|number| LintCount { id: numbered(number, &registry.lint[0].id), ..registry.lint[0].clone() })
        .collect();
    let operation = &registry.calls[0].operation;
    registry.calls =
        (0..300).map(|number| calls(&numbered(number, operation), u64::MAX, u64::MAX, u64::MAX)).collect();
    let markdown = run_summary_markdown(&summary);
    assert!(markdown.len() <= 256 * 1024, "{}", markdown.len());
    assert_eq!(markdown.matches("left out: the summary as JSON has all.").count(), 10, "every list says so");
    let mail = run_summary_mail(&summary);
    assert!(mail.text.len() <= 64 * 1024, "{}", mail.text.len());
    assert_eq!(mail.text.matches("left out: the summary as JSON has all.").count(), 8, "every list says so");
    let subject = &mail.subject;
    assert!(subject.len() <= 99, "{subject}");
}

#[test]
fn a_text_is_cut_behind_256_characters_and_says_so() {
    let name = "a".repeat(256);
    let summary = RunSummary { run: name.clone(), deployment: format!("{name}b"), ..complete() };
    let markdown = run_summary_markdown(&summary);
    let head = markdown.lines().next().unwrap();
    assert_eq!(head, format!("# Run `{name}` of `{name}…`: complete"));
}
