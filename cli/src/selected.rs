//! The repositories that a command is about: those of a store, or the one of files.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use demurrage_core::{Listing, RegistryKind, Repository, Wildcard};

use demurrage_store::{InventoryEntry, Store};

use crate::args::StoreArgs;
use crate::aws_cli::batch_get_image::Manifests;
use crate::aws_cli::describe_images;
use crate::failure::Failure;
use crate::warnings::Source;
use crate::{talk, warnings};

/// Options that say where images come from.
#[derive(Debug, Clone, Args)]
pub(crate) struct SourceArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Only this region of the store
    #[arg(long, value_name = "REGION", conflicts_with = "images")]
    pub(crate) region: Option<String>,
    /// Output of `aws ecr describe-images --filter imageStatus=ANY` (without the filter archived images are
    /// missing)
    #[arg(long, value_name = "FILE", conflicts_with = "store")]
    pub(crate) images: Option<PathBuf>,
    /// Output of `aws ecr batch-get-image`: a file, a folder of them, or JSON Lines; repeatable
    #[arg(long, value_name = "PATH", requires = "images")]
    pub(crate) manifests: Vec<PathBuf>,
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Selected {
    pub(crate) repositories: Vec<Repository>,
    /// Whether anything is missing: a repository that failed, or one that is cut off.
    pub(crate) is_partial: bool,
    /// Whether it is the content of a store.
    pub(crate) is_store: bool,
    /// The registries of the store, in the order in which their repositories stand; none for files.
    pub(crate) registries: Vec<Registry>,
}

/// One registry of a store.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    pub(crate) kind: RegistryKind,
    pub(crate) account: Option<String>,
    pub(crate) region: String,
    /// Places of its repositories among those that were selected.
    pub(crate) repositories: std::ops::Range<usize>,
}

impl SourceArgs {
    /// Reads the repositories whose names `wanted` takes, and says on stderr what is odd about them.
    pub(crate) fn read(
        &self,
        now: DateTime<Utc>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Selected, Failure> {
        match &self.images {
            Some(images) => from_files(images, &self.manifests, now),
            None => self.read_store(now, wanted),
        }
    }

    fn read_store(&self, now: DateTime<Utc>, wanted: impl Fn(&str) -> bool) -> Result<Selected, Failure> {
        let store = self.store.open()?;
        let entries = entries(&store, self.region.as_deref())?;
        let mut selected =
            Selected { repositories: Vec::new(), is_partial: false, is_store: true, registries: Vec::new() };
        for entry in &entries {
            announce(entry);
            let inventory = store.read(entry, &wanted)?;
            for note in &inventory.notes {
                talk::warn(note);
                selected.is_partial = true;
            }
            selected.take(entry, inventory.repositories, now);
        }
        Ok(selected)
    }
}

/// The newest inventory of each registry of a store, or of one region; at least one.
pub(crate) fn entries(store: &Store, region: Option<&str>) -> Result<Vec<InventoryEntry>, Failure> {
    let mut entries = store.newest()?;
    if entries.is_empty() {
        return Err(Failure::usage(
            format!("the store `{}` holds no inventory", store.shown()),
            "make one with `demurrage collect --region REGION`, or try `demurrage demo`",
        ));
    }
    let Some(region) = region else { return Ok(entries) };
    entries.retain(|entry| entry.region == region);
    if entries.is_empty() {
        return Err(Failure::usage(
            format!("the store `{}` holds no inventory of region `{region}`", store.shown()),
            "leave `--region` out to see all of it",
        ));
    }
    Ok(entries)
}

/// Says which inventory is read.
pub(crate) fn announce(entry: &InventoryEntry) {
    let service = match entry.kind {
        RegistryKind::Private => "",
        RegistryKind::Public => " (ECR Public)",
    };
    talk::say(format!(
        "{} {}{service}: inventory of {}",
        entry.registry_id.as_deref().unwrap_or("unknown account"),
        entry.region,
        entry.taken_at.format("%Y-%m-%d %H:%M UTC")
    ));
}

impl Selected {
    /// The kind of the registry of the repository at this place; files are of a private one.
    pub(crate) fn kind_of(&self, place: usize) -> RegistryKind {
        let registry = self.registries.iter().find(|registry| registry.repositories.contains(&place));
        registry.map_or(RegistryKind::Private, |registry| registry.kind)
    }

    /// Adds the repositories of one registry. What could not be read is not shown as if it were empty.
    fn take(&mut self, entry: &InventoryEntry, mut repositories: Vec<Repository>, now: DateTime<Utc>) {
        self.is_partial |= repositories.iter().any(|repository| repository.listing != Listing::Complete);
        warnings::say(&repositories, now, Source::Store);
        repositories.retain(|repository| !matches!(repository.listing, Listing::Failed(_)));
        let first = self.repositories.len();
        self.repositories.extend(repositories);
        self.registries.push(Registry {
            kind: entry.kind,
            account: entry.registry_id.clone(),
            region: entry.region.clone(),
            repositories: first..self.repositories.len(),
        });
    }
}

fn from_files(images: &Path, manifests: &[PathBuf], now: DateTime<Utc>) -> Result<Selected, Failure> {
    let mut repository = describe_images::read(images)?;
    let mut read = Manifests::default();
    for path in manifests {
        read.add_path(path)?;
    }
    read.attach(&mut repository);
    if read.failures != 0 {
        talk::warn(format!(
            "{} could not be read by the AWS CLI",
            demurrage_report::count(read.failures, "manifest")
        ));
    }
    warnings::say([&repository], now, Source::Files);
    let is_partial = repository.listing != Listing::Complete;
    Ok(Selected { repositories: vec![repository], is_partial, is_store: false, registries: Vec::new() })
}

/// Which repositories a `--repository` option takes: `*` stands for any characters, `/` too.
pub(crate) fn by_name(glob: Option<&str>) -> impl Fn(&str) -> bool {
    let pattern = Wildcard::new(glob.unwrap_or("*"));
    move |name: &str| pattern.matches(name)
}
