//! Repositories as data: images, indexes and signatures, and what others do to them.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::Digest;
use fake_ecr::{Fake, ImageRecord, ImageStatus, ManifestText, RepositoryRecord, digest as digest_of};

use crate::world::{ACCOUNT, REGION, now};

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A repository with the settings that it has when it is made.
pub(crate) fn repository(name: &str) -> RepositoryRecord {
    RepositoryRecord {
        name: name.to_owned(),
        created_at: now() - TimeDelta::days(400),
        mutability: "MUTABLE".to_owned(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".to_owned(),
        kms_key: None,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: std::collections::BTreeMap::new(),
    }
}

fn record(text: String, media_type: &str, tags: &[&str], age_days: i64) -> ImageRecord {
    ImageRecord {
        digest: digest_of(text.as_bytes()),
        tags: tags.iter().map(ToString::to_string).collect(),
        pushed_at: now() - TimeDelta::days(age_days),
        pulled_at: None,
        archived_at: None,
        activated_at: None,
        activating_until: None,
        status: ImageStatus::Active,
        size_bytes: 1_000,
        media_type: media_type.to_owned(),
        artifact_type: None,
        subject: None,
        children: Vec::new(),
        manifest: ManifestText::Held(text.into()),
    }
}

fn blob(seed: &str, what: &str) -> String {
    digest_of(format!("{seed} {what}").as_bytes())
}

/// An image whose bytes come from its seed.
pub(crate) fn image(seed: &str, tags: &[&str], age_days: i64) -> ImageRecord {
    let (config, layer) = (blob(seed, "config"), blob(seed, "layer"));
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"{CONFIG}","digest":"{config}","size":10}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{layer}","size":990}}]}}"#
    );
    record(text, IMAGE, tags, age_days)
}

/// An index of these images.
pub(crate) fn index(children: &[&ImageRecord], tags: &[&str], age_days: i64) -> ImageRecord {
    let child = |child: &&ImageRecord| {
        format!(r#"{{"mediaType":"{}","digest":"{}","size":500}}"#, child.media_type, child.digest)
    };
    let manifests: Vec<String> = children.iter().map(child).collect();
    let text =
        format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#, manifests.join(","));
    let mut index = record(text, INDEX, tags, age_days);
    index.children = children.iter().map(|child| child.digest.clone()).collect();
    index
}

/// A signature of an image, as an OCI 1.1 referrer.
pub(crate) fn signature(subject: &ImageRecord, age_days: i64) -> ImageRecord {
    let (config, layer) = (blob(&subject.digest, "empty"), blob(&subject.digest, "signature"));
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","artifactType":"application/vnd.example.signature","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{config}","size":2}},"layers":[{{"mediaType":"application/octet-stream","digest":"{layer}","size":64}}],"subject":{{"mediaType":"{}","digest":"{}","size":500}}}}"#,
        subject.media_type, subject.digest
    );
    let mut signature = record(text, IMAGE, &[], age_days);
    signature.subject = Some(subject.digest.clone());
    signature.artifact_type = Some("application/vnd.example.signature".to_owned());
    signature
}

/// Changes the images of a repository as others would.
pub(crate) fn change(fake: &Fake, name: &str, change: impl FnOnce(&mut Vec<ImageRecord>)) {
    let Some(record) = fake.repository(ACCOUNT, REGION, name) else { return };
    let mut images = fake.images(ACCOUNT, REGION, name);
    change(&mut images);
    fake.load_repository(ACCOUNT, REGION, record, images);
}

/// Puts a tag on an image, away from where it was.
pub(crate) fn put_tag(images: &mut [ImageRecord], tag: &str, on: &str) {
    for image in &mut *images {
        image.tags.retain(|held| held != tag);
    }
    if let Some(image) = images.iter_mut().find(|image| image.digest == on) {
        image.tags.push(tag.to_owned());
    }
}

/// The image was pulled just now.
pub(crate) fn pull(images: &mut [ImageRecord], digest: &str, at: DateTime<Utc>) {
    if let Some(image) = images.iter_mut().find(|image| image.digest == digest) {
        image.pulled_at = Some(at);
    }
}

pub(crate) fn parsed(image: &ImageRecord) -> Digest {
    image.digest.parse().unwrap()
}
