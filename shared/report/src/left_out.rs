//! Repositories about which a command says nothing, and why.

/// A repository that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The twelve-digit account, where known.
    pub registry_id: Option<String>,
    /// The region.
    pub region: String,
    /// The name.
    pub name: String,
    /// Why, as a fragment that fits after "left out: ".
    pub reason: String,
}
