//! Who calls: a table from access keys to accounts and principals.

use std::collections::BTreeMap;

use crate::wire::is_account;

/// The account of keys that nobody set.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// Who calls, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller's account.
    pub account: String,
    /// The region of the signature; `public` for ECR Public.
    pub region: String,
    /// The access key.
    pub access_key: String,
    /// The principal's ARN.
    pub principal: String,
}

/// The table.
#[derive(Debug)]
pub(crate) struct Principals {
    keys: BTreeMap<String, (String, String)>,
    default_account: String,
    issued: u64,
}

impl Principals {
    /// A table in which unknown keys belong to this account.
    pub(crate) fn new(default_account: &str) -> Self {
        Self { keys: BTreeMap::new(), default_account: default_account.to_owned(), issued: 0 }
    }

    /// Says whose key it is.
    pub(crate) fn set(&mut self, key: &str, account: &str, principal: &str) {
        self.keys.insert(key.to_owned(), (account.to_owned(), principal.to_owned()));
    }

    /// Issues a key for a session of a role; the path of the role is dropped, as STS does.
    pub(crate) fn issue(&mut self, account: &str, role: &str, session: &str) -> (String, String) {
        self.issued += 1;
        let key = format!("ASIAFAKE{:012X}", self.issued);
        let principal = format!("arn:aws:sts::{account}:assumed-role/{role}/{session}");
        self.set(&key, account, &principal);
        (key, principal)
    }

    /// Who has this key: as set; a 12-digit key is the root of that account; else a user of the default one.
    pub(crate) fn caller(&self, key: &str, region: &str) -> Caller {
        let (account, principal) = match self.keys.get(key) {
            Some((account, principal)) => (account.clone(), principal.clone()),
            None if is_account(key) => (key.to_owned(), format!("arn:aws:iam::{key}:root")),
            None => {
                (self.default_account.clone(), format!("arn:aws:iam::{}:user/{key}", self.default_account))
            }
        };
        Caller { account, region: region.to_owned(), access_key: key.to_owned(), principal }
    }
}
