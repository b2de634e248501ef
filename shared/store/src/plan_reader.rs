//! Plans that are read back, from a store or from a folder, with every hash compared.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use demurrage_core::plan::{
    KeptImage, PartHead, PartSummary, PendingImage, Plan, PlanTextError, RepositoryAddress, RepositoryPlan,
    aside_text, read_kept_text, read_part, read_pending_text, read_plan,
};

use crate::plan_files::{KEPT_FILE, PENDING_FILE, PLAN_FILE, plan_hash, sha256};
use crate::{Documents, StoreError};

/// Why a plan cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The store, the file system or the bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such plan.
    #[error("there is no plan `{wanted}` in the store `{store}`")]
    NoSuch {
        /// What was asked for.
        wanted: String,
        /// Where.
        store: String,
    },
    /// Several plans begin so.
    #[error("{} plans in the store `{store}` begin with `{wanted}`", hashes.len())]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// Where.
        store: String,
        /// Their hashes.
        hashes: Vec<String>,
    },
    /// A file is missing.
    #[error("`{file}` of the plan is not there")]
    Missing {
        /// The file.
        file: String,
    },
    /// A file is no plan, or no part of one.
    #[error("`{file}` is not readable as a part of a plan: {cause}")]
    Text {
        /// The file.
        file: String,
        /// What is wrong.
        cause: PlanTextError,
    },
    /// A file is not what was written.
    #[error("`{file}` was changed after the plan was made: {what}")]
    Changed {
        /// The file.
        file: String,
        /// What does not agree.
        what: &'static str,
    },
}

impl PlanError {
    /// How to mend it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Store(_) => "look whether the place of the plan can be read",
            Self::NoSuch { .. } => {
                "write its hash, at least the first twelve digits, its folder or its `plan.json`; `demurrage plan` makes one"
            }
            Self::Ambiguous { .. } => "write more digits of its hash",
            Self::Missing { .. } | Self::Text { .. } | Self::Changed { .. } => {
                "a plan is applied as it was made or not at all: make a new one with `demurrage plan`"
            }
        }
    }
}

/// A plan that was read, and where its parts are.
#[derive(Debug, Clone)]
pub struct StoredPlan {
    /// The plan: its hash is that of its parts, and its parts are all named.
    pub plan: Plan,
    place: PlanPlace,
}

/// Where the files of a plan are.
#[derive(Debug, Clone)]
enum PlanPlace {
    Store(Documents),
    Folder(PathBuf),
}

impl PlanPlace {
    fn shown(&self, file: &str) -> String {
        match self {
            Self::Store(documents) => documents.shown(file),
            Self::Folder(folder) => folder.join(file).display().to_string(),
        }
    }

    /// The text of a file, where there is one.
    fn text(&self, file: &str) -> Result<Option<String>, StoreError> {
        let bytes = match self {
            Self::Store(documents) => documents.get(file)?,
            Self::Folder(folder) => {
                let path = folder.join(file);
                match fs::read(&path) {
                    Ok(bytes) => Some(bytes),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                    Err(error) => return Err(StoreError::io("read", path)(error)),
                }
            }
        };
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|error| StoreError::corrupt(self.shown(file), error))
    }

    fn needed(&self, file: &str) -> Result<String, PlanError> {
        self.text(file)?.ok_or_else(|| PlanError::Missing { file: self.shown(file) })
    }
}

impl StoredPlan {
    /// The plan in this folder, or of this `plan.json`, wherever somebody copied it.
    ///
    /// # Errors
    /// When there is none, or its description was changed.
    pub fn in_folder(path: &Path) -> Result<Self, PlanError> {
        let is_description = path.file_name().is_some_and(|name| name == PLAN_FILE);
        let folder = if is_description { path.parent().unwrap_or_else(|| Path::new("")) } else { path };
        Self::open(PlanPlace::Folder(folder.to_owned()))
    }

    pub(crate) fn in_store(documents: Documents) -> Result<Self, PlanError> {
        Self::open(PlanPlace::Store(documents))
    }

    fn open(place: PlanPlace) -> Result<Self, PlanError> {
        let text = place.needed(PLAN_FILE)?;
        let file = || place.shown(PLAN_FILE);
        let plan = read_plan(&text).map_err(|cause| PlanError::Text { file: file(), cause })?;
        if plan.parts.is_empty() || plan_hash(&plan.parts) != plan.hash {
            let what = "its hash is not that of its parts";
            return Err(PlanError::Changed { file: file(), what });
        }
        Ok(Self { plan, place })
    }

    /// Where its description is, as it is shown.
    pub fn path(&self) -> String {
        self.place.shown(PLAN_FILE)
    }

    /// What one part does.
    ///
    /// # Errors
    /// When it is missing, or anything of it was changed.
    pub fn part(&self, part: &PartSummary) -> Result<Vec<RepositoryPlan>, PlanError> {
        let text = self.place.needed(&part.file)?;
        let file = || self.place.shown(&part.file);
        let changed = |what| Err(PlanError::Changed { file: file(), what });
        if sha256(text.as_bytes()) != part.hash {
            return changed("its SHA-256 is not the one in the description");
        }
        let (head, repositories) =
            read_part(&text).map_err(|cause| PlanError::Text { file: file(), cause })?;
        let wanted =
            PartHead { head: self.plan.head.clone(), aside: sha256(aside_text(&self.plan).as_bytes()) };
        if head != wanted {
            return changed("its first line is not what the description says");
        }
        let place = self.plan.parts.iter().position(|named| named == part).unwrap_or_default();
        if PartSummary::of(place, part.hash, &repositories) != *part {
            return changed("its sums are not those in the description");
        }
        Ok(repositories)
    }

    /// What the part at this place does.
    ///
    /// # Errors
    /// As for [`Self::part`], and when there is no such part.
    pub fn part_at(&self, place: usize) -> Result<Vec<RepositoryPlan>, PlanError> {
        let missing = || PlanError::Missing { file: self.place.shown(&format!("part {place}")) };
        self.part(self.plan.parts.get(place).ok_or_else(missing)?)
    }

    /// All parts, one after the other, in the order of the repositories.
    pub fn parts(&self) -> impl Iterator<Item = Result<Vec<RepositoryPlan>, PlanError>> {
        self.plan.parts.iter().map(|part| self.part(part))
    }

    /// Everything that it does.
    ///
    /// # Errors
    /// As for [`Self::part`], and when repositories are not in order.
    pub fn repositories(&self) -> Result<Vec<RepositoryPlan>, PlanError> {
        let mut all: Vec<RepositoryPlan> = Vec::new();
        for part in self.parts() {
            all.extend(part?);
        }
        if all.is_sorted_by(|one, next| one.repository < next.repository) {
            Ok(all)
        } else {
            Err(PlanError::Changed { file: self.path(), what: "its repositories are not in order" })
        }
    }

    /// The images that rules chose and hard guards keep.
    ///
    /// # Errors
    /// When the file is missing, or was changed.
    pub fn kept(&self) -> Result<Vec<KeptImage>, PlanError> {
        self.beside(KEPT_FILE, self.plan.kept_hash.is_some(), read_kept_text)
    }

    /// The images that wait for a second plan.
    ///
    /// # Errors
    /// As for [`Self::kept`].
    pub fn pending(&self) -> Result<Vec<PendingImage>, PlanError> {
        self.beside(PENDING_FILE, self.plan.pending_hash.is_some(), read_pending_text)
    }

    fn beside<T>(
        &self,
        name: &str,
        is_there: bool,
        read: fn(&str) -> Result<Vec<T>, PlanTextError>,
    ) -> Result<Vec<T>, PlanError> {
        if !is_there {
            return Ok(Vec::new());
        }
        let text = self.place.needed(name)?;
        let wanted = if name == KEPT_FILE { self.plan.kept_hash } else { self.plan.pending_hash };
        if Some(sha256(text.as_bytes())) != wanted {
            let what = "its SHA-256 is not the one in the description";
            return Err(PlanError::Changed { file: self.place.shown(name), what });
        }
        read(&text).map_err(|cause| PlanError::Text { file: self.place.shown(name), cause })
    }

    /// Reads all of it, a part at a time, and compares every hash.
    ///
    /// # Errors
    /// When anything is missing or was changed, or repositories are not in order.
    pub fn verify(&self) -> Result<(), PlanError> {
        let mut last: Option<RepositoryAddress> = None;
        for part in self.parts() {
            for plan in part? {
                if last.is_some_and(|last| plan.repository <= last) {
                    let what = "its repositories are not in order";
                    return Err(PlanError::Changed { file: self.path(), what });
                }
                last = Some(plan.repository);
            }
        }
        self.kept()?;
        self.pending()?;
        Ok(())
    }
}
