//! The newest inventory of each registry, found without reading years of runs.
//!
//! The service names an inventory by its run, its account and its region, `20261101T030000Z-1a2b3c4d-123456789012-eu-west-1`, so that
//! the last names of each registry say which descriptions are worth reading. Other names say nothing of a registry: all of those
//! are read.

use std::collections::BTreeMap;

use crate::inventory_names::registry_of;
use crate::{InventoryEntry, Store, StoreError};

/// Inventories of a registry that are read: of two runs that overlap the later one may have listed it earlier.
const READ: usize = 2;

impl Store {
    /// The newest inventory of each registry (account, region and kind), in the order of these.
    ///
    /// Names that say of which registry an inventory is are believed, as [`Self::newest_of`] does.
    ///
    /// # Errors
    /// When the place, or the description of an inventory that is asked for, cannot be read.
    pub fn newest(&self) -> Result<Vec<InventoryEntry>, StoreError> {
        let mut names = self.place.names()?;
        names.sort_unstable();
        let mut entries = Vec::new();
        let mut read: BTreeMap<String, usize> = BTreeMap::new();
        loop {
            let asked = last_of_each(&mut names, &read);
            if asked.is_empty() {
                break;
            }
            // One that was never finished has no description: then an older one is asked for.
            for (name, text) in self.place.descriptions(asked)? {
                entries.push(InventoryEntry::parse(&self.place.folder_of(&name), &text)?);
                if let Some(registry) = registry_of(&name) {
                    *read.entry(registry.to_owned()).or_default() += 1;
                }
            }
        }
        entries.sort_by(|a, b| (a.taken_at, &a.folder).cmp(&(b.taken_at, &b.folder)));
        let mut newest = BTreeMap::new();
        for entry in entries {
            newest.insert((entry.registry_id.clone(), entry.region.clone(), entry.kind), entry);
        }
        Ok(newest.into_values().collect())
    }
}

/// Takes out of names in their order the last ones of each registry of which less was read than is wanted, and all that say
/// nothing of a registry.
fn last_of_each(names: &mut Vec<String>, read: &BTreeMap<String, usize>) -> Vec<String> {
    let mut taken = read.clone();
    let (mut asked, mut left) = (Vec::new(), Vec::new());
    for name in std::mem::take(names).into_iter().rev() {
        let of_it = registry_of(&name).map(|registry| taken.entry(registry.to_owned()).or_default());
        match of_it {
            None => asked.push(name),
            Some(taken) if *taken < READ => {
                *taken += 1;
                asked.push(name);
            }
            Some(_) => left.push(name),
        }
    }
    left.reverse();
    *names = left;
    asked
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{last_of_each, registry_of};

    #[test]
    fn a_name_of_the_service_says_of_which_registry_it_is() {
        let of = |name| registry_of(name);
        assert_eq!(of("20261101T030000Z-1a2b3c4d-123456789012-eu-west-1"), Some("123456789012-eu-west-1"));
        assert_eq!(of("20261101T030000Z-by-hand-123456789012-eu-west-1"), Some("123456789012-eu-west-1"));
        assert_eq!(
            of("20261101T030000Z-123456789012-123456789012-eu-west-1"),
            Some("123456789012-eu-west-1")
        );
        assert_eq!((of("20261101T030000Z-0000"), of("20261101T030000Z-0000-x"), of("")), (None, None, None));
        assert_eq!(of("20261101T030000Z-1a2b3c4d-123456789012-"), None);
    }

    #[test]
    fn of_each_registry_the_last_names_are_asked_for_until_enough_was_read() {
        let name = |day: u32, registry: &str| format!("202611{day:02}T030000Z-1a2b3c4d-{registry}");
        let (one, two) = ("123456789012-eu-west-1", "210987654321-eu-west-1");
        let mut names = vec!["20260101T000000Z-0000".to_owned()];
        names.extend((1..=5).map(|day| name(day, one)));
        names.push(name(3, two));
        names.sort_unstable();
        let mut read = BTreeMap::new();
        let asked = last_of_each(&mut names, &read);
        assert_eq!(asked, [name(5, one), name(4, one), name(3, two), "20260101T000000Z-0000".to_owned()]);
        // The newest was never finished.
        read.insert(one.to_owned(), 1);
        read.insert(two.to_owned(), 1);
        assert_eq!(last_of_each(&mut names, &read), [name(3, one)]);
        read.insert(one.to_owned(), 2);
        assert_eq!(last_of_each(&mut names, &read), [""; 0]);
        assert_eq!(names, [name(1, one), name(2, one)]);
    }
}
