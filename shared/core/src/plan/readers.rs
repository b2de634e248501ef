//! Who outside of an account may pull, by an access policy.

use std::collections::BTreeSet;

use crate::access::{
    AccessPolicy, AccountId, ActionClass, AllowedPrincipals, Grant, Outsider, Reach, grants, reach,
};

/// Somebody outside of an account who may pull from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OtherReader {
    /// As it is said: an account, an organisation, `anyone`.
    pub(super) name: String,
    /// The account, where it is all of one.
    account: Option<String>,
}

impl OtherReader {
    /// Whether what they use was read: uses of these accounts were.
    pub(super) fn is_read_by(&self, accounts: &BTreeSet<String>) -> bool {
        self.account.as_ref().is_some_and(|account| accounts.contains(account))
    }
}

/// Those outside of the account who may pull by this policy.
///
/// # Errors
/// When the policy or the account is not known.
pub(super) fn other_readers(policy: &str, account: Option<&str>) -> Result<Vec<OtherReader>, String> {
    let account = account
        .and_then(|account| AccountId::parse(account).ok())
        .ok_or_else(|| "the account is not known".to_owned())?;
    let policy = AccessPolicy::parse(policy).map_err(|error| error.to_string())?;
    let nobody = AllowedPrincipals::default();
    let found = grants(&policy, &account);
    let readers = found.iter().filter(|grant| may_pull(grant)).flat_map(|grant| {
        match reach(grant, &account, &nobody) {
            Reach::Nobody | Reach::Own | Reach::Allowed => Vec::new(),
            Reach::OtherAccount { outsiders } => outsiders.iter().map(of_outsider).collect(),
            Reach::AnyoneFrom { .. } | Reach::Anyone => {
                vec![OtherReader { name: "anyone".to_owned(), account: None }]
            }
        }
    });
    Ok(readers.collect())
}

/// Whether a grant lets somebody read content. What is not known of its actions may.
fn may_pull(grant: &Grant) -> bool {
    grant.actions.known.iter().any(|action| action.class() == ActionClass::Reading)
}

fn of_outsider(outsider: &Outsider) -> OtherReader {
    let account = match outsider {
        Outsider::Account(account) => Some(account.to_string()),
        Outsider::Arn(arn) => account_of(arn),
        Outsider::Organization(_)
        | Outsider::Service(_)
        | Outsider::UserId(_)
        | Outsider::Unrecognised(_) => None,
    };
    let name = match outsider {
        Outsider::Organization(id) => format!("anyone in the organization {id}"),
        Outsider::Account(_)
        | Outsider::Arn(_)
        | Outsider::Service(_)
        | Outsider::UserId(_)
        | Outsider::Unrecognised(_) => outsider.to_string(),
    };
    OtherReader { name, account }
}

/// The account of an ARN, where it names one.
fn account_of(arn: &str) -> Option<String> {
    let account = arn.split(':').nth(4)?;
    AccountId::parse(account).ok().map(|account| account.to_string())
}
