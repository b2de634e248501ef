//! What a policy would do to a repository as it is now: by ECR's own preview, by ours, and to what is in use.

use chrono::TimeDelta;
use demurrage_aws::collect::list_images;
use demurrage_aws::{AwsPreview, AwsPreviewError, Ecr, Patience, preview_on_aws};
use demurrage_core::in_use::{KnownUses, Protection, UseGap};
use demurrage_core::lifecycle::{Fate, Policy, Relations, Switches, compare, verify};
use demurrage_core::plan::{GuardRules, HardGuard, ties};
use demurrage_core::{Digest, Listing, RegistryKind, Repository};
use demurrage_report::{ChangedRepository, KnownUse, VerifiedRepository};
use demurrage_store::Store;

use super::refusal::Refusal;
use crate::args::clock;
use crate::command::verify::{carry_over, facts};
use crate::failure::Failure;
use crate::known_uses::TagTimes;

/// How often ECR is asked about a repository that is changed meanwhile.
const QUESTIONS_MAX: usize = 3;

/// The repository that a policy is for, and who asks.
pub(super) struct Asked<'a> {
    pub(super) ecr: &'a Ecr,
    pub(super) account: &'a str,
    pub(super) name: &'a str,
    pub(super) store: &'a Store,
    /// How long ago it may have been read what is in use.
    pub(super) use_max_age: TimeDelta,
    /// Which tags are protected.
    pub(super) guards: &'a GuardRules,
}

/// What ECR said, of which images.
pub(super) struct Answered {
    pub(super) theirs: AwsPreview,
    /// The repository as it is now, with the manifests that the store knows.
    pub(super) repository: Repository,
    pub(super) verified: VerifiedRepository,
    /// Indexes whose children are not known.
    pub(super) indexes_unknown: usize,
}

impl Asked<'_> {
    /// The registry, for people.
    pub(super) fn place(&self) -> String {
        format!("{} in {}", self.account, self.ecr.region())
    }

    /// Asks ECR what the policy would do, of images that are the same before the question and after the answer; or why not
    /// to put it.
    ///
    /// # Errors
    /// When a call fails, the images cannot all be listed, or the store cannot be read.
    pub(super) async fn about(
        &self,
        policy: &Policy,
        switches: Switches,
    ) -> Result<Result<Answered, Refusal>, Failure> {
        let mut before = self.list().await?;
        for _ in 0..QUESTIONS_MAX {
            let theirs = preview_on_aws(self.ecr, self.name, Some(policy.text()), Patience::default()).await;
            let theirs = match theirs {
                Ok(theirs) => theirs,
                Err(error @ (AwsPreviewError::Replaced | AwsPreviewError::Expired)) => {
                    return Ok(Err(Refusal::ForeignPreview { cause: error.to_string() }));
                }
                Err(error) => return Err(self.failed(&error)),
            };
            if !is_same(&theirs.policy_text, policy) {
                return Ok(Err(Refusal::ForeignPreview {
                    cause: "ECR has previewed another policy than it was given".to_owned(),
                }));
            }
            let after = self.list().await?;
            if facts(&before, policy) == facts(&after, policy) {
                return self.answered(policy, switches, theirs, after).map(Ok);
            }
            before = after;
        }
        Ok(Err(Refusal::ImagesChange { questions: QUESTIONS_MAX }))
    }

    fn answered(
        &self,
        policy: &Policy,
        switches: Switches,
        theirs: AwsPreview,
        mut repository: Repository,
    ) -> Result<Answered, Failure> {
        let known = self.known()?.unwrap_or_else(|| Repository::new(self.name));
        let indexes_unknown = carry_over(&mut repository, &known);
        repository.registry_id = Some(self.account.to_owned());
        let times = (theirs.asked_at, theirs.answered_at);
        let verification = verify(policy, &repository.images, times, switches, &theirs.fates);
        let verified = VerifiedRepository {
            registry_id: repository.registry_id.clone(),
            region: self.ecr.region().to_owned(),
            name: self.name.to_owned(),
            asked_at: theirs.asked_at,
            answered_at: theirs.answered_at,
            policy_text: theirs.policy_text.clone(),
            images: repository.images.len(),
            verification,
        };
        Ok(Answered { theirs, repository, verified, indexes_unknown })
    }

    /// The images of the repository, all of them.
    async fn list(&self) -> Result<Repository, Failure> {
        let listed = list_images(self.ecr, self.name).await;
        let listed = listed.map_err(|error| Failure::aws(format!("{}: {error}", self.name), error.help()))?;
        match &listed.listing {
            Listing::Complete => Ok(listed),
            Listing::CutOff => {
                Err(Failure::aws(format!("{}: its images could not all be listed", self.name), ""))
            }
            Listing::Failed(cause) => Err(Failure::aws(format!("{}: {cause}", self.name), "")),
        }
    }

    /// The repository in the newest inventory of its registry: of it the manifests are used, which do not change.
    fn known(&self) -> Result<Option<Repository>, Failure> {
        let newest = self.store.newest()?.into_iter().find(|entry| {
            entry.kind == RegistryKind::Private
                && entry.registry_id.as_deref() == Some(self.account)
                && entry.region == self.ecr.region()
        });
        let Some(entry) = newest else { return Ok(None) };
        Ok(self.store.read(&entry, |name| name == self.name)?.repositories.pop())
    }

    fn failed(&self, error: &AwsPreviewError) -> Failure {
        let help = match error {
            AwsPreviewError::Call(call) => call.help(),
            AwsPreviewError::TooSlow { .. }
            | AwsPreviewError::Failed
            | AwsPreviewError::Expired
            | AwsPreviewError::Replaced
            | AwsPreviewError::Answer { .. } => String::new(),
        };
        Failure::aws(format!("{}: {error}", self.name), help)
    }

    /// What is not known of what is in use.
    pub(super) fn gaps(&self, known: &KnownUses) -> Vec<UseGap> {
        known.coverage.gaps(Some(self.account), self.ecr.region(), clock(), self.use_max_age)
    }

    /// Why each image stays that a hold or a protected tag keeps.
    pub(super) fn ties(&self, repository: &Repository) -> Result<Vec<Option<HardGuard>>, Failure> {
        let now = clock();
        let mut holds = self.store.holds(now)?;
        let region = self.ecr.region();
        holds.retain(|hold| hold.is_about(Some(self.account), Some(region), self.name));
        Ok(ties(repository, &Relations::of(&repository.images), self.guards, &holds, now))
    }

    /// What is in use of the repository, by the tags that its images have, and had when what uses them was deployed.
    pub(super) fn in_use<'u>(
        &self,
        known: &'u KnownUses,
        repository: &Repository,
    ) -> Result<KnownUse<'u>, Failure> {
        let region = self.ecr.region();
        let mut times = TagTimes::of(self.store, RegistryKind::Private, Some(self.account), region)?;
        let ledger = times.of_repository(&known.graph, self.name)?;
        let relations = Relations::of(&repository.images);
        let graph = &known.graph;
        let of_repository =
            graph.of_repository_at(RegistryKind::Private, repository, &relations, ledger.as_ref());
        Ok(KnownUse { graph, of_repository })
    }
}

impl Answered {
    /// What changes against the policy that is attached, or against none.
    pub(super) fn changes<'a>(
        &'a self,
        attached: Option<Policy>,
        policy: &Policy,
        switches: Switches,
        in_use: KnownUse<'a>,
    ) -> ChangedRepository<'a> {
        let images = &self.repository.images;
        let now = self.theirs.asked_at;
        let changes = compare(attached.as_ref(), Some(policy), images, &Relations::of(images), now, switches);
        ChangedRepository {
            repository: &self.repository,
            old: attached,
            new: Some(policy.clone()),
            now,
            changes,
            certainties: None,
            in_use: Some(in_use),
        }
    }

    /// Why the policy is not to be put, by what ECR and this program say of it.
    pub(super) fn refusals(
        &self,
        gaps: &[UseGap],
        in_use: &KnownUse<'_>,
        ties: &[Option<HardGuard>],
    ) -> Vec<Refusal> {
        let images = self.verified.verification.disagreements.len();
        let disagreement = match (images, self.indexes_unknown) {
            (0, _) => None,
            (images, 0) => Some(Refusal::Disagreement { images }),
            (images, indexes) => Some(Refusal::Untold { images, indexes }),
        };
        let going = self.going();
        let used: Vec<u32> = going.iter().copied().filter(|&place| in_use.keeps(place)).collect();
        let first = used.first().map(|&place| self.how_in_use(in_use, place));
        let used = first.map(|first| Refusal::InUse { images: used.len(), first });
        let tie = |place: u32| Some((place, ties.get(place as usize)?.as_ref()?));
        let kept: Vec<(u32, &HardGuard)> = going.into_iter().filter_map(tie).collect();
        let first = kept.first().map(|&(place, guard)| {
            format!("{}: {}", self.short(place), guard.detail(&self.repository.images, &[]))
        });
        let kept = first.map(|first| Refusal::HeldOrProtected { images: kept.len(), first });
        let unknown = gaps.first().map(|first| Refusal::UseUnknown {
            gaps: gaps.len(),
            first: first.to_string(),
            help: first.help(),
        });
        unknown.into_iter().chain(disagreement).chain(used).chain(kept).collect()
    }

    /// The places of images that ECR or this program would act on.
    fn going(&self) -> Vec<u32> {
        let disagreements = &self.verified.verification.disagreements;
        let is_ours =
            |digest: Digest| disagreements.iter().any(|one| one.digest == digest && one.ours.is_some());
        let goes = |digest: Digest| self.theirs.fates.contains_key(&digest) || is_ours(digest);
        let images = (0..u32::MAX).zip(&self.repository.images);
        images.filter(|(_, image)| goes(image.digest)).map(|(place, _)| place).collect()
    }

    fn short(&self, place: u32) -> String {
        let image = self.repository.images.get(place as usize);
        image.map_or_else(String::new, |image| image.digest.short())
    }

    /// The image at this place, with what uses it or what it belongs to.
    fn how_in_use(&self, in_use: &KnownUse<'_>, place: u32) -> String {
        let image = self.short(place);
        match in_use.of_repository.protection(place) {
            Some(Protection::InUse(uses)) => {
                let first = uses.first().and_then(|&used| in_use.graph.uses().get(used as usize));
                first.map_or_else(|| image.clone(), |used| format!("{image}, used by {}", used.evidence))
            }
            Some(Protection::PartOf(other)) => format!("{image}, which belongs to {}", self.short(*other)),
            Some(Protection::MayBePartOf(other)) => {
                format!("{image}, which may belong to {}", self.short(*other))
            }
            None => image,
        }
    }

    /// What ECR would do to each image that it lists.
    pub(super) fn fates(&self) -> impl Iterator<Item = (&Digest, &Fate)> {
        self.theirs.fates.iter()
    }
}

/// Whether a text is a policy with the same rules, however it is written.
pub(super) fn is_same(text: &str, policy: &Policy) -> bool {
    text == policy.text() || Policy::parse(text).is_ok_and(|other| other.rules() == policy.rules())
}
