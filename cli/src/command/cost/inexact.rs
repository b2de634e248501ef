//! What makes figures less than exact, said once for all repositories: a registry has up to 100,000 of them.

use std::collections::BTreeSet;

use demurrage_core::cost::StorageWarning;
use demurrage_report::count;

use crate::talk;

/// Says what each kind of doubt comes to, with the first repository of it.
pub(super) fn say(warnings: &[(&str, StorageWarning)]) {
    let is_inexact = |(_, warning): &&(&str, StorageWarning)| warning.is_inexact();
    let inexact: BTreeSet<&str> = warnings.iter().filter(is_inexact).map(|(name, _)| *name).collect();
    if !inexact.is_empty() {
        talk::warn(format!(
            "the figures of {} are not exact, and carry a `~`",
            count(inexact.len(), "repository")
        ));
    }
    let mut kinds: [Option<Kind<'_>>; 4] = Default::default();
    for (name, warning) in warnings {
        let Some((place, number)) = place_and_number(warning) else { continue };
        match kinds.get_mut(place) {
            Some(Some(kind)) => kind.add(number),
            Some(kind @ None) => *kind = Some(Kind { first: (*name, *warning), number, repositories: 1 }),
            None => {}
        }
    }
    for kind in kinds.into_iter().flatten() {
        talk::warn(kind.sentence());
    }
}

/// The place of a kind of doubt among all, and how many things it is about; nothing for what reading has said.
const fn place_and_number(warning: &StorageWarning) -> Option<(usize, u64)> {
    match warning {
        StorageWarning::NotListed | StorageWarning::CutOff => None,
        StorageWarning::WithoutManifest { images, .. } => Some((0, *images)),
        StorageWarning::TwoSizes { blobs, .. } => Some((1, *blobs)),
        StorageWarning::TooLarge { blobs, .. } => Some((2, *blobs)),
        StorageWarning::UnrecognisedStatus { images } => Some((3, *images)),
    }
}

/// The same doubt about several repositories.
struct Kind<'a> {
    first: (&'a str, StorageWarning),
    number: u64,
    repositories: usize,
}

impl Kind<'_> {
    const fn add(&mut self, number: u64) {
        self.number = self.number.saturating_add(number);
        self.repositories += 1;
    }

    fn sentence(&self) -> String {
        let (name, warning) = &self.first;
        let number = usize::try_from(self.number).unwrap_or(usize::MAX);
        let repositories = count(self.repositories, "repository");
        match warning {
            StorageWarning::NotListed | StorageWarning::CutOff => format!("{repositories} not read whole"),
            StorageWarning::WithoutManifest { .. } => format!(
                "{} of {repositories} without a manifest: each counts the size that ECR gives, as if it shared nothing, \
                 an index nothing, and its children are taken for ordinary images; the first is `{name}`",
                count(number, "image")
            ),
            StorageWarning::TwoSizes { digest, smaller_bytes, larger_bytes, .. } => format!(
                "{} of {repositories} with two sizes: the larger one counts; the first is {digest} in `{name}`, with \
                 {smaller_bytes} and {larger_bytes} bytes",
                count(number, "blob")
            ),
            StorageWarning::TooLarge { digest, size_bytes, .. } => format!(
                "{} of {repositories} larger than ECR takes a layer, which is 52,000 MiB; the first is {digest} in \
                 `{name}`, with {size_bytes} bytes",
                count(number, "blob")
            ),
            StorageWarning::UnrecognisedStatus { .. } => format!(
                "{} of {repositories} with a status that this version does not know: they count as standard; the first is \
                 `{name}`",
                count(number, "image")
            ),
        }
    }
}
