//! A filter of tag mutability that no tag of the repository matches.

use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, Promise, RepositoryUnder, Severity};
use crate::{Freedom, RegistryKind, Wildcard};

pub(super) static AUDIT: Audit = Audit {
    id: "exclusion-matches-nothing",
    area: Area::Mutability,
    title: "A filter of tag mutability matches no tag",
    why: "A filter that matches nothing is often misspelt: the tags that it was written for do the opposite of what was \
          meant.",
    help: "Correct the filter, or remove it; it is fine where such tags are still to come.",
    severity: Severity::Low,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public has no such setting.
        return Outcome::Clean;
    }
    let (setting, freedom) = match under.freedom() {
        Ok(read) => read,
        Err(reason) => return Outcome::NotEvaluated(reason),
    };
    let promise = under.registry.rules.promise(&under.repository.name);
    let suspects: Vec<&Wildcard> = match &freedom {
        Freedom::Nothing | Freedom::All => return Outcome::Clean,
        // What the team's own rules name is no mistake: repositories are made with it before their tags come.
        Freedom::Only(patterns) => patterns.iter().filter(|pattern| !is_promised(promise, pattern)).collect(),
        Freedom::AllBut(patterns) => patterns.iter().collect(),
    };
    let tags: Vec<&str> =
        under.repository.images.iter().flat_map(|image| &image.tags).map(crate::Tag::as_str).collect();
    let unmatched: Vec<&&Wildcard> =
        suspects.iter().filter(|pattern| !tags.iter().any(|tag| pattern.matches(tag))).collect();
    if unmatched.is_empty() {
        return Outcome::Clean;
    }
    if let Some(reason) = under.unlisted() {
        return Outcome::NotEvaluated(reason);
    }
    if tags.is_empty() {
        // A repository that has no tags yet says nothing about its filters.
        return Outcome::Clean;
    }
    let had = |pattern: &Wildcard| {
        under.ledger.is_some_and(|ledger| ledger.tags().keys().any(|tag| pattern.matches(tag.as_str())))
    };
    let flaw = |pattern: &&&Wildcard| {
        let message = format!("`{pattern}` matches none of {}", counted(tags.len(), "tag"));
        let flaw = Flaw::new(AUDIT.severity, Confidence::Likely, message);
        flaw.with("mode", &setting.mode).with("filter", pattern.to_string())
    };
    Outcome::of(unmatched.iter().filter(|pattern| !had(pattern)).map(flaw).collect())
}

fn is_promised(promise: Option<&Promise>, pattern: &Wildcard) -> bool {
    promise.is_some_and(|promise| promise.may_move.iter().any(|allowed| allowed.includes(pattern)))
}
