//! When the members of a family were pushed, pulled, archived and restored.

use super::{
    clock::{self, DAY_SECONDS},
    family::{Family, Pulls, Storage},
    image::{Life, When},
    random::Random,
};
use chrono::{DateTime, Utc};

/// How many of a family run at the same time.
const RUNNING: u64 = 3;

/// The times of every member of the family, the newest first.
pub(super) fn times(family: &Family, now: DateTime<Utc>, random: &mut Random) -> Vec<When> {
    let newest = u64::from(family.newest_days) * DAY_SECONDS;
    let oldest = u64::from(family.oldest_days) * DAY_SECONDS;
    let (mut ages, mut pushes): (Vec<u64>, Vec<DateTime<Utc>>) = (0..family.count)
        .map(|place| {
            let between = random.between(newest, oldest);
            // The ends of the range are reached whatever chance says.
            let ago = match place {
                0 => newest,
                1 => oldest,
                _ => between,
            };
            (ago, clock::working_time(now, ago, random))
        })
        .unzip();
    ages.sort_unstable();
    pushes.sort_unstable_by(|a, b| b.cmp(a));
    let members = (0..).zip(ages.into_iter().zip(pushes));
    members.map(|(place, times)| when(family, place, times, now, random)).collect()
}

fn when(
    family: &Family,
    place: u64,
    (ago_seconds, pushed): (u64, DateTime<Utc>),
    now: DateTime<Utc>,
    random: &mut Random,
) -> When {
    let age = clock::age_seconds(now, pushed);
    let pulled = pulled(family.pulls, place, pushed, now, random);
    let life = life(family.storage, age, now, random);
    let pulled = pulled.map(|pulled| match life {
        Life::Active => pulled,
        Life::Archived(archived) | Life::Activating { archived } => pulled.min(archived),
        Life::Restored { archived, activated } => {
            let again = clock::later(activated, random.below(clock::age_seconds(now, activated)));
            if random.chance(50) { again } else { pulled.min(archived) }
        }
    });
    When { ago_seconds, pushed, pulled, life }
}

/// The last pull: after the push, before now, or never.
fn pulled(
    pulls: Pulls,
    place: u64,
    pushed: DateTime<Utc>,
    now: DateTime<Utc>,
    random: &mut Random,
) -> Option<DateTime<Utc>> {
    let age = clock::age_seconds(now, pushed);
    let (chance, step) = (random.below(100), random.next());
    let within = |days: u64| step % (days * DAY_SECONDS).min(age).max(1);
    let recently = |days: u64| clock::earlier(now, within(days));
    let soon = |days: u64| clock::later(pushed, within(days));
    match pulls {
        Pulls::Deployed if place < RUNNING => Some(recently(2)),
        Pulls::Deployed => (8 <= chance).then(|| soon(45)),
        Pulls::Tested => (45 <= chance).then(|| soon(2)),
        Pulls::Popular if chance < 60 => Some(recently(20)),
        Pulls::Popular => Some(soon(400)),
        Pulls::Never => None,
    }
}

fn life(storage: Storage, age: u64, now: DateTime<Utc>, random: &mut Random) -> Life {
    let ago = |random: &mut Random, least: u64, most: u64| {
        let most = (most * DAY_SECONDS).min(age.saturating_sub(DAY_SECONDS));
        random.between(least * DAY_SECONDS, most.max(least * DAY_SECONDS))
    };
    match storage {
        Storage::Standard => Life::Active,
        Storage::Archived => Life::Archived(clock::earlier(now, ago(random, 10, 400))),
        Storage::Restored => {
            let archived = ago(random, 75, 400);
            let activated = random.between(DAY_SECONDS, 60 * DAY_SECONDS);
            Life::Restored {
                archived: clock::earlier(now, archived),
                activated: clock::earlier(now, activated),
            }
        }
        Storage::Activating => Life::Activating { archived: clock::earlier(now, ago(random, 75, 400)) },
    }
}
