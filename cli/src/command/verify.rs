//! `demurrage preview --verify`: ECR's own preview of the same policies, beside ours.

use std::collections::BTreeMap;

use demurrage_aws::collect::list_images;
use demurrage_aws::{Ecr, Patience, preview_on_aws};
use demurrage_core::lifecycle::{Policy, Switch, Switches, verify};
use demurrage_core::{Digest, Listing, Manifest, RegistryKind, Repository, instant};
use demurrage_report::{VerifiedRepository, count, verify_json, verify_table};
use futures::StreamExt;
use serde_json::json;

use super::previews::Pair;
use crate::args::{Format, worse};
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::selected::Registry;
use crate::{runtime, talk};

/// Repositories that ECR is asked about at a time: it has one preview for each.
const AT_ONCE: usize = 8;

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
        Format::Table => talk::data(&verify_table(&verified))?,
    }
    if let Some(last) = verified.iter().map(|repository| repository.asked_at).max() {
        let evidence = json!({
            "at": instant::format(last),
            "askedFor": settings(question.switches),
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

async fn ask_all(
    question: &Question<'_>,
    registries: &[Registry],
    pairs: &[Pair<'_>],
) -> Result<(Vec<VerifiedRepository>, bool), Failure> {
    let (mut verified, mut failed) = (Vec::new(), false);
    let mut first = 0;
    for registry in registries {
        // Pairs stand in the order of the registries, and so do their repositories.
        let of_registry: Vec<&Pair<'_>> =
            pairs.iter().filter(|pair| registry.repositories.contains(&pair.place)).collect();
        first += of_registry.len();
        if of_registry.is_empty() || registry.kind == RegistryKind::Public {
            continue;
        }
        let session = question.aws.session(&registry.region).await?;
        if registry.account.as_deref().is_some_and(|account| account != session.account()) {
            return Err(Failure::usage(
                format!(
                    "the inventory is of account {}, and the credentials are of {}",
                    registry.account.as_deref().unwrap_or_default(),
                    session.account()
                ),
                "name a role of that account: `--role-arn ARN`",
            ));
        }
        let ecr = session.ecr(&registry.region);
        let asked = of_registry.iter().map(|pair| ask(&ecr, registry, pair, question.switches));
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
    if first == 0 {
        talk::warn("no repository has a policy to ask about");
    }
    Ok((verified, failed))
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
    let theirs = preview_on_aws(ecr, name, Some(policy.text()), Patience::default()).await;
    let theirs = theirs.map_err(|error| format!("{name}: {error}"))?;
    let mut now = list_images(ecr, name).await.map_err(|error| format!("{name}: {error}"))?;
    if let Listing::Failed(cause) = &now.listing {
        return Err(format!("{name}: {cause}"));
    }
    if now.listing == Listing::CutOff {
        return Err(format!("{name}: its images could not all be listed"));
    }
    let unknown = carry_over(&mut now, pair.repository);
    if unknown != 0 {
        talk::warn(format!(
            "{name}: the children of {} are unknown; collect again, with manifests, to be sure",
            count(unknown, "index")
        ));
    }
    let times = (theirs.asked_at, theirs.answered_at);
    Ok(VerifiedRepository {
        registry_id: registry.account.clone(),
        region: registry.region.clone(),
        name: name.clone(),
        asked_at: theirs.asked_at,
        policy_text: theirs.policy_text,
        images: now.images.len(),
        verification: verify(policy, &now.images, times, switches, &theirs.fates),
    })
}

/// Gives images the manifests that the inventory knows; returns how many indexes have none.
fn carry_over(now: &mut Repository, known: &Repository) -> usize {
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
