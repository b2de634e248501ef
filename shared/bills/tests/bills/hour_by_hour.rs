//! Byte-hours once more, slowly: each hour of the bill is looked up by itself, by the sentences of `docs/COSTS.md`.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_bills::reconcile::{Held, RegistryHistory, reconcile};
use demurrage_bills::{BillLine, BillSums, LineType, Month, RepositoryArn, UsageType};
use demurrage_core::cost::PriceList;
use demurrage_core::{RegistryKind, RepositoriesListing};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// What an inventory found of the one repository.
#[derive(Debug, Clone, Copy)]
enum Found {
    Held {
        bytes: u64,
        created_at: Option<DateTime<Utc>>,
    },
    Unread,
    /// It is not named, by an inventory that names all.
    Gone,
    /// It is not named, by an inventory that may not name all.
    NotNamed,
}

fn month() -> Month {
    Month::parse("2024-09").unwrap()
}

/// An instant in or around September, within a second of an hour or between two.
fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    let besides = prop_oneof![Just(-1_i64), Just(0), Just(1), 2..3598_i64];
    (-60..780_i64, besides)
        .prop_map(|(hour, besides)| month().start() + TimeDelta::hours(hour) + TimeDelta::seconds(besides))
}

fn founds() -> impl Strategy<Value = Found> {
    let held = (0..5_u64, prop::option::of(instants()))
        .prop_map(|(bytes, created_at)| Found::Held { bytes, created_at });
    prop_oneof![5 => held, 1 => Just(Found::Unread), 2 => Just(Found::Gone), 1 => Just(Found::NotNamed)]
}

fn inventories() -> impl Strategy<Value = Vec<(DateTime<Utc>, Found)>> {
    prop::collection::btree_map(instants(), founds(), 1..6).prop_map(|all| all.into_iter().collect())
}

/// What the repository held in the hour that begins then.
fn bytes_in(hour: DateTime<Utc>, told: &[(DateTime<Utc>, Found)]) -> u64 {
    let is_created =
        |created_at: Option<DateTime<Utc>>| created_at.is_some_and(|created_at| created_at <= hour);
    let before = told.iter().rfind(|(at, _)| *at <= hour);
    let after = told.iter().find(|(at, _)| hour < *at);
    match (before, after) {
        // The last inventory before the hour counts.
        (Some((_, Found::Held { bytes, .. })), _) => *bytes,
        // It comes to be between two inventories: it counts from its creation on.
        (Some(_), Some((_, Found::Held { bytes, created_at }))) if is_created(*created_at) => *bytes,
        // Before all inventories: what the first of them found, but not before its creation.
        (None, Some((_, Found::Held { bytes, created_at })))
            if created_at.is_none() || is_created(*created_at) =>
        {
            *bytes
        }
        _ => 0,
    }
}

/// The hours that no two inventories enclose, and that are not before a creation that is known.
fn observed_hours(hours: &[DateTime<Utc>], told: &[(DateTime<Utc>, Found)]) -> u64 {
    let (first, last) = (told[0], told[told.len() - 1]);
    let is_observed = |hour: &DateTime<Utc>| {
        let is_not_there_yet = match first.1 {
            Found::Held { created_at: Some(created_at), .. } => *hour < created_at && *hour < first.0,
            _ => false,
        };
        *hour < last.0 && (first.0 <= *hour || is_not_there_yet)
    };
    hours.iter().filter(|hour| is_observed(hour)).count() as u64
}

proptest! {
    #[test]
    fn byte_hours_are_those_of_each_hour_by_itself(
        inventories in inventories(),
        from in 0..720_i64,
        length in 1..720_i64,
    ) {
        let told: Vec<_> = {
            let first = inventories.iter().position(|(_, found)| matches!(found, Found::Held { .. } | Found::Unread));
            // What comes before the first inventory that names it counts only where it names all.
            let is_told = |found: &Found| matches!(found, Found::Held { .. } | Found::Gone);
            prop_assume!(first.is_some());
            inventories.iter().copied().filter(|(_, found)| is_told(found)).collect()
        };
        prop_assume!(told.iter().any(|(_, found)| matches!(found, Found::Held { .. })));
        let start = month().start() + TimeDelta::hours(from);
        let end = month().end().min(start + TimeDelta::hours(length));
        let hours: Vec<_> = (0..(end - start).num_hours()).map(|hour| start + TimeDelta::hours(hour)).collect();

        let mut history = RegistryHistory::new(RegistryKind::Private, None, "eu-west-1".to_owned());
        for (at, found) in &inventories {
            let held = |bytes: u64| Held {
                stored_bytes: bytes.into(), archived_bytes: 0, mounted_bytes: 0, is_exact: true,
            };
            let (listing, named) = match *found {
                Found::Held { bytes, created_at } => {
                    (RepositoriesListing::CutOff, Some((created_at, Some(held(bytes)))))
                }
                Found::Unread => (RepositoriesListing::Complete, Some((None, None))),
                Found::Gone => (RepositoriesListing::Complete, None),
                Found::NotNamed => (RepositoriesListing::CutOff, None),
            };
            history.add(*at, listing, named.map(|(created_at, held)| ("app".to_owned(), created_at, held)));
        }
        let computed = computed(history, start, end);
        let slowly: u64 = hours.iter().map(|hour| bytes_in(*hour, &told)).sum();
        prop_assert_eq!(computed.stored_byte_hours, u128::from(slowly));
        prop_assert_eq!(computed.basis.hours, hours.len() as u64);
        prop_assert_eq!(computed.basis.observed_hours, observed_hours(&hours, &told));
    }
}

/// What is computed for a line from `start` to `end`.
fn computed(
    history: RegistryHistory,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> demurrage_bills::reconcile::Computed {
    let mut sums = BillSums::default();
    sums.add(BillLine {
        service: RegistryKind::Private,
        line_type: LineType::Usage,
        month: month(),
        start,
        end,
        usage: UsageType::parse("EU-TimedStorage-ByteHrs", None),
        account: None,
        repository: RepositoryArn::parse("arn:aws:ecr:eu-west-1:123456789012:repository/app"),
        amount: Decimal::ONE,
        cost: Decimal::ONE,
        list_cost: None,
        rate_code: None,
        currency: "USD".to_owned(),
    })
    .unwrap();
    let months = reconcile(&sums, &[history], &PriceList::embedded(), None);
    months[0].storage[0].computed.unwrap()
}
