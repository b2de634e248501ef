//! Scenes in the words of the core, and what the core and its twin say in the same words.
//!
//! Ids become digests that order as the ids do. `Activating` becomes both statuses that the core treats so.

use chrono::{DateTime, Utc};
use demurrage_core::lifecycle::{
    Action, AgeUnit, Decision, IndexChildren, Limit, Outcome, Policy, Referrers, Relations, RestoredAge,
    Selection, StorageClass, Switches, evaluate,
};
use demurrage_core::{Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Tag, Wildcard};
use demurrage_reference as twin;

use super::scene::{Drawn, Kind, NOW_MS, Scene};

/// What the core takes.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// The policy.
    pub(crate) policy: Policy,
    /// The images, in the order of the scene.
    pub(crate) images: Vec<Image>,
    /// Their relations.
    pub(crate) relations: Relations,
    /// The time of evaluation.
    pub(crate) now: DateTime<Utc>,
}

impl Given {
    /// What the core takes for this scene.
    pub(crate) fn of(scene: &Scene) -> Self {
        let images: Vec<Image> = scene.images.iter().map(image).collect();
        Self {
            policy: Policy::from_rules(scene.rules.iter().enumerate().map(rule).collect()),
            relations: Relations::of(&images),
            images,
            now: instant(NOW_MS),
        }
    }

    /// The same with one more image at the end.
    pub(crate) fn with(&self, image: Image) -> Self {
        let images: Vec<Image> = self.images.iter().cloned().chain([image]).collect();
        Self { relations: Relations::of(&images), images, ..self.clone() }
    }

    /// What the core decides.
    pub(crate) fn decisions(&self, switches: Switches) -> Vec<Decision> {
        self.decisions_at(self.now, switches)
    }

    /// What the core decides at another time.
    pub(crate) fn decisions_at(&self, now: DateTime<Utc>, switches: Switches) -> Vec<Decision> {
        evaluate(&self.policy, &self.images, &self.relations, now, switches)
    }
}

/// What becomes of an image, as both can say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    act: Option<twin::Act>,
    rule: Option<u64>,
    reason: &'static str,
}

impl Said {
    /// What the core says.
    pub(crate) fn by_core(policy: &Policy, decision: &Decision) -> Self {
        let act = match decision.outcome {
            Outcome::Keep => None,
            Outcome::Archive => Some(twin::Act::Transition),
            Outcome::Expire => Some(twin::Act::Expire),
        };
        // A place that no rule has is an error to be seen: as priority 0, which no rule has.
        let priority = |place: usize| policy.rules().get(place).map_or(0, |rule| rule.priority);
        Self { act, rule: decision.rule.map(priority), reason: decision.reason.name() }
    }

    /// What the twin says.
    pub(crate) const fn by_twin(verdict: &twin::Verdict) -> Self {
        Self { act: verdict.act, rule: verdict.rule, reason: reason_name(verdict.why) }
    }
}

/// The name of a reason in `docs/SEMANTICS.md`.
pub(crate) const fn reason_name(why: twin::Why) -> &'static str {
    match why {
        twin::Why::BeyondCount => "beyond_count",
        twin::Why::OlderThan => "older_than",
        twin::Why::WithinCount => "within_count",
        twin::Why::NotOlder => "not_older",
        twin::Why::UnknownTime => "unknown_time",
        twin::Why::ReferencedByIndex => "referenced_by_index",
        twin::Why::FollowsSubject => "follows_subject",
        twin::Why::Activating => "activating",
        twin::Why::NotSelected => "not_selected",
    }
}

/// The settings as the twin takes them.
pub(crate) fn twin_switches(switches: Switches) -> twin::Switches {
    twin::Switches {
        children_counted: switches.index_children == IndexChildren::Counted,
        referrers_image: switches.referrers == Referrers::Image,
        restored_age_pushed: switches.restored_age == RestoredAge::Pushed,
        age_whole_days: switches.age == AgeUnit::WholeDays,
    }
}

/// The digest for an id; of two digests the one for the smaller id is the smaller.
pub(crate) fn digest(id: u64) -> Digest {
    let mut bytes = [0; 32];
    let (_, last) = bytes.split_at_mut(24);
    last.copy_from_slice(&id.to_be_bytes());
    Digest::from_bytes(bytes)
}

fn instant(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).expect("times of scenes are near 2024")
}

fn rule((position, rule): (usize, &twin::Rule)) -> demurrage_core::lifecycle::Rule {
    demurrage_core::lifecycle::Rule {
        priority: rule.priority,
        description: None,
        selection: match &rule.list {
            twin::List::Any => Selection::Any,
            twin::List::Untagged => Selection::Untagged,
            twin::List::Patterns(list) => {
                Selection::Patterns(list.iter().map(|pattern| Wildcard::new(pattern)).collect())
            }
            twin::List::Prefixes(list) => Selection::Prefixes(list.clone()),
        },
        storage_class: match rule.class {
            twin::Class::Standard => StorageClass::Standard,
            twin::Class::Archive => StorageClass::Archive,
        },
        limit: match rule.count {
            twin::Count::MoreThan => Limit::ImageCountMoreThan(rule.number),
            twin::Count::SincePushed => Limit::SinceImagePushed(rule.number),
            twin::Count::SincePulled => Limit::SinceImagePulled(rule.number),
            twin::Count::SinceTransitioned => Limit::SinceImageTransitioned(rule.number),
        },
        action: match rule.act {
            twin::Act::Expire => Action::Expire,
            twin::Act::Transition => Action::Archive,
        },
        position,
    }
}

/// The image in the core.
pub(crate) fn image(drawn: &Drawn) -> Image {
    let twin = &drawn.image;
    let media_type = match drawn.kind {
        Kind::Plain => ManifestKind::OciImage,
        Kind::OciIndex | Kind::UnreadIndex => ManifestKind::OciIndex,
        Kind::DockerList => ManifestKind::DockerManifestList,
    };
    Image {
        tags: twin.tags.iter().map(|tag| Tag::as_given(tag)).collect(),
        pushed_at: twin.pushed_ms.map(instant),
        last_pulled_at: twin.pulled_ms.map(instant),
        archived_at: twin.archived_ms.map(instant),
        activated_at: twin.activated_ms.map(instant),
        status: match twin.status {
            twin::Status::Active => ImageStatus::Active,
            twin::Status::Archived => ImageStatus::Archived,
            twin::Status::Activating if twin.id.is_multiple_of(2) => ImageStatus::Activating,
            twin::Status::Activating => ImageStatus::Unrecognised,
        },
        manifest_media_type: Some(media_type.media_type().to_owned()),
        subject: twin.subject.map(digest),
        manifest: (drawn.kind != Kind::UnreadIndex).then(|| Box::new(manifest(media_type, &twin.children))),
        ..Image::new(digest(twin.id))
    }
}

fn manifest(kind: ManifestKind, children: &[u64]) -> Manifest {
    let child = |&id: &u64| Child {
        descriptor: Descriptor { digest: digest(id), media_type: String::new(), size_bytes: 0 },
        platform: None,
        attests: None,
    };
    Manifest { children: children.iter().map(child).collect(), ..Manifest::new(kind) }
}
