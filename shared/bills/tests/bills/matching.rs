//! What inventories and prices explain of a bill, with answers that are known.

use std::path::Path;

use chrono::{DateTime, Utc};
use demurrage_bills::reconcile::{Held, MonthReconciliation, RegistryHistory, StorageRow, reconcile};
use demurrage_bills::{BillSums, Month, read_bill};
use demurrage_core::cost::PriceList;
use demurrage_core::{RegistryKind, RepositoriesListing, instant};

use crate::files::{Kind, csv_file};
use crate::row::{ACCOUNT, Row, storage};

const GIB: u128 = 1 << 30;

fn at(text: &str) -> DateTime<Utc> {
    instant::parse(text).unwrap()
}

fn held(stored_bytes: u128) -> Held {
    Held { stored_bytes, archived_bytes: 0, mounted_bytes: 0, is_exact: true }
}

/// A registry in eu-west-1 with these repositories in each of its inventories.
fn registry(inventories: &[(&str, &[(&str, Held)])]) -> RegistryHistory {
    let mut history =
        RegistryHistory::new(RegistryKind::Private, Some(ACCOUNT.to_owned()), "eu-west-1".to_owned());
    for (taken_at, repositories) in inventories {
        let repositories = repositories.iter().map(|(name, held)| ((*name).to_owned(), None, Some(*held)));
        history.add(at(taken_at), RepositoriesListing::Complete, repositories);
    }
    history
}

/// The same repositories before and after September 2024.
fn unchanged(repositories: &[(&str, Held)]) -> RegistryHistory {
    registry(&[("2024-08-31", repositories), ("2024-10-01", repositories)])
}

fn of_month(rows: &[Row], history: RegistryHistory) -> MonthReconciliation {
    let folder = tempfile::tempdir().unwrap();
    let path = csv_file(folder.path(), "cur.csv", Kind::Cur, rows);
    let months = reconcile(&sums(&path), &[history], &PriceList::embedded(), Month::parse("2024-09"));
    assert_eq!(months.len(), 1);
    months.into_iter().next().unwrap()
}

fn sums(path: &Path) -> BillSums {
    let mut sums = BillSums::default();
    let read = read_bill(path, &mut sums).unwrap();
    assert_eq!(read.bad_rows, 0, "{:?}", read.first_bad);
    sums
}

fn september(row: Row) -> Row {
    row.in_month("2024-09-01", "2024-10-01")
}

fn causes(row: &StorageRow) -> Vec<(&'static str, String)> {
    row.differences.iter().map(|part| (part.cause.name(), part.usd.to_string())).collect()
}

fn share(month: &MonthReconciliation) -> String {
    month.explained().share().unwrap().normalize().to_string()
}

#[test]
fn a_month_between_two_equal_inventories_is_explained_whole() {
    let month = of_month(&[september(storage("app", "3", "0.3"))], unchanged(&[("app", held(3 * GIB))]));
    let [app] = month.storage.as_slice() else { panic!("{month:?}") };
    assert_eq!(app.computed_gb_months.unwrap().to_string(), "3.0000000000");
    assert_eq!(app.computed_usd.unwrap().to_string(), "0.3000000000");
    assert_eq!((causes(app), share(&month)), (vec![], "1".to_owned()));
    assert!(!month.has_findings());
}

#[test]
fn the_hour_of_a_real_bill_is_explained_to_the_last_digit() {
    let row = storage("app", "0.0005297618", "0.0000529762");
    let month = of_month(&[row], unchanged(&[("app", held(409_555_730))]));
    assert_eq!(month.from, at("2024-09-26T01:00:00Z"));
    assert_eq!(month.until, at("2024-09-26T02:00:00Z"));
    assert_eq!((causes(&month.storage[0]), share(&month)), (vec![], "1".to_owned()));
}

#[test]
fn hourly_lines_differ_by_rounding_alone() {
    // Each hour is rounded by itself: 720 lines of a byte that no line can show.
    let hours = (0..720_i64).map(|hour| {
        let start = at("2024-09-01") + chrono::TimeDelta::hours(hour);
        let end = start + chrono::TimeDelta::hours(1);
        let (start, end) = (instant::format(start), instant::format(end));
        Row { start, end, ..storage("app", "0.0000141285", "0.0000014129") }
    });
    let month = of_month(&hours.collect::<Vec<_>>(), unchanged(&[("app", held(10_922_695))]));
    let app = &month.storage[0];
    assert_eq!(app.lines, 720);
    assert!(app.differences.iter().all(|part| part.cause.name() == "rounding"), "{:?}", app.differences);
    assert_eq!(share(&month), "1");
}

#[test]
fn a_registry_that_was_never_looked_at_explains_nothing() {
    let history =
        RegistryHistory::new(RegistryKind::Private, Some(ACCOUNT.to_owned()), "us-west-2".to_owned());
    let month = of_month(&[september(storage("app", "3", "0.3"))], history);
    assert_eq!(causes(&month.storage[0]), [("no-inventory", "0.3000000000".to_owned())]);
    assert_eq!(month.storage[0].computed_usd, None);
    assert_eq!(share(&month), "0");
}

#[test]
fn a_repository_that_no_inventory_has_is_told_from_one_that_differs() {
    let rows = [september(storage("gone", "1", "0.1")), september(storage("grew", "4", "0.4"))];
    let month = of_month(&rows, unchanged(&[("grew", held(3 * GIB))]));
    assert_eq!(causes(&month.storage[0]), [("not-in-inventories", "0.1000000000".to_owned())]);
    assert_eq!(causes(&month.storage[1]), [("unknown", "0.1000000000".to_owned())]);
    // 0.3 of 0.5 dollars.
    assert_eq!(share(&month), "0.6");
    assert!(month.has_findings());
}

#[test]
fn a_single_inventory_says_that_it_was_not_there_at_the_time() {
    let month = of_month(
        &[september(storage("app", "2", "0.2"))],
        registry(&[("2024-11-24", &[("app", held(3 * GIB))])]),
    );
    let app = &month.storage[0];
    assert_eq!(causes(app), [("no-inventory-then", "-0.1000000000".to_owned())]);
    assert_eq!(app.computed.unwrap().basis.observed_hours, 0);
    assert_eq!(share(&month), "0.5");
}

#[test]
fn hours_that_no_inventory_saw_explain_no_more_than_they_can_have_held() {
    let sixty = [("app", held(60 * GIB))];
    let inventories =
        registry(&[("2024-08-31", &sixty), ("2024-09-15", &sixty), ("2024-09-30T22:00:00Z", &sixty)]);
    // Two of 720 hours: 60 GiB more in each of them are 10/60 GB-months.
    let cause = |amount: &str, cost: &str| {
        let month = of_month(&[september(storage("app", amount, cost))], inventories.clone());
        (causes(&month.storage[0]), month.has_findings())
    };
    let part = |cause, usd: &str| (cause, usd.to_owned());
    assert_eq!(cause("60.1", "6.01"), (vec![part("no-inventory-then", "0.0100000000")], false));
    assert_eq!(cause("59.9", "5.99"), (vec![part("no-inventory-then", "-0.0100000000")], false));
    let (parts, has_findings) = cause("6000", "600");
    assert_eq!(
        parts,
        [part("no-inventory-then", "0.0166666668"), part("unknown", "593.9833333332")],
        "with half of the last digit of both lines"
    );
    assert!(has_findings);
    let (parts, has_findings) = cause("30", "3");
    assert_eq!(parts, [part("no-inventory-then", "-0.0166666668"), part("unknown", "-2.9833333332")]);
    assert!(has_findings);
}

#[test]
fn a_change_between_inventories_bounds_what_it_can_explain() {
    let app = |bytes| [("app", held(bytes))];
    let (one, four) = (app(GIB), app(4 * GIB));
    let history = registry(&[("2024-08-31", &one), ("2024-09-16", &four), ("2024-10-01", &four)]);
    // 15 days of 1 GiB and 15 days of 4 GiB are 2.5 GB-months; it may have grown on the first day.
    let within = of_month(&[september(storage("app", "4", "0.4"))], history.clone());
    assert_eq!(causes(&within.storage[0]), [("changed-between-inventories", "0.1500000000".to_owned())]);
    let beyond = of_month(&[september(storage("app", "4.1", "0.41"))], history);
    assert_eq!(causes(&beyond.storage[0]), [("unknown", "0.1600000000".to_owned())]);
}

#[test]
fn too_much_is_inexact_or_mounted_before_it_is_unknown() {
    let cause = |held: Held| {
        let month = of_month(&[september(storage("app", "1", "0.1"))], unchanged(&[("app", held)]));
        causes(&month.storage[0])
    };
    let too_much = "-0.1000000000".to_owned();
    assert_eq!(cause(Held { is_exact: false, ..held(2 * GIB) }), [("inexact-repository", too_much.clone())]);
    let mounted = Held { mounted_bytes: GIB, ..held(2 * GIB) };
    assert_eq!(cause(mounted), [("mounted-blobs", too_much.clone())]);
    let mounted_less = Held { mounted_bytes: GIB / 2, ..held(2 * GIB) };
    assert_eq!(cause(mounted_less), [("unknown", too_much)]);
}

#[test]
fn a_discount_and_the_free_tier_are_explained_and_another_price_is_not() {
    let explained = |rows: &[Row]| {
        let month = of_month(rows, unchanged(&[("app", held(3 * GIB))]));
        (causes(&month.storage[0]), share(&month))
    };
    let whole = september(storage("app", "3", "0.3"));
    let discounted = Row { cost: "0.27".to_owned(), ..whole.clone() };
    assert_eq!(explained(&[discounted]), (vec![("discount", "-0.0300000000".to_owned())], "1".to_owned()));
    let free = Row {
        amount: "0.5".to_owned(),
        cost: "0".to_owned(),
        list_cost: None,
        rate_code: "4NWTEXUZBWQH8MDW.A429C66SYZ.6YS6EN2CT7",
        ..whole.clone()
    };
    let paid = Row { amount: "2.5".to_owned(), cost: "0.25".to_owned(), ..whole.clone() };
    assert_eq!(explained(&[free, paid]), (vec![("free-tier", "-0.0500000000".to_owned())], "1".to_owned()));
    let dearer = Row { cost: "0.36".to_owned(), list_cost: Some("0.36".to_owned()), ..whole };
    let (parts, share) = explained(std::slice::from_ref(&dearer));
    assert_eq!(parts, [("price-differs", "0.0600000000".to_owned())]);
    assert_eq!(share, "0.8333333333");
    let surcharged = Row { list_cost: Some("0.3".to_owned()), ..dearer };
    assert_eq!(explained(&[surcharged]), (parts, share));
}

#[test]
fn the_archive_class_is_a_row_of_its_own() {
    let both = Held { archived_bytes: 2 * GIB, ..held(GIB) };
    let archive = september(storage("app", "2", "0.2")).of("EU-TimedStorage-Archive-ByteHrs", "GB-Mo");
    let month = of_month(&[september(storage("app", "1", "0.1")), archive], unchanged(&[("app", both)]));
    let rows: Vec<_> = month.storage.iter().map(|row| (row.class.name(), causes(row))).collect();
    assert_eq!(rows, [("standard", vec![]), ("archive", vec![])]);
    assert_eq!(share(&month), "1");
}

#[test]
fn what_is_stored_and_not_billed_is_a_row_where_the_registry_is_billed() {
    let month = of_month(
        &[september(storage("app", "1", "0.1"))],
        unchanged(&[("app", held(GIB)), ("free", held(GIB)), ("empty", held(0))]),
    );
    let rows: Vec<_> =
        month.storage.iter().map(|row| (row.repository.as_deref().unwrap(), causes(row))).collect();
    assert_eq!(rows, [("app", vec![]), ("free", vec![("not-billed", "-0.1000000000".to_owned())])]);
}

#[test]
fn what_is_not_billed_counts_against_what_is_and_a_share_is_never_below_nothing() {
    let share_beside = |free: u128| {
        let repositories = [("app", held(4 * GIB)), ("free", held(free))];
        share(&of_month(&[september(storage("app", "4", "0.4"))], unchanged(&repositories)))
    };
    assert_eq!(share_beside(GIB), "0.75");
    assert_eq!(share_beside(4 * GIB), "0");
    assert_eq!(share_beside(31 * GIB), "0");
}

#[test]
fn a_bill_without_repositories_is_compared_with_the_whole_registry() {
    let row = Row { resource: None, ..september(storage("", "3", "0.3")) };
    let month = of_month(&[row], unchanged(&[("a", held(GIB)), ("b", held(2 * GIB))]));
    let [all] = month.storage.as_slice() else { panic!("{month:?}") };
    assert_eq!((all.repository.as_deref(), causes(all)), (None, vec![]));
}

#[test]
fn a_line_without_its_repository_among_others_is_left_over() {
    let rows =
        [september(storage("a", "1", "0.1")), Row { resource: None, ..september(storage("", "1", "0.1")) }];
    let month = of_month(&rows, unchanged(&[("a", held(GIB))]));
    let left: Vec<_> = month.left_over.iter().map(|left| (left.why.name(), left.lines)).collect();
    assert_eq!(left, [("names-no-repository", 1)]);
    assert_eq!(share(&month), "0.5");
}

#[test]
fn a_usage_type_that_is_not_known_is_left_over_with_its_name() {
    let rows =
        [september(storage("a", "1", "0.1")), september(storage("a", "7", "0.3")).of("EU-Signing", "Count")];
    let month = of_month(&rows, unchanged(&[("a", held(GIB))]));
    let left = &month.left_over[0];
    assert_eq!((left.usage.kind.name(), left.why.name()), ("other", "unknown-usage-type"));
    assert_eq!(share(&month), "0.25");
}

#[test]
fn transfer_is_compared_by_its_price_alone() {
    let out = |usage_type, amount: &str, cost: &str| {
        Row { list_cost: None, rate_code: usage_type, ..september(storage("", amount, cost)) }
            .of(usage_type, "GB")
    };
    let rows = [
        out("EU-USE1-AWS-Out-Bytes", "10", "0.2"),
        out("EU-EUC1-AWS-Out-Bytes", "10", "0.9"),
        out("EU-DataTransfer-Out-Bytes", "10", "0.9"),
        out("EU-USE1-AWS-In-Bytes", "10", "0"),
        out("EU-UGW1-AWS-Out-Bytes", "100", "2"),
        out("MXC1-USE1-AWS-Out-Bytes", "10", "0.4"),
    ];
    let month = of_month(&rows.map(|row| Row { resource: None, ..row }), unchanged(&[]));
    let rows: Vec<_> = month
        .transfers
        .iter()
        .map(|row| {
            (
                row.region.code(),
                row.kind.name(),
                row.listed_usd.map(|usd| usd.to_string()),
                row.is_as_listed(),
            )
        })
        .collect();
    let usd = |text: &str| Some(text.to_owned());
    assert_eq!(
        rows,
        [
            ("eu-west-1", "inter-region-out", usd("0.2000000000"), false),
            ("eu-west-1", "inter-region-out", usd("0.2000000000"), true),
            // Between partitions no price is known, whatever the list has for others.
            ("eu-west-1", "inter-region-out", None, false),
            ("eu-west-1", "in", usd("0.0000000000"), true),
            ("eu-west-1", "internet-out", usd("0.9000000000"), true),
            // Nobody read the price of mx-central-1: it is unknown, and not 0.
            ("mx-central-1", "inter-region-out", None, false),
        ]
    );
}

#[test]
fn credits_taxes_and_other_currencies_are_never_taken_for_usage() {
    let whole = september(storage("app", "3", "0.3"));
    let rows = [
        whole.clone(),
        Row { cost: "-0.3".to_owned(), ..whole.clone() }.money("Credit"),
        Row { cost: "0.03".to_owned(), ..whole.clone() }.money("Tax"),
        Row { cost: "-0.01".to_owned(), ..whole.clone() }.money("EdpDiscount"),
        Row { currency: "CNY", cost: "2.07".to_owned(), ..whole },
    ];
    let month = of_month(&rows, unchanged(&[("app", held(3 * GIB))]));
    assert_eq!(share(&month), "1");
    let others: Vec<_> = month
        .others
        .iter()
        .map(|other| format!("{} {} {}", other.line_type.name(), other.currency, other.cost))
        .collect();
    assert_eq!(others, ["usage CNY 2.07", "discount USD -0.01", "credit USD -0.3", "tax USD 0.03"]);
}

#[test]
fn a_registry_without_a_line_is_said_and_counts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = csv_file(folder.path(), "cur.csv", Kind::Cur, &[september(storage("app", "1", "0.1"))]);
    let mut other = RegistryHistory::new(RegistryKind::Private, None, "us-west-2".to_owned());
    other.add(at("2024-09-01"), RepositoriesListing::Complete, [("x".to_owned(), None, Some(held(GIB)))]);
    let histories = [unchanged(&[("app", held(GIB))]), other];
    let months = reconcile(&sums(&path), &histories, &PriceList::embedded(), None);
    let unbilled: Vec<_> =
        months[0].unbilled.iter().map(|it| (it.region.as_str(), it.gb_months.to_string())).collect();
    assert_eq!(unbilled, [("us-west-2", "1.0000000000".to_owned())]);
    assert_eq!(share(&months[0]), "1");
}

#[test]
fn each_of_many_registries_is_compared_with_the_inventories_of_its_own_account_and_region() {
    let accounts: Vec<String> = (0..400).map(|number| format!("{number:012}")).collect();
    let history = |account: Option<&String>, gib: u128| {
        let mut history =
            RegistryHistory::new(RegistryKind::Private, account.cloned(), "eu-west-1".to_owned());
        for taken_at in ["2024-08-31", "2024-10-01"] {
            let app = |number| (format!("app-{number}"), None, Some(held(gib * GIB)));
            history.add(at(taken_at), RepositoriesListing::Complete, (0..20).map(app));
        }
        history
    };
    let arn =
        |account: &str, number: u32| Some(format!("arn:aws:ecr:eu-west-1:{account}:repository/app-{number}"));
    let rows: Vec<Row> = accounts
        .iter()
        .flat_map(|account| {
            (0..19).map(|number| Row { resource: arn(account, number), ..september(storage("", "1", "0.1")) })
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let sums = sums(&csv_file(folder.path(), "cur.csv", Kind::Cur, &rows));
    let causes = |histories: &[RegistryHistory]| {
        let months = reconcile(&sums, histories, &PriceList::embedded(), None);
        let rows = months[0].storage.iter().flat_map(causes);
        let mut counts = std::collections::BTreeMap::new();
        rows.for_each(|(cause, _)| *counts.entry(cause).or_insert(0) += 1);
        counts.into_iter().collect::<Vec<_>>()
    };
    let mut histories: Vec<_> = accounts.iter().map(|account| history(Some(account), 1)).collect();
    assert_eq!(causes(&histories), [("not-billed", 400)]);
    // The first that may be of the account: one of which the account is not known may be of any.
    histories.insert(399, history(None, 2));
    assert_eq!(causes(&histories), [("not-billed", 400), ("unknown", 19)]);
}

#[test]
fn ecr_public_is_free_up_to_its_tier_and_is_compared_with_its_own_inventories() {
    let public = |amount: &str, cost: &str, rate_code| {
        let arn = format!("arn:aws:ecr-public::{ACCOUNT}:repository/app");
        let row = september(storage("", amount, cost)).of("USE1-TimedStorage-ByteHrs", "GB-Mo");
        Row { product: "AmazonECRPublic", resource: Some(arn), region: "us-east-1", rate_code, ..row }
    };
    let mut history =
        RegistryHistory::new(RegistryKind::Public, Some(ACCOUNT.to_owned()), "us-east-1".to_owned());
    for taken_at in ["2024-08-31", "2024-10-01"] {
        let app = ("app".to_owned(), None, Some(held(60 * GIB)));
        history.add(at(taken_at), RepositoriesListing::Complete, [app]);
    }
    let month = of_month(&[public("50", "0", "FREE"), public("10", "1", "PAID")], history);
    let [app] = month.storage.as_slice() else { panic!("{month:?}") };
    assert_eq!((app.service, app.lines), (RegistryKind::Public, 2));
    assert_eq!((causes(app), share(&month)), (vec![], "1".to_owned()));
}

#[test]
fn a_repository_with_its_registry_unread_at_one_time_is_taken_from_the_other_inventories() {
    let mut history = unchanged(&[("app", held(GIB))]);
    history.add(at("2024-10-02"), RepositoriesListing::Complete, [("app".to_owned(), None, None)]);
    let month = of_month(&[september(storage("app", "1", "0.1"))], history);
    assert_eq!((causes(&month.storage[0]), share(&month)), (vec![], "1".to_owned()));
}

#[test]
fn where_rows_were_not_read_no_other_cause_is_given_for_what_is_missing() {
    let rows = [
        september(storage("less", "1", "0.1")),
        september(storage("more", "3", "0.3")),
        september(storage("same", "1", "0.1")),
        september(storage("free", "much", "0.1")),
    ];
    let repositories =
        [("free", held(GIB)), ("less", held(2 * GIB)), ("more", held(2 * GIB)), ("same", held(GIB))];
    // One inventory: all hours are assumed, which would be the cause of everything else.
    let history = registry(&[("2024-09-10", &repositories)]);
    let folder = tempfile::tempdir().unwrap();
    let found = |rows: &[Row]| {
        let path = csv_file(folder.path(), "cur.csv", Kind::Cur, rows);
        let mut sums = BillSums::default();
        let read = read_bill(&path, &mut sums).unwrap();
        let months = reconcile(&sums, std::slice::from_ref(&history), &PriceList::embedded(), None);
        let causes: Vec<_> = months[0].storage.iter().map(|row| causes(row).pop()).collect();
        (read.bad_rows, causes, share(&months[0]))
    };
    let part = |cause, usd: &str| Some((cause, usd.to_owned()));
    let more = part("no-inventory-then", "0.1000000000");
    let missing = part("rows-not-read", "-0.1000000000");
    let causes = vec![missing.clone(), missing, more.clone(), None];
    // Of 0.5 dollars: 0.3 differ.
    assert_eq!(found(&rows), (1, causes, "0.4".to_owned()));
    let less = part("no-inventory-then", "-0.1000000000");
    let causes = vec![part("not-billed", "-0.1000000000"), less, more, None];
    assert_eq!(found(&rows[..3]), (0, causes, "0.4".to_owned()));
}

#[test]
fn the_parts_of_every_difference_add_up_to_it() {
    let whole = september(storage("app", "3.3", "0.297"));
    let rows = [Row { list_cost: Some("0.33".to_owned()), ..whole }];
    let month = of_month(&rows, registry(&[("2024-09-10", &[("app", held(4 * GIB))])]));
    let app = &month.storage[0];
    let sum: demurrage_core::cost::Usd = app.differences.iter().map(|part| part.usd).sum();
    assert_eq!(sum, app.billed_usd - app.computed_usd.unwrap());
    assert_eq!(
        causes(app),
        [("discount", "-0.0330000000".to_owned()), ("no-inventory-then", "-0.0700000000".to_owned())]
    );
}
