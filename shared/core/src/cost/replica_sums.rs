//! How the replicas in each destination of a registry differ from what they are replicas of, over all repositories.

use std::collections::BTreeMap;

use super::ReplicaState;
use crate::Destination;

/// The replicas of a registry in each of its destinations; repositories come in one after another, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplicaSums {
    by_destination: BTreeMap<Destination, ReplicaSum>,
}

/// The replicas in one destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplicaSum {
    /// Repositories of which both sides were listed whole: what follows is about these.
    pub compared: u64,
    /// Repositories of which one side was not listed whole.
    pub cut_off: u64,
    /// Repositories of which there is no inventory of the destination.
    pub not_read: u64,
    /// Images that are here and not there.
    pub missing_images: u64,
    /// Images that are there and not here: replicas of what is gone, or pushed there.
    pub orphan_images: u64,
    /// The bytes that would be free there without them.
    pub orphan_bytes: u128,
    /// Replicas that were never pulled there, as far as ECR recorded it, indexes among them.
    pub never_pulled_images: u64,
    /// The bytes that would be free there without these, orphans left as they are.
    pub never_pulled_bytes: u128,
}

impl ReplicaSums {
    /// Adds what is known of one repository in one destination.
    pub fn add(&mut self, to: &Destination, state: &ReplicaState) {
        let number = |images: usize| u64::try_from(images).unwrap_or(u64::MAX);
        let sum = self.by_destination.entry(to.clone()).or_default();
        match state {
            ReplicaState::NotRead => sum.not_read += 1,
            ReplicaState::CutOff => sum.cut_off += 1,
            ReplicaState::Compared(compared) => {
                sum.compared += 1;
                sum.missing_images += number(compared.missing.len());
                sum.orphan_images += number(compared.orphans.len());
                sum.orphan_bytes = sum.orphan_bytes.saturating_add(compared.orphan_bytes);
                sum.never_pulled_images += number(compared.never_pulled.len());
                sum.never_pulled_bytes = sum.never_pulled_bytes.saturating_add(compared.never_pulled_bytes);
            }
        }
    }

    /// The sums, in the order of the destinations.
    pub fn of_each(&self) -> impl Iterator<Item = (&Destination, &ReplicaSum)> {
        self.by_destination.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{ReplicaSum, ReplicaSums};
    use crate::cost::ReplicaState;
    use crate::{Destination, Digest, Image, RepositoriesListing, Repository};

    fn repository(name: &str, images: &[u8]) -> Repository {
        let mut repository = Repository::new(name);
        repository.images = images.iter().map(|&it| Image::new(Digest::from_bytes([it; 32]))).collect();
        for image in &mut repository.images {
            image.size_bytes = Some(10);
        }
        repository
    }

    #[test]
    fn what_was_not_compared_is_counted_and_adds_nothing_else() {
        let to = Destination { region: "us-east-1".to_owned(), registry_id: "123456789012".to_owned() };
        let (here, there) = (repository("a", &[1, 2]), repository("a", &[2, 3]));
        let mut sums = ReplicaSums::default();
        sums.add(&to, &ReplicaState::of(&here, Some(&there), RepositoriesListing::CutOff));
        sums.add(&to, &ReplicaState::of(&here, None, RepositoriesListing::CutOff));
        sums.add(&to, &ReplicaState::of(&here, None, RepositoriesListing::Complete));
        sums.add(&to, &ReplicaState::NotRead);
        let expected = ReplicaSum {
            compared: 2,
            cut_off: 1,
            not_read: 1,
            missing_images: 3,
            orphan_images: 1,
            orphan_bytes: 10,
            never_pulled_images: 1,
            never_pulled_bytes: 10,
        };
        assert_eq!(sums.of_each().collect::<Vec<_>>(), [(&to, &expected)]);
    }
}
