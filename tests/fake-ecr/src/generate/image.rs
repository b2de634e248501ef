//! The images of a push, and the records of a whole repository.

use chrono::{DateTime, Utc};

use super::{
    layers::{self, Blob, blob},
    life::{self, Class, Life},
    manifest::{
        self, DOCKER_CONFIG, DOCKER_LIST, DOCKER_MANIFEST, Named, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, Role,
    },
    plan::{self, Kind, Signed, Unit},
    profile::{Profile, Style, purpose},
    stream::Stream,
    tags::Tags,
};
use crate::{ImageRecord, ImageStatus, ManifestText};

/// What `docker buildx build --platform linux/arm64,linux/amd64` makes.
const PLATFORMS: [(u64, &str); 2] = [(0, "arm64"), (1, "amd64")];

/// An image before it has tags and times.
#[derive(Debug)]
struct Draft {
    text: String,
    digest: String,
    media_type: &'static str,
    artifact_type: Option<&'static str>,
    size_bytes: u64,
    subject: Option<String>,
    children: Vec<String>,
    part: Part,
}

/// What an image is in its push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What the tags of the push stand at.
    Main,
    /// One platform of an index.
    Platform,
    /// The attestation of a platform.
    Attestation,
    /// A signature or SBOM that names its subject.
    Attached,
    /// A signature by the tag of its subject's digest.
    CosignTag,
}

/// Every image of the repository, in the order of pushing.
pub(super) fn records(profile: &Profile, now: DateTime<Utc>) -> Vec<ImageRecord> {
    let mut records = Vec::with_capacity(usize::try_from(profile.images).unwrap_or(0));
    let mut tags = Tags::new(profile);
    // The places of the newest pushes whose tags move.
    let mut newest: [(&str, Option<usize>); 3] = [("latest", None), ("main", None), ("prod", None)];
    for unit in plan::units(profile) {
        let life = Life::of(profile, unit.first);
        let mut names = tags.of(unit, life::at(now, life.pushed_ms));
        let mut stream = profile.stream(purpose::LIFE, [unit.first, 1]);
        let mut main_hex = String::new();
        for (number, draft) in (unit.first..).zip(drafts(profile, unit, &life)) {
            let tags = match draft.part {
                Part::Main => {
                    draft.digest.replace(':', "-").clone_into(&mut main_hex);
                    if let Some(moving) = tags.moving(unit) {
                        let found = newest.iter_mut().find(|(tag, _)| *tag == moving);
                        if let Some((_, place)) = found {
                            *place = Some(records.len());
                        }
                    }
                    std::mem::take(&mut names)
                }
                Part::CosignTag => vec![format!("{main_hex}.sig")],
                Part::Platform | Part::Attestation | Part::Attached => Vec::new(),
            };
            records.push(record(draft, number, tags, &life, now, &mut stream));
        }
    }
    for (tag, place) in newest {
        if let Some(record) = place.and_then(|place| records.get_mut(place)) {
            record.tags.push(tag.to_owned());
        }
    }
    // Stable: of equal times the smaller number stays first.
    records.sort_by_key(|record| record.pushed_at);
    records
}

/// The text of the manifest with this number; empty when the repository has no such image.
pub(super) fn manifest(profile: &Profile, number: u64) -> String {
    let Some(unit) = plan::unit_of(profile, number) else { return String::new() };
    let drafts = drafts(profile, unit, &Life::of(profile, unit.first));
    let mut numbered = (unit.first..).zip(drafts);
    numbered.find(|(own, _)| *own == number).map(|(_, draft)| draft.text).unwrap_or_default()
}

fn record(
    draft: Draft,
    number: u64,
    tags: Vec<String>,
    life: &Life,
    now: DateTime<Utc>,
    stream: &mut Stream,
) -> ImageRecord {
    let pushed_ms = match draft.part {
        Part::Main => life.pushed_ms,
        Part::Platform => life.pushed_ms + stream.between(2_000, 9_000),
        Part::Attestation => life.pushed_ms + 1_000,
        Part::Attached | Part::CosignTag => life.pushed_ms.saturating_sub(stream.between(5_000, 200_000)),
    };
    let often = if draft.part == Part::Platform { 80 } else { 5 };
    let pulled = draft.part == Part::Main || stream.chance(often);
    let pulled_ms = life.pulled_ms.filter(|_| pulled).map(|pulled| pulled.min(pushed_ms));
    let at = |age_ms| life::at(now, age_ms);
    let (status, archived_at, activated_at, activating_until) = match life.class {
        Class::Active => (ImageStatus::Active, None, None, None),
        Class::Archived { archived_ms } => (ImageStatus::Archived, Some(at(archived_ms)), None, None),
        Class::Restored { archived_ms, activated_ms } => {
            (ImageStatus::Active, Some(at(archived_ms)), Some(at(activated_ms)), None)
        }
        Class::Activating { archived_ms, left_ms } => {
            (ImageStatus::Activating, Some(at(archived_ms)), None, Some(life::after(now, left_ms)))
        }
    };
    ImageRecord {
        digest: draft.digest,
        tags,
        pushed_at: at(pushed_ms),
        pulled_at: pulled_ms.map(at),
        archived_at,
        activated_at,
        activating_until,
        status,
        size_bytes: draft.size_bytes,
        media_type: draft.media_type.to_owned(),
        artifact_type: draft.artifact_type.map(str::to_owned),
        subject: draft.subject,
        children: draft.children,
        manifest: ManifestText::Generated(number),
    }
}

/// The images of a push, in the order of their numbers: children, the index, what is attached to it.
fn drafts(profile: &Profile, unit: Unit, life: &Life) -> Vec<Draft> {
    let mut stream = profile.stream(purpose::UNIT, [unit.first, 0]);
    let age_days = life::age_days(life);
    let platform = |(number, _): (u64, &str), docker: bool, part: Part, stream: &mut Stream| {
        let layers = layers::layers(profile, number, unit.first, age_days);
        single(docker, &layers, part, stream)
    };
    match unit.kind {
        Kind::Build(_) => {
            let docker = matches!(profile.style, Style::Lambda | Style::Legacy);
            vec![platform((1, "amd64"), docker, Part::Main, &mut stream)]
        }
        Kind::Remains => PLATFORMS.map(|of| platform(of, false, Part::Platform, &mut stream)).into(),
        Kind::DockerRelease => {
            let mut drafts: Vec<Draft> =
                PLATFORMS.map(|of| platform(of, true, Part::Platform, &mut stream)).into();
            drafts.push(index(DOCKER_LIST, &drafts));
            drafts
        }
        Kind::Release { attested, signed } => {
            let mut drafts: Vec<Draft> =
                PLATFORMS.map(|of| platform(of, false, Part::Platform, &mut stream)).into();
            if attested {
                let attestations = PLATFORMS.map(|_| attestation(&mut stream));
                drafts.extend(attestations);
            }
            let index = index(OCI_INDEX, &drafts);
            let attached = attached(signed, &index, &mut stream);
            drafts.push(index);
            drafts.extend(attached);
            drafts
        }
    }
}

fn single(docker: bool, layers: &[Blob], part: Part, stream: &mut Stream) -> Draft {
    let (media_type, config_type, layer_type) = if docker {
        (DOCKER_MANIFEST, DOCKER_CONFIG, manifest::DOCKER_LAYER)
    } else {
        (OCI_MANIFEST, OCI_CONFIG, manifest::OCI_LAYER)
    };
    let config = blob(stream, 2_400, 11_000);
    artifact(media_type, (config_type, config), layer_type, layers, part)
}

fn attestation(stream: &mut Stream) -> Draft {
    let config = blob(stream, 160, 250);
    let statement = blob(stream, 3_000, 20_000);
    artifact(OCI_MANIFEST, (OCI_CONFIG, config), manifest::IN_TOTO, &[statement], Part::Attestation)
}

fn artifact(
    media_type: &'static str,
    config: (&'static str, Blob),
    layer_type: &str,
    layers: &[Blob],
    part: Part,
) -> Draft {
    let text = manifest::image(media_type, config, layer_type, layers);
    Draft {
        digest: manifest::digest(&text),
        text,
        media_type,
        artifact_type: Some(config.0),
        size_bytes: config.1.bytes + layers.iter().map(|layer| layer.bytes).sum::<u64>(),
        subject: None,
        children: Vec::new(),
        part,
    }
}

/// The index of these platforms and, after them, of their attestations in the same order.
fn index(media_type: &'static str, children: &[Draft]) -> Draft {
    let platforms = children.iter().zip(PLATFORMS).map(|(child, (_, name))| (child, Role::Platform(name)));
    let attested = children.iter().skip(PLATFORMS.len()).zip(children);
    let attested = attested.map(|(child, platform)| (child, Role::AttestationOf(&platform.digest)));
    let entries: Vec<_> = platforms.chain(attested).map(|(child, role)| (named(child), role)).collect();
    let text = manifest::index(media_type, &entries);
    Draft {
        digest: manifest::digest(&text),
        text,
        media_type,
        artifact_type: None,
        size_bytes: children.iter().map(|child| child.size_bytes).max().unwrap_or(0),
        subject: None,
        children: children.iter().map(|child| child.digest.clone()).collect(),
        part: Part::Main,
    }
}

fn attached(signed: Signed, index: &Draft, stream: &mut Stream) -> Vec<Draft> {
    match signed {
        Signed::No => Vec::new(),
        Signed::CosignTag => {
            let (config, payload) = (blob(stream, 230, 350), blob(stream, 240, 290));
            let part = Part::CosignTag;
            vec![artifact(OCI_MANIFEST, (OCI_CONFIG, config), manifest::COSIGN, &[payload], part)]
        }
        Signed::Signature => vec![referrer(manifest::NOTATION, blob(stream, 2_000, 4_000), index)],
        Signed::SignatureAndSbom => vec![
            referrer(manifest::NOTATION, blob(stream, 2_000, 4_000), index),
            referrer(manifest::SPDX, blob(stream, 60_000, 900_000), index),
        ],
    }
}

fn referrer(artifact_type: &'static str, layer: Blob, subject: &Draft) -> Draft {
    let text = manifest::referrer(artifact_type, layer, named(subject));
    Draft {
        digest: manifest::digest(&text),
        text,
        media_type: OCI_MANIFEST,
        artifact_type: Some(artifact_type),
        // And the two bytes of the empty configuration.
        size_bytes: layer.bytes + 2,
        subject: Some(subject.digest.clone()),
        children: Vec::new(),
        part: Part::Attached,
    }
}

fn named(draft: &Draft) -> Named<'_> {
    Named { media_type: draft.media_type, digest: &draft.digest, manifest_bytes: draft.text.len() }
}
