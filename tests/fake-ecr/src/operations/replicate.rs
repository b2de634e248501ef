//! Replication: what is pushed here appears there; deletes do too, where a rule says so.
//!
//! Source: user guide, replication and replication-delete; API model; read 2026-11-23.
//! Leaves out: the time it takes, and permission of the destination: everything arrives at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::find::{self, Found};
use super::{Call, mutability, notify};
use crate::model::{ImageRecord, ImageStatus, RepositoryRecord};
use crate::state::{Contents, Place, State};
use crate::wire::{Input, Refusal, is_account};

/// One destination of a repository's images.
struct Destination {
    place: Place,
    deletes: bool,
}

/// Where the images of this repository go.
fn destinations(state: &mut State, place: &Place, repository: &str) -> Vec<Destination> {
    let configuration = state.region(place).replication.clone().unwrap_or_default();
    let list =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut found: BTreeMap<Place, bool> = BTreeMap::new();
    for rule in list(&configuration, "rules") {
        let filters = list(&rule, "repositoryFilters");
        let concerned = filters.is_empty()
            || filters.iter().any(|filter| repository.starts_with(&text(filter, "filter")));
        if !concerned {
            continue;
        }
        let deletes = rule.pointer("/deleteReplication/enabled").and_then(Value::as_bool).unwrap_or(false);
        for destination in list(&rule, "destinations") {
            let to = Place::new(&text(&destination, "registryId"), &text(&destination, "region"));
            if to != *place {
                let known = found.entry(to).or_default();
                *known = *known || deletes;
            }
        }
    }
    found.into_iter().map(|(place, deletes)| Destination { place, deletes }).collect()
}

/// An image was pushed or restored, with or without this tag.
pub(crate) fn push(state: &mut State, source: &Place, repository: &str, digest: &str, tag: Option<&str>) {
    for destination in destinations(state, source, repository) {
        let to = destination.place;
        let contents = state.region(source).contents(repository).unwrap_or_default();
        let Some(image) = contents.image(digest) else { return };
        let text = contents.manifest(image);
        let mut copy = image.clone();
        copy.manifest = crate::model::ManifestText::Held(text);
        let layers = state.region(source).layers.get(repository).cloned().unwrap_or_default();
        let now = state.now();
        let region = state.region(&to);
        if !region.has(repository) {
            region.insert(bare(repository, now), Contents::default());
        }
        region.layers.entry(repository.to_owned()).or_default().extend(layers);
        let record = region.record(repository).unwrap_or_else(|| bare(repository, now));
        let Some(held) = region.contents_mut(repository) else { continue };
        arrive(held, &record, copy, tag, now);
        notify::replication(state, source, &to, repository, digest, tag);
    }
}

/// Settings of the source are not replicated.
fn bare(name: &str, created_at: chrono::DateTime<chrono::Utc>) -> RepositoryRecord {
    RepositoryRecord {
        name: name.to_owned(),
        created_at,
        mutability: "MUTABLE".to_owned(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".to_owned(),
        kms_key: None,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: BTreeMap::new(),
    }
}

fn arrive(
    held: &mut Contents,
    record: &RepositoryRecord,
    image: ImageRecord,
    tag: Option<&str>,
    now: chrono::DateTime<chrono::Utc>,
) {
    let digest = image.digest.clone();
    match held.image(&digest) {
        None => held.insert(ImageRecord {
            tags: Vec::new(),
            pushed_at: now,
            pulled_at: None,
            archived_at: None,
            activated_at: None,
            activating_until: None,
            status: ImageStatus::Active,
            ..image
        }),
        // An archived copy comes back when the image is replicated again.
        Some(copy) if copy.status != ImageStatus::Active => held.change(&digest, |copy| {
            copy.status = ImageStatus::Active;
            copy.activated_at = Some(now);
            copy.activating_until = None;
        }),
        Some(_) => {}
    }
    if let Some(tag) = tag {
        let stands = held.tagged(tag).map(|at| at.digest.clone());
        // An immutable tag stays: the image arrives without it.
        let kept = stands.is_some() && mutability::is_immutable(record, tag);
        if !kept && stands.as_deref() != Some(&digest) {
            held.tag(&digest, tag, now);
        }
    }
}

/// A tag was taken from an image that stays.
pub(crate) fn untag(state: &mut State, source: &Place, repository: &str, digest: &str, tag: &str) {
    for to in destinations(state, source, repository).into_iter().filter(|to| to.deletes) {
        let Some(held) = held(state, &to.place, repository) else { continue };
        if held.tagged(tag).is_some_and(|at| at.digest == digest) {
            held.untag(tag);
        }
    }
}

/// An image was deleted: its copy goes with all its tags, unless an index there names it.
pub(crate) fn delete(state: &mut State, source: &Place, repository: &str, digest: &str) {
    for to in destinations(state, source, repository).into_iter().filter(|to| to.deletes) {
        let Some(held) = held(state, &to.place, repository) else { continue };
        if held.parents(digest).is_empty() {
            held.remove(digest);
        }
    }
}

fn held<'a>(state: &'a mut State, place: &Place, repository: &str) -> Option<&'a mut Contents> {
    state.region(place).contents_mut(repository)
}

/// `DescribeImageReplicationStatus`: complete wherever the image is.
pub(crate) fn status(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let id = call.input.structure("imageId")?;
    let id = id.ok_or_else(|| Refusal::parameter("imageId", "Member must not be null"))?.as_image_id()?;
    let contents = state.region(&place).contents(&repository).unwrap_or_default();
    let digest = match find::find(&contents, &id) {
        Found::Image(image) => image.digest.clone(),
        Found::Failed(_) => return Err(find::no_image(&id, &repository, &place.account)),
    };
    let mut statuses = Vec::new();
    for to in destinations(state, &place, &repository) {
        let there = state.region(&to.place).contents(&repository).unwrap_or_default();
        if there.image(&digest).is_some() {
            statuses.push(json!({
                "region": to.place.region, "registryId": to.place.account, "status": "COMPLETE",
            }));
        }
    }
    Ok(json!({ "repositoryName": repository, "imageId": id.to_json(), "replicationStatuses": statuses }))
}

/// `PutReplicationConfiguration`: kept as it was sent, `deleteReplication` and all.
pub(crate) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = "replicationConfiguration";
    let missing = |what: &str| Refusal::parameter(what, "Member must not be null");
    let configuration = call.input.structure(name)?.ok_or_else(|| missing(name))?;
    let rules = configuration.structures("rules", 0, 25)?.ok_or_else(|| missing("rules"))?;
    let mut unique = BTreeSet::new();
    for rule in &rules {
        check_rule(rule, call, &mut unique)?;
    }
    // Source: user guide, service quotas, read 2026-11-23.
    if 25 < unique.len() {
        return Err(Refusal::new("ValidationException", "more than 25 unique destinations"));
    }
    let value = call.input.raw(name).cloned().unwrap_or_default();
    state.region(&call.place()).replication = Some(value.clone());
    Ok(json!({ name: value }))
}

fn check_rule(rule: &Input, call: &Call<'_>, unique: &mut BTreeSet<Place>) -> Result<(), Refusal> {
    let missing = |what: &str| Refusal::parameter(what, "Member must not be null");
    for to in rule.structures("destinations", 0, 100)?.ok_or_else(|| missing("destinations"))? {
        let (region, account) = (to.required("region")?, to.required("registryId")?);
        let allowed = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'-';
        if !(2..=25).contains(&region.len()) || !region.bytes().all(allowed) {
            return Err(Refusal::parameter("region", "must satisfy regular expression '[0-9a-z-]{2,25}'"));
        }
        if !is_account(account) {
            return Err(Refusal::parameter("registryId", "must satisfy regular expression '[0-9]{12}'"));
        }
        let place = Place::new(account, region);
        if place == call.place() {
            return Err(Refusal::new(
                "InvalidParameterException",
                "Replication destination cannot be the same as the source registry",
            ));
        }
        unique.insert(place);
    }
    if let Some(deletes) = rule.structure("deleteReplication")? {
        deletes.raw("enabled").ok_or_else(|| missing("deleteReplication.enabled"))?;
        deletes.flag("enabled")?;
    }
    for filter in rule.structures("repositoryFilters", 1, 100)?.unwrap_or_default() {
        let text = filter.required("filter")?;
        filter.one_of("filterType", &["PREFIX_MATCH"])?.ok_or_else(|| missing("filterType"))?;
        if !(2..=256).contains(&text.len()) {
            return Err(Refusal::parameter("filter", "Member must have length between 2 and 256"));
        }
    }
    Ok(())
}
