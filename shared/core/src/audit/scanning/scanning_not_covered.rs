//! A repository that no rule of the registry has scanned.

use super::coverage::Coverage;
use crate::RegistryKind;
use crate::audit::catalogue::{config_rule, prowler, security_hub, steampipe};
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Setting, Severity};

pub(super) static AUDIT: Audit = Audit {
    id: "scanning-not-covered",
    area: Area::Scanning,
    title: "No rule of the registry has the repository scanned",
    why: "Nobody learns of the vulnerabilities of its images. Under basic scanning what no rule matches is scanned by hand \
          only, under enhanced scanning not at all; and a filter without `*` matches names that contain it, one with `*` \
          whole names.",
    help: "Add a rule to the scanning configuration of the registry whose filter matches the name of the repository; `*` \
           matches all.",
    severity: Severity::High,
    controls: &[
        security_hub("ECR.1"),
        config_rule("ecr-private-image-scanning-enabled"),
        prowler("ecr_registry_scan_images_on_push_enabled"),
        prowler("ecr_repositories_scan_images_on_push_enabled"),
        steampipe("ecr_repository_image_scan_on_push_enabled"),
    ],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public does not scan.
        return Outcome::Clean;
    }
    let on_push_of_its_own = under.repository.scan_on_push == Some(true);
    let flaw = match Coverage::of(under) {
        Coverage::Unknown(reason) => return Outcome::NotEvaluated(reason),
        Coverage::OnPush | Coverage::Continuous => return Outcome::Clean,
        Coverage::NotAtAll => {
            let message =
                "images are not scanned at all: no rule of enhanced scanning matches the repository";
            Flaw::new(AUDIT.severity, Confidence::Certain, message.to_owned())
        }
        Coverage::ByHand if on_push_of_its_own => {
            // Deprecated, and overruled by the registry; whether it still acts is not documented.
            let message = "only the deprecated setting of the repository has images scanned: no rule of the registry does";
            Flaw::new(Severity::Low, Confidence::Likely, message.to_owned()).with("scan-on-push", "true")
        }
        Coverage::ByHand => {
            let message = "images are scanned by hand only: no rule of the registry has them scanned on push";
            Flaw::new(Severity::Medium, Confidence::Certain, message.to_owned())
        }
    };
    Outcome::of(vec![with_filters(flaw, under)])
}

/// The filters that do not match, as far as there are any.
fn with_filters(flaw: Flaw, under: &RepositoryUnder<'_>) -> Flaw {
    let Setting::Is(scanning) = &under.registry.settings.scanning else { return flaw };
    let filters = scanning.rules.iter().flat_map(|rule| &rule.filters);
    filters.fold(flaw, |flaw, filter| flaw.with("filter", &filter.text))
}
