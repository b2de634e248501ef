//! What a plan does to the settings of a repository.

use crate::TagMutability;

/// A setting that changes, from what it was when that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Which tags may move (`PutImageTagMutability`).
    TagMutability {
        /// As it was.
        from: TagMutability,
        /// As it is to be.
        to: TagMutability,
    },
    /// The lifecycle policy that ECR runs by itself (`PutLifecyclePolicy`).
    LifecyclePolicy {
        /// Its text as it was; nothing: there was none.
        from: Option<String>,
        /// Its text as it is to be.
        to: String,
    },
    /// Whether images are scanned when they are pushed (`PutImageScanningConfiguration`).
    ScanOnPush {
        /// As it was; nothing: nobody knows.
        from: Option<bool>,
        /// As it is to be.
        to: bool,
    },
}

/// One action on a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingAction {
    /// The setting.
    pub setting: Setting,
    /// The audit that asks for it.
    pub rule: String,
    /// Why, in one sentence.
    pub reason: String,
}
