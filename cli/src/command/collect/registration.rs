//! Registering the principal as a pull-time exclusion: the one thing that a collection may write.

use demurrage_aws::collect::{Collected, Stop};
use demurrage_aws::{Ecr, Exclusion, Session, register_pull_time_exclusion};

use crate::talk;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registration {
    /// Nobody asked for it.
    NotAsked,
    /// It was there before.
    Listed,
    /// It is there from now on.
    Done,
    /// It was refused, and said why.
    Refused,
    /// Somebody asked to stop before ECR answered.
    Interrupted,
}

/// Registers the principal where the collection did not find it, under the ARN that was given, or under what
/// its session tells where that is empty; says what came of it.
pub(super) async fn register(
    ecr: &Ecr,
    session: &Session,
    collected: &Collected,
    given: &str,
    stop: &Stop,
) -> Registration {
    let region = ecr.region();
    let given = Some(given).filter(|given| !given.is_empty());
    let listed = match &collected.exclusion {
        Some(Exclusion::Present { arn }) => Some(&**arn),
        Some(Exclusion::Absent | Exclusion::Unreadable(_)) | None => None,
    };
    // An ARN that was given and is not the principal's is refused below.
    if let Some(listed) = listed
        && given.is_none_or(|given| given == listed)
    {
        talk::say(format!("{region}: {listed} is a pull-time exclusion"));
        return Registration::Listed;
    }
    let registered = tokio::select! {
        registered = register_pull_time_exclusion(ecr, session, given) => registered,
        () = stop.asked() => {
            talk::say(format!(
                "interrupted: the inventory of {region} is stored; whether the pull-time exclusion is \
                registered is not known"
            ));
            return Registration::Interrupted;
        }
    };
    match registered {
        Ok(arn) => {
            talk::say(format!(
                "{region}: {arn} is registered; how soon ECR honours it is documented nowhere, so this run reads \
                 no manifests: collect again later"
            ));
            if session.own_arn().is_none() {
                talk::hint(
                    "a session does not tell the path of its role; if the role has one, register its whole ARN: \
                     `--register-pull-time-exclusion=ARN`",
                );
            }
            Registration::Done
        }
        Err(error) => {
            talk::warn(format!("{region}: {error}"));
            talk::hint(&error.help());
            Registration::Refused
        }
    }
}
