//! What a rule says of an image of its pool, as if it were the only rule: beyond its limit or not.
//!
//! For: evaluation. Assumes: the image is in the pool that is given.
//! Leaves out: what other rules and indexes say.

use crate::model::{Count, Image, Rule, Status, Switches, Why};
use crate::order::is_newer;

/// Milliseconds in a day of 86,400 seconds.
const DAY_MS: i128 = 86_400_000;

/// Whether this reason marks an image.
pub(crate) fn is_mark(why: Why) -> bool {
    why == Why::BeyondCount || why == Why::OlderThan
}

/// What the rule says of the image: one of `BeyondCount`, `WithinCount`, `OlderThan`, `NotOlder` and
/// `UnknownTime`.
pub(crate) fn judge(rule: &Rule, image: &Image, pool: &[&Image], now_ms: i64, switches: Switches) -> Why {
    if lacks_a_time(rule, image) {
        return Why::UnknownTime;
    }
    match rule.count {
        Count::MoreThan => {
            //= docs/SEMANTICS.md#count
            if rank(rule, image, pool) > u128::from(rule.number) {
                Why::BeyondCount
            } else {
                Why::WithinCount
            }
        }
        Count::SincePushed | Count::SincePulled | Count::SinceTransitioned => {
            match age_starts(rule.count, image, switches) {
                None => Why::UnknownTime,
                Some(start_ms) if is_older(start_ms, now_ms, rule.number, switches) => Why::OlderThan,
                Some(_) => Why::NotOlder,
            }
        }
    }
}

/// Whether a time is missing without which the rule never acts on the image.
fn lacks_a_time(rule: &Rule, image: &Image) -> bool {
    //= docs/SEMANTICS.md#unknown-push
    let lacks_push = image.pushed_ms.is_none();
    //= docs/SEMANTICS.md#unknown-archive
    let needs_archive = rule.count == Count::SinceTransitioned || image.status == Status::Archived;
    lacks_push || (needs_archive && image.archived_ms.is_none())
}

/// The place of the image in its pool; the newest has rank 1.
fn rank(rule: &Rule, image: &Image, pool: &[&Image]) -> u128 {
    1 + pool.iter().filter(|other| is_newer(rule.class, other, image)).count() as u128
}

/// The time from which the age counts; none if it is missing.
fn age_starts(count: Count, image: &Image, switches: Switches) -> Option<i64> {
    match count {
        Count::MoreThan => None,
        Count::SincePushed => {
            //= docs/SEMANTICS.md#switch-restored-age
            if switches.restored_age_pushed {
                return image.pushed_ms;
            }
            //= docs/SEMANTICS.md#age-pushed
            image.activated_ms.or(image.pushed_ms)
        }
        Count::SincePulled => match (image.activated_ms, image.pulled_ms) {
            //= docs/SEMANTICS.md#age-pulled-restored
            (Some(activated), None) => Some(activated),
            (Some(activated), Some(pulled)) if pulled <= activated => Some(activated),
            //= docs/SEMANTICS.md#age-pulled
            (_, Some(pulled)) => Some(pulled),
            //= docs/SEMANTICS.md#age-never-pulled
            (None, None) => image.pushed_ms,
        },
        //= docs/SEMANTICS.md#age-archived
        Count::SinceTransitioned => image.archived_ms,
    }
}

/// Whether more than `days` days have passed since `start_ms`.
fn is_older(start_ms: i64, now_ms: i64, days: u64, switches: Switches) -> bool {
    //= docs/SEMANTICS.md#future
    let age_ms = (i128::from(now_ms) - i128::from(start_ms)).max(0);
    //= docs/SEMANTICS.md#saturate
    // Every 64-bit number of days can be computed with in 128 bits; a large one is never reached.
    let days = i128::from(days);
    if switches.age_whole_days {
        //= docs/SEMANTICS.md#switch-age
        age_ms / DAY_MS > days
    } else {
        //= docs/SEMANTICS.md#strict
        age_ms > days * DAY_MS
    }
}

#[cfg(test)]
mod tests {
    use super::{age_starts, is_older, judge};
    use crate::fixtures::{NOW, days_ago, keep, older, pushed};
    use crate::model::{Class, Count, Image, List, Rule, Status, Switches, Why};

    const DAY: i64 = 86_400_000;
    const WHOLE_DAYS: Switches = Switches {
        children_counted: false,
        referrers_image: false,
        restored_age_pushed: false,
        age_whole_days: true,
    };
    const FROM_PUSH: Switches = Switches {
        children_counted: false,
        referrers_image: false,
        restored_age_pushed: true,
        age_whole_days: false,
    };

    fn say(rule: &Rule, images: &[Image]) -> Vec<Why> {
        let pool: Vec<&Image> = images.iter().collect();
        images.iter().map(|image| judge(rule, image, &pool, NOW, Switches::default())).collect()
    }

    #[test]
    fn a_count_keeps_the_newest_whatever_the_order_given() {
        let images = [pushed(1, 3), pushed(2, 1), pushed(3, 2)];
        let expected = [Why::BeyondCount, Why::WithinCount, Why::WithinCount];
        assert_eq!(say(&keep(1, List::Any, 2), &images), expected);
        assert_eq!(say(&keep(1, List::Any, 3), &images), [Why::WithinCount; 3]);
        assert_eq!(say(&keep(1, List::Any, u64::MAX), &images), [Why::WithinCount; 3]);
    }

    #[test]
    fn an_image_without_a_push_time_takes_the_first_place_and_is_unknown() {
        let images = [Image { pushed_ms: None, ..pushed(1, 3) }, pushed(2, 1)];
        assert_eq!(say(&keep(1, List::Any, 1), &images), [Why::UnknownTime, Why::BeyondCount]);
        assert_eq!(say(&keep(1, List::Any, 9), &images), [Why::UnknownTime, Why::WithinCount]);
    }

    #[test]
    fn no_rule_of_any_kind_acts_without_a_push_time() {
        let image = Image {
            pushed_ms: None,
            pulled_ms: Some(days_ago(500)),
            archived_ms: Some(days_ago(500)),
            activated_ms: Some(days_ago(500)),
            ..pushed(1, 1)
        };
        for count in [Count::MoreThan, Count::SincePushed, Count::SincePulled, Count::SinceTransitioned] {
            let rule = Rule { count, ..older(1, List::Any, 1) };
            assert_eq!(say(&rule, std::slice::from_ref(&image)), [Why::UnknownTime]);
        }
    }

    #[test]
    fn an_archived_image_without_an_archive_time_is_unknown() {
        let image = Image { status: Status::Archived, ..pushed(1, 500) };
        let rule = Rule { count: Count::SinceTransitioned, class: Class::Archive, ..older(1, List::Any, 90) };
        assert_eq!(say(&rule, std::slice::from_ref(&image)), [Why::UnknownTime]);
        // No accepted policy has such a rule, but the sentence says *never*.
        let by_push = Rule { count: Count::SincePushed, ..rule.clone() };
        assert_eq!(say(&by_push, std::slice::from_ref(&image)), [Why::UnknownTime]);
        let known = Image { archived_ms: Some(days_ago(91)), ..image.clone() };
        assert_eq!(say(&rule, &[known]), [Why::OlderThan]);
        let young = Image { archived_ms: Some(days_ago(90)), ..image };
        assert_eq!(say(&rule, &[young]), [Why::NotOlder]);
    }

    #[test]
    fn more_than_is_strict_at_the_instant() {
        assert!(!is_older(0, 7 * DAY, 7, Switches::default()));
        assert!(is_older(0, 7 * DAY + 1, 7, Switches::default()));
        assert!(!is_older(0, 7 * DAY - 1, 7, Switches::default()));
    }

    #[test]
    fn whole_days_are_completed_days() {
        assert!(!is_older(0, 7 * DAY, 7, WHOLE_DAYS));
        assert!(!is_older(0, 8 * DAY - 1, 7, WHOLE_DAYS));
        assert!(is_older(0, 8 * DAY, 7, WHOLE_DAYS));
        assert!(is_older(-4 * DAY, 4 * DAY, 7, WHOLE_DAYS));
    }

    #[test]
    fn the_future_has_age_zero() {
        for switches in [Switches::default(), WHOLE_DAYS] {
            assert!(!is_older(i64::MAX, i64::MIN, 1, switches));
            assert!(!is_older(1, 0, 0, switches));
            assert!(!is_older(9 * DAY, 0, 0, switches));
        }
    }

    #[test]
    fn a_number_too_large_means_never_and_nothing_overflows() {
        for switches in [Switches::default(), WHOLE_DAYS] {
            assert!(!is_older(i64::MIN, i64::MAX, u64::MAX, switches));
            assert!(!is_older(i64::MIN, i64::MAX, 213_503_982_335, switches));
            assert!(is_older(i64::MIN, i64::MAX, 213_503_982_333, switches));
        }
    }

    #[test]
    fn the_age_of_a_restored_image_starts_at_its_activation_unless_switched() {
        let image = Image { activated_ms: Some(days_ago(3)), ..pushed(1, 100) };
        assert_eq!(age_starts(Count::SincePushed, &image, Switches::default()), Some(days_ago(3)));
        assert_eq!(age_starts(Count::SincePushed, &image, FROM_PUSH), Some(days_ago(100)));
        assert_eq!(age_starts(Count::SincePulled, &image, FROM_PUSH), Some(days_ago(3)));
    }

    #[test]
    fn the_age_since_a_pull_starts_at_the_last_pull_or_at_what_stands_for_it() {
        let start = |pulled: Option<i64>, activated: Option<i64>| {
            let image = Image {
                pulled_ms: pulled.map(days_ago),
                activated_ms: activated.map(days_ago),
                ..pushed(1, 100)
            };
            age_starts(Count::SincePulled, &image, Switches::default())
        };
        assert_eq!(start(None, None), Some(days_ago(100)));
        assert_eq!(start(Some(7), None), Some(days_ago(7)));
        assert_eq!(start(Some(200), None), Some(days_ago(200)));
        assert_eq!(start(None, Some(5)), Some(days_ago(5)));
        assert_eq!(start(Some(6), Some(5)), Some(days_ago(5)));
        assert_eq!(start(Some(5), Some(5)), Some(days_ago(5)));
        assert_eq!(start(Some(4), Some(5)), Some(days_ago(4)));
    }
}
