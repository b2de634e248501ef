//! From the name of an operation to its function.

use serde_json::Value;

use super::{
    Call, account, auth, cache_rules, creation_templates, describe_images, exclusions, layers, lifecycle,
    list_images, preview, public, pull, push, referrers, registry, remove, replicate, repositories,
    repository_policy, resource_tags, scan_findings, scanning, storage,
};
use crate::state::State;
use crate::wire::Refusal;

type Operation = fn(&mut State, &Call<'_>) -> Result<Value, Refusal>;

/// An operation of ECR.
pub(crate) fn ecr(state: &mut State, name: &str, call: &Call<'_>) -> Result<Value, Refusal> {
    match images(name).or_else(|| settings(name)) {
        Some(operation) => operation(state, call),
        None => Err(Refusal::new("UnknownOperationException", "")),
    }
}

/// Repositories, images and layers.
fn images(name: &str) -> Option<Operation> {
    Some(match name {
        "BatchCheckLayerAvailability" => layers::check,
        "BatchDeleteImage" => remove::batch_delete,
        "BatchGetImage" => pull::batch_get,
        "CompleteLayerUpload" => layers::complete_upload,
        "CreateRepository" => repositories::create,
        "DeleteRepository" => repositories::delete,
        "DescribeImageReplicationStatus" => replicate::status,
        "DescribeImageScanFindings" => scan_findings::describe,
        "DescribeImages" => describe_images::describe,
        "DescribeRepositories" => repositories::describe,
        "GetDownloadUrlForLayer" => layers::download_url,
        "InitiateLayerUpload" => layers::initiate,
        "ListImageReferrers" => referrers::list,
        "ListImages" => list_images::list,
        "PutImage" => push_image,
        "UpdateImageStorageClass" => storage::update,
        "UploadLayerPart" => layers::upload_part,
        _ => return None,
    })
}

/// Policies and what else is set.
fn settings(name: &str) -> Option<Operation> {
    Some(match name {
        "BatchGetRepositoryScanningConfiguration" => scanning::of_repositories,
        "CreatePullThroughCacheRule" => cache_rules::create,
        "CreateRepositoryCreationTemplate" => creation_templates::create,
        "DeleteLifecyclePolicy" => lifecycle::delete,
        "DeleteRegistryPolicy" => registry::delete_policy,
        "DeleteRepositoryPolicy" => repository_policy::delete,
        "DeregisterPullTimeUpdateExclusion" => exclusions::deregister,
        "DescribePullThroughCacheRules" => cache_rules::describe,
        "DescribeRegistry" => registry::describe,
        "DescribeRepositoryCreationTemplates" => creation_templates::describe,
        "GetAccountSetting" => account::get,
        "GetAuthorizationToken" => auth::get_token,
        "GetLifecyclePolicy" => lifecycle::get,
        "GetLifecyclePolicyPreview" => preview::get,
        "GetRegistryPolicy" => registry::get_policy,
        "GetRegistryScanningConfiguration" => scanning::get,
        "GetRepositoryPolicy" => repository_policy::get,
        "ListPullTimeUpdateExclusions" => exclusions::list,
        "ListTagsForResource" => resource_tags::list,
        "PutAccountSetting" => account::put,
        "PutImageScanningConfiguration" => repositories::put_scanning,
        "PutImageTagMutability" => repositories::put_mutability,
        "PutLifecyclePolicy" => lifecycle::put,
        "PutRegistryPolicy" => registry::put_policy,
        "PutRegistryScanningConfiguration" => scanning::put,
        "PutReplicationConfiguration" => replicate::put,
        "RegisterPullTimeUpdateExclusion" => exclusions::register,
        "SetRepositoryPolicy" => repository_policy::set,
        "StartLifecyclePolicyPreview" => preview::start,
        "TagResource" => resource_tags::tag,
        "UntagResource" => resource_tags::untag,
        _ => return None,
    })
}

/// An operation of ECR Public; those of the model that are not here are refused by name.
pub(crate) fn ecr_public(state: &mut State, name: &str, call: &Call<'_>) -> Result<Value, Refusal> {
    let operation: Operation = match name {
        "BatchCheckLayerAvailability" => layers::check,
        "BatchDeleteImage" => remove::batch_delete,
        "CompleteLayerUpload" => layers::complete_upload,
        "CreateRepository" => public::create,
        "DeleteRepository" => public::delete,
        "DeleteRepositoryPolicy" => repository_policy::delete,
        "DescribeImageTags" => public::describe_image_tags,
        "DescribeImages" => public::describe_images,
        "DescribeRegistries" => public::describe_registries,
        "DescribeRepositories" => public::describe_repositories,
        "GetAuthorizationToken" => auth::get_public_token,
        "GetRepositoryPolicy" => repository_policy::get,
        "InitiateLayerUpload" => layers::initiate,
        "ListTagsForResource" => resource_tags::list,
        "PutImage" => push_image,
        "SetRepositoryPolicy" => repository_policy::set,
        "TagResource" => resource_tags::tag,
        "UntagResource" => resource_tags::untag,
        "UploadLayerPart" => layers::upload_part,
        _ => {
            return Err(Refusal::new("UnsupportedCommandException", format!("{name} is not supported")));
        }
    };
    operation(state, call)
}

/// `PutImage`.
fn push_image(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let pushed = push::Push {
        text: call.input.required("imageManifest")?,
        media_type: call.input.string("imageManifestMediaType")?,
        tag: call.input.string("imageTag")?,
        digest: call.input.string("imageDigest")?,
    };
    let (digest, media_type) = push::push(state, &place, &repository, &pushed)?;
    Ok(serde_json::json!({ "image": push::answer(&place, &repository, &pushed, &digest, &media_type) }))
}
