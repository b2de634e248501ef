//! Every file of `tests/vectors/retention`: what rules want of images, and for which reason.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that stops when its own data is wrong")]
#![expect(clippy::disallowed_methods, reason = "this test reads files; the core does not")]

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::in_use::{Protection, RepositoryUse};
use demurrage_core::ledger::{ListingWindow, MutabilityHistory, Observation, RepositoryLedger, Said};
use demurrage_core::lifecycle::Relations;
use demurrage_core::plan::ActionKind;
use demurrage_core::retention::{
    Clause, Condition, Decided, ExpireBy, Newest, RetentionAction, RetentionRule, RetentionRules, TagRegex,
    decide, reason_sentence,
};
use demurrage_core::{
    Child, Descriptor, Digest, Image, ImageStatus, Listing, Manifest, ManifestKind, Repository, Tag,
    Wildcard, instant,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    now: String,
    #[serde(default)]
    listing: Option<String>,
    rules: Vec<RuleRow>,
    images: Vec<ImageRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    name: String,
    #[serde(default)]
    repositories: Option<Vec<String>>,
    #[serde(default)]
    keep: Vec<ClauseRow>,
    #[serde(default)]
    expire: Vec<ClauseRow>,
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    archive_days: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClauseRow {
    tags: Option<Vec<String>>,
    tags_regex: Option<String>,
    untagged: Option<bool>,
    newest: Option<u32>,
    group: Option<String>,
    pushed_older_than_hours: Option<i64>,
    pulled_older_than_hours: Option<i64>,
    tagged_older_than_hours: Option<i64>,
    never_pulled_grace_hours: Option<i64>,
    in_use: Option<bool>,
    larger_than: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageRow {
    id: String,
    #[serde(default)]
    tags: Vec<String>,
    pushed: Option<String>,
    pulled: Option<String>,
    restored: Option<String>,
    archived: Option<String>,
    #[serde(default)]
    status: Option<String>,
    children: Option<Vec<String>>,
    #[serde(default)]
    is_unread_index: bool,
    subject: Option<String>,
    size: Option<u64>,
    #[serde(default)]
    in_use: Option<String>,
    /// When events said that tags were put on it.
    #[serde(default)]
    tagged: BTreeMap<String, String>,
    expected: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    action: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    rule: Option<String>,
    reason: String,
    sentence: Option<String>,
}

/// The digest of an image that is called by one letter.
fn digest(id: &str) -> Digest {
    let [letter] = id.as_bytes() else { panic!("`{id}` is one letter") };
    Digest::from_bytes([*letter; 32])
}

/// `sha256-a.sig` is the tag of the signature of image `a`.
fn tag(text: &str) -> Tag {
    let link = text.strip_prefix("sha256-").map(|rest| rest.split_once('.').unwrap_or((rest, "")));
    match link {
        Some((id, end)) if id.len() == 1 => {
            let hex = digest(id).to_string().replacen("sha256:", "sha256-", 1);
            let dot = if end.is_empty() { "" } else { "." };
            Tag::as_given(&format!("{hex}{dot}{end}"))
        }
        _ => Tag::as_given(text),
    }
}

fn time(text: &str) -> DateTime<Utc> {
    instant::parse(text).unwrap_or_else(|| panic!("`{text}` is a time"))
}

impl ClauseRow {
    fn clause(&self) -> Clause {
        let hours = |hours: Option<i64>, condition: fn(TimeDelta) -> Condition| {
            hours.map(|hours| condition(TimeDelta::hours(hours)))
        };
        let patterns = self.tags.as_ref().map(|tags| tags.iter().map(|tag| Wildcard::new(tag)).collect());
        let conditions = [
            patterns.map(Condition::Tags),
            self.tags_regex.as_ref().map(|text| Condition::TagsRegex(TagRegex::parse(text).unwrap())),
            self.untagged.map(|_| Condition::Untagged),
            hours(self.pushed_older_than_hours, Condition::PushedOlderThan),
            hours(self.pulled_older_than_hours, Condition::PulledOlderThan),
            hours(self.tagged_older_than_hours, Condition::TaggedOlderThan),
            hours(self.never_pulled_grace_hours, |grace| Condition::NeverPulled { grace }),
            self.in_use.map(|_| Condition::InUse),
            self.larger_than.map(|bytes| Condition::LargerThan { bytes }),
        ];
        let group = self.group.as_ref().map(|text| TagRegex::parse_group(text).unwrap());
        Clause {
            conditions: conditions.into_iter().flatten().collect(),
            newest: self.newest.map(|count| Newest { count, group }),
        }
    }
}

impl RuleRow {
    fn rule(&self) -> RetentionRule {
        let everywhere = vec!["*".to_owned()];
        let repositories = self.repositories.as_ref().unwrap_or(&everywhere);
        RetentionRule {
            name: self.name.clone(),
            repositories: repositories.iter().map(|pattern| Wildcard::new(pattern)).collect(),
            keep: self.keep.iter().map(ClauseRow::clause).collect(),
            expire: self.expire.iter().map(ClauseRow::clause).collect(),
            action: match (self.action.as_deref(), self.archive_days) {
                (None, None) => RetentionAction::Expire(ExpireBy::Delete),
                (None, Some(archive_days)) => {
                    RetentionAction::Expire(ExpireBy::ArchiveThenDelete { archive_days })
                }
                (Some("archive"), None) => RetentionAction::Archive,
                (Some("untag"), None) => RetentionAction::Untag,
                (Some(other), _) => panic!("`{other}` is no action"),
            },
        }
    }
}

impl ImageRow {
    fn image(&self) -> Image {
        let mut image = Image::new(digest(&self.id));
        let at = |text: &Option<String>| text.as_deref().map(time);
        image.tags = self.tags.iter().map(|text| tag(text)).collect();
        (image.pushed_at, image.last_pulled_at) = (at(&self.pushed), at(&self.pulled));
        (image.activated_at, image.archived_at) = (at(&self.restored), at(&self.archived));
        image.status = self.status.as_deref().map_or(ImageStatus::Active, ImageStatus::from_api);
        image.subject = self.subject.as_deref().map(digest);
        image.size_bytes = self.size;
        if let Some(children) = &self.children {
            let mut manifest = Manifest::new(ManifestKind::OciIndex);
            let child = |id: &String| Child {
                descriptor: Descriptor { digest: digest(id), media_type: String::new(), size_bytes: 1 },
                platform: None,
                attests: None,
            };
            manifest.children = children.iter().map(child).collect();
            image.manifest = Some(Box::new(manifest));
        }
        if self.is_unread_index {
            image.manifest_media_type = Some("application/vnd.oci.image.index.v1+json".to_owned());
        }
        image
    }

    fn protection(&self) -> Option<Protection> {
        match self.in_use.as_deref() {
            None => None,
            Some("yes") => Some(Protection::InUse(vec![0])),
            Some("maybe") => Some(Protection::MayBePartOf(0)),
            Some(other) => panic!("`{other}` is no use"),
        }
    }
}

impl Vector {
    fn ledger(&self) -> Option<RepositoryLedger> {
        let mut ledger = RepositoryLedger::restore(
            BTreeMap::new(),
            BTreeMap::new(),
            MutabilityHistory::default(),
            None::<ListingWindow>,
        );
        let mut is_there = false;
        for row in &self.images {
            for (tag, at) in &row.tagged {
                let said = Said::Pushed(digest(&row.id));
                ledger.learn(&Tag::as_given(tag), Observation { at: time(at), said });
                is_there = true;
            }
        }
        is_there.then_some(ledger)
    }
}

fn check(
    expected: &Expected,
    decided: &Decided,
    rules: &RetentionRules,
    images: &[Image],
    place: u32,
) -> String {
    let name = decided.rule.and_then(|rule| rules.rules.get(rule as usize)).map(|rule| rule.name.clone());
    let tags: Vec<String> = decided.tags.iter().map(ToString::to_string).collect();
    let sentence = reason_sentence(rules, images, place, decided);
    let is_so = expected.action.as_deref() == decided.kind.map(ActionKind::name)
        && expected.tags == tags
        && expected.rule == name
        && expected.reason == decided.reason.name()
        && expected.sentence.as_ref().is_none_or(|expected| *expected == sentence);
    if is_so {
        return String::new();
    }
    let action = decided.kind.map(ActionKind::name);
    let reason = decided.reason.name();
    format!("image {place}: {action:?} {tags:?} by {name:?}: {reason}: {sentence}\n")
}

fn vector(path: &Path) -> datatest_stable::Result<()> {
    let vector: Vector = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let mut repository = Repository::new("shop/cart");
    repository.images = vector.images.iter().map(ImageRow::image).collect();
    if vector.listing.as_deref() == Some("cut_off") {
        repository.listing = Listing::CutOff;
    }
    let rules = RetentionRules { rules: vector.rules.iter().map(RuleRow::rule).collect() };
    let in_use = RepositoryUse { protections: vector.images.iter().map(ImageRow::protection).collect() };
    let relations = Relations::of(&repository.images);
    let ledger = vector.ledger();
    let decided = decide(&rules, &repository, &relations, &in_use, ledger.as_ref(), time(&vector.now));
    let differs: String = (0..)
        .zip(vector.images.iter().zip(&decided))
        .map(|(place, (row, decided))| check(&row.expected, decided, &rules, &repository.images, place))
        .collect();
    if differs.is_empty() { Ok(()) } else { Err(differs.into()) }
}

datatest_stable::harness! {
    { test = vector, root = "../../tests/vectors/retention", pattern = r"\.json$" },
}
