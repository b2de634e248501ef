//! Vulnerabilities of the newest image that should have been mended by now.

use chrono::{DateTime, TimeDelta, Utc};

use super::newest_image::{NewestImage, Part};
use super::severities::{described, from};
use crate::audit::catalogue::prowler;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, ScanRules, Severity};
use crate::{Image, RegistryKind, ScanStatus, ScanSummary};

pub(super) static AUDIT: Audit = Audit {
    id: "scan-findings-overdue",
    area: Area::Scanning,
    title: "The newest image has vulnerabilities that should have been mended by now",
    why: "Whoever deploys the newest image runs what is known to be vulnerable, and has been for longer than the team \
          gives itself.",
    help: "Build the image anew on a base image, and with libraries, that are mended, and push it; or accept the risk with \
           a reason and an end.",
    severity: Severity::High,
    controls: &[prowler("ecr_repositories_scan_vulnerabilities_in_latest_image")],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public does not scan.
        return Outcome::Clean;
    }
    let newest = match NewestImage::of(under) {
        Ok(Some(newest)) => newest,
        Ok(None) => return Outcome::Clean,
        Err(reason) => return Outcome::NotEvaluated(reason),
    };
    let (rules, now) = (&under.registry.rules.scanning, under.registry.now);
    let mut overdue = Vec::new();
    let mut unknown = None;
    for part in &newest.parts {
        match State::of(part.image, rules, now) {
            State::Mended => {}
            State::Overdue(found) => overdue.push((part, found)),
            State::Unknown(reason) => unknown = unknown.or(Some(reason)),
        }
    }
    match unknown {
        _ if !overdue.is_empty() => Outcome::Found(vec![flaw(&newest, &overdue, rules, now)]),
        Some(reason) => Outcome::NotEvaluated(reason),
        None => Outcome::Clean,
    }
}

/// What is known of the vulnerabilities of one image.
enum State {
    /// There are none that count, or none for too long.
    Mended,
    /// There are some for too long.
    Overdue(Overdue),
    /// That is not known.
    Unknown(String),
}

/// Vulnerabilities for too long.
struct Overdue {
    /// The worst first; never empty.
    vulnerabilities: Vec<(Severity, u32)>,
    /// Since when, at the latest: certain by a scan that found them; else the push of the image.
    since: DateTime<Utc>,
    confidence: Confidence,
}

impl State {
    fn of(image: &Image, rules: &ScanRules, now: DateTime<Utc>) -> Self {
        let Some(scan) = image.scan.as_deref() else {
            return Self::Unknown(format!("no scan of {} was read", image.digest));
        };
        let vulnerabilities = from(rules.severity, scan.severity_counts);
        if vulnerabilities.is_empty() {
            return Self::without_any(image, scan);
        }
        let is_overdue = |since: DateTime<Utc>| TimeDelta::days(rules.mend_days.into()) < now - since;
        if let Some(since) = scan.completed_at.filter(|&at| is_overdue(at)) {
            return Self::Overdue(Overdue { vulnerabilities, since, confidence: Confidence::Certain });
        }
        // The scan was repeated since, and does not say what it found anew.
        match image.pushed_at {
            None => Self::Unknown(format!("when {} was pushed was not read", image.digest)),
            Some(since) if is_overdue(since) => {
                Self::Overdue(Overdue { vulnerabilities, since, confidence: Confidence::Likely })
            }
            Some(_) => Self::Mended,
        }
    }

    /// That nothing was found says something only where there was a scan.
    fn without_any(image: &Image, scan: &ScanSummary) -> Self {
        match scan.status {
            Some(ScanStatus::Complete | ScanStatus::Active) => Self::Mended,
            None if scan.completed_at.is_some() => Self::Mended,
            None => Self::Unknown(format!("{} was never scanned", image.digest)),
            Some(
                status @ (ScanStatus::InProgress
                | ScanStatus::Failed
                | ScanStatus::UnsupportedImage
                | ScanStatus::Pending
                | ScanStatus::ScanEligibilityExpired
                | ScanStatus::FindingsUnavailable
                | ScanStatus::LimitExceeded
                | ScanStatus::ImageArchived
                | ScanStatus::ImageSizeExceeded
                | ScanStatus::Unrecognised),
            ) => Self::Unknown(format!("the scan of {} stands at {}", image.digest, status.as_api())),
        }
    }
}

fn flaw(
    newest: &NewestImage<'_>,
    overdue: &[(&Part<'_>, Overdue)],
    rules: &ScanRules,
    now: DateTime<Utc>,
) -> Flaw {
    let all = overdue.iter().map(|(_, found)| found);
    let severity = all.clone().flat_map(|found| &found.vulnerabilities).map(|(of, _)| *of).max();
    let confidence = all.clone().map(|found| found.confidence).max().unwrap_or(Confidence::Likely);
    let since = all.clone().filter(|found| found.confidence == confidence).map(|found| found.since).min();
    let days = since.map_or(0, |since| (now - since).num_days());
    // Platforms share most of them: the most that one has is the least that the image has.
    let most = all.map(|found| found.vulnerabilities.iter().map(|(_, count)| *count).sum::<u32>()).max();
    let what = vulnerabilities(newest, most.unwrap_or(0), rules.severity);
    let message = match confidence {
        Confidence::Certain => format!("`{}` has {what}, known for {days} days or longer", newest.tag),
        Confidence::Likely => format!(
            "`{}` was pushed {days} days ago and has {what}; since when they are known is not recorded",
            newest.tag
        ),
    };
    let mut flaw = Flaw::new(severity.unwrap_or(AUDIT.severity), confidence, message)
        .with("tag", newest.tag)
        .with("image", newest.root.digest.to_string())
        .with("mend-days", rules.mend_days.to_string());
    for (part, found) in overdue {
        flaw = flaw.with("vulnerabilities", format!("{}: {}", part.name, described(&found.vulnerabilities)));
    }
    flaw
}

fn vulnerabilities(newest: &NewestImage<'_>, count: u32, severity: Severity) -> String {
    let least = if newest.parts.len() == 1 { "" } else { "at least " };
    let noun = if count == 1 { "vulnerability" } else { "vulnerabilities" };
    let or_worse = if severity == Severity::Critical { "" } else { " or worse" };
    format!("{least}{count} {noun} of severity {severity}{or_worse}")
}
