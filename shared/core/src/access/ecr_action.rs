//! The actions of ECR, and what each lets somebody do.
//!
//! Source: Service authorization reference, "Actions, resources, and condition keys for Amazon Elastic Container
//! Registry", and the operations of the API model, read 2026-11-23. Actions that AWS adds later are not in it:
//! a grant says which of its patterns could reach them.

use std::fmt;

/// What an action of ECR lets somebody do. Ordered: what does more harm is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionClass {
    /// Learn what there is, without its content: names, tags, settings, findings.
    Describing,
    /// Read the content of images.
    Reading,
    /// Have images and repositories made by replication or a pull-through cache.
    Replicating,
    /// Push images and move tags.
    Writing,
    /// Take images away: delete them, or archive them so that nobody can pull them.
    Deleting,
    /// Change settings and policies, which may grant or delete anything else.
    Administration,
}

impl ActionClass {
    /// The name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Describing => "describing",
            Self::Reading => "reading",
            Self::Replicating => "replicating",
            Self::Writing => "writing",
            Self::Deleting => "deleting",
            Self::Administration => "administration",
        }
    }
}

/// An action of ECR that is known here, such as `ecr:PutImage`. Ordered by its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcrAction {
    name: &'static str,
    class: ActionClass,
}

impl EcrAction {
    /// The action of this name, in any case of letters.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name.eq_ignore_ascii_case(name))
    }

    /// The name with its prefix, as AWS writes it.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What it lets somebody do.
    pub const fn class(self) -> ActionClass {
        self.class
    }

    /// Whether a registry policy of the first scope (`REGISTRY_POLICY_SCOPE` V1) knows it; V2 knows all.
    ///
    /// Source: ECR user guide, "Private registry permissions", read 2026-11-23.
    pub fn is_of_registry_scope_v1(self) -> bool {
        self.class == ActionClass::Replicating
    }
}

impl fmt::Display for EcrAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl fmt::Debug for EcrAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! actions {
    ($($class:ident: $($name:literal)*;)*) => {
        impl EcrAction {
            /// Every action that is known here, by class.
            pub const ALL: &[Self] =
                &[$($(Self { name: concat!("ecr:", $name), class: ActionClass::$class },)*)*];
        }
    };
}

actions! {
    Describing:
        "DescribeImageReplicationStatus" "DescribeImageScanFindings" "DescribeImageSigningStatus"
        "DescribeImages" "DescribePullThroughCacheRules" "DescribeRegistry"
        "DescribeReplicationBackfillResults" "DescribeRepositories" "DescribeRepositoryCreationTemplates"
        "BatchGetRepositoryScanningConfiguration" "GetAccountSetting" "GetAuthorizationToken"
        "GetLifecyclePolicy" "GetLifecyclePolicyPreview" "GetRegistryPolicy"
        "GetRegistryScanningConfiguration" "GetRepositoryPolicy" "GetSigningConfiguration"
        "ListImageReferrers" "ListImages" "ListPullTimeUpdateExclusions" "ListReplicationBackfills"
        "ListTagsForResource" "ValidatePullThroughCacheRule";
    Reading:
        "BatchCheckLayerAvailability" "BatchGetImage" "GetDownloadUrlForLayer";
    Replicating:
        "BatchImportUpstreamImage" "CreateRepository" "ReplicateImage";
    Writing:
        "CompleteLayerUpload" "InitiateLayerUpload" "PutImage" "UploadLayerPart";
    Deleting:
        "BatchDeleteImage" "UpdateImageStorageClass";
    Administration:
        "CreatePullThroughCacheRule" "CreateRepositoryCreationTemplate" "DeleteLifecyclePolicy"
        "DeletePullThroughCacheRule" "DeleteRegistryPolicy" "DeleteRepository"
        "DeleteRepositoryCreationTemplate" "DeleteRepositoryPolicy" "DeleteSigningConfiguration"
        "DeregisterPullTimeUpdateExclusion" "PutAccountSetting" "PutImageScanningConfiguration"
        "PutImageTagMutability" "PutLifecyclePolicy" "PutRegistryPolicy"
        "PutRegistryScanningConfiguration" "PutReplicationConfiguration" "PutSigningConfiguration"
        "RegisterPullTimeUpdateExclusion" "SetRepositoryPolicy" "StartImageScan"
        "StartLifecyclePolicyPreview" "StartReplicationBackfill" "StopReplicationBackfill" "TagResource"
        "UntagResource" "UpdatePullThroughCacheRule" "UpdateRepositoryCreationTemplate";
}

#[cfg(test)]
mod tests {
    use super::EcrAction;
    use std::collections::BTreeSet;

    #[test]
    fn every_action_stands_once_and_is_found_in_any_case() {
        let names: BTreeSet<_> = EcrAction::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), EcrAction::ALL.len());
        for action in EcrAction::ALL {
            assert_eq!(EcrAction::named(&action.name().to_uppercase()), Some(*action));
        }
        assert_eq!(EcrAction::named("ecr:GetEverything"), None);
    }
}
