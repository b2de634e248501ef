//! A setting of tag mutability whose filters make it the same as `MUTABLE`, whatever its name says.

use crate::audit::catalogue::{config_rule, security_hub, steampipe};
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity};
use crate::tag::{TAG_CHARS_MAX, is_tag_char};
use crate::{Freedom, RegistryKind, Wildcard};

pub(super) static AUDIT: Audit = Audit {
    id: "exclusion-frees-everything",
    area: Area::Mutability,
    title: "The filters of tag mutability free every tag",
    why: "The mode reads as if some tags could not move, and scanners pass it, but every tag can.",
    help: "Name the tags that may move instead of `*`, or set `MUTABLE` where all of them may.",
    severity: Severity::Medium,
    controls: &[
        security_hub("ECR.2"),
        config_rule("ecr-private-tag-immutability-enabled"),
        steampipe("ecr_repository_tag_immutability_enabled"),
    ],
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
    let cause = match &freedom {
        // No list of other patterns frees everything: each asks for a character, and some tag has none of those.
        Freedom::Only(patterns) => match patterns.iter().find(|pattern| pattern.is_everything()) {
            Some(pattern) => format!("the filter `{pattern}` matches all"),
            None => return Outcome::Clean,
        },
        Freedom::AllBut(patterns) if !patterns.iter().any(matches_a_tag) => {
            "no tag can match its filters".to_owned()
        }
        Freedom::AllBut(_) | Freedom::Nothing | Freedom::All => return Outcome::Clean,
    };
    let promise = under.registry.rules.promise(&under.repository.name);
    let is_meant = promise.is_none_or(|promise| promise.may_move.iter().any(Wildcard::is_everything));
    let severity = if is_meant { Severity::Low } else { AUDIT.severity };
    let message = format!("{} lets every tag move: {cause}", setting.mode);
    let mut flaw = Flaw::new(severity, Confidence::Certain, message).with("mode", &setting.mode);
    for filter in &setting.exclusion_filters {
        flaw = flaw.with("filter", &filter.filter);
    }
    Outcome::of(vec![flaw])
}

/// Whether some tag can match. ECR takes filters that no tag can: a tag begins with neither `.` nor `-`.
fn matches_a_tag(pattern: &Wildcard) -> bool {
    let text = pattern.to_string();
    !text.is_empty()
        && !text.starts_with(['.', '-'])
        && pattern.literals().all(is_tag_char)
        && pattern.literals().count() <= TAG_CHARS_MAX
}
