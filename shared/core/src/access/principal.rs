//! Who a statement names, in one spelling for each.
//!
//! Source: IAM user guide, "AWS JSON policy elements: Principal", read 2026-11-23. Leaves out whether the
//! principal exists: that is not in the policy.

use std::fmt;

use super::AccountId;
use super::glob::has_wildcard;

/// Somebody whom a statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// `"*"` or `{"AWS": "*"}`: everybody, anonymous callers too. The two are the same in a resource policy.
    Everyone,
    /// An account, written as its id or as the ARN of its root in any partition: all of its principals, as far
    /// as its own policies let them.
    Account(AccountId),
    /// One user, role or session.
    Arn(PrincipalArn),
    /// The unique id that AWS shows in the place of a user or role that was deleted: nobody any more.
    Deleted(String),
    /// An AWS service, such as `lambda.amazonaws.com`.
    Service(String),
    /// Whoever was signed in by an identity provider.
    Federated(String),
    /// The canonical id of an account, which S3 knows and ECR does not.
    CanonicalUser(String),
    /// Something else, which ECR does not accept.
    Unrecognised(String),
}

impl Principal {
    /// What an entry of `"AWS"` names.
    pub(super) fn of_aws(text: &str) -> Self {
        if text == "*" {
            return Self::Everyone;
        }
        if let Ok(account) = AccountId::parse(text) {
            return Self::Account(account);
        }
        if is_unique_id(text) {
            return Self::Deleted(text.to_owned());
        }
        let Some(arn) = PrincipalArn::parse(text) else { return Self::Unrecognised(text.to_owned()) };
        match arn.account() {
            Some(account) if arn.resource() == "root" => Self::Account(account.clone()),
            Some(_) | None => Self::Arn(arn),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::Account(account) => write!(f, "{account}"),
            Self::Arn(arn) => write!(f, "{arn}"),
            Self::Deleted(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::CanonicalUser(text)
            | Self::Unrecognised(text) => f.write_str(text),
        }
    }
}

/// The ARN of a user, a role or a session in a `Principal`.
///
/// IAM takes no wildcards there. One that has some is kept, and whatever it grants is in doubt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalArn {
    text: Box<str>,
    account: Option<AccountId>,
}

impl PrincipalArn {
    /// Reads the ARN of a principal; nothing where it is none, or names neither an account nor a wildcard.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let is_arn =
            parts.next() == Some("arn") && parts.next().is_some_and(|partition| !partition.is_empty());
        let is_principal = matches!(parts.next(), Some("iam" | "sts")) && parts.next() == Some("");
        let account = parts.next()?;
        let resource = parts.next()?;
        if !is_arn || !is_principal || resource.is_empty() {
            return None;
        }
        let id = AccountId::parse(account).ok();
        (id.is_some() || has_wildcard(account)).then(|| Self { text: text.into(), account: id })
    }

    /// The ARN as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The account; nothing where a wildcard stands in its place.
    pub const fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// Whether it holds a wildcard, which IAM does not take for one in a `Principal`.
    pub fn has_wildcard(&self) -> bool {
        has_wildcard(&self.text)
    }

    /// What follows the fifth colon, such as `role/ci`.
    pub(super) fn resource(&self) -> &str {
        self.text.splitn(6, ':').nth(5).unwrap_or_default()
    }

    /// Whether this is a role, and the other a session of it.
    pub(super) fn is_role_of(&self, session: &Self) -> bool {
        let role = self.resource().strip_prefix("role/").and_then(|path| path.rsplit('/').next());
        let of = session.resource().strip_prefix("assumed-role/").and_then(|path| path.split('/').next());
        role.is_some() && role == of && self.account == session.account
    }
}

impl fmt::Display for PrincipalArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Whether a text is the unique id of a user (`AIDA…`) or of a role (`AROA…`).
///
/// Source: IAM user guide, "IAM identifiers", unique ids, read 2026-11-23.
pub(super) fn is_unique_id(text: &str) -> bool {
    let rest = text.strip_prefix("AIDA").or_else(|| text.strip_prefix("AROA"));
    let is_id = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    rest.is_some_and(|rest| 12 <= rest.len() && is_id(rest))
}

#[cfg(test)]
mod tests {
    use super::{Principal, PrincipalArn};

    #[test]
    fn an_account_has_one_spelling_in_every_partition() {
        let id = Principal::of_aws("123456789012");
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            assert_eq!(Principal::of_aws(&format!("arn:{partition}:iam::123456789012:root")), id);
        }
        assert!(matches!(id, Principal::Account(_)));
    }

    #[test]
    fn what_is_no_principal_is_kept_as_such() {
        for text in
            ["arn:aws:iam::1234:root", "12345678901", "arn:aws:s3:::bucket", "AIDA", "", "arn:aws:iam::"]
        {
            assert_eq!(Principal::of_aws(text), Principal::Unrecognised(text.to_owned()));
        }
        let deleted = "AROAKSCDLFT9R5DQP782U";
        assert_eq!(Principal::of_aws(deleted), Principal::Deleted(deleted.to_owned()));
    }

    #[test]
    fn a_session_belongs_to_the_role_of_its_name_and_account() {
        let arn = |text| PrincipalArn::parse(text).unwrap();
        let session = arn("arn:aws:sts::123456789012:assumed-role/ci/run-1");
        assert!(arn("arn:aws:iam::123456789012:role/path/ci").is_role_of(&session));
        assert!(!arn("arn:aws:iam::999999999999:role/ci").is_role_of(&session));
        assert!(!arn("arn:aws:iam::123456789012:role/ci/other").is_role_of(&session));
        assert!(!session.is_role_of(&session));
    }
}
