//! Principals that read manifests, and by that make images look used.

use crate::RegistryKind;
use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Census, Confidence, Flaw, Outcome, RegistryUnder, Setting, Severity};

pub(super) static AUDIT: Audit = Audit {
    id: "pull-times-not-excluded",
    area: Area::Hygiene,
    title: "What reads manifests is not excluded from pull times",
    why: "ECR counts the reading of a manifest as a pull. A scanner or an inventory that is not excluded makes every image \
          look used, and no rule by the last pull archives anything any more.",
    help: "Register the principal with `aws ecr register-pull-time-update-exclusion`; an account may have 100.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RegistryUnder<'_>, _census: &Census) -> Outcome {
    if under.kind == RegistryKind::Public {
        // ECR Public has no pull times.
        return Outcome::Clean;
    }
    let excluded: &[String] = match &under.settings.pull_time_exclusions {
        Setting::Unknown(reason) => return Outcome::NotEvaluated(reason.clone()),
        Setting::Absent => &[],
        Setting::Is(excluded) => excluded,
    };
    if under.readers.is_empty() {
        return without_readers(excluded);
    }
    let is_excluded = |reader: &&String| excluded.iter().any(|excluded| is_same(excluded, reader));
    let recorded: Vec<&String> = under.readers.iter().filter(|reader| !is_excluded(reader)).collect();
    if recorded.is_empty() {
        return Outcome::Clean;
    }
    let (are, they_read) = if recorded.len() == 1 { ("is", "it reads") } else { ("are", "they read") };
    let message = format!(
        "{} of {} that read manifests {are} not excluded: what {they_read} counts as pulled",
        recorded.len(),
        counted(under.readers.len(), "principal")
    );
    let flaw = Flaw::new(AUDIT.severity, Confidence::Likely, message);
    Outcome::of(vec![recorded.iter().fold(flaw, |flaw, reader| flaw.with("principal", *reader))])
}

/// Nobody said who reads manifests, so only that there is no exclusion at all can be said.
fn without_readers(excluded: &[String]) -> Outcome {
    if !excluded.is_empty() {
        return Outcome::Clean;
    }
    let message = "no principal is excluded: whatever reads manifests counts as a pull".to_owned();
    Outcome::of(vec![Flaw::new(Severity::Informational, Confidence::Likely, message)])
}

/// Whether two ARNs are of one principal. A session is the role that it is of; the path of a role is in one form of its
/// ARN and not in the other, and the name alone is unique in an account.
fn is_same(one: &str, other: &str) -> bool {
    one == other || principal(one).is_some_and(|one| Some(one) == principal(other))
}

/// The partition, the account, the kind and the name of a role or user.
fn principal(arn: &str) -> Option<(&str, &str, &str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (_, partition, _, _) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let (kind, rest) = resource.split_once('/')?;
    match kind {
        "assumed-role" => Some((partition, account, "role", rest.split('/').next()?)),
        "role" | "user" => Some((partition, account, kind, rest.rsplit('/').next()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_session_is_the_role_that_it_is_of_whatever_its_path() {
        let session = "arn:aws:sts::111122223333:assumed-role/Reader/run-7";
        assert!(is_same("arn:aws:iam::111122223333:role/Reader", session));
        assert!(is_same("arn:aws:iam::111122223333:role/teams/shop/Reader", session));
        assert!(!is_same("arn:aws:iam::444455556666:role/Reader", session));
        assert!(!is_same("arn:aws-cn:iam::111122223333:role/Reader", session));
        assert!(!is_same("arn:aws:iam::111122223333:user/Reader", session));
        assert!(!is_same("arn:aws:iam::111122223333:role/run-7", session));
    }

    #[test]
    fn what_is_no_role_or_user_is_only_itself() {
        assert!(is_same("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"));
        assert!(!is_same("arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"));
    }
}
