//! Repositories that are made up to compare a policy with rules: always the same ones for the same rules.
//!
//! Tags grow from the patterns of the rules, times lie at their ages and just beside them, some images have several tags,
//! none, unknown times, or were restored; there are indexes within indexes, shared children, signatures and referrers, and
//! whole units in the archive class. Left out are images on their way out of it, units of which a part alone is archived,
//! referrers that an index names, too, and restores before the push.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::{Clause, Condition, RetentionRules};
use super::splitmix::SplitMix;
use crate::in_use::{Protection, RepositoryUse};
use crate::{Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Repository, Tag};

/// How many repositories are made up for each set of rules.
pub const GENERATED_REPOSITORIES: u32 = 1_000;

/// The most images of one of them.
const IMAGES_MAX: usize = 14;

/// The made-up repository of this number, what is in use of it, and when it is looked at.
pub fn generated_repository(
    rules: &RetentionRules,
    repository: &str,
    number: u32,
) -> (Repository, RepositoryUse, DateTime<Utc>) {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
    let mut chance = SplitMix(u64::from(number) << 20 | 0xec);
    let material = Material::of(rules, repository);
    let mut made_up = Repository::new(repository);
    let images = 1 + chance.below(IMAGES_MAX);
    for place in 0..images {
        let image = material.image(&mut chance, &made_up.images, place, now);
        made_up.images.push(image);
    }
    archive_units(&mut chance, &mut made_up.images, now);
    let protections =
        made_up.images.iter().map(|_| chance.happens(8).then(|| Protection::InUse(vec![0]))).collect();
    made_up.images.sort_by_key(|image| image.digest);
    (made_up, RepositoryUse { protections }, now)
}

/// What made-up images are made of.
struct Material {
    tags: Vec<String>,
    ages: Vec<TimeDelta>,
    sizes_bytes: Vec<u64>,
}

impl Material {
    fn of(rules: &RetentionRules, repository: &str) -> Self {
        let mut material = Self {
            tags: ["latest", "main-1", "main-2", "1.0.0", "x"].map(str::to_owned).to_vec(),
            ages: vec![TimeDelta::hours(1), TimeDelta::days(1), TimeDelta::days(400)],
            sizes_bytes: vec![1, 1 << 20],
        };
        for (_, rule) in rules.of(repository) {
            for clause in rule.keep.iter().chain(&rule.expire) {
                material.add(clause);
            }
        }
        material
    }

    fn add(&mut self, clause: &Clause) {
        for condition in &clause.conditions {
            match condition {
                Condition::Tags(patterns) => {
                    for pattern in patterns {
                        let grown = ["1", "2", "", "x"].map(|fill| pattern.to_string().replace('*', fill));
                        self.tags.extend(grown.into_iter().filter(|tag| !tag.is_empty()));
                    }
                }
                Condition::PushedOlderThan(age)
                | Condition::PulledOlderThan(age)
                | Condition::TaggedOlderThan(age)
                | Condition::NeverPulled { grace: age } => {
                    self.ages.extend([*age, *age, *age + TimeDelta::days(1)]);
                }
                Condition::LargerThan { bytes } => self.sizes_bytes.extend([*bytes, bytes.saturating_add(1)]),
                Condition::TagsRegex(_) | Condition::Untagged | Condition::InUse => {}
            }
        }
    }

    fn time(&self, chance: &mut SplitMix, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let age = *chance.one_of(&self.ages)?;
        let beside = *chance.one_of(&[-86_400, -1, 0, 0, 1, 86_400])?;
        now.checked_sub_signed(age)?.checked_add_signed(TimeDelta::seconds(beside))
    }

    fn maybe_time(&self, chance: &mut SplitMix, percent: usize, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if chance.happens(percent) { self.time(chance, now) } else { None }
    }

    fn image(&self, chance: &mut SplitMix, before: &[Image], place: usize, now: DateTime<Utc>) -> Image {
        let mut bytes = [0; 32];
        for (byte, of_chance) in bytes.iter_mut().zip(chance.next().to_be_bytes()) {
            *byte = of_chance;
        }
        if let Some(last) = bytes.last_mut() {
            *last = u8::try_from(place).unwrap_or(u8::MAX);
        }
        let mut image = Image::new(Digest::from_bytes(bytes));
        image.pushed_at = self.maybe_time(chance, 95, now);
        image.last_pulled_at = self.maybe_time(chance, 50, now);
        // A restore comes after the push.
        image.activated_at = self
            .maybe_time(chance, 12, now)
            .map(|at| image.pushed_at.map_or(at, |pushed_at| at.max(pushed_at)));
        image.size_bytes = chance.one_of(&self.sizes_bytes).copied();
        if chance.happens(70) {
            for _ in 0..=chance.below(3) {
                let tag = chance.one_of(&self.tags).map(|tag| Tag::as_given(tag));
                let is_free = |tag: &Tag| !before.iter().any(|image| image.tags.contains(tag));
                // A tag is on one image: where it is taken, it gets an end.
                let tag =
                    tag.map(|tag| if is_free(&tag) { tag } else { Tag::as_given(&format!("{tag}{place}")) });
                image.tags.extend(tag.filter(|tag| !image.tags.contains(tag)));
            }
        }
        self.link(chance, &mut image, before);
        image
    }

    /// Makes some images indexes, some referrers, some signatures by their tag.
    #[expect(clippy::unused_self, reason = "it is one of the steps of an image")]
    fn link(&self, chance: &mut SplitMix, image: &mut Image, before: &[Image]) {
        let Some(other) = chance.one_of(before) else { return };
        match chance.below(10) {
            0..=2 => {
                let mut manifest = Manifest::new(ManifestKind::OciIndex);
                for child in [Some(other), chance.one_of(before)].into_iter().flatten() {
                    if child.subject.is_none() {
                        manifest.children.push(Child {
                            descriptor: Descriptor {
                                digest: child.digest,
                                media_type: String::new(),
                                size_bytes: 1,
                            },
                            platform: None,
                            attests: None,
                        });
                    }
                }
                image.manifest = Some(Box::new(manifest));
            }
            3 => image.subject = Some(other.digest),
            4 => {
                let hex = other.digest.to_string().replacen("sha256:", "sha256-", 1);
                let end = chance.one_of(&["", ".sig", ".att"]).copied().unwrap_or_default();
                image.tags.push(Tag::as_given(&format!("{hex}{end}")));
                if chance.happens(80) {
                    image.tags.retain(|tag| tag.as_str().starts_with("sha256-"));
                }
            }
            _ => {}
        }
    }
}

/// Puts some images into the archive class with everything that hangs on them.
fn archive_units(chance: &mut SplitMix, images: &mut [Image], now: DateTime<Utc>) {
    let mut archived: Vec<Digest> = Vec::new();
    // What others hang on stands after its children and before its referrers: two passes reach everything.
    for image in images.iter() {
        if chance.happens(12) {
            archived.push(image.digest);
        }
    }
    for _ in 0..images.len() {
        for image in images.iter() {
            let hangs = image.subject.is_some_and(|subject| archived.contains(&subject))
                || images.iter().any(|index| {
                    archived.contains(&index.digest) && index.children().any(|child| child == image.digest)
                });
            if hangs && !archived.contains(&image.digest) {
                archived.push(image.digest);
            }
        }
    }
    for image in images.iter_mut().filter(|image| archived.contains(&image.digest)) {
        image.status = ImageStatus::Archived;
        let days = chance.one_of(&[1, 90, 91, 400]).copied().unwrap_or(1);
        image.archived_at = now.checked_sub_signed(TimeDelta::days(days));
    }
}
