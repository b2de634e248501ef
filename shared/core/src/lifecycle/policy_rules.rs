//! What several rules of a policy must agree on, and the step from drafts to rules.

use std::collections::BTreeSet;

use super::policy_reader::{CountType, ListKind, Located, Reader, RuleDraft, TagStatus};
use super::{Limit, ProblemId, Rule, Selection, StorageClass};
use crate::Wildcard;

/// Reports what is wrong between rules. A rule of which the facts in question are unknown is left out.
pub(super) fn check_together(reader: &mut Reader<'_>, drafts: &[RuleDraft]) {
    for (position, draft) in drafts.iter().enumerate() {
        let earlier = drafts.get(..position).unwrap_or_default();
        check_priority(reader, draft, earlier);
        check_any(reader, draft, drafts);
        check_untagged(reader, draft, earlier);
        check_lists(reader, draft, earlier);
    }
}

/// The rule of a draft without gaps.
pub(super) fn finish(draft: RuleDraft) -> Option<Rule> {
    let number = draft.count_number?;
    Some(Rule {
        priority: draft.priority?.value,
        description: draft.description,
        selection: selection(draft.tag_status?.value, draft.lists)?,
        storage_class: draft.storage_class?,
        limit: match draft.count_type?.value {
            CountType::ImageCountMoreThan => Limit::ImageCountMoreThan(number),
            CountType::SinceImagePushed => Limit::SinceImagePushed(number),
            CountType::SinceImagePulled => Limit::SinceImagePulled(number),
            CountType::SinceImageTransitioned => Limit::SinceImageTransitioned(number),
        },
        action: draft.action?,
        position: draft.position,
    })
}

fn selection(status: TagStatus, lists: Vec<(ListKind, Located<Vec<String>>)>) -> Option<Selection> {
    match status {
        TagStatus::Any => Some(Selection::Any),
        TagStatus::Untagged => Some(Selection::Untagged),
        TagStatus::Tagged => lists.into_iter().next().map(|(kind, list)| match kind {
            ListKind::Patterns => {
                Selection::Patterns(list.value.iter().map(|entry| Wildcard::new(entry)).collect())
            }
            ListKind::Prefixes => Selection::Prefixes(list.value),
        }),
    }
}

fn check_priority(reader: &mut Reader<'_>, draft: &RuleDraft, earlier: &[RuleDraft]) {
    let Some(priority) = &draft.priority else { return };
    let same = |other: &&RuleDraft| other.priority.as_ref().is_some_and(|p| p.value == priority.value);
    if let Some(other) = earlier.iter().find(same) {
        let message = format!(
            "`rulePriority` {} is also that of the rule at /rules/{}",
            priority.value, other.position
        );
        reader.report(ProblemId::PriorityRepeated, &priority.at, message, "give every rule its own priority");
    }
}

fn check_any(reader: &mut Reader<'_>, draft: &RuleDraft, drafts: &[RuleDraft]) {
    let Some(status) = status_of(draft, TagStatus::Any) else { return };
    let (Some(priority), Some(class)) = (&draft.priority, draft.storage_class) else { return };
    let after = |other: &&RuleDraft| {
        other.storage_class == Some(class)
            && other.tag_status.is_some()
            && other.priority.as_ref().is_some_and(|other| priority.value < other.value)
    };
    if let Some(other) = drafts.iter().find(after) {
        let message = format!(
            "the `any` rule does not have the highest `rulePriority` of its storage class: /rules/{} comes after it",
            other.position
        );
        let help = "give the `any` rule the highest number; each storage class has at most one";
        let ecr_message = "Rule for tagStatus=ANY must have the lowest priority per storage class".to_owned();
        reader.report_as(ProblemId::AnyNotLast, &status.at, message, help, Some(ecr_message));
    }
}

fn check_untagged(reader: &mut Reader<'_>, draft: &RuleDraft, earlier: &[RuleDraft]) {
    let Some(status) = status_of(draft, TagStatus::Untagged) else { return };
    let same = |other: &&RuleDraft| {
        status_of(other, TagStatus::Untagged).is_some() && same_class(other, draft.storage_class)
    };
    if let Some(other) = earlier.iter().find(same) {
        let message = format!("the rule at /rules/{} selects the untagged images already", other.position);
        let ecr_message = "Only one rule can select Untagged images per storage class".to_owned();
        let help = "keep one `untagged` rule for each storage class";
        reader.report_as(ProblemId::UntaggedRepeated, &status.at, message, help, Some(ecr_message));
    }
}

fn check_lists(reader: &mut Reader<'_>, draft: &RuleDraft, earlier: &[RuleDraft]) {
    for (kind, list) in &draft.lists {
        let set: BTreeSet<_> = list.value.iter().collect();
        let same = |other: &&RuleDraft| {
            let same_list = |(other_kind, other_list): &(ListKind, Located<Vec<String>>)| {
                other_kind == kind && other_list.value.iter().collect::<BTreeSet<_>>() == set
            };
            same_class(other, draft.storage_class) && other.lists.iter().any(same_list)
        };
        if let Some(other) = earlier.iter().find(same) {
            let message = format!("the rule at /rules/{} has the same list", other.position);
            let help = "rules of one storage class need different lists: change one, or merge the rules";
            reader.report(ProblemId::ListRepeated, &list.at, message, help);
        }
    }
}

fn status_of(draft: &RuleDraft, wanted: TagStatus) -> Option<&Located<TagStatus>> {
    draft.tag_status.as_ref().filter(|status| status.value == wanted)
}

fn same_class(draft: &RuleDraft, class: Option<StorageClass>) -> bool {
    class.is_some() && draft.storage_class == class
}
