//! Findings of audits in the AWS Security Finding Format, as `BatchImportFindings` of Security Hub takes them.
//!
//! It makes the list; that a call takes 100 of them at the most, and those of one account and region alone, is the
//! business of whoever sends it. What somebody accepts is an archived record: when the acceptance ends, the next import
//! makes it active again. The workflow of a finding is left to those who look at it, since an import cannot change it
//! later.
//!
//! Source: AWS Security Hub API reference, `AwsSecurityFinding`, `Compliance` and `BatchImportFindings`, read
//! 2026-11-24, also for all bounds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_core::audit::{Acceptance, Audit, Finding, Severity};
use demurrage_core::{RegistryKind, instant};
use serde_json::{Map, Value, json};

use super::audited::Found;
use super::name::partition;
use super::subject::{Marks, mark};
use super::unanswered::{Unanswered, unanswered};
use super::{AuditReport, AuditedRegistry};
use crate::image_name::visible;

const TITLE_CHARS_MAX: usize = 256;
const DESCRIPTION_CHARS_MAX: usize = 1024;
const RECOMMENDATION_CHARS_MAX: usize = 512;
const REQUIREMENTS_MAX: usize = 32;
/// Pairs that `ProductFields` may have, and the characters of a value.
const FIELDS_MAX: usize = 50;
const FIELD_CHARS_MAX: usize = 2048;
/// The partitions that the format knows; it has no place for others.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];
/// Namespace and category of all findings.
const TYPE: &str = "Software and Configuration Checks/AWS Security Best Practices";
/// The region of ECR Public's API.
const PUBLIC_REGION: &str = "us-east-1";

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AsffError {
    /// A finding belongs to an account, and the inventory does not say to which.
    #[error("the account of {} is not known", places.join(", "))]
    NoAccount {
        /// The repositories and registries of which it is not, the first of them.
        places: Vec<String>,
    },
}

/// Repositories that an error names.
const NAMED_MAX: usize = 10;

/// The findings, and one for each audit that could not answer in a registry, with the status `NOT_AVAILABLE`.
///
/// # Errors
/// When there is something to tell of a registry whose account is not known.
pub fn audit_asff(report: &AuditReport) -> Result<Value, AsffError> {
    let not_evaluated = unanswered(report);
    let without_account = report.found().filter(|found| found.registry.account.is_none());
    let mut places: Vec<String> = without_account.map(|found| shown_place(&found)).collect();
    let unanswered_without = not_evaluated.iter().filter(|one| one.registry.account.is_none());
    places.extend(unanswered_without.map(|one| format!("the registry in {}", one.registry.region)));
    places.dedup();
    if !places.is_empty() {
        places.truncate(NAMED_MAX);
        return Err(AsffError::NoAccount { places });
    }
    let mut marks = Marks::default();
    let mut list: Vec<Value> =
        report.found().filter_map(|found| finding(report.now, &found, &marks.of(&found))).collect();
    list.extend(by_audit(&not_evaluated).iter().filter_map(|all| unavailable(report.now, all)));
    Ok(Value::Array(list))
}

fn shown_place(found: &Found<'_>) -> String {
    match found.repository {
        Some(repository) => format!("`{}` in {}", visible(&repository.name), found.registry.region),
        None => format!("the registry in {}", found.registry.region),
    }
}

fn finding(now: DateTime<Utc>, found: &Found<'_>, mark: &str) -> Option<Value> {
    let Found { registry, finding, .. } = found;
    let to = Recipient::of(registry)?;
    let record = if finding.counts() { "ACTIVE" } else { "ARCHIVED" };
    let mut value = to.frame(now, finding.audit, finding.severity);
    let place = found.repository.map_or_else(|| to.account_id(), |_| found.place());
    let members = json!({
        "Id": format!("{place}/{}/{mark}", finding.audit.id),
        "LastObservedAt": instant::format(registry.taken_at),
        "Description": cut(&described(finding), DESCRIPTION_CHARS_MAX),
        "Resources": [resource(&to, found)],
        "Compliance": compliance("FAILED", finding.audit),
        "RecordState": record,
        "ProductFields": fields(finding),
    });
    extend(&mut value, members);
    if let Some(observed) = first_observed(finding) {
        extend(&mut value, json!({ "FirstObservedAt": instant::format(observed) }));
    }
    Some(value)
}

/// All reasons for which an audit could not answer in one registry.
fn by_audit<'a, 'r>(all: &'a [Unanswered<'r>]) -> Vec<Vec<&'a Unanswered<'r>>> {
    let mut groups: BTreeMap<(usize, &str, &str), Vec<&Unanswered<'_>>> = BTreeMap::new();
    for one in all {
        let registry = one.registry;
        let account = registry.account.as_deref().unwrap_or_default();
        let region = match registry.kind {
            RegistryKind::Private => &*registry.region,
            RegistryKind::Public => "public",
        };
        groups.entry((one.number, account, region)).or_default().push(one);
    }
    groups.into_values().collect()
}

/// A finding that says that nobody knows. `NOT_AVAILABLE` is for checks that could not be performed.
fn unavailable(now: DateTime<Utc>, all: &[&Unanswered<'_>]) -> Option<Value> {
    let one = all.first()?;
    let to = Recipient::of(one.registry)?;
    let because: Vec<String> =
        all.iter().map(|one| format!("{} ({})", visible(one.reason), one.of_what())).collect();
    let text = format!("Not evaluated, so nobody knows: {}", because.join("; "));
    let mark = mark(&format!("not evaluated\n{}\n{}", one.audit.id, one.registry.kind.name()));
    let mut value = to.frame(now, one.audit, Severity::Informational);
    let members = json!({
        "Id": format!("{}/{}/{mark}", to.account_id(), one.audit.id),
        "Description": cut(&text, DESCRIPTION_CHARS_MAX),
        "Resources": [to.account_resource()],
        "Compliance": compliance("NOT_AVAILABLE", one.audit),
        "RecordState": "ACTIVE",
        "ProductFields": { "demurrage/audit": one.audit.id },
    });
    extend(&mut value, members);
    Some(value)
}

/// To whom findings about a registry go.
struct Recipient<'a> {
    account: &'a str,
    region: &'a str,
    partition: String,
}

impl<'a> Recipient<'a> {
    fn of(registry: &'a AuditedRegistry) -> Option<Self> {
        let region = match registry.kind {
            RegistryKind::Private => &*registry.region,
            RegistryKind::Public => PUBLIC_REGION,
        };
        Some(Self { account: registry.account.as_deref()?, region, partition: partition(region) })
    }

    /// What all findings have, whatever they are about.
    fn frame(&self, now: DateTime<Utc>, audit: &Audit, severity: Severity) -> Value {
        let Self { account, region, partition } = self;
        let label = severity.name().to_uppercase();
        let now = instant::format(now);
        json!({
            "SchemaVersion": "2018-10-08",
            "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
            "ProductName": "demurrage",
            "CompanyName": "demurrage",
            "Region": region,
            "GeneratorId": format!("demurrage/{}", audit.id),
            "AwsAccountId": account,
            "Types": [TYPE],
            "CreatedAt": now,
            "UpdatedAt": now,
            "Severity": { "Label": label },
            // What an import may change later.
            "FindingProviderFields": { "Severity": { "Label": label }, "Types": [TYPE] },
            "Title": cut(audit.title, TITLE_CHARS_MAX),
            "Remediation": { "Recommendation": { "Text": cut(audit.help, RECOMMENDATION_CHARS_MAX) } },
            "Workflow": { "Status": "NEW" },
        })
    }

    /// How the format names an account.
    fn account_id(&self) -> String {
        format!("AWS::::Account:{}", self.account)
    }

    fn account_resource(&self) -> Value {
        self.with_partition(json!({ "Type": "AwsAccount", "Id": self.account_id(), "Region": self.region }))
    }

    fn with_partition(&self, mut resource: Value) -> Value {
        if PARTITIONS.contains(&&*self.partition) {
            extend(&mut resource, json!({ "Partition": self.partition }));
        }
        resource
    }
}

fn resource(to: &Recipient<'_>, found: &Found<'_>) -> Value {
    let Some(repository) = found.repository else { return to.account_resource() };
    let arn = found.place();
    let mut details = json!({ "Arn": arn, "RepositoryName": repository.name });
    // The format knows no other two values.
    if let Some(mode @ ("MUTABLE" | "IMMUTABLE")) = repository.tag_mutability.as_deref() {
        extend(&mut details, json!({ "ImageTagMutability": mode }));
    }
    to.with_partition(json!({
        "Type": "AwsEcrRepository",
        "Id": arn,
        "Region": to.region,
        "Details": { "AwsEcrRepository": details },
    }))
}

fn compliance(status: &str, audit: &Audit) -> Value {
    let requirement =
        |control: &demurrage_core::audit::Control| format!("{} {}", control.framework.name(), control.id);
    let requirements: Vec<String> = audit.controls.iter().take(REQUIREMENTS_MAX).map(requirement).collect();
    if requirements.is_empty() {
        json!({ "Status": status })
    } else {
        json!({ "Status": status, "RelatedRequirements": requirements })
    }
}

/// What is so and, where somebody accepts or accepted it, why.
fn described(finding: &Finding) -> String {
    let message = visible(&finding.message);
    let until = |until: &DateTime<Utc>| until.format("%Y-%m-%d").to_string();
    match &finding.acceptance {
        Acceptance::None => message,
        Acceptance::Until { reason, until: end } => {
            format!("{message}. Accepted until {}: {}", until(end), visible(reason))
        }
        Acceptance::Expired { reason, until: end } => {
            format!("{message}. Was accepted until {}: {}", until(end), visible(reason))
        }
    }
}

/// The rest that there is to say, with names of our own.
fn fields(finding: &Finding) -> Value {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for evidence in &finding.evidence {
        let all = fields.entry(format!("demurrage/evidence/{}", evidence.name)).or_default();
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(&visible(&evidence.value));
    }
    let (reason, until) = match &finding.acceptance {
        Acceptance::None => (None, None),
        Acceptance::Until { reason, until } | Acceptance::Expired { reason, until } => {
            (Some(visible(reason)), Some(instant::format(*until)))
        }
    };
    let own = [
        ("demurrage/audit", Some(finding.audit.id.to_owned())),
        ("demurrage/confidence", Some(finding.confidence.name().to_owned())),
        ("demurrage/owner", finding.owner.as_deref().map(visible)),
        ("demurrage/accepted-because", reason),
        ("demurrage/accepted-until", until),
    ];
    let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    own.chain(fields)
        .filter(|(_, value)| !value.trim().is_empty())
        .take(FIELDS_MAX)
        .map(|(name, value)| (name, cut(&value, FIELD_CHARS_MAX).into()))
        .collect::<Map<String, Value>>()
        .into()
}

/// When what a finding tells of happened first, where its evidence says when: by the end of the first `when`.
fn first_observed(finding: &Finding) -> Option<DateTime<Utc>> {
    let when = finding.evidence.iter().find(|evidence| evidence.name == "when")?;
    instant::parse(when.value.rsplit(' ').next()?)
}

/// A text of at most so many characters.
fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

/// Adds the members of an object to another.
fn extend(object: &mut Value, members: Value) {
    if let (Some(object), Value::Object(members)) = (object.as_object_mut(), members) {
        object.extend(members);
    }
}
