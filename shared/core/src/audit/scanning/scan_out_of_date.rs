//! A newest image of which nobody has looked for vulnerabilities lately.

use chrono::{DateTime, TimeDelta, Utc};

use super::coverage::Coverage;
use super::newest_image::{NewestImage, Part};
use crate::audit::catalogue::prowler;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, ScanRules, Severity};
use crate::{Image, RegistryKind, ScanStatus, ScanSummary, instant};

pub(super) static AUDIT: Audit = Audit {
    id: "scan-out-of-date",
    area: Area::Scanning,
    title: "The newest image was not scanned lately",
    why: "A scan knows the vulnerabilities that were known when it ran. An image that was clean when it was pushed may be \
          vulnerable by now, and nobody would learn of it.",
    help: "Have the repository scanned continuously (enhanced scanning), or ask for a scan of the newest image from time to \
           time: ECR takes one for an image in 24 hours.",
    severity: Severity::Medium,
    controls: &[prowler("ecr_repositories_scan_vulnerabilities_in_latest_image")],
};

/// How long a scan that a push brings about may take before it counts as none. Ours: AWS promises no time.
const SCAN_TAKES: TimeDelta = TimeDelta::days(1);

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
    let coverage = Coverage::of(under);
    let (rules, now) = (&under.registry.rules.scanning, under.registry.now);
    let mut outdated = Vec::new();
    let mut unknown = None;
    for part in &newest.parts {
        match State::of(part.image, &coverage, rules, now) {
            State::UpToDate => {}
            State::Outdated(outdated_by) => outdated.push((part, outdated_by)),
            State::Unknown(reason) => unknown = unknown.or(Some(reason)),
        }
    }
    match (outdated.first(), unknown) {
        (Some((_, first)), _) => Outcome::Found(vec![flaw(&newest, first, &outdated, rules, now)]),
        (None, Some(reason)) => Outcome::NotEvaluated(reason),
        (None, None) => Outcome::Clean,
    }
}

/// What is known of the time of the scan of one image.
enum State {
    UpToDate,
    Outdated(Outdated),
    Unknown(String),
}

/// Why a scan is out of date.
enum Outdated {
    /// It was then.
    Scanned(DateTime<Utc>),
    /// There was none, although the registry has the repository scanned.
    Never,
    /// There was none, as this says.
    Stands(ScanStatus),
}

impl State {
    fn of(image: &Image, coverage: &Coverage, rules: &ScanRules, now: DateTime<Utc>) -> Self {
        let Some(scan) = image.scan.as_deref() else {
            return Self::Unknown(format!("no scan of {} was read", image.digest));
        };
        let is_new = image.pushed_at.is_some_and(|at| now - at <= SCAN_TAKES);
        match scan.status {
            Some(ScanStatus::Active) => Self::UpToDate,
            Some(
                status @ (ScanStatus::Failed
                | ScanStatus::UnsupportedImage
                | ScanStatus::ScanEligibilityExpired
                | ScanStatus::LimitExceeded
                | ScanStatus::ImageSizeExceeded),
            ) => Self::Outdated(Outdated::Stands(status)),
            Some(status @ (ScanStatus::InProgress | ScanStatus::Pending)) if is_new => Self::Unknown(
                format!("the scan of {} stands at {} since it was pushed", image.digest, status.as_api()),
            ),
            Some(
                ScanStatus::InProgress
                | ScanStatus::Pending
                | ScanStatus::Complete
                | ScanStatus::FindingsUnavailable
                | ScanStatus::ImageArchived
                | ScanStatus::Unrecognised,
            )
            | None => Self::by_time(image, scan, coverage, rules, now),
        }
    }

    fn by_time(
        image: &Image,
        scan: &ScanSummary,
        coverage: &Coverage,
        rules: &ScanRules,
        now: DateTime<Utc>,
    ) -> Self {
        if let Some(at) = scan.completed_at {
            let is_old = TimeDelta::days(rules.scan_days.into()) < now - at;
            return if is_old { Self::Outdated(Outdated::Scanned(at)) } else { Self::UpToDate };
        }
        if let Some(status) = scan.status {
            return Self::Unknown(format!(
                "the scan of {} stands at {}, and has no time",
                image.digest,
                status.as_api()
            ));
        }
        match coverage {
            Coverage::Unknown(reason) => Self::Unknown(reason.clone()),
            Coverage::NotAtAll | Coverage::ByHand => {
                Self::Unknown(format!("nobody has {} scanned", image.digest))
            }
            Coverage::OnPush | Coverage::Continuous => match image.pushed_at {
                None => Self::Unknown(format!("when {} was pushed was not read", image.digest)),
                Some(at) if now - at <= SCAN_TAKES => {
                    Self::Unknown(format!("{} was pushed within the last day", image.digest))
                }
                Some(_) => Self::Outdated(Outdated::Never),
            },
        }
    }
}

fn flaw(
    newest: &NewestImage<'_>,
    first: &Outdated,
    outdated: &[(&Part<'_>, Outdated)],
    rules: &ScanRules,
    now: DateTime<Utc>,
) -> Flaw {
    let tag = newest.tag;
    let message = match first {
        Outdated::Scanned(at) => format!("`{tag}` was last scanned {} days ago", (now - *at).num_days()),
        Outdated::Never => {
            format!("`{tag}` was never scanned, although a rule of the registry matches the repository")
        }
        Outdated::Stands(status) => format!("`{tag}` is not scanned: ECR says {}", status.as_api()),
    };
    let severity = match first {
        // Nothing that the team could ask for would have it scanned.
        Outdated::Stands(ScanStatus::UnsupportedImage) => Severity::Low,
        Outdated::Scanned(_) | Outdated::Never | Outdated::Stands(_) => AUDIT.severity,
    };
    let mut flaw = Flaw::new(severity, Confidence::Certain, message)
        .with("tag", tag)
        .with("image", newest.root.digest.to_string())
        .with("scan-days", rules.scan_days.to_string());
    for (part, outdated) in outdated {
        let how = match outdated {
            Outdated::Scanned(at) => instant::format(*at),
            Outdated::Never => "never".to_owned(),
            Outdated::Stands(status) => status.as_api().to_owned(),
        };
        flaw = flaw.with("scan", format!("{}: {how}", part.name));
    }
    flaw
}
