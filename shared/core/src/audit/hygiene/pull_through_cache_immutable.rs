//! A repository of the pull-through cache whose tags cannot move.

use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Setting, Severity};
use crate::{Freedom, RegistryKind, Wildcard};

pub(super) static AUDIT: Audit = Audit {
    id: "pull-through-cache-immutable",
    area: Area::Hygiene,
    title: "Tags of a pull-through cache cannot move",
    why: "ECR asks the upstream registry once a day whether a tag has moved, and cannot follow where the tag is immutable: \
          what is pulled stays as it was when it was first cached, without its fixes.",
    help: "Set `MUTABLE` for repositories of the cache, in their creation template too, and pull by digest what has to stay \
           the same.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public has no pull-through cache.
        return Outcome::Clean;
    }
    let rules = match &under.registry.settings.pull_through_rules {
        Setting::Unknown(reason) => return Outcome::NotEvaluated(reason.clone()),
        Setting::Absent => return Outcome::Clean,
        Setting::Is(rules) => rules,
    };
    let Some(rule) = rules.iter().find(|rule| rule.holds(&under.repository.name)) else {
        return Outcome::Clean;
    };
    let (setting, freedom) = match under.freedom() {
        Ok(read) => read,
        Err(reason) => return Outcome::NotEvaluated(reason),
    };
    let tags = || under.repository.images.iter().flat_map(|image| &image.tags).map(crate::Tag::as_str);
    let frozen = tags().filter(|tag| !freedom.lets_move(tag)).count();
    let severity = match &freedom {
        Freedom::All => return Outcome::Clean,
        Freedom::Nothing => AUDIT.severity,
        Freedom::Only(patterns) if patterns.iter().any(Wildcard::is_everything) => return Outcome::Clean,
        Freedom::AllBut(patterns) if patterns.iter().any(Wildcard::is_everything) => AUDIT.severity,
        // Filters can be meant so: versions that never move upstream, beside tags that do.
        Freedom::Only(_) | Freedom::AllBut(_) if frozen == 0 => return Outcome::Clean,
        Freedom::Only(_) | Freedom::AllBut(_) => Severity::Informational,
    };
    let message = format!(
        "{} freezes {frozen} of {} that are cached from `{}`",
        setting.mode,
        counted(tags().count(), "tag"),
        rule.upstream
    );
    let flaw = Flaw::new(severity, Confidence::Certain, message).with("mode", &setting.mode);
    let flaw = setting.exclusion_filters.iter().fold(flaw, |flaw, given| flaw.with("filter", &given.filter));
    Outcome::of(vec![flaw.with("upstream", &rule.upstream)])
}
