//! Old and new policies from the JSON of a Terraform plan.

use std::collections::BTreeSet;
use std::path::Path;

use demurrage_core::lifecycle::Policy;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::policy_file;

/// What a plan does to lifecycle policies.
pub(super) struct Plan {
    pub(super) changes: Vec<PlannedChange>,
    /// Changes that only the run of the plan will know, one sentence each.
    pub(super) unknown: Vec<String>,
}

/// What a plan does to the policy of one repository.
pub(super) struct PlannedChange {
    pub(super) repository: String,
    pub(super) old: Option<Policy>,
    pub(super) new: Option<Policy>,
    /// Whether the plan makes the repository, too.
    pub(super) creates_repository: bool,
}

/// Source: Terraform's "JSON Output Format", plan representation, read 2026-11-23.
#[derive(Deserialize)]
struct Document {
    resource_changes: Option<Vec<ResourceChange>>,
    planned_values: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct ResourceChange {
    address: String,
    #[serde(rename = "type")]
    resource_type: String,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    after_unknown: Value,
}

/// Reads the output of `terraform show -json PLAN`.
pub(super) fn read(path: &Path) -> Result<Plan, Failure> {
    let text = policy_file::read_text(path)?;
    let help = "`--terraform-plan` takes the output of `terraform show -json PLAN`";
    let document: Document =
        serde_json::from_str(&text).map_err(|error| Failure::content(path, error.to_string(), help))?;
    if document.resource_changes.is_none() && document.planned_values.is_none() {
        return Err(Failure::content(
            path,
            "it is not the JSON of a Terraform plan (of a state, perhaps)",
            help,
        ));
    }
    let resources = document.resource_changes.unwrap_or_default();
    let created = created_repositories(&resources);
    let mut plan = Plan { changes: Vec::new(), unknown: Vec::new() };
    for resource in resources.iter().filter(|resource| resource.resource_type == "aws_ecr_lifecycle_policy") {
        add(path, &mut plan, resource, &created)?;
    }
    Ok(plan)
}

fn created_repositories(resources: &[ResourceChange]) -> BTreeSet<String> {
    resources
        .iter()
        .filter(|resource| resource.resource_type == "aws_ecr_repository")
        .filter(|resource| resource.change.before.is_null())
        .filter_map(|resource| resource.change.after.get("name")?.as_str().map(str::to_owned))
        .collect()
}

fn add(
    path: &Path,
    plan: &mut Plan,
    resource: &ResourceChange,
    created: &BTreeSet<String>,
) -> Result<(), Failure> {
    let change = &resource.change;
    // What Terraform forgets stays in AWS as it is.
    let changes_nothing = |action: &String| matches!(&**action, "no-op" | "read" | "forget");
    if change.actions.iter().all(changes_nothing) {
        return Ok(());
    }
    let is_unknown = |key: &str| change.after_unknown.get(key).and_then(Value::as_bool).unwrap_or(false);
    let text = |side: &Value, key: &str| side.get(key).and_then(Value::as_str).map(str::to_owned);
    let policy = |side: &Value| -> Result<Option<Policy>, Failure> {
        let parsed = text(side, "policy").map(|text| Policy::parse(&text)).transpose();
        parsed.map_err(|rejection| Failure::Policy {
            path: format!("{} in {}", resource.address, path.display()).into(),
            rejection: Box::new(rejection),
        })
    };
    let (before, after) = (text(&change.before, "repository"), text(&change.after, "repository"));
    for (key, what) in [("repository", "repository"), ("policy", "policy")] {
        if is_unknown(key) {
            plan.unknown
                .push(format!("{}: its {what} is known only when the plan is applied", resource.address));
            return Ok(());
        }
    }
    let mut push = |repository: String, old, new| {
        let creates_repository = created.contains(&repository);
        plan.changes.push(PlannedChange { repository, old, new, creates_repository });
    };
    match (before, after) {
        (Some(before), Some(after)) if before == after => {
            push(after, policy(&change.before)?, policy(&change.after)?);
        }
        (before, after) => {
            if let Some(before) = before {
                push(before, policy(&change.before)?, None);
            }
            if let Some(after) = after {
                push(after, None, policy(&change.after)?);
            }
        }
    }
    Ok(())
}
