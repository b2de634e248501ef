//! A creation template whose repositories break the rules from their first day.

use super::template::{Contradiction, contradictions};
use super::template_policy::opened;
use crate::RegistryKind;
use crate::audit::{
    Area, Audit, Census, Confidence, CreationTemplate, Flaw, Outcome, RegistryUnder, Setting, Severity,
};

pub(super) static AUDIT: Audit = Audit {
    id: "creation-template-contradicts",
    area: Area::Hygiene,
    title: "A creation template makes repositories that break the rules",
    why: "What a template leaves out is `MUTABLE`, `AES256` and without policies. Repositories that a push, replication or a \
          pull-through cache makes have that from their first day, and their encryption cannot be changed.",
    help: "State in the template what the rules ask for; repositories that it has made already have to be changed one by \
           one.",
    severity: Severity::Medium,
    controls: &[],
};

pub(super) fn check(under: &RegistryUnder<'_>, _census: &Census) -> Outcome {
    if under.kind == RegistryKind::Public {
        // ECR Public has no creation templates.
        return Outcome::Clean;
    }
    match &under.settings.creation_templates {
        Setting::Unknown(reason) => Outcome::NotEvaluated(reason.clone()),
        Setting::Absent => Outcome::Clean,
        Setting::Is(templates) => judge(templates, under),
    }
}

fn judge(templates: &[CreationTemplate], under: &RegistryUnder<'_>) -> Outcome {
    let found = templates.iter().flat_map(|template| {
        contradictions(template, under.rules).into_iter().map(|found| flaw(template, &found))
    });
    let mut flaws: Vec<Flaw> = found.collect();
    let mut unknown = None;
    for template in templates {
        let of_template = |cause: String| format!("template `{}`: {cause}", template.prefix);
        if let Err(cause) = template.tag_mutability.freedom() {
            unknown = unknown.or(Some(of_template(cause.to_string())));
        }
        match opened(template, under.rules, under.account) {
            Ok(opened) => flaws.extend(opened.map(|mut flaw| {
                flaw.message = of_template(flaw.message);
                described(flaw, template)
            })),
            Err(cause) => unknown = unknown.or(Some(of_template(cause))),
        }
    }
    match unknown {
        Some(reason) if flaws.is_empty() => Outcome::NotEvaluated(reason),
        Some(_) | None => Outcome::of(flaws),
    }
}

fn flaw(template: &CreationTemplate, found: &Contradiction) -> Flaw {
    let (severity, what) = match found {
        Contradiction::TagsCanMove { repositories } => {
            let mode = &template.tag_mutability.mode;
            let what = format!("{mode} lets tags move that have to mean the same build in `{repositories}`");
            (AUDIT.severity, what)
        }
        Contradiction::CacheIsFrozen => (
            AUDIT.severity,
            "no tag of a pull-through cache can move, so that ECR cannot refresh it".to_owned(),
        ),
        Contradiction::Encryption { repositories } => {
            let given = &template.encryption_type;
            let what = match &template.kms_key {
                Some(key) => {
                    format!("{given} with the key `{key}`, which is not allowed for `{repositories}`")
                }
                None => format!("{given} without a key of the team, which is demanded for `{repositories}`"),
            };
            (AUDIT.severity, what)
        }
        Contradiction::WithoutPolicy => {
            (Severity::Low, "no lifecycle policy, so that every image is kept".to_owned())
        }
    };
    let message = format!("template `{}`: {what}", template.prefix);
    let flaw = described(Flaw::new(severity, Confidence::Certain, message), template);
    match found {
        Contradiction::TagsCanMove { .. } | Contradiction::CacheIsFrozen => {
            let filters = &template.tag_mutability.exclusion_filters;
            let flaw = flaw.with("mode", &template.tag_mutability.mode);
            filters.iter().fold(flaw, |flaw, given| flaw.with("filter", &given.filter))
        }
        Contradiction::Encryption { .. } => {
            let flaw = flaw.with("encryption-type", &template.encryption_type);
            template.kms_key.iter().fold(flaw, |flaw, key| flaw.with("key", key))
        }
        Contradiction::WithoutPolicy => flaw,
    }
}

fn described(flaw: Flaw, template: &CreationTemplate) -> Flaw {
    let flaw = flaw.with("template", &template.prefix);
    template.applied_for.iter().fold(flaw, |flaw, use_| flaw.with("applied-for", use_))
}
