//! ECR's own previews beside ours, for programs and as evidence.

use demurrage_core::instant;
use demurrage_core::lifecycle::{Action, Fate, Switch, Switches};
use serde_json::{Map, Value, json};

use crate::verify_table::{VerifiedRepository, common};

/// What came of asking ECR: an object for each repository, and what all of them have in common. `reproducedBy`
/// is null where nothing was compared.
pub fn verify_json(repositories: &[VerifiedRepository]) -> Value {
    json!({
        "reproduced_by": common(repositories).map(|all| all.into_iter().map(settings).collect::<Vec<_>>()),
        "repositories": repositories.iter().map(repository).collect::<Vec<_>>(),
    })
}

fn repository(repository: &VerifiedRepository) -> Value {
    let verification = &repository.verification;
    let disagreements = verification.disagreements.iter().map(|disagreement| {
        json!({
            "image_digest": disagreement.digest.to_string(),
            "ours": fate(disagreement.ours),
            "ecr": fate(disagreement.theirs),
        })
    });
    json!({
        "registry_id": repository.registry_id,
        "region": repository.region,
        "repository_name": repository.name,
        "asked_at": instant::format(repository.asked_at),
        "answered_at": instant::format(repository.answered_at),
        "lifecycle_policy_text": repository.policy_text,
        "images": repository.images,
        "listed_by_ecr": verification.listed,
        "reproduced_by": verification.reproducing.iter().copied().map(settings).collect::<Vec<_>>(),
        "disagreements": disagreements.collect::<Vec<_>>(),
    })
}

fn settings(switches: Switches) -> Value {
    let pairs = Switch::ALL
        .into_iter()
        .map(|switch| (switch.name().to_owned(), Value::from(switches.value_name(switch))));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn fate(fate: Option<Fate>) -> Value {
    let Some((outcome, priority)) = fate else { return Value::Null };
    json!({"action": outcome.action().map(Action::as_api), "rule_priority": priority})
}
