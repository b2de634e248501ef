//! Retention rules against their slow literal twin, on small generated repositories whose values lie at the limits.

#![expect(clippy::unwrap_used, reason = "a test that stops when its own data is wrong")]

#[cfg(test)]
#[expect(dead_code, reason = "most of it is for the evaluation")]
mod generators;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::in_use::{Protection, RepositoryUse};
use demurrage_core::ledger::{
    Began, Head, Held, Learnt, MutabilityHistory, RepositoryLedger, Standing, TagHistory, TagRecord,
};
use demurrage_core::lifecycle::Relations;
use demurrage_core::plan::ActionKind;
use demurrage_core::retention::{
    Clause, Condition, Decided, ExpireBy, Newest, RetentionAction, RetentionRule, RetentionRules, TagRegex,
    decide,
};
use demurrage_core::{
    Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Repository, Tag, Wildcard,
};
use demurrage_reference::retention as twin;
use generators::for_all;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy};
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::sample::select;

const DAY_MS: i64 = 86_400_000;
const NOW_MS: i64 = 20_000 * DAY_MS + DAY_MS / 2;
const IMAGES_MAX: usize = 7;
const AGES_DAYS: [i64; 3] = [1, 30, 90];
const TAGS: [&str; 7] = ["v-1", "v-2", "w-1", "w-", "pr-1", "pr-x", "latest"];
const PATTERNS: [&str; 6] = ["*", "v-*", "w*", "pr-*", "*-1", "latest"];

/// A time at a limit or just beside it.
fn moment() -> impl Strategy<Value = i64> {
    (select(&AGES_DAYS[..]), select(&[0, 0, -1, 1, -DAY_MS, DAY_MS, 100 * DAY_MS][..]))
        .prop_map(|(days, offset_ms)| NOW_MS - days * DAY_MS + offset_ms)
}

/// An image as it is drawn: others are named by how far they are away in the list.
#[derive(Debug, Clone)]
struct Draft {
    tags: BTreeSet<&'static str>,
    links: Vec<(usize, &'static str)>,
    times: [Option<i64>; 4],
    status: twin::Status,
    children: Option<Vec<usize>>,
    subject: Option<usize>,
    size_bytes: Option<u64>,
    in_use: twin::Use,
}

fn draft() -> impl Strategy<Value = Draft> {
    let status = prop_oneof![
        6 => Just(twin::Status::Active), 3 => Just(twin::Status::Archived), 1 => Just(twin::Status::Activating)
    ];
    let children = prop_oneof![
        8 => Just(Some(vec![])), 6 => vec(1..IMAGES_MAX, 1..3).prop_map(Some), 1 => Just(None)
    ];
    let in_use =
        prop_oneof![8 => Just(twin::Use::No), 1 => Just(twin::Use::Maybe), 1 => Just(twin::Use::Yes)];
    let tags = vec(select(&TAGS[..]), 0..3).prop_map(|tags| tags.into_iter().collect());
    let links = prop_oneof![
        5 => Just(vec![]), 1 => vec((0..=IMAGES_MAX, select(&["", ".sig", ".sbom"][..])), 1..3)
    ];
    let times =
        (weighted(0.9, moment()), weighted(0.3, moment()), weighted(0.2, moment()), weighted(0.8, moment()));
    let size_bytes = weighted(0.8, select(&[99_u64, 100, 101][..]));
    (tags, links, times, status, children, weighted(0.15, 1..IMAGES_MAX), size_bytes, in_use).prop_map(
        |(
            tags,
            links,
            (pushed, pulled, activated, archived),
            status,
            children,
            subject,
            size_bytes,
            in_use,
        )| {
            let times = [pushed, pulled, activated, archived];
            Draft { tags, links, times, status, children, subject, size_bytes, in_use }
        },
    )
}

fn ledger() -> impl Strategy<Value = Option<twin::Ledger>> {
    let put =
        (select(&TAGS[..]), weighted(0.9, 0..IMAGES_MAX), weighted(0.8, select(&[0, DAY_MS][..])), moment());
    let puts = vec(put, 0..8).prop_map(|puts| {
        let put = |(tag, image, since, by_ms): (&str, Option<usize>, Option<i64>, i64)| twin::Put {
            tag: tag.to_owned(),
            image: image.map(id),
            after_ms: since.map(|before_ms| by_ms - before_ms),
            by_ms,
        };
        // One for each tag.
        let puts: BTreeMap<&str, twin::Put> = puts.into_iter().map(|drawn| (drawn.0, put(drawn))).collect();
        twin::Ledger { puts: puts.into_values().collect() }
    });
    weighted(0.7, puts)
}

fn condition() -> impl Strategy<Value = twin::Condition> {
    let age = select(&[twin::Age::Pushed, twin::Age::Pulled, twin::Age::Tagged][..]);
    let age_ms = || select(&AGES_DAYS[..]).prop_map(|days| days * DAY_MS);
    prop_oneof![
        4 => vec(select(&PATTERNS[..]), 1..3)
            .prop_map(|patterns| twin::Condition::Tags(patterns.into_iter().map(str::to_owned).collect())),
        1 => Just(twin::Condition::Numbered),
        2 => Just(twin::Condition::Untagged),
        5 => (age, age_ms()).prop_map(|(age, age_ms)| twin::Condition::Older(age, age_ms)),
        2 => age_ms().prop_map(twin::Condition::NeverPulled),
        1 => Just(twin::Condition::InUse),
        1 => Just(twin::Condition::Larger(100)),
    ]
}

fn clause(newest: f64) -> impl Strategy<Value = twin::Clause> {
    let newest = weighted(
        newest,
        (1_u32..3, select(vec![true, false])).prop_map(|(count, by_group)| twin::Newest { count, by_group }),
    );
    (vec(condition(), 0..3), newest).prop_map(|(conditions, newest)| twin::Clause { conditions, newest })
}

fn rule() -> impl Strategy<Value = twin::Rule> {
    let action = prop_oneof![
        3 => Just(twin::Action::Delete),
        2 => Just(twin::Action::ArchiveThenDelete(90 * DAY_MS)),
        2 => Just(twin::Action::Archive),
        2 => Just(twin::Action::Untag),
    ];
    (vec(clause(0.5), 0..2), vec(clause(0.1), 1..4), action).prop_map(|(keep, expire, action)| twin::Rule {
        keep,
        expire,
        action,
    })
}

fn id(place: usize) -> u64 {
    // Not in the order of the list.
    u64::try_from(place * 3 % 7 + 1).unwrap()
}

/// Images of manifests refer to what stands before them, as digests cannot form a circle; tags refer anywhere.
fn images(drafts: &[Draft]) -> Vec<twin::Image> {
    let before = |place: usize, back: usize| place.checked_sub(back).map_or(90, id);
    let image = |(place, draft): (usize, &Draft)| {
        let own = draft.tags.iter().map(|tag| twin::Tag { text: (*tag).to_owned(), link: None });
        let links = draft.links.iter().map(|(at, end)| {
            let target = id(*at);
            twin::Tag { text: format!("sha256-{}{end}", hex(target)), link: Some(target) }
        });
        let [pushed_ms, pulled_ms, activated_ms, archived_ms] = draft.times;
        let children = draft.children.as_ref();
        let children = children.map(|backs| backs.iter().map(|&back| before(place, back)).collect());
        twin::Image {
            id: id(place),
            tags: own.chain(links).collect(),
            pushed_ms,
            pulled_ms,
            activated_ms,
            archived_ms,
            status: draft.status,
            children,
            subject: draft.subject.map(|back| before(place, back)),
            size_bytes: draft.size_bytes,
            in_use: draft.in_use,
        }
    };
    drafts.iter().enumerate().map(image).collect()
}

fn digest(id: u64) -> Digest {
    Digest::from_bytes([u8::try_from(id).unwrap(); 32])
}

fn hex(id: u64) -> String {
    digest(id).to_string().trim_start_matches("sha256:").to_owned()
}

fn time(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap()
}

fn core_image(image: &twin::Image) -> Image {
    let mut core = Image::new(digest(image.id));
    core.tags = image.tags.iter().map(|tag| Tag::as_given(&tag.text)).collect();
    core.pushed_at = image.pushed_ms.map(time);
    core.last_pulled_at = image.pulled_ms.map(time);
    core.activated_at = image.activated_ms.map(time);
    core.archived_at = image.archived_ms.map(time);
    core.status = match image.status {
        twin::Status::Active => ImageStatus::Active,
        twin::Status::Archived => ImageStatus::Archived,
        twin::Status::Activating => ImageStatus::Activating,
    };
    core.subject = image.subject.map(digest);
    core.size_bytes = image.size_bytes;
    core.manifest_media_type = Some("application/vnd.oci.image.manifest.v1+json".to_owned());
    match &image.children {
        Some(children) if children.is_empty() => {}
        None => core.manifest_media_type = Some("application/vnd.oci.image.index.v1+json".to_owned()),
        Some(children) => {
            let mut manifest = Manifest::new(ManifestKind::OciIndex);
            let child = |&child: &u64| Child {
                descriptor: Descriptor { digest: digest(child), media_type: String::new(), size_bytes: 1 },
                platform: None,
                attests: None,
            };
            manifest.children = children.iter().map(child).collect();
            core.manifest = Some(Box::new(manifest));
        }
    }
    core
}

fn core_ledger(ledger: &twin::Ledger) -> RepositoryLedger {
    let record = |put: &twin::Put| {
        let gone = || Held::of([None, Some(digest(1))]).unwrap();
        let since = match put.after_ms {
            Some(after_ms) if after_ms == put.by_ms => Began::At(time(after_ms)),
            Some(after_ms) => Began::Between { after: time(after_ms), by: time(put.by_ms) },
            None => Began::By(time(put.by_ms)),
        };
        let seen = time(put.by_ms);
        let standing = Standing {
            held: put.image.map_or_else(gone, |image| Held::Image(digest(image))),
            since,
            learnt: Learnt::Event,
            seen_at: seen,
            seen_until: seen,
            proven_at: seen,
        };
        let head = Head { standing, was: None, latest: seen, checked: None, version: 1 };
        (Tag::as_given(&put.tag), TagRecord { head: Some(head), history: TagHistory::default() })
    };
    let tags = ledger.puts.iter().map(record).collect();
    RepositoryLedger::restore(tags, BTreeMap::new(), MutabilityHistory::default(), None)
}

fn core_rules(rules: &[twin::Rule]) -> RetentionRules {
    let condition = |condition: &twin::Condition| match condition {
        twin::Condition::Tags(patterns) => {
            Condition::Tags(patterns.iter().map(|pattern| Wildcard::new(pattern)).collect())
        }
        twin::Condition::Numbered => Condition::TagsRegex(TagRegex::parse("(.+)-[0-9]+").unwrap()),
        twin::Condition::Untagged => Condition::Untagged,
        twin::Condition::Older(twin::Age::Pushed, ms) => {
            Condition::PushedOlderThan(TimeDelta::milliseconds(*ms))
        }
        twin::Condition::Older(twin::Age::Pulled, ms) => {
            Condition::PulledOlderThan(TimeDelta::milliseconds(*ms))
        }
        twin::Condition::Older(twin::Age::Tagged, ms) => {
            Condition::TaggedOlderThan(TimeDelta::milliseconds(*ms))
        }
        twin::Condition::NeverPulled(ms) => Condition::NeverPulled { grace: TimeDelta::milliseconds(*ms) },
        twin::Condition::InUse => Condition::InUse,
        twin::Condition::Larger(bytes) => Condition::LargerThan { bytes: *bytes },
    };
    let clause = |clause: &twin::Clause| Clause {
        conditions: clause.conditions.iter().map(condition).collect(),
        newest: clause.newest.map(|newest| Newest {
            count: newest.count,
            group: newest.by_group.then(|| TagRegex::parse_group("(.+)-[0-9]+").unwrap()),
        }),
    };
    let rule = |(place, rule): (usize, &twin::Rule)| RetentionRule {
        name: format!("rule {place}"),
        repositories: vec![Wildcard::new("*")],
        keep: rule.keep.iter().map(clause).collect(),
        expire: rule.expire.iter().map(clause).collect(),
        action: match rule.action {
            twin::Action::Delete => RetentionAction::Expire(ExpireBy::Delete),
            twin::Action::ArchiveThenDelete(ms) => {
                let archive_days = u32::try_from(ms / DAY_MS).unwrap();
                RetentionAction::Expire(ExpireBy::ArchiveThenDelete { archive_days })
            }
            twin::Action::Archive => RetentionAction::Archive,
            twin::Action::Untag => RetentionAction::Untag,
        },
    };
    RetentionRules { rules: rules.iter().enumerate().map(rule).collect() }
}

/// What the core decides, in the words of the twin.
fn core_fates(rules: &[twin::Rule], repository: &twin::Repository) -> Vec<twin::Fate> {
    let mut core = Repository::new("shop/cart");
    core.images = repository.images.iter().map(core_image).collect();
    let relations = Relations::of(&core.images);
    let protection = |image: &twin::Image| match image.in_use {
        twin::Use::No => None,
        twin::Use::Maybe => Some(Protection::MayBePartOf(0)),
        twin::Use::Yes => Some(Protection::InUse(vec![0])),
    };
    let in_use = RepositoryUse { protections: repository.images.iter().map(protection).collect() };
    let ledger = repository.ledger.as_ref().map(core_ledger);
    let rules = core_rules(rules);
    let now = time(repository.now_ms);
    let decided = decide(&rules, &core, &relations, &in_use, ledger.as_ref(), now);
    decided.iter().map(fate).collect()
}

fn fate(decided: &Decided) -> twin::Fate {
    twin::Fate {
        kind: decided.kind.map(ActionKind::name),
        tags: decided.tags.iter().map(ToString::to_string).collect(),
        rule: decided.rule.map(|rule| usize::try_from(rule).unwrap()),
        reason: decided.reason.name(),
    }
}

fn cases() -> impl Strategy<Value = (Vec<twin::Rule>, twin::Repository)> {
    (vec(rule(), 1..4), vec(draft(), 0..=IMAGES_MAX), ledger()).prop_map(|(rules, drafts, ledger)| {
        (rules, twin::Repository { now_ms: NOW_MS, images: images(&drafts), ledger })
    })
}

#[test]
fn retention_rules_decide_as_their_slow_twin_does() {
    for_all(&cases(), |(rules, repository)| {
        let fates = twin::decide(&rules, &repository);
        let mut of_core = core_fates(&rules, &repository);
        // The twin does not say by which rule a part goes.
        for (fate, of_twin) in of_core.iter_mut().zip(&fates) {
            if matches!(fate.reason, "with" | "is_archived") && of_twin.rule.is_none() {
                fate.rule = None;
            }
        }
        prop_assert_eq!(of_core, fates);
        Ok(())
    });
}

#[test]
fn nothing_goes_before_what_it_hangs_on() {
    for_all(&cases(), |(rules, repository)| {
        let fates = core_fates(&rules, &repository);
        for (image, fate) in repository.images.iter().zip(&fates) {
            let holders = repository.images.iter().zip(&fates).filter(|(holder, _)| {
                let names = holder.children.as_ref().is_some_and(|children| children.contains(&image.id));
                let links = image.tags.iter().any(|tag| tag.link == Some(holder.id) && holder.id != image.id);
                names || links || image.subject == Some(holder.id)
            });
            for (_, above) in holders {
                let is_worse = fate.kind == Some("expire") && above.kind != Some("expire");
                prop_assert_eq!(is_worse, false, "{:?} goes before what it hangs on", image);
            }
        }
        Ok(())
    });
}

#[test]
fn chance_comes_to_every_action_and_to_every_reason() {
    let seen = RefCell::new(BTreeSet::new());
    for_all(&cases(), |(rules, repository)| {
        for fate in core_fates(&rules, &repository) {
            seen.borrow_mut().insert(fate.reason);
            seen.borrow_mut().extend(fate.kind);
        }
        Ok(())
    });
    let all = [
        "activating",
        "archive",
        "chosen",
        "expire",
        "is_archived",
        "kept",
        "may_be_part_of",
        "not_chosen",
        "part_of",
        "uncovered",
        "untag",
        "untagged",
        "waits",
        "with",
    ];
    assert_eq!(seen.into_inner().into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn what_is_forgotten_lets_nothing_more_go() {
    // With one action: where it is unknown whether a rule archives an image, a later one may delete it.
    for_all(&(cases(), 0..IMAGES_MAX), |((mut rules, repository), place)| {
        for rule in &mut rules {
            rule.action = twin::Action::Delete;
            // What is the newest changes with what is known of the others: `newest` stands only in `keep`.
            for clause in &mut rule.expire {
                clause.newest = None;
            }
        }
        let before = core_fates(&rules, &repository);
        let mut less = repository.clone();
        less.ledger = None;
        if let Some(image) = less.images.get_mut(place) {
            (image.pushed_ms, image.size_bytes, image.archived_ms) = (None, None, None);
        }
        for (fate, was) in core_fates(&rules, &less).iter().zip(&before) {
            let goes = fate.kind == Some("expire") && was.kind != Some("expire");
            prop_assert_eq!(goes, false, "{:?} goes, and before {:?}", fate, was);
        }
        Ok(())
    });
}
