//! `[audit.scanning]`: what is asked of scanning.

use demurrage_core::audit::{ScanRules, Severity};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::problems::Problems;
use crate::whole::Whole;

/// `[audit.scanning]`
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct ScanningTable {
    /// The mildest vulnerability that counts. By default `high`.
    #[serde(default)]
    #[schemars(with = "MildestSeverity")]
    severity: Option<MildestSeverity>,
    /// Days within which a vulnerability has to be mended in the newest image. By default 30.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 3650))]
    mend_days: Option<Spanned<Whole>>,
    /// Days after which the scan of the newest image is out of date. By default 30.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 3650))]
    scan_days: Option<Spanned<Whole>>,
}

/// A severity of vulnerabilities.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum MildestSeverity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl MildestSeverity {
    const fn severity(self) -> Severity {
        match self {
            Self::Informational => Severity::Informational,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

impl ScanningTable {
    pub(super) fn rules(&self, problems: &mut Problems<'_>) -> ScanRules {
        let defaults = ScanRules::default();
        let mut days = |given: &Option<Spanned<Whole>>, name, default| {
            checks::number(given.as_ref(), name, 1..=3650, default, problems)
        };
        ScanRules {
            mend_days: days(&self.mend_days, "mend_days", defaults.mend_days),
            scan_days: days(&self.scan_days, "scan_days", defaults.scan_days),
            severity: self.severity.map_or(defaults.severity, MildestSeverity::severity),
        }
    }
}
