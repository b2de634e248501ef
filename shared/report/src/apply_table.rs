//! What came of a plan that was applied, for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::apply::{ApplyReport, Conclusion, HaltKind, RepositoryReport, RepositoryState};

use crate::amount::{bytes, count, grouped};
use crate::image_name::visible;
use crate::plan_report::{one_registry, registry_words};
use crate::table;
use crate::wrapped::wrapped;

/// Of a repository so many images that were left are named, for each reason.
const NAMED_MAX: usize = 3;

/// What was done in each repository, what was left and why, what is gone unplanned, and why it ended early.
pub fn apply_table(report: &ApplyReport, width: Option<u16>) -> String {
    let mut text = format!("plan {}\n\n", report.plan);
    let registry = one_registry(report.repositories.iter().map(|repository| &repository.repository));
    if let Some(registry) = registry {
        text = format!("plan {}\nin {}\n\n", report.plan, visible(&registry_words(registry)));
    }
    let sums = sums(report);
    let about: Vec<usize> = (0..COLUMNS.len()).filter(|&column| sums.get(column) != Some(&0)).collect();
    let headers = about.iter().filter_map(|&column| COLUMNS.get(column).copied());
    let headers: Vec<&str> = ["repository", "state"].into_iter().chain(headers).chain(["freed"]).collect();
    let mut rows = table::table(&headers);
    for repository in &report.repositories {
        rows.add_row(row(repository, &about, registry.is_some()));
    }
    text.push_str(&table::fitted(rows, &[0, 1], width));
    report.repositories.iter().for_each(|repository| push_unplanned(&mut text, repository));
    report.repositories.iter().for_each(|repository| push_left(&mut text, repository, width));
    let _ = writeln!(text, "\n{}", ending(report));
    text
}

/// What is counted, where there is anything of it.
const COLUMNS: [&str; 6] = ["deleted", "archived", "untagged", "settings", "already", "left"];

fn numbers(report: &RepositoryReport) -> [u64; 6] {
    let left = u64::try_from(report.left.len()).unwrap_or(u64::MAX);
    [report.expired, report.archived, report.untagged, report.settings, report.already, left]
}

fn sums(report: &ApplyReport) -> Vec<u64> {
    let mut sums = vec![0; COLUMNS.len()];
    for repository in &report.repositories {
        sums.iter_mut().zip(numbers(repository)).for_each(|(sum, number)| *sum += number);
    }
    sums
}

/// The row of a repository: by its name alone, where all are in one registry.
fn row(report: &RepositoryReport, about: &[usize], is_in_one: bool) -> Vec<String> {
    let state = match &report.state {
        RepositoryState::Done => "done".to_owned(),
        RepositoryState::Refused(why) => format!("refused: {}", visible(why)),
        RepositoryState::Broken => "broken off".to_owned(),
        RepositoryState::NotBegun => "not begun".to_owned(),
    };
    let name = if is_in_one { report.repository.name.clone() } else { report.repository.to_string() };
    let numbers = numbers(report);
    let shown = about.iter().filter_map(|&column| numbers.get(column)).map(|&number| grouped(number));
    [visible(&name), state].into_iter().chain(shown).chain([bytes(report.bytes_freed)]).collect()
}

/// What is gone that nobody planned, and what was odd: said before everything else.
fn push_unplanned(text: &mut String, report: &RepositoryReport) {
    for odd in &report.odd {
        let _ = writeln!(text, "\nLOOK: in {}: {}", report.repository, visible(odd));
    }
    if report.unplanned.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\nLOOK: {} gone from {} that the plan did not name",
        count(report.unplanned.len(), "image"),
        report.repository
    );
    for found in &report.unplanned {
        let tags: Vec<&str> = found.tags.iter().map(demurrage_core::Tag::as_str).collect();
        let _ = writeln!(text, "  {} {}", found.digest, visible(&tags.join(", ")));
    }
}

/// What was left, by reason.
fn push_left(text: &mut String, report: &RepositoryReport, width: Option<u16>) {
    if report.left.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nleft in {}", report.repository);
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for left in &report.left {
        let image = left.digest.map_or_else(|| "a setting".to_owned(), |digest| digest.short());
        by_reason.entry(&left.why).or_default().push(image);
    }
    for (why, images) in by_reason {
        let named: Vec<&str> = images.iter().take(NAMED_MAX).map(String::as_str).collect();
        let rest = images.len().saturating_sub(NAMED_MAX);
        let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        text.push_str(&wrapped(&format!("{}: {}{more}", visible(why), named.join(", ")), width));
    }
}

/// What it comes to, in one line.
fn ending(report: &ApplyReport) -> String {
    let freed = bytes(report.bytes_freed());
    match (&report.halt, report.conclusion()) {
        (Some(halt), _) => {
            let then = match halt.kind {
                HaltKind::StopOrder => "lift the stop and apply it again",
                HaltKind::Expired => "what is left needs a new plan",
                HaltKind::UseUnknown => "read what is in use and apply it again",
                HaltKind::Suspicious | HaltKind::OtherPart => "look at it before anything is applied again",
                HaltKind::TimeIsUp
                | HaltKind::Interrupted
                | HaltKind::CallFailed
                | HaltKind::LeaseLost
                | HaltKind::Store => "it goes on from here when it is applied again",
            };
            format!("ended early: {}; {then} ({freed} freed until then)", visible(&halt.detail))
        }
        (None, Conclusion::AllDone) => format!("all done, {freed} freed"),
        (None, Conclusion::LookAtIt) => {
            format!("look at it: something is gone that was not planned, or is odd ({freed} freed)")
        }
        (None, Conclusion::Partly | Conclusion::Failed | Conclusion::Interrupted) => {
            format!("done but for what is left, {freed} freed")
        }
    }
}

#[cfg(test)]
mod tests {
    use demurrage_core::apply::{
        ApplyReport, Halt, HaltKind, LeftAction, RepositoryReport, RepositoryState, Unplanned,
    };
    use demurrage_core::plan::RepositoryAddress;
    use demurrage_core::{Digest, Tag, instant};

    use super::apply_table;

    #[test]
    fn what_is_gone_unplanned_comes_before_what_was_left_and_why_it_ended_is_last() {
        let at = instant::parse("2026-11-25T00:00:00Z").unwrap();
        let address = |name: &str| RepositoryAddress {
            account: Some("123456789012".to_owned()),
            region: "eu-west-1".to_owned(),
            name: name.to_owned(),
        };
        let mut app = RepositoryReport::new(address("app"), 7);
        app.state = RepositoryState::Broken;
        (app.expired, app.bytes_freed) = (2, 3_000_000);
        let left = |number: u8| LeftAction {
            digest: Some(Digest::from_bytes([number; 32])),
            why: "it was pulled since the plan".to_owned(),
        };
        app.left = (1..=5).map(left).collect();
        app.unplanned =
            vec![Unplanned { digest: Digest::from_bytes([9; 32]), tags: vec![Tag::as_given("1.0")] }];
        let report = ApplyReport {
            plan: "0a".repeat(32),
            began_at: at,
            ended_at: at,
            repositories: vec![app, RepositoryReport::new(address("web"), 1)],
            halt: Some(Halt { kind: HaltKind::StopOrder, detail: "mina ordered to stop: x".to_owned() }),
        };
        insta::assert_snapshot!(apply_table(&report, None));
    }
}
