//! Small repositories with rules for them, in the words of the twin.
//!
//! Everything is drawn as small numbers first, independent of each other, and then put together: so a case
//! that fails shrinks fast, and an image can be left out while the others stay as they are. The time of
//! evaluation is always [`NOW_MS`]. References form no circle: an image refers only to images that were drawn
//! before it, or to absent ones.

use std::collections::BTreeSet;

use demurrage_reference::{Act, Class, Count, Image, List, Rule, Status};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;

use super::pattern::{Change, Entry, change, fill, pattern, prefix};

/// The time of evaluation: no midnight, so that days of the calendar are not days of age.
pub(crate) const NOW_MS: i64 = 20_000 * DAY_MS + DAY_MS / 2;

/// The most images of a scene.
pub(crate) const IMAGES_MAX: usize = 14;

const DAY_MS: i64 = 86_400_000;
const TIMES_MAX: usize = 5;
const TAGS_MAX: usize = 5;

/// No image of a scene has this id or a greater one; children and subjects before the first image do.
const ABSENT: u64 = 100;

/// An id that no image of a scene has and none refers to.
pub(crate) const UNUSED: u64 = 1_000;

/// Limits of ages that time can reach, and limits that it cannot.
const DAYS: &[u64] =
    &[1, 2, 7, 30, 1, 2, 7, 1, 2, 95_000_000, 106_751_991_168, 9_223_372_036_854_775_808, u64::MAX];
/// The same where ECR asks for 90 or more.
const DAYS_ARCHIVED: &[u64] = &[90, 91, 365, 90, 106_751_991_168, u64::MAX];
/// Limits of ages beyond this make no times: they would be before the common era.
const DAYS_FOR_TIMES: u64 = 1_000;
/// Limits of counts: most are less than a pool, some do not fit smaller integers.
const PLACES: &[u64] = &[1, 2, 3, 1, 2, 5, 1, 4_294_967_297, u64::MAX];

/// One repository at one time, and the rules of its policy, in the order of a file.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// The rules; their priorities differ.
    pub(crate) rules: Vec<Rule>,
    /// The images; their ids differ.
    pub(crate) images: Vec<Drawn>,
}

/// An image with what the twin does not know of it.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    /// The image.
    pub(crate) image: Image,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No index.
    Plain,
    /// An OCI image index.
    OciIndex,
    /// A Docker manifest list.
    DockerList,
    /// An index of which the manifest was not read: it names no children.
    UnreadIndex,
}

impl Scene {
    /// The images as the twin takes them.
    pub(crate) fn twin_images(&self) -> Vec<Image> {
        self.images.iter().map(|drawn| drawn.image.clone()).collect()
    }

    /// The same images in another order.
    pub(crate) fn rearranged(&self, order: &[usize]) -> Self {
        let images = order.iter().filter_map(|&place| self.images.get(place)).cloned();
        Self { images: images.collect(), ..self.clone() }
    }
}

/// An order of all the places that a scene can have.
pub(crate) fn order() -> impl Strategy<Value = Vec<usize>> {
    Just((0..IMAGES_MAX).collect::<Vec<_>>()).prop_shuffle()
}

/// A repository with a policy.
pub(crate) fn scene() -> impl Strategy<Value = Scene> {
    let ids = Just((1..).take(IMAGES_MAX).collect::<Vec<u64>>()).prop_shuffle();
    (
        rules(),
        vec(moment(), 1..=TIMES_MAX),
        vec(tag(), 1..=TAGS_MAX),
        ids,
        vec(weighted(0.95, draft()), 0..=IMAGES_MAX),
        order(),
    )
        .prop_map(|(rules, moments, tags, ids, drafts, order)| {
            let numbers = numbers_of_days(&rules);
            let times: Vec<i64> = moments.iter().map(|moment| moment.time(&numbers)).collect();
            let entries = entries(&rules);
            let tags: Vec<String> = tags.iter().map(|tag| tag.text(&entries)).collect();
            // A draft that is left out is an image that others may name and that is not there.
            let drawn = |(number, draft): (usize, &Option<Draft>)| {
                draft.as_ref().map(|draft| draft.drawn(number, &ids, &times, &tags))
            };
            let images = drafts.iter().enumerate().filter_map(drawn).collect();
            Scene { rules, images }.rearranged(&order)
        })
}

/// One to six rules with different priorities, in any order.
fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let distances = vec((rule(), 1_u64..4), 1..=6);
    let ascending = distances.prop_map(|rules| {
        let mut priority = 0;
        let numbered = rules.into_iter().map(|(rule, distance)| {
            priority += distance;
            Rule { priority, ..rule }
        });
        numbered.collect::<Vec<Rule>>()
    });
    ascending.prop_shuffle()
}

/// A rule with a count type, a class and an action that ECR accepts together.
fn rule() -> impl Strategy<Value = Rule> {
    let act = || select(&[Act::Expire, Act::Transition][..]);
    let limit = prop_oneof![
        4 => (select(PLACES), act()).prop_map(|(n, act)| (Class::Standard, Count::MoreThan, n, act)),
        3 => (select(DAYS), act()).prop_map(|(n, act)| (Class::Standard, Count::SincePushed, n, act)),
        2 => select(DAYS).prop_map(|n| (Class::Standard, Count::SincePulled, n, Act::Transition)),
        2 => select(DAYS_ARCHIVED)
            .prop_map(|n| (Class::Archive, Count::SinceTransitioned, n, Act::Expire)),
    ];
    (list(), limit).prop_map(|(list, (class, count, number, act))| Rule {
        priority: 0,
        list,
        class,
        count,
        number,
        act,
    })
}

fn list() -> impl Strategy<Value = List> {
    prop_oneof![
        3 => Just(List::Any),
        1 => Just(List::Untagged),
        2 => vec(pattern(), 1..=1).prop_map(List::Patterns),
        1 => vec(pattern(), 2..=3).prop_map(List::Patterns),
        1 => vec(prefix(), 1..=1).prop_map(List::Prefixes),
        1 => vec(prefix(), 2..=3).prop_map(List::Prefixes),
    ]
}

/// All entries of the lists of the rules.
fn entries(rules: &[Rule]) -> Vec<Entry> {
    let of_rule = |rule: &Rule| match &rule.list {
        List::Any | List::Untagged => Vec::new(),
        List::Patterns(list) => list.iter().cloned().map(Entry::Pattern).collect(),
        List::Prefixes(list) => list.iter().cloned().map(Entry::Prefix).collect(),
    };
    rules.iter().flat_map(of_rule).collect()
}

/// The days at which an age meets a limit, and none, which is now.
fn numbers_of_days(rules: &[Rule]) -> Vec<i64> {
    let is_age = |rule: &&Rule| rule.count != Count::MoreThan && rule.number <= DAYS_FOR_TIMES;
    let numbers: BTreeSet<u64> = rules.iter().filter(is_age).map(|rule| rule.number).collect();
    numbers.into_iter().chain([0]).filter_map(|number| i64::try_from(number).ok()).collect()
}

/// A time by its distance from a limit of the rules.
#[derive(Debug, Clone)]
struct Moment {
    limit: usize,
    days_before: i64,
    offset_ms: i64,
}

impl Moment {
    fn time(&self, numbers: &[i64]) -> i64 {
        let limit = numbers.get(self.limit % numbers.len().max(1)).copied().unwrap_or_default();
        NOW_MS - (limit + self.days_before) * DAY_MS + self.offset_ms
    }
}

fn moment() -> impl Strategy<Value = Moment> {
    let offsets = &[0, 0, 0, -1, 1, -1_000, 1_000, 1 - DAY_MS, DAY_MS - 1, -DAY_MS / 2];
    (0_usize..60, select(&[0, 0, 0, 1, -1, 100][..]), select(&offsets[..]))
        .prop_map(|(limit, days_before, offset_ms)| Moment { limit, days_before, offset_ms })
}

/// A tag by the entry from which it is grown.
#[derive(Debug, Clone)]
struct Grown {
    entry: usize,
    fills: Vec<String>,
    change: Change,
}

impl Grown {
    fn text(&self, entries: &[Entry]) -> String {
        let word = Entry::Pattern("a".to_owned());
        let entry = entries.get(self.entry % entries.len().max(1)).unwrap_or(&word);
        self.change.of(&entry.filled(self.fills.iter().map(String::as_str)))
    }
}

fn tag() -> impl Strategy<Value = Grown> {
    (0_usize..60, vec(fill(), 0..=2), change()).prop_map(|(entry, fills, change)| Grown {
        entry,
        fills,
        change,
    })
}

/// An image by its places in the lists of times and tags, and by how far back in the list of images those
/// stand that it refers to.
#[derive(Debug, Clone)]
struct Draft {
    pushed: Option<usize>,
    pulled: Option<usize>,
    archived: Option<usize>,
    activated: Option<usize>,
    tags: BTreeSet<usize>,
    status: Status,
    kind: Kind,
    children: Vec<usize>,
    subject: Option<usize>,
}

impl Draft {
    fn drawn(&self, number: usize, ids: &[u64], times: &[i64], tags: &[String]) -> Drawn {
        let time = |place: Option<usize>| times.get(place? % times.len().max(1)).copied();
        let referred = |back: &usize| {
            let before = number.checked_sub(back + 1).and_then(|earlier| ids.get(earlier));
            before.copied().unwrap_or_else(|| (ABSENT..).nth(*back).unwrap_or(ABSENT))
        };
        let children = match self.kind {
            Kind::OciIndex | Kind::DockerList => self.children.iter().map(referred).collect(),
            Kind::Plain | Kind::UnreadIndex => Vec::new(),
        };
        let image = Image {
            id: ids.get(number).copied().unwrap_or_default(),
            tags: self.tags.iter().filter_map(|&place| tags.get(place)).cloned().collect(),
            pushed_ms: time(self.pushed),
            pulled_ms: time(self.pulled),
            archived_ms: time(self.archived),
            activated_ms: time(self.activated),
            status: self.status,
            children,
            subject: self.subject.as_ref().map(referred),
        };
        Drawn { image, kind: self.kind }
    }
}

fn draft() -> impl Strategy<Value = Draft> {
    const STATUSES: &[Status] = &[
        Status::Active,
        Status::Active,
        Status::Active,
        Status::Active,
        Status::Active,
        Status::Archived,
        Status::Archived,
        Status::Activating,
    ];
    const KINDS: &[Kind] = &[
        Kind::Plain,
        Kind::Plain,
        Kind::Plain,
        Kind::Plain,
        Kind::Plain,
        Kind::OciIndex,
        Kind::OciIndex,
        Kind::OciIndex,
        Kind::DockerList,
        Kind::UnreadIndex,
    ];
    let time = |probability| weighted(probability, 0..TIMES_MAX);
    let tags = prop_oneof![vec(0..TAGS_MAX, 0..=0), vec(0..TAGS_MAX, 1..=1), vec(0..TAGS_MAX, 2..=3),];
    let times = (time(0.9), time(0.4), time(0.8), time(0.3));
    let references = (vec(0_usize..8, 0..=3), weighted(0.15, 0_usize..8));
    (times, tags, select(STATUSES), select(KINDS), references).prop_map(
        |((pushed, pulled, archived, activated), tags, status, kind, (children, subject))| Draft {
            pushed,
            pulled,
            archived,
            activated,
            tags: tags.into_iter().collect(),
            status,
            kind,
            children,
            subject,
        },
    )
}
