//! What came of putting a policy: for programs, in a sentence, and as evidence.

use chrono::{DateTime, Utc};
use demurrage_core::in_use::KnownUses;
use demurrage_core::instant;
use demurrage_core::lifecycle::{Action, Policy};
use demurrage_report::{ChangedRepository, compare_json, verify_json};
use demurrage_store::Store;
use serde_json::{Value, json};

use super::put_outcome::{PutOutcome, Spelling};
use super::question::{Answered, Asked};
use crate::failure::Failure;
use crate::talk;

/// The object that is written to stdout, and kept.
#[derive(Debug, Clone)]
pub(super) struct Document {
    value: Value,
    name: String,
    sentence: String,
}

impl Document {
    /// The policy, what it is put in the place of, and where.
    pub(super) fn of(asked: &Asked<'_>, attached: Option<&str>, policy: &Policy) -> Self {
        let value = json!({
            "registry_id": asked.account,
            "region": asked.ecr.region(),
            "repository_name": asked.name,
            "outcome": null,
            "refusals": [],
            "attached_before": attached,
            "lifecycle_policy_text": policy.text(),
            "attached_after": null,
            "changes": null,
            "verification": null,
            "preview_results": null,
            "use_from": null,
        });
        Self { value, name: asked.name.to_owned(), sentence: String::new() }
    }

    /// Adds what changes, what ECR said, and from what it is known what is in use.
    pub(super) fn add(&mut self, answered: &Answered, changed: &[ChangedRepository<'_>], known: &KnownUses) {
        let compared = compare_json(changed);
        self.set("changes", compared.pointer("/0/changes").cloned().unwrap_or_else(|| json!([])));
        let verification = verify_json(std::slice::from_ref(&answered.verified));
        self.set("verification", verification.pointer("/repositories/0").cloned().unwrap_or(Value::Null));
        let results = answered.fates().map(|(digest, (outcome, priority))| {
            json!({
                "image_digest": digest.to_string(),
                "action": outcome.action().map(Action::as_api),
                "applied_rule_priority": priority,
            })
        });
        self.set("preview_results", results.collect());
        let sources = known.records.iter().map(|source| json!({"name": source.name, "sha256": source.hash}));
        self.set("use_from", sources.collect());
    }

    /// Adds how it ended.
    pub(super) fn ended(&mut self, outcome: &PutOutcome) -> &Self {
        let name = &self.name;
        let (outcome, sentence) = match outcome {
            PutOutcome::AlreadyAttached => {
                ("ALREADY_ATTACHED", format!("{name}: the policy is attached already; nothing was changed"))
            }
            PutOutcome::Declined => ("DECLINED", format!("{name}: nothing was changed")),
            PutOutcome::Refused(refusals) => {
                let refusals: Vec<Value> = refusals
                    .iter()
                    .map(|refusal| json!({"reason": refusal.name(), "sentence": refusal.to_string()}))
                    .collect();
                let sentence = format!("{name}: the policy is refused; nothing was changed");
                self.set("refusals", refusals.into());
                ("REFUSED", sentence)
            }
            PutOutcome::ChangedBefore => ("REFUSED", format!("{name}: nothing was changed")),
            PutOutcome::Attached { text, spelling } => {
                let how = match spelling {
                    Spelling::Same => "as it was given",
                    Spelling::Other => "with the same rules, which ECR writes in its own way",
                };
                let sentence =
                    format!("{name}: the policy is attached, {how}; ECR acts by it within 24 hours");
                self.set("attached_after", text.as_str().into());
                ("ATTACHED", sentence)
            }
            PutOutcome::OtherAttached { text } => {
                let sentence = format!(
                    "{name}: the policy was put, and another one is attached: somebody else put or took off one"
                );
                self.set("attached_after", text.as_deref().into());
                ("OTHER_ATTACHED", sentence)
            }
            PutOutcome::NotReadBack { cause } => {
                ("NOT_READ_BACK", format!("{name}: the policy was put, and could not be read back: {cause}"))
            }
        };
        self.set("outcome", outcome.into());
        self.sentence = sentence;
        self
    }

    pub(super) const fn json(&self) -> &Value {
        &self.value
    }

    pub(super) fn sentence(&self) -> &str {
        &self.sentence
    }

    fn set(&mut self, member: &str, value: Value) {
        if let Some(members) = self.value.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
    }
}

/// Keeps it in the store, so that what was attached can be put back.
pub(super) fn keep(store: &Store, hint: &str, at: DateTime<Utc>, document: &Document) -> Result<(), Failure> {
    let evidence = json!({ "at": instant::format(at), "answer": document.json() });
    let place = store.add_evidence(hint, at, &format!("{evidence:#}\n"))?;
    talk::say(format!("kept as evidence in {place}"));
    Ok(())
}
