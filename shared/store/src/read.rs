//! Reading an inventory as a whole.

use std::collections::BTreeMap;

use demurrage_core::{Digest, Inventory, Listing, Manifest, Repository};

use crate::columns::{DESCRIPTORS, IMAGES, REPOSITORIES};
use crate::place::Place;
use crate::rows::Rows;
use crate::{InventoryEntry, StoreError, records};

pub(crate) fn read(
    place: &Place,
    entry: &InventoryEntry,
    wanted: impl Fn(&str) -> bool,
) -> Result<Inventory, StoreError> {
    let mut repositories = BTreeMap::new();
    Rows::open(place, entry, REPOSITORIES)?.for_each(|row| {
        let repository = records::repository(row)?;
        if wanted(&repository.name) {
            repositories.insert(repository.name.clone(), repository);
        }
        Ok(())
    })?;
    Rows::open(place, entry, IMAGES)?.for_each(|row| {
        if let Some(repository) = repositories.get_mut(row.text("repository_name")?) {
            repository.images.push(records::image(row)?);
        }
        Ok(())
    })?;
    let mut at = (String::new(), 0);
    Rows::open(place, entry, DESCRIPTORS)?.for_each(|row| {
        let Some(repository) = repositories.get_mut(row.text("repository_name")?) else { return Ok(()) };
        let manifest = manifest_of(&mut at, repository, row.parsed("image_digest")?);
        records::add_descriptor(manifest.ok_or("a descriptor without its image")?, row)
    })?;
    Ok(Inventory {
        kind: entry.kind,
        registry_id: entry.registry_id.clone(),
        region: entry.region.clone(),
        taken_at: entry.taken_at,
        registry: (&entry.description.registry).into(),
        repositories_listing: entry.repositories_listing,
        repositories: repositories.into_values().collect(),
        notes: entry.description.notes.clone(),
    })
}

/// The repositories of an inventory, in the order of their names, without images.
pub(crate) fn repositories(place: &Place, entry: &InventoryEntry) -> Result<Vec<Repository>, StoreError> {
    let mut repositories = Vec::new();
    Rows::open(place, entry, REPOSITORIES)?.for_each(|row| {
        repositories.push(records::repository(row)?);
        Ok(())
    })?;
    Ok(repositories)
}

/// Name and listing of the repositories in this range of names, in their order.
pub(crate) fn listings(
    place: &Place,
    entry: &InventoryEntry,
    first: &str,
    last: &str,
) -> Result<Vec<(String, Listing)>, StoreError> {
    let columns = ["repository_name", "listing", "listing_failure"];
    let mut rows = Rows::open_late(place, entry, REPOSITORIES, &columns)?;
    rows.skip_to(first)?;
    let mut listings = Vec::new();
    while let Some(row) = rows.row() {
        let name = row.text("repository_name").map_err(|cause| rows.damaged(cause))?;
        if last < name {
            break;
        }
        if first <= name {
            let listing = records::listing(&row).map_err(|cause| rows.damaged(cause))?;
            listings.push((name.to_owned(), listing));
        }
        rows.advance()?;
    }
    Ok(listings)
}

/// How many images each repository has that is known whole, where the file says so.
pub(crate) fn image_counts(
    place: &Place,
    entry: &InventoryEntry,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    Rows::open_columns(place, entry, REPOSITORIES, &["repository_name", "listing", "images"])?.for_each(
        |row| {
            // What is missing of a repository is not known to be little.
            let is_whole = row.text("listing")? == "complete";
            if let Some(images) = row.number("images")?.filter(|_| is_whole) {
                counts.insert(row.text("repository_name")?.to_owned(), images);
            }
            Ok(())
        },
    )?;
    Ok(counts)
}

/// The manifest of an image. `at` is where the last one was: rows come in the order of the images.
fn manifest_of<'r>(
    at: &mut (String, usize),
    repository: &'r mut Repository,
    digest: Digest,
) -> Option<&'r mut Manifest> {
    if at.0 != repository.name {
        *at = (repository.name.clone(), 0);
    }
    let from_place = repository.images.get(at.1..)?.iter().position(|image| image.digest == digest);
    at.1 = match from_place {
        Some(offset) => at.1 + offset,
        None => repository.images.iter().position(|image| image.digest == digest)?,
    };
    repository.images.get_mut(at.1)?.manifest.as_deref_mut()
}
