//! The images that one object of Kubernetes names.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::document::words;
use super::{Found, ImageReference, KUBERNETES_KINDS, KubernetesError};
use crate::instant;

/// An object, of which only the outside was read.
#[derive(Deserialize, Default)]
pub(super) struct Item<'a> {
    pub(super) kind: Option<String>,
    pub(super) metadata: Option<Metadata>,
    #[serde(borrow)]
    pub(super) spec: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) status: Option<&'a RawValue>,
    /// Of a `PodTemplate`, which has no `spec`.
    #[serde(borrow)]
    pub(super) template: Option<&'a RawValue>,
}

/// What is known of an object, or of a list.
#[derive(Deserialize, Default)]
pub(super) struct Metadata {
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "creationTimestamp")]
    created_at: Option<String>,
    #[serde(default, rename = "ownerReferences")]
    owners: Option<Vec<Owner>>,
    /// Of a list: where it goes on.
    #[serde(default, rename = "continue")]
    pub(super) next: Option<String>,
}

/// What an object belongs to.
#[derive(Deserialize)]
struct Owner {
    #[serde(default)]
    kind: String,
}

/// A `spec` that has the template of a pod.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    template: Option<Template>,
    job_template: Option<JobTemplate>,
}

#[derive(Deserialize)]
struct Template {
    spec: Option<PodSpec>,
}

#[derive(Deserialize)]
struct JobTemplate {
    spec: Option<JobSpec>,
}

#[derive(Deserialize)]
struct JobSpec {
    template: Option<Template>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    containers: Option<Vec<Container>>,
    init_containers: Option<Vec<Container>>,
    ephemeral_containers: Option<Vec<Container>>,
    volumes: Option<Vec<Volume>>,
}

#[derive(Deserialize)]
struct Container {
    name: Option<String>,
    image: Option<String>,
}

#[derive(Deserialize)]
struct Volume {
    name: Option<String>,
    image: Option<ImageVolume>,
}

#[derive(Deserialize)]
struct ImageVolume {
    reference: Option<String>,
}

/// The `status` of a pod.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct PodStatus {
    start_time: Option<String>,
    container_statuses: Option<Vec<ContainerStatus>>,
    init_container_statuses: Option<Vec<ContainerStatus>>,
    ephemeral_container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Deserialize)]
struct ContainerStatus {
    name: Option<String>,
    image: Option<String>,
    #[serde(rename = "imageID")]
    image_id: Option<String>,
}

/// Reads an object. One of a kind that is not known is read where it has the template of a pod, and passed over otherwise.
pub(super) fn read_object(item: &Item<'_>, found: &mut Found) -> Result<(), KubernetesError> {
    found.objects += 1;
    let kind = item.kind.as_deref().unwrap_or_default();
    let object = Object::of(item);
    let owners = item.metadata.as_ref().and_then(|metadata| metadata.owners.as_ref()).into_iter().flatten();
    found.saw(kind, owners.map(|owner| owner.kind.clone()), &object.name);
    let is_known = KUBERNETES_KINDS.iter().any(|(known, _)| *known == kind);
    let specs = match pod_specs(item) {
        Ok(specs) => specs,
        // Lists of one kind leave the kind of their items out.
        Err(cause) if is_known || kind.is_empty() => {
            return Err(KubernetesError::Object { object: object.name, cause });
        }
        Err(_) => Vec::new(),
    };
    if specs.is_empty() && is_known {
        let cause = "it has no pod template".to_owned();
        return Err(KubernetesError::Object { object: object.name, cause });
    }
    let status = if kind == "Pod" || kind.is_empty() { pod_status(item, &object)? } else { None };
    let since = status.as_ref().and_then(|status| status.start_time.as_deref()).and_then(instant::parse);
    let since = since.or(object.created_at);
    for spec in &specs {
        object.add_spec(spec, since, found);
    }
    if let Some(status) = &status {
        object.add_status(status, since, found);
    }
    Ok(())
}

/// The specifications of pods in an object: its own, and those of templates.
fn pod_specs(item: &Item<'_>) -> Result<Vec<PodSpec>, String> {
    let mut specs: Vec<PodSpec> = Vec::new();
    if let Some(spec) = item.spec {
        let pod: PodSpec = parse(spec)?;
        let Spec { template, job_template } = parse(spec)?;
        let job = job_template.and_then(|job| job.spec).and_then(|job| job.template);
        specs.extend(pod.containers.is_some().then_some(pod));
        specs.extend(template.and_then(|template| template.spec));
        specs.extend(job.and_then(|template| template.spec));
    }
    if let Some(template) = item.template {
        specs.extend(parse::<Template>(template)?.spec);
    }
    Ok(specs)
}

/// The status of a pod. An object whose kind is not said may have another one, which is none of it.
fn pod_status(item: &Item<'_>, object: &Object) -> Result<Option<PodStatus>, KubernetesError> {
    match (item.status.map(parse::<PodStatus>), item.kind.is_some()) {
        (None, _) | (Some(Err(_)), false) => Ok(None),
        (Some(Ok(status)), _) => Ok(Some(status)),
        (Some(Err(cause)), true) => Err(KubernetesError::Object { object: object.name.clone(), cause }),
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(text.get()).map_err(|error| words(&error))
}

/// How an object is named.
struct Object {
    /// `deployment shop/cart`.
    name: String,
    created_at: Option<DateTime<Utc>>,
}

impl Object {
    fn of(item: &Item<'_>) -> Self {
        let kind = item.kind.as_deref().map_or_else(|| "object".to_owned(), str::to_ascii_lowercase);
        let metadata = item.metadata.as_ref();
        let name = metadata.and_then(|it| it.name.as_deref()).unwrap_or("without a name");
        let name = match metadata.and_then(|it| it.namespace.as_deref()) {
            Some(namespace) => format!("{kind} {namespace}/{name}"),
            None => format!("{kind} {name}"),
        };
        let created_at = metadata.and_then(|it| it.created_at.as_deref()).and_then(instant::parse);
        Self { name, created_at }
    }

    fn evidence(&self, what: &str, name: Option<&str>) -> String {
        match name {
            Some(name) => format!("{} ({what} {name})", self.name),
            None => self.name.clone(),
        }
    }

    fn add_spec(&self, spec: &PodSpec, since: Option<DateTime<Utc>>, found: &mut Found) {
        let PodSpec { containers, init_containers, ephemeral_containers, volumes } = spec;
        for container in [containers, init_containers, ephemeral_containers].into_iter().flatten().flatten() {
            let evidence = self.evidence("container", container.name.as_deref());
            found.add(container.image.as_deref().unwrap_or_default(), &evidence, since);
        }
        for volume in volumes.iter().flatten() {
            let reference = volume.image.as_ref().and_then(|image| image.reference.as_deref());
            let evidence = self.evidence("volume", volume.name.as_deref());
            found.add(reference.unwrap_or_default(), &evidence, since);
        }
    }

    fn add_status(&self, status: &PodStatus, since: Option<DateTime<Utc>>, found: &mut Found) {
        let PodStatus { container_statuses, init_container_statuses, ephemeral_container_statuses, .. } =
            status;
        let all = [container_statuses, init_container_statuses, ephemeral_container_statuses];
        for container in all.into_iter().flatten().flatten() {
            let evidence = self.evidence("container", container.name.as_deref());
            let image_id = container.image_id.as_deref().unwrap_or_default();
            found.add(image_id, &evidence, since);
            // A digest alone may be that of the configuration of the image, by which no registry knows it: its manifest may tell, and
            // the tag says of which repository it is.
            let is_sure = image_id
                .parse::<ImageReference>()
                .is_ok_and(|id| id.digest.is_some() && !id.repository.is_empty());
            if !is_sure {
                found.add(container.image.as_deref().unwrap_or_default(), &evidence, since);
            }
        }
    }
}
