//! Short ways to write images and rules in tests, and small repositories by chance.
//!
//! For: the tests of this crate. Assumes: `now` is [`NOW`]. Leaves out: anything that is not a test.

use crate::model::{Act, Class, Count, Image, List, Rule, Status, Switches};

/// The time of every evaluation in tests.
pub(crate) const NOW: i64 = 20_000 * 86_400_000;

/// The time so many days before [`NOW`].
pub(crate) fn days_ago(days: i64) -> i64 {
    NOW - days * 86_400_000
}

/// Owned strings.
pub(crate) fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// A `tagPatternList`.
pub(crate) fn patterns(entries: &[&str]) -> List {
    List::Patterns(strings(entries))
}

/// A `tagPrefixList`.
pub(crate) fn prefixes(entries: &[&str]) -> List {
    List::Prefixes(strings(entries))
}

/// An untagged image, pushed so many days ago, with nothing else to say of it.
pub(crate) fn pushed(id: u64, days: i64) -> Image {
    Image {
        id,
        tags: vec![],
        pushed_ms: Some(days_ago(days)),
        pulled_ms: None,
        archived_ms: None,
        activated_ms: None,
        status: Status::Active,
        children: vec![],
        subject: None,
    }
}

/// An image with tags.
pub(crate) fn tagged(id: u64, days: i64, tags: &[&str]) -> Image {
    Image { tags: strings(tags), ..pushed(id, days) }
}

/// An untagged index.
pub(crate) fn index(id: u64, days: i64, children: &[u64]) -> Image {
    Image { children: children.to_vec(), ..pushed(id, days) }
}

/// A rule that expires all but the newest.
pub(crate) fn keep(priority: u64, list: List, number: u64) -> Rule {
    Rule { priority, list, class: Class::Standard, count: Count::MoreThan, number, act: Act::Expire }
}

/// A rule that expires what was pushed long ago.
pub(crate) fn older(priority: u64, list: List, number: u64) -> Rule {
    Rule { count: Count::SincePushed, ..keep(priority, list, number) }
}

/// A rule that archives whatever was pulled long ago.
pub(crate) fn pulled_longer_ago(priority: u64, number: u64) -> Rule {
    Rule { count: Count::SincePulled, act: Act::Transition, ..keep(priority, List::Any, number) }
}

/// A rule that expires whatever was archived long ago.
pub(crate) fn archive_older(priority: u64, number: u64) -> Rule {
    Rule { count: Count::SinceTransitioned, class: Class::Archive, ..keep(priority, List::Any, number) }
}

/// All sixteen settings.
pub(crate) fn all_switches() -> Vec<Switches> {
    (0..16_u8)
        .map(|bits| Switches {
            children_counted: bits & 1 != 0,
            referrers_image: bits & 2 != 0,
            restored_age_pushed: bits & 4 != 0,
            age_whole_days: bits & 8 != 0,
        })
        .collect()
}

/// Chance that repeats itself.
#[derive(Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn time(&mut self) -> Option<i64> {
        let half_days = i64::from(u8::try_from(self.roll(24)).unwrap()) - 2;
        (self.roll(8) != 0).then_some(NOW - half_days * 43_200_000)
    }

    fn rarely<T>(&mut self, value: T) -> Option<T> {
        (self.roll(4) == 0).then_some(value)
    }
}

/// A small repository; indexes name only images of smaller ids, as no circle is possible.
pub(crate) fn some_repository(dice: &mut Dice) -> Vec<Image> {
    let size = 1 + dice.roll(9);
    let mut images = Vec::new();
    for id in 1..=size {
        let (pulled, archived, activated) = (dice.time(), dice.time(), dice.time());
        let child_count = dice.roll(3);
        images.push(Image {
            id,
            tags: ["a", "ab", "b"].iter().filter(|_| dice.roll(3) == 0).map(ToString::to_string).collect(),
            pushed_ms: dice.time(),
            pulled_ms: dice.rarely(pulled).flatten(),
            archived_ms: archived,
            activated_ms: dice.rarely(activated).flatten(),
            status: match dice.roll(8) {
                0 => Status::Activating,
                1 | 2 => Status::Archived,
                _ => Status::Active,
            },
            children: if dice.roll(3) == 0 {
                (0..child_count).map(|_| dice.roll(id)).collect()
            } else {
                vec![]
            },
            subject: (dice.roll(6) == 0).then(|| dice.roll(12)),
        });
    }
    images
}

/// A few rules that could stand in one policy.
pub(crate) fn some_rules(dice: &mut Dice) -> Vec<Rule> {
    let lists =
        [patterns(&["a*"]), patterns(&["a", "b"]), prefixes(&["ab"]), List::Untagged, List::Any].into_iter();
    let mut rules = Vec::new();
    for (priority, list) in (1_u64..).zip(lists) {
        let (count, act) = match dice.roll(6) {
            0 => (Count::MoreThan, Act::Transition),
            1 => (Count::SincePushed, Act::Expire),
            2 => (Count::SincePushed, Act::Transition),
            3 => (Count::SincePulled, Act::Transition),
            _ => (Count::MoreThan, Act::Expire),
        };
        let number = 1 + dice.roll(6);
        if dice.roll(2) == 0 {
            rules.push(Rule { priority, list, class: Class::Standard, count, number, act });
        }
    }
    if dice.roll(2) == 0 {
        rules.push(archive_older(9, 1 + dice.roll(6)));
    }
    rules
}
