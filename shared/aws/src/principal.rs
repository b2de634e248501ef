//! Who makes the calls, as far as an ARN tells.

/// The principal of an ARN, such as STS names it.
///
/// Source: IAM user guide, "IAM identifiers", read 2026-11-24. The ARN of an assumed role has lost the path
/// of the role; its name is what is left to compare by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The account itself.
    Root,
    /// An IAM user.
    User {
        /// Its name, without its path.
        name: String,
    },
    /// A role, or a session of it.
    Role {
        /// Its name, without its path.
        name: String,
    },
    /// Anything else, such as a federated user.
    Other,
}

/// Roles that IAM Identity Center makes for people.
///
/// Source: IAM Identity Center user guide, "Referencing permission sets", read 2026-11-24.
const PEOPLE_PREFIX: &str = "AWSReservedSSO_";

impl Principal {
    /// The principal that the ARN names.
    ///
    /// ```
    /// use demurrage_aws::Principal;
    /// let session = Principal::of_arn("arn:aws:sts::123456789012:assumed-role/Demurrage/run-7");
    /// let role = Principal::of_arn("arn:aws:iam::123456789012:role/finops/Demurrage");
    /// assert_eq!(session, role);
    /// ```
    pub fn of_arn(arn: &str) -> Self {
        let Some(resource) = arn.splitn(6, ':').nth(5) else { return Self::Other };
        let mut parts = resource.split('/');
        let (kind, second, last) = (parts.next(), parts.next(), resource.rsplit('/').next());
        match (kind, second, last) {
            (Some("root"), None, _) => Self::Root,
            (Some("assumed-role"), Some(name), _) | (Some("role"), Some(_), Some(name)) => {
                Self::Role { name: name.to_owned() }
            }
            (Some("user"), Some(_), Some(name)) => Self::User { name: name.to_owned() },
            _ => Self::Other,
        }
    }

    /// Whether the role is one with which people sign in.
    pub fn is_for_people(&self) -> bool {
        match self {
            Self::Role { name } => name.starts_with(PEOPLE_PREFIX),
            Self::Root | Self::User { .. } | Self::Other => false,
        }
    }

    /// The ARN under which it can be excluded, as far as it can be known: without the path of a role.
    pub(crate) fn iam_arn(&self, partition: &str, account: &str) -> Option<String> {
        match self {
            Self::User { name } => Some(format!("arn:{partition}:iam::{account}:user/{name}")),
            Self::Role { name } => Some(format!("arn:{partition}:iam::{account}:role/{name}")),
            Self::Root | Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Principal;

    #[test]
    fn a_session_is_its_role_and_a_path_is_no_part_of_a_name() {
        let role = |name: &str| Principal::Role { name: name.to_owned() };
        for (arn, expected) in [
            ("arn:aws:iam::1:root", Principal::Root),
            ("arn:aws:iam::1:user/team/kim", Principal::User { name: "kim".to_owned() }),
            ("arn:aws:iam::1:role/a/b/Reader", role("Reader")),
            ("arn:aws:sts::1:assumed-role/Reader/kim@example.com", role("Reader")),
            ("arn:aws-cn:sts::1:assumed-role/Reader/x:y", role("Reader")),
            ("arn:aws:sts::1:federated-user/kim", Principal::Other),
            ("nonsense", Principal::Other),
        ] {
            assert_eq!(Principal::of_arn(arn), expected, "{arn}");
        }
    }

    #[test]
    fn the_roles_of_the_identity_center_are_for_people() {
        let of = |name: &str| Principal::of_arn(&format!("arn:aws:sts::1:assumed-role/{name}/kim"));
        assert!(of("AWSReservedSSO_Admin_0123456789abcdef").is_for_people());
        assert!(!of("Demurrage").is_for_people());
        assert!(!Principal::Root.is_for_people());
    }
}
