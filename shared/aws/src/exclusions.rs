//! Pull-time exclusions: whose pulls leave the last pull time of an image as it is.
//!
//! `BatchGetImage` counts as a pull (observed: containers-roadmap #2390). Reading manifests without being
//! excluded would make every image look used, so it is asked first.

use crate::raw_answer::RawAnswer;
use crate::{CallError, Ecr, Principal, Session};

/// Whether the principal's pulls are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exclusion {
    /// They are not: this registered ARN is the principal's.
    Present {
        /// The ARN.
        arn: String,
    },
    /// They are.
    Absent,
    /// Nobody knows, which has to be taken for recorded.
    Unreadable(CallError),
}

impl Exclusion {
    /// Whether manifests can be read without leaving a trace.
    pub const fn leaves_no_trace(&self) -> bool {
        match self {
            Self::Present { .. } => true,
            Self::Absent | Self::Unreadable(_) => false,
        }
    }
}

/// Which of these registered ARNs is the principal's: its own, where that is known whole. Otherwise roles are
/// compared by name, as the ARN of a session has lost the role's path, and in one account.
pub(crate) fn among(session: &Session, arns: &[String]) -> Exclusion {
    among_of(&session.principal(), session.account(), session.own_arn(), arns)
}

fn among_of(principal: &Principal, account: &str, own: Option<&str>, arns: &[String]) -> Exclusion {
    let is_own = |arn: &&String| match own {
        Some(own) => **arn == own,
        None => {
            arn.split(':').nth(4) == Some(account)
                && match (principal, Principal::of_arn(arn)) {
                    (Principal::Role { name: mine }, Principal::Role { name })
                    | (Principal::User { name: mine }, Principal::User { name }) => *mine == name,
                    _ => false,
                }
        }
    };
    arns.iter().find(is_own).map_or(Exclusion::Absent, |arn| Exclusion::Present { arn: arn.clone() })
}

/// Partition and account of an ARN. A name alone is anybody's: each account may have a role of that name.
pub(crate) fn owner(arn: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = arn.split(':');
    (parts.nth(1), parts.nth(2))
}

/// The registered ARNs, and the answer as it came.
pub(crate) async fn list(ecr: &Ecr) -> Result<(Vec<String>, Option<String>), CallError> {
    const OPERATION: &str = "ListPullTimeUpdateExclusions";
    /// More pages than the 100 exclusions of a registry can fill.
    const PAGES_MAX: usize = 100;
    let raw = RawAnswer::default();
    let mut arns = Vec::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let answer = ecr
            .call(OPERATION, |client| {
                let call = client.list_pull_time_update_exclusions().max_results(100);
                call.set_next_token(token.clone()).customize().interceptor(raw.clone()).send()
            })
            .await?;
        arns.extend(answer.pull_time_update_exclusions.unwrap_or_default());
        token = answer.next_token;
        if token.is_none() {
            break;
        }
    }
    Ok((arns, raw.text()))
}

/// Registers the principal, so that its pulls are not recorded from then on, and returns the ARN.
///
/// `given` is the ARN where the role has a path, which a session's ARN does not tell.
///
/// # Errors
/// When the principal is a person's role, or none that could be registered; when ECR refuses.
pub async fn register(ecr: &Ecr, session: &Session, given: Option<&str>) -> Result<String, ExclusionError> {
    let principal = session.principal();
    let named = given.map_or_else(|| principal.clone(), Principal::of_arn);
    if let Some(Principal::Role { name }) =
        [&principal, &named].into_iter().find(|principal| principal.is_for_people())
    {
        return Err(ExclusionError::People { role: name.clone() });
    }
    let Some(arn) = given.map(str::to_owned).or_else(|| session.iam_arn()) else {
        return Err(ExclusionError::Nobody { arn: session.arn().to_owned() });
    };
    if named != principal || owner(&arn) != owner(session.arn()) {
        return Err(ExclusionError::SomebodyElse { given: arn, arn: session.arn().to_owned() });
    }
    let sent = ecr
        .call("RegisterPullTimeUpdateExclusion", |client| {
            client.register_pull_time_update_exclusion().principal_arn(&arn).send()
        })
        .await;
    match sent {
        Ok(_) => Ok(arn),
        // Somebody else has done it in the meantime.
        Err(error) if error.is("ExclusionAlreadyExistsException") => Ok(arn),
        Err(call) => Err(ExclusionError::Call { arn, call }),
    }
}

/// Why the principal is not registered.
#[derive(Debug, thiserror::Error)]
pub enum ExclusionError {
    /// People sign in with the role: their real pulls would not be seen any more.
    #[error("`{role}` is a role that people sign in with; excluding it would hide their real pulls")]
    People {
        /// The name of the role.
        role: String,
    },
    /// Neither a user nor a role.
    #[error("`{arn}` is neither a user nor a role, and nothing else can be excluded")]
    Nobody {
        /// Whose credentials they are.
        arn: String,
    },
    /// The ARN that was given is another principal's.
    #[error("`{given}` is not the principal that makes the calls, `{arn}`")]
    SomebodyElse {
        /// The ARN that was given.
        given: String,
        /// Whose credentials they are.
        arn: String,
    },
    /// ECR refused.
    #[error("`{arn}` was not registered: {call}")]
    Call {
        /// What was to be registered.
        arn: String,
        /// What failed.
        call: CallError,
    },
}

impl ExclusionError {
    /// How to mend it.
    pub fn help(&self) -> String {
        match self {
            Self::People { .. } => {
                "collect with a role of its own, such as that of a pipeline (`--role-arn`)".to_owned()
            }
            Self::Nobody { .. } => "collect with a role (`--role-arn`)".to_owned(),
            Self::SomebodyElse { .. } => {
                "give the ARN of that role or user, with its path, in its own account".to_owned()
            }
            Self::Call { call, .. } if call.kind == crate::CallErrorKind::Refused => {
                "where the role has a path, give its whole ARN: `--register-pull-time-exclusion=ARN`"
                    .to_owned()
            }
            Self::Call { call, .. } => call.help(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Exclusion, among_of};
    use crate::Principal;

    #[test]
    fn a_role_is_found_by_its_name_whatever_its_path_and_only_in_its_account() {
        let session = Principal::of_arn("arn:aws:sts::123456789012:assumed-role/Reader/x");
        let find = |arns: &[&str]| {
            let arns: Vec<String> = arns.iter().map(ToString::to_string).collect();
            among_of(&session, "123456789012", None, &arns)
        };
        let own = "arn:aws:iam::123456789012:role/finops/Reader";
        assert_eq!(find(&["arn:aws:iam::123456789012:role/X", own]), Exclusion::Present { arn: own.into() });
        for other in [
            "arn:aws:iam::123456789012:role/Reader2",
            "arn:aws:iam::123456789012:role/Reader/Other",
            "arn:aws:iam::123456789012:user/Reader",
            "arn:aws:iam::210987654321:role/Reader",
        ] {
            assert_eq!(find(&[other]), Exclusion::Absent, "{other}");
        }
        let root = ["arn:aws:iam::1:root".to_owned()];
        assert_eq!(among_of(&Principal::Root, "1", None, &root), Exclusion::Absent);
    }

    #[test]
    fn a_principal_whose_arn_is_known_whole_is_found_by_that_alone() {
        let session = Principal::of_arn("arn:aws:sts::123456789012:assumed-role/Reader/x");
        let (own, other) =
            ("arn:aws:iam::123456789012:role/finops/Reader", "arn:aws:iam::123456789012:role/Reader");
        let find = |registered: &str| among_of(&session, "123456789012", Some(own), &[registered.to_owned()]);
        assert_eq!(find(other), Exclusion::Absent);
        assert_eq!(find(own), Exclusion::Present { arn: own.to_owned() });
    }
}
