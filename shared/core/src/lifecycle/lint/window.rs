//! `window-filled`: images that a higher rule keeps still occupy places in a lower rule's count.

use chrono::{DateTime, Utc};

use super::Finding;
use crate::Image;
use crate::lifecycle::lint::IMAGES_QUOTA;
use crate::lifecycle::overlap::{higher, overlaps};
use crate::lifecycle::{
    Decision, Limit, Outcome, Policy, Relation, Relations, Rule, Severity, Switches, explain_all,
};

/// A rule that keeps its images at least this long is there to protect them.
const PROTECTS_DAYS: u64 = 1_000;

const HELP: &str = "count what the higher rule keeps on top: raise `countNumber`, or use an age";

pub(super) fn check(policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in policy.rules() {
        let Limit::ImageCountMoreThan(places) = rule.limit else { continue };
        if IMAGES_QUOTA <= places {
            continue;
        }
        for other in higher(policy.rules(), rule) {
            if keeps_at_least(other, places) && overlaps(&other.selection, &rule.selection) {
                let message = format!(
                    "images that rule {} keeps ({}) still count for rule {}: they can fill all of its {places} \
                     places, and then every other image that it selects goes",
                    other.priority, other.selection, rule.priority
                );
                findings.push(Finding::new("window-filled", Severity::Medium, &[rule, other], message, HELP));
            }
        }
    }
    findings
}

fn keeps_at_least(rule: &Rule, places: u64) -> bool {
    match rule.limit {
        Limit::ImageCountMoreThan(count) => places <= count,
        Limit::SinceImagePushed(days)
        | Limit::SinceImagePulled(days)
        | Limit::SinceImageTransitioned(days) => PROTECTS_DAYS <= days,
    }
}

/// The same, measured: rules of which most places are held by images that another rule keeps.
pub(super) fn check_inventory(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    decisions: &[Decision],
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Finding> {
    let mut held = vec![0_u64; policy.rules().len()];
    for explanation in explain_all(policy, images, relations, now, switches) {
        for ((held, rule), relation) in held.iter_mut().zip(policy.rules()).zip(&explanation.relations) {
            let Relation::Selected { rank, claimed_by: Some(_), .. } = relation else { continue };
            let within = rule.limit.is_count() && u64::from(*rank) <= rule.limit.number();
            if within && explanation.decision.outcome == Outcome::Keep {
                *held += 1;
            }
        }
    }
    let acts = |place: usize| decisions.iter().any(|d| d.rule == Some(place) && d.outcome != Outcome::Keep);
    let measured = policy.rules().iter().zip(held).enumerate();
    measured
        .filter(|&(place, (rule, held))| rule.limit.is_count() && rule.limit.number() <= held * 2 && acts(place))
        .map(|(_, (rule, held))| {
            let message = format!(
                "{held} of the {} places of rule {} are held by images that higher rules keep, and the rule acts \
                 on others",
                rule.limit.number(),
                rule.priority
            );
            Finding::new("window-filled-now", Severity::Medium, &[rule], message, HELP)
        })
        .collect()
}
