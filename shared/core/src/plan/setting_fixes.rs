//! What a plan changes of the settings of a repository, so that audits no longer find there what they find now.
//!
//! Only what follows from the promises of the team is changed: which tags may move, and whether images are scanned on push. A
//! lifecycle policy is never put by a finding: it would let ECR delete images, and which one is right is no finding's to say.
//! What is not changed is listed with the reason. Leaves out the audits themselves ([`crate::audit`]).

use chrono::TimeDelta;

use super::{
    Action, Refusal, Refused, RepositoryAddress, RepositoryPlan, Setting, SettingAction, refuse_settings,
};
use crate::audit::{
    Confidence, Finding, Promise, RegistrySettings, RegistryUnder, RepositoryUnder, RequiredMode, ScanType,
    Verdict,
};
use crate::{ExclusionFilter, RegistryKind, Repository, TagMutability, Wildcard};

/// A setting of tag mutability takes so many filters.
///
/// Source: model of the ECR API, `imageTagMutabilityExclusionFilters`, read 2026-11-25.
const FILTERS_MAX: usize = 5;
/// A filter has at most so many characters, of `0-9a-zA-Z._*-`.
///
/// Source: model of the ECR API, `ImageTagMutabilityExclusionFilterValue`, read 2026-11-25.
const FILTER_CHARS_MAX: usize = 128;
/// A filter has at most so many `*`.
///
/// Source: what Terraform's provider for AWS takes, read 2026-11-25.
const FILTER_STARS_MAX: usize = 2;

/// A finding that no plan mends, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFixed {
    /// The account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The repository; nothing: it is about the registry.
    pub repository: Option<String>,
    /// The audit that found it.
    pub audit: &'static str,
    /// Why it is left to a person: a fragment that reads alone.
    pub reason: String,
}

/// What a plan changes of the settings of one repository, and what it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingFixes {
    /// What is changed; nothing: no setting is.
    pub plan: Option<RepositoryPlan>,
    /// Why nothing is changed, though something could be.
    pub refused: Option<(Refusal, Refused)>,
    /// The findings that stay, in the order of the verdict.
    pub not_fixed: Vec<NotFixed>,
}

/// What a plan changes of a repository by what audits found there; `taken_at` and the age are those of the inventory.
///
/// Findings that somebody accepts are no reason to change anything.
pub fn fix_settings(
    under: &RepositoryUnder<'_>,
    verdict: &Verdict,
    taken_at: chrono::DateTime<chrono::Utc>,
    inventory_max_age: TimeDelta,
) -> SettingFixes {
    let mut fixes = SettingFixes::default();
    let mut actions: Vec<SettingAction> = Vec::new();
    for finding in verdict.findings.iter().filter(|finding| finding.counts()) {
        match setting(under, finding) {
            // Two findings may ask for the same.
            Ok(setting) if actions.iter().any(|action| action.setting == setting) => {}
            Ok(setting) => actions.push(action(setting, finding)),
            Err(reason) => fixes.not_fixed.push(not_fixed(finding, reason)),
        }
    }
    if actions.is_empty() {
        return fixes;
    }
    actions.sort_by_key(|action| match action.setting {
        Setting::TagMutability { .. } => 0,
        Setting::LifecyclePolicy { .. } => 1,
        Setting::ScanOnPush { .. } => 2,
    });
    let address = address(under.registry, under.repository);
    match refuse_settings(under.repository, under.registry.now, taken_at, inventory_max_age) {
        Some(refused) => {
            let refusal = Refusal { repository: address, reason: refused.to_string() };
            fixes.refused = Some((refusal, refused));
        }
        None => {
            fixes.plan = Some(RepositoryPlan {
                repository: address,
                images_listed: u64::try_from(under.repository.images.len()).unwrap_or(u64::MAX),
                actions: actions.into_iter().map(Action::Setting).collect(),
            });
        }
    }
    fixes
}

/// The findings about a registry itself: no plan changes its settings.
pub fn findings_of_registry(verdict: &Verdict) -> Vec<NotFixed> {
    let counting = verdict.findings.iter().filter(|finding| finding.counts());
    counting
        .map(|finding| {
            not_fixed(finding, "it is a setting of the registry, which no plan changes".to_owned())
        })
        .collect()
}

fn address(registry: &RegistryUnder<'_>, repository: &Repository) -> RepositoryAddress {
    RepositoryAddress {
        account: registry.account.map(str::to_owned),
        region: registry.region.to_owned(),
        name: repository.name.clone(),
    }
}

fn action(setting: Setting, finding: &Finding) -> SettingAction {
    SettingAction { setting, rule: format!("audit `{}`", finding.audit.id), reason: finding.message.clone() }
}

fn not_fixed(finding: &Finding, reason: String) -> NotFixed {
    NotFixed {
        account: finding.account.clone(),
        region: finding.region.clone(),
        repository: finding.repository.clone(),
        audit: finding.audit.id,
        reason,
    }
}

/// The change that mends a finding, or why there is none: a fragment that reads alone.
fn setting(under: &RepositoryUnder<'_>, finding: &Finding) -> Result<Setting, String> {
    let no = |reason: &str| Err(reason.to_owned());
    if under.registry.kind == RegistryKind::Public {
        return no("plans leave ECR Public out");
    }
    match finding.audit.id {
        "tags-can-move" | "exclusion-frees-everything" => tag_mutability(under, finding),
        "scanning-not-covered" => scan_on_push(under),
        "exclusion-matches-nothing" => no("whether the filter is misspelt, only its authors know"),
        "pull-through-cache-immutable" => no("whether the cache may move its tags, only a person decides"),
        "lifecycle-absent" | "lifecycle-ineffective" | "lifecycle-can-empty" => no(
            "a policy lets ECR delete images: compare one with `demurrage retention compile`, and put it with `demurrage \
             policy put`, which looks at what is in use",
        ),
        "lifecycle-expires-in-use" => no(
            "shield the tag with a rule of the highest priority, or take the policy off: `demurrage policy put` shows what \
             changes",
        ),
        _ => no("no setting that a plan changes mends it (docs/AUDITS.md says what does)"),
    }
}

/// Tag mutability as the team promises it.
fn tag_mutability(under: &RepositoryUnder<'_>, finding: &Finding) -> Result<Setting, String> {
    let name = &under.repository.name;
    let promise = under
        .registry
        .rules
        .promise(name)
        .ok_or_else(|| "the rules promise nothing of its tags".to_owned())?;
    match under.registry.settings.is_cache(name) {
        Some(false) => {}
        Some(true) => return Err("it is a pull-through cache, whose tags ECR moves".to_owned()),
        None => return Err("whether it is a pull-through cache was not read".to_owned()),
    }
    if finding.confidence != Confidence::Certain {
        return Err("it is not certain that the promise is about it".to_owned());
    }
    let from = under.repository.tag_mutability.present().cloned();
    let from = from.ok_or_else(|| "tag mutability was not read".to_owned())?;
    let to = promised(promise)?;
    if from == to {
        return Err("the setting is what the rules ask for".to_owned());
    }
    Ok(Setting::TagMutability { from, to })
}

/// The setting that keeps a promise: nothing moves but what may.
fn promised(promise: &Promise) -> Result<TagMutability, String> {
    match promise.required {
        Some(mode @ (RequiredMode::Mutable | RequiredMode::MutableWithExclusion)) => {
            return Err(format!("the rules demand {}, and no plan frees tags", mode.as_api()));
        }
        Some(RequiredMode::Immutable) => return Ok(immutable()),
        Some(RequiredMode::ImmutableWithExclusion) if promise.may_move.is_empty() => {
            return Err("the rules demand a mode with filters, and name no tag that may move".to_owned());
        }
        Some(RequiredMode::ImmutableWithExclusion) | None => {}
    }
    if promise.may_move.iter().any(Wildcard::is_everything) {
        return Err("the rules let every tag move".to_owned());
    }
    if promise.may_move.is_empty() {
        return Ok(immutable());
    }
    let mut exclusion_filters: Vec<ExclusionFilter> = Vec::new();
    for pattern in &promise.may_move {
        let filter = filter(&pattern.to_string())?;
        if !exclusion_filters.contains(&filter) {
            exclusion_filters.push(filter);
        }
    }
    if FILTERS_MAX < exclusion_filters.len() {
        return Err(format!(
            "the rules let {} kinds of tags move, and ECR takes {FILTERS_MAX} filters",
            exclusion_filters.len()
        ));
    }
    Ok(TagMutability { mode: RequiredMode::ImmutableWithExclusion.as_api().to_owned(), exclusion_filters })
}

fn immutable() -> TagMutability {
    TagMutability { mode: RequiredMode::Immutable.as_api().to_owned(), exclusion_filters: Vec::new() }
}

/// A filter that ECR takes.
fn filter(text: &str) -> Result<ExclusionFilter, String> {
    let is_taken = |c: char| c.is_ascii_alphanumeric() || "._*-".contains(c);
    let length = text.chars().count();
    let stars = text.matches('*').count();
    if length == 0 || FILTER_CHARS_MAX < length || FILTER_STARS_MAX < stars || !text.chars().all(is_taken) {
        return Err(format!("ECR takes no filter `{text}`"));
    }
    Ok(ExclusionFilter { filter_type: "WILDCARD".to_owned(), filter: text.to_owned() })
}

/// Scanning on push, where the setting of the repository is what decides.
///
/// Source: ECR API reference, `PutImageScanningConfiguration` (deprecated in favour of the configuration of the registry), and
/// user guide, "Scan images for software vulnerabilities in Amazon ECR", read 2026-11-25.
fn scan_on_push(under: &RepositoryUnder<'_>) -> Result<Setting, String> {
    use crate::audit::Setting as Read;
    let RegistrySettings { scanning, .. } = under.registry.settings;
    match scanning {
        Read::Unknown(reason) => return Err(reason.clone()),
        Read::Is(scanning) if scanning.scan_type != ScanType::Basic => {
            return Err(
                "the registry has enhanced scanning, which asks no setting of a repository: add a rule there"
                    .to_owned(),
            );
        }
        Read::Is(scanning) if !scanning.rules.is_empty() => {
            return Err(
                "the rules of the registry overrule the setting of a repository: add one that matches it"
                    .to_owned(),
            );
        }
        Read::Is(_) | Read::Absent => {}
    }
    match under.repository.scan_on_push {
        Some(false) => Ok(Setting::ScanOnPush { from: Some(false), to: true }),
        Some(true) => {
            Err("the setting of the repository is on; it is deprecated, and a rule of the registry is \
                           what lasts"
                .to_owned())
        }
        None => Err("whether it scans on push was not read".to_owned()),
    }
}

#[cfg(test)]
mod tests;
