//! A repository that is not encrypted with a key of KMS where the team demands one.

use crate::RegistryKind;
use crate::audit::catalogue::{config_rule, security_hub};
use crate::audit::{Area, Audit, Confidence, DemandedEncryption, Flaw, Outcome, RepositoryUnder, Severity};

pub(super) static AUDIT: Audit = Audit {
    id: "encryption-without-kms",
    area: Area::Encryption,
    title: "The repository is not encrypted with a key that the team demands",
    why: "With a key of its own a team decides who may decrypt its images, sees every use of the key, and can withdraw it; \
          with keys of AWS it can do none of these.",
    help: "Encryption cannot be changed: make a repository with the key, copy the images, and delete the old one. A \
           repository creation template gives the key to those that ECR makes.",
    severity: Severity::Medium,
    controls: &[security_hub("ECR.5"), config_rule("ecr-repository-cmk-encryption-enabled")],
};

/// The alias of the key that AWS keeps for ECR in every account.
///
/// Source: ECR user guide, "Encryption at rest", read 2026-11-24.
const OF_AWS: &str = "alias/aws/ecr";

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public has no such setting.
        return Outcome::Clean;
    }
    let repository = under.repository;
    let Some(demanded) = under.registry.rules.demanded_encryption(&repository.name) else {
        return Outcome::Clean;
    };
    let Some(encryption_type) = repository.encryption_type.as_deref() else {
        return Outcome::NotEvaluated("encryption was not read".to_owned());
    };
    match encryption_type {
        "AES256" => found("AES256 where a key of KMS is demanded".to_owned(), encryption_type, None),
        "KMS" | "KMS_DSSE" => match repository.kms_key.as_deref() {
            None => {
                Outcome::NotEvaluated(format!("encryption is {encryption_type}, and its key was not read"))
            }
            Some(key) => by_key(demanded, encryption_type, key),
        },
        other => Outcome::NotEvaluated(format!("`{other}` is an encryption that this version does not know")),
    }
}

fn by_key(demanded: &DemandedEncryption, encryption_type: &str, key: &str) -> Outcome {
    if key.ends_with(OF_AWS) {
        return found(format!("{encryption_type} with AWS's own key `{key}`"), encryption_type, Some(key));
    }
    if demanded.keys.iter().any(|allowed| allowed.matches(key)) {
        return Outcome::Clean;
    }
    if demanded.keys.is_empty() {
        if key.contains(":alias/") || key.starts_with("alias/") {
            // Every other alias is one that somebody made: AWS keeps `alias/aws/` to itself.
            return Outcome::Clean;
        }
        // ECR names AWS's own key by its id, as it does any other: only KMS can tell them apart.
        return Outcome::NotEvaluated(format!(
            "whether the key `{key}` is the team's or AWS's own is not in what ECR says, and the rules name no keys"
        ));
    }
    found(format!("{encryption_type} with the key `{key}`, which is not allowed"), encryption_type, Some(key))
}

fn found(message: String, encryption_type: &str, key: Option<&str>) -> Outcome {
    let flaw =
        Flaw::new(AUDIT.severity, Confidence::Certain, message).with("encryption-type", encryption_type);
    let flaw = match key {
        Some(key) => flaw.with("key", key),
        None => flaw,
    };
    Outcome::of(vec![flaw])
}
