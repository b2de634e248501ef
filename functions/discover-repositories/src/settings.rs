//! What a deployment sets.

use std::num::NonZeroU32;

use demurrage_aws::default_region;
use demurrage_contract::{Failure, FailureKind, environment};
use demurrage_serve::settings;
use serde::{Deserialize, Serialize};

/// Calls per second of each operation in each account and region, unless set: less than what a person at work
/// notices, because deployments have the same quotas.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
/// Shares that are read at a time, unless set.
const CONCURRENCY: NonZeroU32 = NonZeroU32::MIN.saturating_add(7);
/// Images of one share, unless set.
const SHARE_IMAGES: NonZeroU32 = NonZeroU32::MIN.saturating_add(9_999);
/// What is set where all accounts of the organization are read.
const ORGANIZATION: &str = "organization";

/// The settings of the function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The accounts that the deployment covers.
    #[serde(default)]
    pub(crate) accounts: Covered,
    /// Accounts that are never read.
    #[serde(default)]
    pub(crate) excluded: Vec<String>,
    /// The regions that the deployment covers.
    pub(crate) regions: Vec<String>,
    /// Calls per second of each operation in each account and region, for all shares together.
    pub(crate) calls_per_second: NonZeroU32,
    /// Shares that are read at a time.
    pub(crate) concurrency: NonZeroU32,
    /// Images that a share aims at.
    pub(crate) share_images: NonZeroU32,
}

/// Which accounts a deployment covers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Covered {
    /// That of the function.
    #[default]
    Own,
    /// These.
    Listed(Vec<String>),
    /// Those of the organization: all, or those below these units and roots.
    Organization {
        /// The units and roots; none is all of it.
        units: Vec<String>,
    },
}

impl Covered {
    /// Which accounts these variables cover.
    pub(crate) fn of(accounts: Vec<String>, units: Vec<String>) -> Result<Self, Failure> {
        let is_unit = |unit: &String| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            (unit.starts_with("ou-") || unit.starts_with("r-")) && unit.chars().all(plain)
        };
        if accounts == [ORGANIZATION] {
            return match units.iter().find(|unit| !is_unit(unit)) {
                Some(other) => {
                    let like = "one looks like `ou-ab12-34cd56ef` or `r-ab12`";
                    Err(bad(format!("`{other}` is no organizational unit and no root: {like}")))
                }
                None => Ok(Self::Organization { units }),
            };
        }
        if !units.is_empty() {
            return Err(bad(format!(
                "organizational units are set, but `{}` is not `{ORGANIZATION}`",
                environment::ACCOUNTS
            )));
        }
        check_accounts(&accounts)?;
        Ok(if accounts.is_empty() { Self::Own } else { Self::Listed(accounts) })
    }
}

impl Settings {
    /// Reads them from the environment.
    pub(crate) async fn read() -> Result<Self, Failure> {
        let mut regions = settings::list(environment::REGIONS)?;
        if regions.is_empty() {
            regions.extend(default_region().await);
        }
        let accounts = settings::list(environment::ACCOUNTS)?;
        let excluded = settings::list(environment::EXCLUDED_ACCOUNTS)?;
        check_accounts(&excluded)?;
        Ok(Self {
            accounts: Covered::of(accounts, settings::list(environment::ORGANIZATIONAL_UNITS)?)?,
            excluded,
            regions,
            calls_per_second: settings::number(environment::CALLS_PER_SECOND, CALLS_PER_SECOND)?,
            concurrency: settings::number(environment::CONCURRENCY, CONCURRENCY)?,
            share_images: settings::number(environment::SHARE_IMAGES, SHARE_IMAGES)?,
        })
    }

    /// The regions of a run: those that were asked for, or all that the deployment covers, each once and in order.
    pub(crate) fn regions_of(&self, asked: Option<&[String]>) -> Result<Vec<String>, Failure> {
        let mut regions = asked.unwrap_or(&self.regions).to_vec();
        regions.sort_unstable();
        regions.dedup();
        let is_region = |region: &String| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !region.is_empty() && region.len() <= 32 && !region.starts_with('-') && region.chars().all(plain)
        };
        if let Some(other) = regions.iter().find(|region| !is_region(region)) {
            return Err(bad(format!("`{other}` is no region: one looks like `ap-northeast-2`")));
        }
        if regions.is_empty() {
            return Err(bad("there is no region to look at".to_owned()));
        }
        Ok(regions)
    }
}

/// Whether each of these is an account.
pub(crate) fn check_accounts(accounts: &[String]) -> Result<(), Failure> {
    let is_account = |text: &&String| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match accounts.iter().find(|text| !is_account(text)) {
        Some(other) => Err(bad(format!("`{other}` is no account: one has twelve digits"))),
        None => Ok(()),
    }
}

fn bad(message: String) -> Failure {
    Failure::new(FailureKind::BadInput, message)
}

#[cfg(test)]
mod tests {
    use super::Covered;

    fn covered(accounts: &[&str], units: &[&str]) -> Option<Covered> {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Covered::of(owned(accounts), owned(units)).ok()
    }

    #[test]
    fn a_deployment_covers_its_own_account_a_list_or_an_organization_and_nothing_between() {
        assert_eq!(covered(&[], &[]), Some(Covered::Own));
        let listed = Covered::Listed(vec!["210987654321".to_owned()]);
        assert_eq!(covered(&["210987654321"], &[]), Some(listed));
        let units = vec!["ou-ab12-34cd56ef".to_owned(), "r-ab12".to_owned()];
        assert_eq!(
            covered(&["organization"], &["ou-ab12-34cd56ef", "r-ab12"]),
            Some(Covered::Organization { units })
        );
        assert_eq!(covered(&["organization"], &[]), Some(Covered::Organization { units: Vec::new() }));
        for (accounts, units) in [
            (&["organization", "210987654321"][..], &[][..]),
            (&["21098765432"], &[]),
            (&["ou-ab12-34cd56ef"], &[]),
            (&[], &["ou-ab12-34cd56ef"]),
            (&["210987654321"], &["r-ab12"]),
            (&["organization"], &["210987654321"]),
            (&["organization"], &["ou-AB12"]),
        ] {
            assert_eq!(covered(accounts, units), None, "{accounts:?} {units:?}");
        }
    }
}
