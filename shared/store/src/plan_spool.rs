//! A plan that is written while it is decided: what is held of it is one part.
//!
//! Every part begins with what all of them come to together, so nothing can be put into the store before the last
//! repository was decided. Until then actions lie in a temporary file of the local disk. The files are those of
//! [`PlanFiles`](crate::PlanFiles), byte for byte.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use demurrage_core::cost::Usd;
use demurrage_core::plan::{
    KeptImage, PART_ACTIONS, PartHead, PartSummary, PendingImage, Plan, PlanHash, PlanHead, Refusal,
    RepositoryAddress, RepositoryPlan, actions_text, aside_text, kept_text, part_head_text, pending_text,
    plan_text,
};
use sha2::{Digest, Sha256};

use crate::place::Place;
use crate::plan_files::{KEPT_FILE, PENDING_FILE, PLAN_FILE, plan_hash};
use crate::plans::{PLANS, put_mark, put_same};
use crate::{Documents, Store, StoreError, sha256};

/// A file of up to so many bytes is compared with one that is there already; a larger one takes its place, and is the same,
/// because its hash is in the name of the folder.
const COMPARED_BYTES: u64 = 32 * 1024 * 1024;

/// A plan that is being decided, repository after repository in their order.
#[derive(Debug)]
pub struct PlanSpool {
    actions: Spool,
    parts: Vec<PartDraft>,
    kept: Spool,
    kept_counts: BTreeMap<String, u64>,
    pending: Spool,
    pending_images: u64,
    last: Option<RepositoryAddress>,
}

/// A part: what it comes to so far, and where its actions lie.
#[derive(Debug)]
struct PartDraft {
    begin: u64,
    sums: PartSummary,
}

/// Text that is written to a temporary file.
#[derive(Debug)]
struct Spool {
    file: BufWriter<File>,
    bytes: u64,
    hash: Sha256,
}

impl Spool {
    fn begin() -> Result<Self, StoreError> {
        let file = tempfile::tempfile().map_err(StoreError::io("create", std::env::temp_dir()))?;
        Ok(Self { file: BufWriter::new(file), bytes: 0, hash: Sha256::new() })
    }

    fn write(&mut self, text: &str) -> Result<(), StoreError> {
        self.file.write_all(text.as_bytes()).map_err(StoreError::io("write", std::env::temp_dir()))?;
        self.bytes += text.len() as u64;
        self.hash.update(text.as_bytes());
        Ok(())
    }

    /// The file from its beginning, and the hash of what is in it.
    fn end(self) -> Result<(File, u64, PlanHash), StoreError> {
        let written = || -> io::Result<File> {
            let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok(file)
        };
        let file = written().map_err(StoreError::io("write", std::env::temp_dir()))?;
        Ok((file, self.bytes, PlanHash::from_bytes(self.hash.finalize().into())))
    }
}

impl PlanSpool {
    /// A plan of which nothing is decided.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn begin() -> Result<Self, StoreError> {
        let (actions, kept, pending) = (Spool::begin()?, Spool::begin()?, Spool::begin()?);
        Ok(Self {
            actions,
            parts: vec![PartDraft::begin(0, 0)],
            kept,
            kept_counts: BTreeMap::new(),
            pending,
            pending_images: 0,
            last: None,
        })
    }

    /// Adds what is done in a repository, what of it stays and what waits.
    ///
    /// # Errors
    /// When the repository is not behind the one before it, or there is no room for temporary files.
    pub fn add(
        &mut self,
        plan: &RepositoryPlan,
        kept: &[KeptImage],
        pending: &[PendingImage],
    ) -> Result<(), StoreError> {
        if self.last.as_ref().is_some_and(|last| plan.repository <= *last) {
            let cause = format!("the repository `{}` is out of order", plan.repository);
            return Err(StoreError::corrupt("the plan", cause));
        }
        self.last = Some(plan.repository.clone());
        for image in kept {
            self.kept.write(&kept_text(std::slice::from_ref(image)))?;
            match self.kept_counts.get_mut(&image.guard) {
                Some(count) => *count += 1,
                None => drop(self.kept_counts.insert(image.guard.clone(), 1)),
            }
        }
        for image in pending {
            self.pending.write(&pending_text(std::slice::from_ref(image)))?;
            self.pending_images += 1;
        }
        if plan.actions.is_empty() {
            return Ok(());
        }
        let is_full = self.parts.last().is_none_or(|part| PART_ACTIONS as u64 <= part.sums.actions);
        if is_full {
            self.parts.push(PartDraft::begin(self.parts.len(), self.actions.bytes));
        }
        self.actions.write(&actions_text(plan))?;
        if let Some(part) = self.parts.last_mut() {
            part.add(plan);
        }
        Ok(())
    }

    /// Puts the plan into a store, and says where its description is. The same once more changes nothing.
    ///
    /// # Errors
    /// When there is another one in its place, or the file system or the bucket refuses.
    pub fn finish(
        self,
        store: &Store,
        head: PlanHead,
        refused: Vec<Refusal>,
        usd_per_month: Option<Usd>,
    ) -> Result<(Plan, String), StoreError> {
        let (mut actions, bytes, _) = self.actions.end()?;
        let (mut kept, kept_bytes, kept_hash) = self.kept.end()?;
        let (mut pending, pending_bytes, pending_hash) = self.pending.end()?;
        let mut plan = Plan {
            head,
            hash: PlanHash::from_bytes([0; 32]),
            parts: Vec::new(),
            refused,
            usd_per_month,
            kept: self.kept_counts.into_iter().collect(),
            kept_hash: (kept_bytes != 0).then_some(kept_hash),
            pending: self.pending_images,
            pending_hash: (pending_bytes != 0).then_some(pending_hash),
        };
        let aside = sha256(aside_text(&plan).as_bytes());
        let first = part_head_text(&PartHead { head: plan.head.clone(), aside });
        let ends: Vec<u64> = self.parts.iter().skip(1).map(|part| part.begin).chain([bytes]).collect();
        let drafts: Vec<(PartDraft, u64)> = self.parts.into_iter().zip(ends).collect();
        // The folder has the hash of the whole in its name, so every part is read twice: once for its hash.
        for (draft, end) in &drafts {
            let text = draft.text(&mut actions, *end, &first)?;
            plan.parts.push(PartSummary { hash: sha256(text.as_bytes()), ..draft.sums.clone() });
        }
        plan.hash = plan_hash(&plan.parts);
        let documents = store.documents(&[PLANS, &plan.hash.to_string()])?;
        put_file(&documents, KEPT_FILE, &mut kept, kept_bytes)?;
        put_file(&documents, PENDING_FILE, &mut pending, pending_bytes)?;
        for ((draft, end), summary) in drafts.iter().zip(&plan.parts) {
            put_same(&documents, &summary.file, &draft.text(&mut actions, *end, &first)?)?;
        }
        put_same(&documents, PLAN_FILE, &plan_text(&plan))?;
        put_mark(store, &plan)?;
        Ok((plan, documents.shown(PLAN_FILE)))
    }
}

impl PartDraft {
    fn begin(place: usize, begin: u64) -> Self {
        Self { begin, sums: PartSummary::of(place, PlanHash::from_bytes([0; 32]), &[]) }
    }

    fn add(&mut self, plan: &RepositoryPlan) {
        let sums = PartSummary::of(0, self.sums.hash, std::slice::from_ref(plan));
        self.sums.repositories += sums.repositories;
        self.sums.actions += sums.actions;
        self.sums.images += sums.images;
        self.sums.bytes_freed = self.sums.bytes_freed.saturating_add(sums.bytes_freed);
    }

    /// The text of the part, whose actions end there.
    fn text(&self, actions: &mut File, end: u64, first: &str) -> Result<String, StoreError> {
        let mut read = || -> io::Result<String> {
            actions.seek(SeekFrom::Start(self.begin))?;
            let mut text = first.to_owned();
            actions.take(end - self.begin).read_to_string(&mut text)?;
            Ok(text)
        };
        read().map_err(StoreError::io("read", std::env::temp_dir()))
    }
}

/// Puts a file that may be large; nothing where it has no line.
fn put_file(documents: &Documents, name: &str, file: &mut File, bytes: u64) -> Result<(), StoreError> {
    if bytes == 0 {
        return Ok(());
    }
    if COMPARED_BYTES < bytes {
        let parts = documents.parts(name)?;
        return match &documents.place {
            Place::Folder(folder) => folder.put_file(&parts, file),
            Place::Bucket(bucket) => bucket.put_file(&parts, file),
        };
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(StoreError::io("read", std::env::temp_dir()))?;
    put_same(documents, name, &text)
}

#[cfg(test)]
mod tests {
    use demurrage_core::plan::{
        Action, ActionKind, DecidedFrom, HardGuard, ImageAction, KeptImage, Mode, PART_ACTIONS, PendingImage,
        PlanHead, Refusal, RepositoryAddress, RepositoryPlan, Source, Stage,
    };
    use demurrage_core::{Digest, Tag};
    use tempfile::TempDir;

    use super::PlanSpool;
    use crate::{PlanDraft, PlanFiles, Store};

    fn address(name: &str) -> RepositoryAddress {
        RepositoryAddress { account: None, region: "eu-west-1".to_owned(), name: name.to_owned() }
    }

    fn repository(name: &str, actions: usize) -> RepositoryPlan {
        let action = |number: usize| {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_be_bytes());
            let digest = Digest::from_bytes(digest);
            Action::Image(ImageAction {
                digest,
                kind: ActionKind::Expire,
                stage: Stage::Image,
                tags: vec![Tag::as_given("v1")],
                pushed_at: None,
                last_pulled_at: None,
                parents: Vec::new(),
                subject: None,
                unit: digest,
                rule: "retention `builds`".to_owned(),
                reason: "it is old".to_owned(),
                not_in_use: "ecs: no use".to_owned(),
                bytes_freed: number as u64,
            })
        };
        RepositoryPlan {
            repository: address(name),
            images_listed: 9_000,
            actions: (0..actions).map(action).collect(),
        }
    }

    fn kept(name: &str, guard: &str) -> KeptImage {
        KeptImage {
            repository: address(name),
            digest: Digest::from_bytes([1; 32]),
            tags: Vec::new(),
            kind: ActionKind::Expire,
            rule: "retention `builds`".to_owned(),
            guard: guard.to_owned(),
            detail: "it runs".to_owned(),
        }
    }

    fn pending(name: &str) -> PendingImage {
        PendingImage {
            repository: address(name),
            digest: Digest::from_bytes([2; 32]),
            tags: Vec::new(),
            kind: ActionKind::Archive,
            rule: "retention `builds`".to_owned(),
        }
    }

    fn draft(repositories: Vec<RepositoryPlan>) -> PlanDraft {
        let source = || Source { name: "it".to_owned(), hash: "ab".repeat(32) };
        PlanDraft {
            head: PlanHead {
                made_at: chrono::DateTime::UNIX_EPOCH,
                expires_at: chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(1),
                mode: Mode::Approve,
                decided_from: DecidedFrom {
                    inventories: vec![source()],
                    uses: Vec::new(),
                    rules: source(),
                    configuration: None,
                    holds: source(),
                    earlier_plan: None,
                },
                tripped: Vec::new(),
            },
            repositories,
            refused: vec![Refusal { repository: address("z"), reason: "cut off".to_owned() }],
            kept: vec![
                kept("a", HardGuard::NAMES[0]),
                kept("b", HardGuard::NAMES[1]),
                kept("b", HardGuard::NAMES[0]),
            ],
            pending: vec![pending("b")],
            usd_per_month: None,
        }
    }

    #[test]
    fn a_plan_that_is_written_while_it_is_decided_has_the_bytes_of_one_that_is_held() {
        let sizes: [&[usize]; 4] =
            [&[], &[0, 3], &[PART_ACTIONS - 1, 2, 0, 1], &[PART_ACTIONS, 1, 2 * PART_ACTIONS, 1]];
        for sizes in sizes {
            let repositories: Vec<RepositoryPlan> = ["a", "b", "c", "d"]
                .into_iter()
                .zip(sizes)
                .map(|(name, &actions)| repository(name, actions))
                .collect();
            let mut held = draft(repositories.clone());
            held.repositories.retain(|plan| !plan.actions.is_empty());
            held.kept.retain(|image| repositories.iter().any(|plan| plan.repository == image.repository));
            held.pending.retain(|image| repositories.iter().any(|plan| plan.repository == image.repository));
            let files = PlanFiles::of(&held);
            let folder = TempDir::new().unwrap();
            let store = Store::new(folder.path());
            for _ in 0..2 {
                let mut spool = PlanSpool::begin().unwrap();
                for plan in &repositories {
                    let is_here = |repository: &RepositoryAddress| *repository == plan.repository;
                    let kept: Vec<_> =
                        held.kept.iter().filter(|it| is_here(&it.repository)).cloned().collect();
                    let pending: Vec<_> =
                        held.pending.iter().filter(|it| is_here(&it.repository)).cloned().collect();
                    spool.add(plan, &kept, &pending).unwrap();
                }
                let finished =
                    spool.finish(&store, held.head.clone(), held.refused.clone(), held.usd_per_month);
                assert_eq!(finished.unwrap().0, files.plan);
            }
            let documents = store.documents(&["plans", &files.plan.hash.to_string()]).unwrap();
            let mut names: Vec<&String> = files.files.iter().map(|(name, _)| name).collect();
            names.sort();
            assert_eq!(documents.names().unwrap().iter().collect::<Vec<_>>(), names);
            for (name, text) in &files.files {
                assert_eq!(documents.get(name).unwrap().unwrap(), text.as_bytes(), "{name}");
            }
            store.plan(&files.plan.hash.to_string()).unwrap().verify().unwrap();
        }
    }

    #[test]
    fn a_repository_out_of_order_is_refused() {
        let mut spool = PlanSpool::begin().unwrap();
        spool.add(&repository("b", 1), &[], &[]).unwrap();
        for name in ["b", "a"] {
            let error = spool.add(&repository(name, 1), &[], &[]).unwrap_err();
            assert!(error.to_string().contains("out of order"), "{error}");
        }
    }
}
