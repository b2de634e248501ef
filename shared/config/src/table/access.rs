//! `[audit.access]`: who outside of an account may be granted something.

use demurrage_core::Wildcard;
use demurrage_core::access::{AllowedPrincipals, ArnPattern};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::problems::Problems;

/// `[audit.access]`
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct AccessTable {
    /// Accounts, with all of their principals and with services that act for them.
    #[serde(default)]
    #[schemars(with = "Vec<String>", inner(regex(pattern = r"^[0-9]{12}$")))]
    accounts: Vec<Spanned<String>>,
    /// Ids of organisations (`o-…`), with all of their accounts.
    #[serde(default)]
    #[schemars(with = "Vec<String>", inner(regex(pattern = r"^o-[a-z0-9]{10,32}$")))]
    organizations: Vec<Spanned<String>>,
    /// AWS services, on whoever's behalf they act, such as `lambda.amazonaws.com`; `*` stands for any characters.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    services: Vec<Spanned<String>>,
    /// Users, roles and sessions, as ARNs; `*` stands for any characters within one of the parts between colons.
    #[serde(default)]
    #[schemars(with = "Vec<String>", inner(regex(pattern = "^arn:")))]
    principals: Vec<Spanned<String>>,
}

impl AccessTable {
    pub(super) fn allowed(&self, problems: &mut Problems<'_>) -> AllowedPrincipals {
        AllowedPrincipals {
            accounts: self.accounts.iter().filter_map(|given| checks::account(given, problems)).collect(),
            organizations: self
                .organizations
                .iter()
                .filter_map(|given| organization(given, problems))
                .collect(),
            services: self.services.iter().filter_map(|given| service(given, problems)).collect(),
            principals: self.principals.iter().filter_map(|given| principal(given, problems)).collect(),
        }
    }
}

/// Source of the form: API model of AWS Organizations, `OrganizationId`, read 2026-11-24.
fn organization(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<String> {
    let text = given.get_ref();
    let is_organization = text.strip_prefix("o-").is_some_and(|rest| {
        (10..=32).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    if !is_organization {
        let help = "write the id of an organisation, such as `o-a1b2c3d4e5`";
        problems.add(given.span(), format!("`{text}` is no organisation"), help);
        return None;
    }
    Some(text.clone())
}

fn service(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<Wildcard> {
    let text = given.get_ref();
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'*');
    if !text.contains(['.', '*']) || !text.bytes().all(is_allowed) {
        let help = "write the name of a service principal, such as `lambda.amazonaws.com`";
        problems.add(given.span(), format!("`{text}` is no service"), help);
        return None;
    }
    Some(Wildcard::new(text))
}

fn principal(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<ArnPattern> {
    let text = given.get_ref();
    let principal = ArnPattern::parse(text).ok();
    if principal.is_none() {
        let help = "write an ARN, such as `arn:aws:iam::123456789012:role/deploy`";
        problems.add(given.span(), format!("`{text}` is no ARN"), help);
    }
    principal
}
