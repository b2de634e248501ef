//! What the repositories of a creation template would break.

use crate::audit::{CreationTemplate, DemandedEncryption, Promise, Rules};
use crate::{Freedom, Wildcard};

/// A rule that a template breaks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Contradiction {
    /// It frees tags that may not move in repositories of such names.
    TagsCanMove { repositories: Wildcard },
    /// It makes caches of which no tag can move.
    CacheIsFrozen,
    /// It does not encrypt as it is demanded for repositories of such names.
    Encryption { repositories: Wildcard },
    /// It has no lifecycle policy.
    WithoutPolicy,
}

/// What the template breaks, in the order above.
pub(super) fn contradictions(template: &CreationTemplate, rules: &Rules) -> Vec<Contradiction> {
    let names = names(template);
    let mut found = Vec::new();
    // What a mode that is not known frees is not known either: the audit says so.
    if let Ok(freedom) = template.tag_mutability.freedom() {
        if makes(template, CACHE) && freedom == Freedom::Nothing {
            found.push(Contradiction::CacheIsFrozen);
        }
        // For a cache alone `MUTABLE` is right.
        if template.applied_for.iter().any(|use_| use_ != CACHE) {
            let mut promises = about(&rules.mutability, |promise: &Promise| &promise.repositories, &names);
            let broken = promises.find(|promise| !freedom.is_within(&promise.may_move));
            found
                .extend(broken.map(|promise| Contradiction::TagsCanMove {
                    repositories: promise.repositories.clone(),
                }));
        }
    }
    let breaks = |demanded: &&DemandedEncryption| !is_encrypted_so(template, demanded);
    let demanded = about(&rules.encryption, |demanded| &demanded.repositories, &names).find(breaks);
    found.extend(
        demanded.map(|demanded| Contradiction::Encryption { repositories: demanded.repositories.clone() }),
    );
    if template.lifecycle_policy.is_none() && !template.applied_for.is_empty() {
        found.push(Contradiction::WithoutPolicy);
    }
    found
}

/// What a template is applied for, as the API spells it.
const CACHE: &str = "PULL_THROUGH_CACHE";

/// The prefix of a template that is for every name.
const ROOT: &str = "ROOT";

fn makes(template: &CreationTemplate, what: &str) -> bool {
    template.applied_for.iter().any(|use_| use_ == what)
}

/// The names of repositories that the template can be for, those of more specific templates among them.
fn names(template: &CreationTemplate) -> Wildcard {
    if template.prefix == ROOT {
        Wildcard::new("*")
    } else {
        let prefix = template.prefix.trim_end_matches('/');
        Wildcard::starting_with(&format!("{prefix}/"))
    }
}

/// The rules that are about some repository of these names, where the first that matches one counts: up to the first
/// that is about all of them.
fn about<'r, R>(
    rules: &'r [R],
    repositories: fn(&R) -> &Wildcard,
    names: &Wildcard,
) -> impl Iterator<Item = &'r R> {
    let all = rules.iter().position(|rule| repositories(rule).includes(names));
    let end = all.map_or(rules.len(), |place| place + 1);
    rules.iter().take(end).filter(move |rule| repositories(rule).overlaps(names))
}

/// Whether repositories of the template have the key that is demanded. Without a key in the template it is AWS's own.
fn is_encrypted_so(template: &CreationTemplate, demanded: &DemandedEncryption) -> bool {
    match (template.encryption_type.as_str(), &template.kms_key) {
        ("AES256", _) | (_, None) => false,
        (_, Some(key)) if demanded.keys.is_empty() => !key.ends_with("alias/aws/ecr"),
        (_, Some(key)) => demanded.keys.iter().any(|allowed| allowed.matches(key)),
    }
}
