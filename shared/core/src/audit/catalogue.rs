//! What an audit is: its name, why it matters, how to mend, and which controls of others it covers.

use super::Severity;

/// One audit. The text of all of them is `docs/AUDITS.md`.
#[derive(Debug, PartialEq, Eq)]
pub struct Audit {
    /// Its name, in kebab case, for good: people accept risks by it.
    pub id: &'static str,
    /// What it is about.
    pub area: Area,
    /// What is so where it finds something: one sentence without its full stop.
    pub title: &'static str,
    /// Why it matters: one or two sentences.
    pub why: &'static str,
    /// How to mend it: one or two sentences.
    pub help: &'static str,
    /// How bad it is, where a finding does not say otherwise.
    pub severity: Severity,
    /// Controls of others that look for the same, or for a part of it.
    pub controls: &'static [Control],
}

/// What an audit looks at, and so what its findings are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Each repository.
    Repositories,
    /// The registry itself.
    Registry,
    /// Each repository, and the registry itself.
    Both,
}

/// The area of an audit; the order is that of tables and of `docs/AUDITS.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Which tags may move.
    Mutability,
    /// Which tags did.
    History,
    /// Lifecycle policies.
    Lifecycle,
    /// Vulnerability scanning.
    Scanning,
    /// Who may do what.
    Access,
    /// Encryption at rest.
    Encryption,
    /// Replication.
    Replication,
    /// Quotas.
    Capacity,
    /// What is left lying about.
    Hygiene,
}

impl Area {
    /// The name in tables and JSON: lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mutability => "mutability",
            Self::History => "history",
            Self::Lifecycle => "lifecycle",
            Self::Scanning => "scanning",
            Self::Access => "access",
            Self::Encryption => "encryption",
            Self::Replication => "replication",
            Self::Capacity => "capacity",
            Self::Hygiene => "hygiene",
        }
    }
}

/// A control of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Control {
    /// Whose it is.
    pub framework: Framework,
    /// Its name there, such as `ECR.2`.
    pub id: &'static str,
}

/// Who has controls about ECR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Framework {
    /// AWS Security Hub CSPM.
    SecurityHub,
    /// Managed rules of AWS Config.
    Config,
    /// Prowler.
    Prowler,
    /// Steampipe's mods for AWS.
    Steampipe,
}

impl Framework {
    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecurityHub => "Security Hub",
            Self::Config => "AWS Config",
            Self::Prowler => "prowler",
            Self::Steampipe => "steampipe",
        }
    }
}

/// A control of Security Hub.
pub(super) const fn security_hub(id: &'static str) -> Control {
    Control { framework: Framework::SecurityHub, id }
}

/// A managed rule of AWS Config.
pub(super) const fn config_rule(id: &'static str) -> Control {
    Control { framework: Framework::Config, id }
}

/// A check of prowler.
pub(super) const fn prowler(id: &'static str) -> Control {
    Control { framework: Framework::Prowler, id }
}

/// A control of steampipe.
pub(super) const fn steampipe(id: &'static str) -> Control {
    Control { framework: Framework::Steampipe, id }
}
