//! The names of all inventories, by the registry that they say: listed once, where many registries are asked for.

use std::collections::BTreeMap;

use demurrage_core::RegistryKind;

use crate::{InventoryEntry, Store, StoreError};

/// Digits of an account.
const ACCOUNT_DIGITS: usize = 12;

/// The names of the inventories of a store.
#[derive(Debug, Clone, Default)]
pub struct InventoryNames {
    /// Those that say account and region, by these: `123456789012-eu-west-1`.
    by_registry: BTreeMap<String, Vec<String>>,
    /// Those that do not.
    others: Vec<String>,
}

impl InventoryNames {
    fn of(names: Vec<String>) -> Self {
        let mut sorted = Self::default();
        for name in names {
            match registry_of(&name) {
                Some(registry) => sorted.by_registry.entry(registry.to_owned()).or_default().push(name),
                None => sorted.others.push(name),
            }
        }
        sorted
    }

    /// Those that may be of a registry, the newest first.
    fn of_registry(&self, account: &str, region: &str) -> Vec<&String> {
        let said = self.by_registry.get(&format!("{account}-{region}"));
        let mut names: Vec<&String> = said.into_iter().flatten().chain(&self.others).collect();
        names.sort_unstable_by(|a, b| b.cmp(a));
        names
    }
}

impl Store {
    /// The names of the inventories that are there now.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn inventory_names(&self) -> Result<InventoryNames, StoreError> {
        Ok(InventoryNames::of(self.place.names()?))
    }

    /// The newest inventories of a private registry among these, the oldest of them first, at most so many, and why
    /// others cannot be read. Names that say of which registry an inventory is are believed, so that few descriptions
    /// are read however many there are.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn newest_among(
        &self,
        names: &InventoryNames,
        account: &str,
        region: &str,
        most: usize,
    ) -> Result<(Vec<InventoryEntry>, Vec<StoreError>), StoreError> {
        let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
        for name in names.of_registry(account, region) {
            if entries.len() == most {
                break;
            }
            let Some(text) = self.place.description(name)? else { continue };
            match InventoryEntry::parse(&self.place.folder_of(name), &text) {
                Ok(entry) if is_of(&entry, account, region) => entries.push(entry),
                Ok(_) => {}
                Err(error) => unreadable.push(error),
            }
        }
        entries.sort_by(|a, b| (a.taken_at, &a.folder).cmp(&(b.taken_at, &b.folder)));
        Ok((entries, unreadable))
    }
}

fn is_of(entry: &InventoryEntry, account: &str, region: &str) -> bool {
    entry.kind == RegistryKind::Private
        && entry.registry_id.as_deref() == Some(account)
        && entry.region == region
}

/// Account and region, `123456789012-eu-west-1`, where the name of an inventory ends in them: those of the service have the run, the
/// account and the region, any other one a number alone.
pub(crate) fn registry_of(name: &str) -> Option<&str> {
    // The first part is the time, and the second the run.
    let after_run = name.match_indices('-').nth(1)?.0 + 1;
    let candidates = name.get(after_run..)?;
    let starts = std::iter::once(0).chain(candidates.match_indices('-').map(|(at, _)| at + 1));
    starts.filter_map(|start| candidates.get(start..)).find(|rest| {
        let (account, region) = rest.split_once('-').unwrap_or((rest, ""));
        account.len() == ACCOUNT_DIGITS
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && !region.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::InventoryNames;

    #[test]
    fn a_registry_has_the_names_that_say_it_and_those_that_say_none_the_newest_first() {
        let names = [
            "20261120T030000Z-1a2b3c4d-123456789012-eu-west-1",
            "20261121T030000Z-0000",
            "20261122T030000Z-5e6f7a8b-123456789012-eu-west-1",
            "20261122T030000Z-5e6f7a8b-210987654321-eu-west-1",
            "20261122T030000Z-5e6f7a8b-123456789012-eu-west-2",
        ];
        let names = InventoryNames::of(names.map(str::to_owned).to_vec());
        assert_eq!(
            names.of_registry("123456789012", "eu-west-1"),
            [
                "20261122T030000Z-5e6f7a8b-123456789012-eu-west-1",
                "20261121T030000Z-0000",
                "20261120T030000Z-1a2b3c4d-123456789012-eu-west-1",
            ]
        );
        assert_eq!(names.of_registry("210987654321", "eu-west-2"), ["20261121T030000Z-0000"]);
    }
}
