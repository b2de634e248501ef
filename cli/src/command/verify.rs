//! `demurrage preview --verify`: ECR's own preview of the same policies, beside ours.

use std::collections::BTreeMap;

use demurrage_aws::collect::list_images;
use demurrage_aws::{AwsPreview, Ecr, Patience, Session, preview_on_aws};
use demurrage_core::lifecycle::{Limit, Policy, Switch, Switches, verify};
use demurrage_core::{Digest, Image, Listing, Manifest, RegistryKind, Repository, Tag, instant};
use demurrage_report::{VerifiedRepository, count, verify_json, verify_table};
use futures::StreamExt;
use serde_json::json;

use super::previews::Pair;
use crate::args::{Format, worse};
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::Registry;
use crate::{runtime, talk, terminal};

/// Repositories that ECR is asked about at a time: it has one preview for each.
const AT_ONCE: usize = 8;

/// How often ECR is asked about a repository that is changed meanwhile.
const QUESTIONS_MAX: usize = 3;

/// How to ask.
pub(super) struct Question<'a> {
    pub(super) store: &'a demurrage_store::Store,
    pub(super) aws: &'a AwsArgs,
    pub(super) switches: Switches,
    pub(super) format: Format,
}

/// Asks ECR about every pair, shows what came of it, and keeps it in the store as evidence.
pub(super) fn run(
    question: &Question<'_>,
    registries: &[Registry],
    pairs: &[Pair<'_>],
    is_partial: bool,
) -> Result<Exit, Failure> {
    let (verified, failed) = runtime::wait(ask_all(question, registries, pairs))??;
    match question.format {
        Format::Json => talk::json(&verify_json(&verified))?,
        Format::Table => talk::data(&verify_table(&verified, terminal::width()))?,
    }
    if let Some(last) = verified.iter().map(|repository| repository.asked_at).max() {
        let evidence = json!({
            "at": instant::format(last),
            "asked_for": settings(question.switches),
            "answer": verify_json(&verified),
        });
        let text = format!("{evidence:#}\n");
        let place = question.store.add_evidence("lifecycle-preview", last, &text)?;
        talk::say(format!("kept as evidence in {place}"));
    }
    let differ = verified.iter().filter(|r| !r.verification.disagreements.is_empty()).count();
    talk::say(format!(
        "{} asked about, {} where ECR says something else; nothing was changed",
        count(verified.len(), "repository"),
        differ
    ));
    Ok(worse(is_partial || failed, differ != 0))
}

fn settings(switches: Switches) -> serde_json::Value {
    Switch::ALL
        .into_iter()
        .map(|switch| (switch.name().to_owned(), serde_json::Value::from(switches.value_name(switch))))
        .collect()
}

/// What ECR was asked, and whether something could not be.
async fn ask_all(
    question: &Question<'_>,
    registries: &[Registry],
    pairs: &[Pair<'_>],
) -> Result<(Vec<VerifiedRepository>, bool), Failure> {
    // Pairs stand in the order of the registries, and so do their repositories.
    let with_pairs =
        registries.iter().filter(|registry| registry.kind == RegistryKind::Private).map(|registry| {
            let its: Vec<&Pair<'_>> =
                pairs.iter().filter(|pair| registry.repositories.contains(&pair.place)).collect();
            (registry, its)
        });
    let with_pairs: Vec<_> = with_pairs.filter(|(_, its)| !its.is_empty()).collect();
    let Some((first, _)) = with_pairs.first() else {
        talk::warn("no repository has a policy to ask about");
        return Ok((Vec::new(), false));
    };
    let session = question.aws.session(&first.region, None).await?;
    // Whose each registry is, is looked at before the first question: the answers take hours, and none is lost.
    let (askable, others): (Vec<_>, Vec<_>) = with_pairs
        .into_iter()
        .partition(|(registry, _)| registry.account.as_deref() == Some(session.account()));
    for (registry, _) in &others {
        talk::warn(left_out(registry, &session));
    }
    let (mut verified, mut failed) = (Vec::new(), !others.is_empty());
    for (registry, its) in askable {
        let ecr = session.ecr(&registry.region);
        let asked = its.into_iter().map(|pair| ask(&ecr, registry, pair, question.switches));
        let mut answers = std::pin::pin!(futures::stream::iter(asked).buffered(AT_ONCE));
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(repository) => verified.push(repository),
                Err(problem) => {
                    talk::warn(problem);
                    failed = true;
                }
            }
        }
    }
    Ok((verified, failed))
}

/// Why a registry is not asked about: the answer would be about another one.
fn left_out(registry: &Registry, session: &Session) -> String {
    let Registry { account, region, .. } = registry;
    let mine = session.account();
    match account {
        Some(account) => format!(
            "{account} {region}: left out, as the credentials are of account {mine}; ask with a role of that \
            account (`--role-arn`)"
        ),
        None => format!(
            "{region}: left out, as its inventory does not say of which account it is, and the credentials are \
            of {mine}; collect it, or import it with `describe-registry`"
        ),
    }
}

/// Asks about one repository as it is now: its images are listed again, with the manifests that are known.
async fn ask(
    ecr: &Ecr,
    registry: &Registry,
    pair: &Pair<'_>,
    switches: Switches,
) -> Result<VerifiedRepository, String> {
    let name = &pair.repository.name;
    let policy: &Policy = pair.policy;
    let (theirs, mut now) = ask_while_unchanged(ecr, name, policy).await?;
    let unknown = carry_over(&mut now, pair.repository);
    let times = (theirs.asked_at, theirs.answered_at);
    let verification = verify(policy, &now.images, times, switches, &theirs.fates);
    // ECR knows the children; a difference may be ours alone.
    if unknown != 0 && !verification.disagreements.is_empty() {
        return Err(format!(
            "{name}: cannot be told: {} differ, and the children of {} are unknown here; collect with manifests",
            count(verification.disagreements.len(), "image"),
            count(unknown, "index")
        ));
    }
    Ok(VerifiedRepository {
        registry_id: registry.account.clone(),
        region: registry.region.clone(),
        name: name.clone(),
        asked_at: theirs.asked_at,
        answered_at: theirs.answered_at,
        policy_text: theirs.policy_text,
        images: now.images.len(),
        verification,
    })
}

/// An answer of ECR, and the images that it is about: the same before the question and after the answer.
async fn ask_while_unchanged(
    ecr: &Ecr,
    name: &str,
    policy: &Policy,
) -> Result<(AwsPreview, Repository), String> {
    let mut before = list(ecr, name).await?;
    for _ in 0..QUESTIONS_MAX {
        let theirs = preview_on_aws(ecr, name, Some(policy.text()), Patience::default()).await;
        let theirs = theirs.map_err(|error| format!("{name}: {error}"))?;
        let after = list(ecr, name).await?;
        if facts(&before, policy) == facts(&after, policy) {
            return Ok((theirs, after));
        }
        before = after;
    }
    Err(format!(
        "{name}: its images were changed while ECR was asked, {QUESTIONS_MAX} times, so both cannot be compared; \
        ask again at a quiet time"
    ))
}

/// The images of a repository, all of them.
async fn list(ecr: &Ecr, name: &str) -> Result<Repository, String> {
    let listed = list_images(ecr, name).await.map_err(|error| format!("{name}: {error}"))?;
    match &listed.listing {
        Listing::Complete => Ok(listed),
        Listing::CutOff => Err(format!("{name}: its images could not all be listed")),
        Listing::Failed(cause) => Err(format!("{name}: {cause}")),
    }
}

/// What a preview depends on, without manifests, which do not change. The last pulls count where a rule is
/// about them: a busy repository is pulled all the time.
pub(super) fn facts<'a>(repository: &'a Repository, policy: &Policy) -> Vec<(Image, Vec<&'a Tag>)> {
    let is_about_pulls = policy.rules().iter().any(|rule| matches!(rule.limit, Limit::SinceImagePulled(_)));
    let facts = repository.images.iter().map(|image| {
        let mut tags: Vec<&Tag> = image.tags.iter().collect();
        tags.sort_unstable();
        let last_pulled_at = image.last_pulled_at.filter(|_| is_about_pulls);
        (Image { tags: Vec::new(), last_pulled_at, ..image.clone() }, tags)
    });
    facts.collect()
}

/// Gives images the manifests that the inventory knows; returns how many indexes have none.
pub(super) fn carry_over(now: &mut Repository, known: &Repository) -> usize {
    let manifests: BTreeMap<Digest, &Manifest> =
        known.images.iter().filter_map(|image| Some((image.digest, image.manifest.as_deref()?))).collect();
    for image in &mut now.images {
        if let Some(manifest) = manifests.get(&image.digest) {
            image.subject = image.subject.or(manifest.subject);
            image.manifest = Some(Box::new((*manifest).clone()));
        }
    }
    now.images.iter().filter(|image| image.has_unknown_children()).count()
}
