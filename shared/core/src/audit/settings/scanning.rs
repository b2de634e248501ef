//! What of a registry is scanned for vulnerabilities.

use serde::Deserialize;

use super::read;
use crate::Wildcard;

/// The scanning configuration of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanning {
    /// By whom.
    pub scan_type: ScanType,
    /// Which repositories, and when; at most two.
    pub rules: Vec<ScanRule>,
}

/// Who scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanType {
    /// ECR: what no rule matches is scanned by hand.
    Basic,
    /// Amazon Inspector: what no rule matches is not scanned.
    Enhanced,
    /// A type that this version does not know.
    Unrecognised,
}

/// A rule of the scanning configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRule {
    /// When.
    pub frequency: ScanFrequency,
    /// Which repositories.
    pub filters: Vec<ScanFilter>,
}

/// When a repository is scanned. The order is that of which counts where two rules match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScanFrequency {
    /// When somebody asks for it.
    Manual,
    /// At a time that this version does not know.
    Unrecognised,
    /// On every push.
    OnPush,
    /// On every push, and when new vulnerabilities become known.
    Continuous,
}

/// A filter of repository names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanFilter {
    /// The filter as it is written.
    pub text: String,
    pattern: Wildcard,
}

impl ScanFilter {
    /// The filter that this text writes: without a `*` it matches every name that *contains* it, with one the whole name.
    ///
    /// Source: ECR user guide, "Filters to choose which repositories are scanned", read 2026-11-23.
    pub fn new(text: &str) -> Self {
        let pattern =
            if text.contains('*') { Wildcard::new(text) } else { Wildcard::new(&format!("*{text}*")) };
        Self { text: text.to_owned(), pattern }
    }

    /// Whether it matches this repository.
    pub fn matches(&self, repository: &str) -> bool {
        self.pattern.matches(repository)
    }
}

impl Scanning {
    /// Reads the answer of `GetRegistryScanningConfiguration`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Answer { scanning_configuration: given } = read(text)?;
        let scan_type = match given.scan_type.as_deref() {
            // Without a configuration of their own registries have basic scanning.
            None | Some("BASIC") => ScanType::Basic,
            Some("ENHANCED") => ScanType::Enhanced,
            Some(_) => ScanType::Unrecognised,
        };
        let rules = given.rules.unwrap_or_default().iter().map(rule).collect::<Result<_, _>>()?;
        Ok(Self { scan_type, rules })
    }

    /// When this repository is scanned by itself; none: no rule matches it.
    pub fn frequency(&self, repository: &str) -> Option<ScanFrequency> {
        let matches = |rule: &&ScanRule| rule.filters.iter().any(|filter| filter.matches(repository));
        self.rules.iter().filter(matches).map(|rule| rule.frequency).max()
    }
}

fn rule(given: &GivenRule) -> Result<ScanRule, String> {
    let frequency = match given.scan_frequency.as_str() {
        "CONTINUOUS_SCAN" => ScanFrequency::Continuous,
        "SCAN_ON_PUSH" => ScanFrequency::OnPush,
        "MANUAL" => ScanFrequency::Manual,
        _ => ScanFrequency::Unrecognised,
    };
    let filter = |given: &GivenFilter| match given.filter_type.as_deref() {
        None | Some("WILDCARD") => Ok(ScanFilter::new(&given.filter)),
        Some(other) => Err(format!("`{other}` is a type of filter that this version does not know")),
    };
    let filters = given.repository_filters.iter().map(filter).collect::<Result<_, _>>()?;
    Ok(ScanRule { frequency, filters })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    scanning_configuration: Configuration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    scan_type: Option<String>,
    rules: Option<Vec<GivenRule>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenRule {
    scan_frequency: String,
    #[serde(default)]
    repository_filters: Vec<GivenFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenFilter {
    filter: String,
    filter_type: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{ScanFilter, ScanFrequency, Scanning};

    #[test]
    fn a_filter_without_a_star_matches_names_that_contain_it() {
        assert!(ScanFilter::new("prod").matches("team/prod-api"));
        assert!(!ScanFilter::new("prod*").matches("team/prod-api"));
        assert!(ScanFilter::new("prod*").matches("prod-api"));
    }

    #[test]
    fn of_two_rules_that_match_continuous_scanning_counts() {
        let text = r#"{"registryId": "1", "scanningConfiguration": {"scanType": "ENHANCED", "rules": [
            {"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "prod", "filterType": "WILDCARD"}]},
            {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}]}}"#;
        let scanning = Scanning::parse(text).unwrap();
        assert_eq!(scanning.frequency("prod/api"), Some(ScanFrequency::Continuous));
        assert_eq!(scanning.frequency("dev/api"), Some(ScanFrequency::OnPush));
        assert_eq!(
            Scanning::parse(r#"{"scanningConfiguration": {"rules": []}}"#).unwrap().frequency("a"),
            None
        );
    }
    #[test]
    fn a_filter_or_a_time_that_is_not_known_is_not_taken_for_one_that_is() {
        let configuration = |frequency: &str, filter_type: &str| {
            Scanning::parse(&format!(
                r#"{{"scanningConfiguration": {{"rules": [{{"scanFrequency": "{frequency}",
                "repositoryFilters": [{{"filter": "a", "filterType": "{filter_type}"}}]}}]}}}}"#
            ))
        };
        assert_eq!(
            configuration("HOURLY", "WILDCARD").unwrap().frequency("a"),
            Some(ScanFrequency::Unrecognised)
        );
        assert!(configuration("MANUAL", "REGEX").unwrap_err().contains("`REGEX`"));
    }
}
