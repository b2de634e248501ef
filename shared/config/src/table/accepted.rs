//! `[[audit.accepted]]`: risks that somebody accepts.

use chrono::{DateTime, Utc};
use demurrage_core::audit::{Accepted, Audit, Subject, catalogue, subject};
use demurrage_core::instant;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::checks;
use crate::closest::closest;
use crate::problems::Problems;

/// `[[audit.accepted]]`
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct AcceptedTable {
    /// The audit, by its id.
    #[schemars(with = "String")]
    audit: Spanned<String>,
    /// Names of the repositories; `*` stands for any characters. Without it, what the audit says about the registry
    /// itself is accepted, and nothing about its repositories.
    #[serde(default)]
    #[schemars(with = "String")]
    repositories: Option<Spanned<String>>,
    /// The account. Without it, every one.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = r"^[0-9]{12}$"))]
    account: Option<Spanned<String>>,
    /// The region. Without it, every one.
    #[serde(default)]
    #[schemars(with = "String")]
    region: Option<Spanned<String>>,
    /// Why.
    #[schemars(with = "String", length(min = 1))]
    reason: Spanned<String>,
    /// The day, or the instant, from which on the risk is no longer accepted; a day begins at midnight UTC.
    #[schemars(with = "String", regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"))]
    until: Spanned<Datetime>,
}

/// The risks that the tables accept.
pub(super) fn risks(tables: &[AcceptedTable], problems: &mut Problems<'_>) -> Vec<Accepted> {
    let accepted: Vec<_> = tables.iter().map(|table| table.accepted(problems)).collect();
    accepted.into_iter().flatten().collect()
}

impl AcceptedTable {
    fn accepted(&self, problems: &mut Problems<'_>) -> Option<Accepted> {
        let audit = audit(&self.audit, problems);
        let repositories = self.repositories.as_ref().and_then(|given| checks::repositories(given, problems));
        let account = self.account.as_ref().and_then(|given| checks::account(given, problems));
        let region = self.region.as_ref().and_then(|given| checks::region(given, problems));
        let help = "say why the risk is accepted, for those who read it later";
        let reason = checks::text(&self.reason, "reason", help, problems);
        let until = until(&self.until, problems);
        if let Some(audit) = audit {
            self.fits(audit, problems);
        }
        // Where something given cannot be meant this would accept more than was meant; but then nothing is returned.
        Some(Accepted {
            audit: audit?.id,
            repositories,
            account: account.map(|account| account.as_str().to_owned()),
            region,
            reason: reason?,
            until: until?,
        })
    }
}

impl AcceptedTable {
    /// Says where the audit finds nothing about what the table names: then it would accept nothing.
    fn fits(&self, audit: &Audit, problems: &mut Problems<'_>) {
        match (subject(audit), &self.repositories) {
            (Some(Subject::Repositories), None) => problems.add(
                self.audit.span(),
                format!("`{}` is about repositories, and the table names none", audit.id),
                "add `repositories`; `\"*\"` names all",
            ),
            (Some(Subject::Registry), Some(repositories)) => problems.add(
                repositories.span(),
                format!("`{}` is about the registry itself, and about no repository", audit.id),
                "leave `repositories` out",
            ),
            (Some(Subject::Repositories | Subject::Both) | None, Some(_))
            | (Some(Subject::Registry | Subject::Both) | None, None) => {}
        }
    }
}

fn audit(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<&'static Audit> {
    let text = given.get_ref();
    let known = catalogue().find(|audit| audit.id == text);
    if known.is_none() {
        let help = match closest(text, catalogue().map(|audit| audit.id)) {
            Some(id) => format!("did you mean `{id}`?"),
            None => "docs/AUDITS.md has the ids of all audits".to_owned(),
        };
        problems.add(given.span(), format!("there is no audit `{text}`"), help);
    }
    known
}

fn until(given: &Spanned<Datetime>, problems: &mut Problems<'_>) -> Option<DateTime<Utc>> {
    let Datetime { date, time, offset } = given.get_ref();
    // A time without an offset is that of some place which the file does not name.
    let is_whole = date.is_some() && time.is_some() == offset.is_some();
    let until = is_whole.then(|| instant::parse(&given.get_ref().to_string())).flatten();
    if until.is_none() {
        let help = "write a day, such as 2027-03-31, or an instant, such as 2027-03-31T12:00:00Z";
        problems.add(given.span(), format!("`{}` is no day and no instant", given.get_ref()), help);
    }
    until
}
