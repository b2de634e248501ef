//! How far a grant reaches: whether it leaves the account, and where to.
//!
//! The answer is the widest that the grant may have: of everything that narrows it the one that narrows most,
//! and of the values of one condition the one that reaches farthest.

use std::collections::BTreeSet;
use std::fmt;

use super::{
    AccountId, Admitted, AllowedPrincipals, ArnPattern, Grant, Grantee, NarrowedBy, Narrowing, Network,
    PrincipalArn,
};
use crate::Wildcard;

/// How far a grant reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Nobody: whom it names is deleted, or no caller can meet its conditions.
    Nobody,
    /// Only the account that owns the policy.
    Own,
    /// Those who are allowed, and the account itself.
    Allowed,
    /// Some who are not allowed; they can be named.
    OtherAccount {
        /// They; never nobody.
        outsiders: BTreeSet<Outsider>,
    },
    /// Anyone who comes from one of these networks.
    AnyoneFrom {
        /// They; never none.
        networks: BTreeSet<Network>,
    },
    /// Anyone.
    Anyone,
}

/// Somebody outside of the account who is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outsider {
    /// An account, with all of its principals.
    Account(AccountId),
    /// Users, roles, sessions or resources whose ARN matches.
    Arn(String),
    /// An organisation, with all of its accounts.
    Organization(String),
    /// An AWS service that may act for anybody; `*` is any of them.
    Service(String),
    /// The user or role of this unique id, whose account the policy does not say.
    UserId(String),
    /// Somebody whom ECR does not know.
    Unrecognised(String),
}

impl fmt::Display for Outsider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "{account}"),
            Self::Arn(text)
            | Self::Organization(text)
            | Self::Service(text)
            | Self::UserId(text)
            | Self::Unrecognised(text) => f.write_str(text),
        }
    }
}

/// How far a grant of a policy reaches that belongs to this account.
pub fn reach(grant: &Grant, owner: &AccountId, allowed: &AllowedPrincipals) -> Reach {
    let bounds = Bounds { owner, allowed };
    let narrowed = grant.narrowed_by.iter().map(|narrowing| bounds.narrowing(narrowing));
    narrowed.fold(bounds.grantee(&grant.who), Reach::narrower)
}

impl Reach {
    /// Those whom both reach, or a set that holds them.
    fn narrower(self, other: Self) -> Self {
        if other.width() < self.width() { other } else { self }
    }

    /// Those whom one of the two reaches.
    fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::OtherAccount { outsiders }, Self::OtherAccount { outsiders: more }) => {
                Self::OtherAccount { outsiders: outsiders.into_iter().chain(more).collect() }
            }
            (Self::AnyoneFrom { networks }, Self::AnyoneFrom { networks: more }) => {
                Self::AnyoneFrom { networks: networks.into_iter().chain(more).collect() }
            }
            (ours, theirs) if ours.width() < theirs.width() => theirs,
            (ours, _) => ours,
        }
    }

    /// How wide it is, to compare. A service acts for anybody, so it is wider than an account.
    fn width(&self) -> u8 {
        match self {
            Self::Nobody => 0,
            Self::Own => 1,
            Self::Allowed => 2,
            Self::OtherAccount { outsiders } => {
                if outsiders.iter().any(|outsider| matches!(outsider, Outsider::Service(_))) { 4 } else { 3 }
            }
            Self::AnyoneFrom { .. } => 5,
            Self::Anyone => 6,
        }
    }
}

/// What is inside: the account and those who are allowed.
struct Bounds<'a> {
    owner: &'a AccountId,
    allowed: &'a AllowedPrincipals,
}

impl Bounds<'_> {
    fn grantee(&self, who: &Grantee) -> Reach {
        match who {
            Grantee::Anyone | Grantee::EveryoneBut(_) => Reach::Anyone,
            Grantee::Account(account) => self.account(account),
            Grantee::PrincipalArn(arn) => self.principal_arn(arn),
            Grantee::Service(service) => self.service(service),
            Grantee::Federated(provider) => self.provider(provider),
            Grantee::Deleted(_) => Reach::Nobody,
            Grantee::Unrecognised(text) => outside(Outsider::Unrecognised(text.clone())),
        }
    }

    fn narrowing(&self, narrowing: &Narrowing) -> Reach {
        let reach = |admitted: &Admitted| match (admitted, narrowing.by) {
            // Only services have the key, whatever its value is.
            (Admitted::Unbounded(_), NarrowedBy::Key(key)) if key.is_of_services() => self.service("*"),
            (admitted, _) => self.admitted(admitted),
        };
        narrowing.admits.iter().map(reach).fold(Reach::Nobody, Reach::union)
    }

    fn admitted(&self, admitted: &Admitted) -> Reach {
        match admitted {
            Admitted::Account(account) => self.account(account),
            Admitted::Arn(pattern) => self.arn(pattern),
            Admitted::Organization(id) if self.allowed.organizations.contains(id) => Reach::Allowed,
            Admitted::Organization(id) => outside(Outsider::Organization(id.clone())),
            Admitted::Service(service) => self.service(service),
            Admitted::AnyService => self.service("*"),
            Admitted::UserId(id) => outside(Outsider::UserId(id.clone())),
            Admitted::Network(network) => Reach::AnyoneFrom { networks: BTreeSet::from([network.clone()]) },
            Admitted::Unbounded(_) => Reach::Anyone,
        }
    }

    fn account(&self, account: &AccountId) -> Reach {
        if account == self.owner {
            return Reach::Own;
        }
        if self.allowed.accounts.contains(account) {
            return Reach::Allowed;
        }
        outside(Outsider::Account(account.clone()))
    }

    /// Principals in a `Principal`, where a wildcard may be taken for one or not.
    fn principal_arn(&self, arn: &PrincipalArn) -> Reach {
        match ArnPattern::parse(arn.as_str()) {
            Ok(pattern) if arn.account().is_some() => self.arn(&pattern),
            Ok(_) | Err(_) => Reach::Anyone,
        }
    }

    fn arn(&self, pattern: &ArnPattern) -> Reach {
        let of_account = pattern.account().map(|account| self.account(&account));
        match of_account {
            Some(Reach::Own) => Reach::Own,
            Some(Reach::Allowed) => Reach::Allowed,
            _ if self.allowed.principals.iter().any(|allowed| allowed.includes(pattern)) => Reach::Allowed,
            _ => outside(Outsider::Arn(pattern.to_string())),
        }
    }

    fn service(&self, service: &str) -> Reach {
        // A `*` in the name has to be allowed by a `*`, so that an allowed name does not stand for more.
        let name = Wildcard::new(service);
        if self.allowed.services.iter().any(|allowed| allowed.includes(&name)) {
            return Reach::Allowed;
        }
        outside(Outsider::Service(service.to_owned()))
    }

    /// A provider of an account signs in for roles of that account, any other for roles of whoever wants to.
    fn provider(&self, provider: &str) -> Reach {
        let pattern = ArnPattern::parse(provider).ok();
        match pattern.and_then(|pattern| pattern.account()) {
            Some(account) => self.account(&account),
            None => Reach::Anyone,
        }
    }
}

fn outside(outsider: Outsider) -> Reach {
    Reach::OtherAccount { outsiders: BTreeSet::from([outsider]) }
}
