//! Which registry something is of: an account may have a private and a public one in the same region.

use demurrage_core::RegistryKind;

/// A registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RegistryKey {
    pub(super) kind: RegistryKind,
    pub(super) account: Option<String>,
    /// As it is shown.
    pub(super) region: String,
}

impl RegistryKey {
    /// The registry of this kind, account and region.
    pub(super) fn of(kind: RegistryKind, account: Option<&str>, region: &str) -> Self {
        Self { kind, account: account.map(str::to_owned), region: shown_region(kind, region) }
    }

    /// How people name it.
    pub(super) fn place(&self) -> String {
        format!("{} {}", self.account.as_deref().unwrap_or("unknown account"), self.region)
    }
}

/// A region, with the service where that is the public one.
pub(super) fn shown_region(kind: RegistryKind, region: &str) -> String {
    match kind {
        RegistryKind::Private => region.to_owned(),
        RegistryKind::Public => format!("{region} (ECR Public)"),
    }
}
