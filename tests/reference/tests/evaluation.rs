//! The core's lifecycle evaluator against its slow literal twin, and against itself, on small generated
//! repositories: every decision under every setting, the order of the list, and what is said of decisions.

#[cfg(test)]
mod generators;

use chrono::TimeDelta;
use demurrage_core::lifecycle::{
    AgeUnit, Certainty, Change, Decision, IndexChildren, Next, Outcome, Preview, Reason, Relation, Switch,
    Switches, certainties, compare, explain, explain_all,
};
use demurrage_core::{Digest, Image};
use demurrage_reference as twin;
use generators::for_all;
use generators::scene::{Drawn, Kind, NOW_MS, UNUSED, order, scene};
use generators::translation::{Given, Said, image, reason_name, twin_switches};
use proptest::{prop_assert, prop_assert_eq};

/// What is done to an image, and by which rule; nothing for an image that is kept.
fn fate(decision: &Decision) -> Option<(Outcome, Option<usize>)> {
    (decision.outcome != Outcome::Keep).then_some((decision.outcome, decision.rule))
}

/// The settings under which no decision depends on another.
fn ignoring_children() -> impl Iterator<Item = Switches> {
    Switches::all().into_iter().filter(|switches| switches.index_children == IndexChildren::Ignored)
}

#[test]
fn the_core_decides_and_lists_all_images_as_its_twin_does_under_every_setting() {
    for_all(&scene(), |scene| {
        let given = Given::of(&scene);
        let twin_images = scene.twin_images();
        for switches in Switches::all() {
            let as_twin = twin_switches(switches);
            let decisions = given.decisions(switches);
            let verdicts = twin::evaluate(&scene.rules, &twin_images, NOW_MS, as_twin);
            let by_core: Vec<Said> = decisions.iter().map(|d| Said::by_core(&given.policy, d)).collect();
            let by_twin: Vec<Said> = verdicts.iter().map(Said::by_twin).collect();
            prop_assert_eq!(by_core, by_twin, "by the core, then by its twin, under {:?}", switches);

            let preview = Preview::of(&given.policy, &given.images, &decisions);
            let listed: Vec<usize> = preview.acted_on.iter().map(|&place| place as usize).collect();
            let order = twin::output_order(&scene.rules, &twin_images, &verdicts, as_twin);
            prop_assert_eq!(listed, order, "listed by the core, then by its twin, under {:?}", switches);
            let acts = |act| verdicts.iter().filter(|verdict| verdict.act == Some(act)).count();
            prop_assert_eq!(preview.expiring, acts(twin::Act::Expire));
            prop_assert_eq!(preview.archiving, acts(twin::Act::Transition));
        }
        Ok(())
    });
}

#[test]
fn the_core_and_its_twin_have_the_same_sixteen_settings() {
    let all: Vec<twin::Switches> = Switches::all().into_iter().map(twin_switches).collect();
    for (place, switches) in all.iter().enumerate() {
        assert_eq!(all.iter().position(|other| other == switches), Some(place));
    }
    assert_eq!(all[0], twin::Switches::default());
}

#[test]
fn the_order_of_images_and_of_rules_changes_no_decision() {
    /// A reason without places; of several indexes that name an image any one may be given.
    fn unplaced(reason: Reason, images: &[Image]) -> (Option<Reason>, Option<Digest>) {
        match reason {
            Reason::ReferencedByIndex { .. } => (None, None),
            Reason::FollowsSubject { subject } => (None, Some(images[subject as usize].digest)),
            other => (Some(other), None),
        }
    }
    for_all(&(scene(), order()), |(scene, order)| {
        let given = Given::of(&scene);
        let mut scene_after = scene.rearranged(&order);
        scene_after.rules.reverse();
        let given_after = Given::of(&scene_after);
        let digests = |given: &Given, places: &[u32]| -> Vec<Digest> {
            places.iter().map(|&place| given.images[place as usize].digest).collect()
        };
        for switches in Switches::all() {
            let (before, after) = (given.decisions(switches), given_after.decisions(switches));
            for (image, decision) in given.images.iter().zip(&before) {
                let place = given_after.images.iter().position(|other| other.digest == image.digest).unwrap();
                prop_assert_eq!(decision.outcome, after[place].outcome);
                prop_assert_eq!(decision.rule, after[place].rule);
                prop_assert_eq!(decision.reason.name(), after[place].reason.name());
                prop_assert_eq!(
                    unplaced(decision.reason, &given.images),
                    unplaced(after[place].reason, &given_after.images)
                );
            }
            let list = Preview::of(&given.policy, &given.images, &before).acted_on;
            let list_after = Preview::of(&given_after.policy, &given_after.images, &after).acted_on;
            prop_assert_eq!(digests(&given, &list), digests(&given_after, &list_after));
        }
        Ok(())
    });
}

#[test]
fn an_image_without_a_push_time_saves_no_other_image() {
    for_all(&scene(), |scene| {
        let Some(first) = scene.images.first() else { return Ok(()) };
        // It takes a place in every pool that the first image is in, or would be in but for its references.
        let facts = twin::Image {
            id: UNUSED,
            pushed_ms: None,
            children: vec![],
            subject: None,
            ..first.image.clone()
        };
        let stranger = image(&Drawn { image: facts, kind: Kind::Plain });
        let before = Given::of(&scene);
        let after = before.with(stranger);
        for switches in Switches::all() {
            for (before, after) in before.decisions(switches).iter().zip(after.decisions(switches)) {
                prop_assert_eq!(before.rule, after.rule);
                if before.outcome != Outcome::Keep {
                    prop_assert_eq!(before.outcome, after.outcome, "under {:?}", switches);
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_decision_depends_on_exactly_the_switches_that_change_it_somewhere() {
    for_all(&scene(), |scene| {
        let given = Given::of(&scene);
        let fates = |switches| given.decisions(switches).iter().map(fate).collect::<Vec<_>>();
        let mut expected = vec![Certainty::default(); scene.images.len()];
        for switch in Switch::ALL {
            for switches in Switches::all() {
                let mut flipped = switches;
                flipped.flip(switch);
                for (place, (fate, other)) in fates(switches).into_iter().zip(fates(flipped)).enumerate() {
                    if fate != other && !expected[place].switches.contains(&switch) {
                        expected[place].switches.push(switch);
                    }
                }
            }
        }
        let unread = scene.images.iter().any(|drawn| drawn.kind == Kind::UnreadIndex);
        for (place, drawn) in scene.images.iter().enumerate() {
            let acted_on = Switches::all().into_iter().any(|switches| fates(switches)[place].is_some());
            expected[place].unread_manifests = unread && acted_on && drawn.kind == Kind::Plain;
        }
        let found = certainties(&given.policy, &given.images, &given.relations, given.now);
        prop_assert_eq!(&found, &expected);
        for (place, certainty) in found.iter().enumerate() {
            let first = fates(Switches::default())[place];
            let agree = Switches::all().into_iter().all(|switches| fates(switches)[place] == first);
            prop_assert_eq!(certainty.switches.is_empty(), agree);
        }
        Ok(())
    });
}

#[test]
fn a_policy_changes_nothing_against_itself_and_all_that_it_acts_on_against_none() {
    for_all(&scene(), |scene| {
        let given = Given::of(&scene);
        let policy = Some(&given.policy);
        for switches in Switches::all() {
            let changes = |old, new| compare(old, new, &given.images, &given.relations, given.now, switches);
            prop_assert_eq!(changes(policy, policy), vec![]);
            let mut listed = Preview::of(&given.policy, &given.images, &given.decisions(switches)).acted_on;
            listed.sort_unstable();
            let (worse, better) = (changes(None, policy), changes(policy, None));
            prop_assert!(worse.iter().all(Change::is_worse));
            prop_assert!(!better.iter().any(Change::is_worse));
            prop_assert_eq!(worse.iter().map(|change| change.image).collect::<Vec<_>>(), listed.clone());
            prop_assert_eq!(better.iter().map(|change| change.image).collect::<Vec<_>>(), listed);
        }
        Ok(())
    });
}

#[test]
fn an_explanation_has_the_decision_and_the_rule_that_claims_first() {
    for_all(&scene(), |scene| {
        let given = Given::of(&scene);
        for switches in Switches::all() {
            let decisions = given.decisions(switches);
            let all: Vec<_> =
                explain_all(&given.policy, &given.images, &given.relations, given.now, switches).collect();
            prop_assert_eq!(all.len(), decisions.len());
            for (place, (explanation, decision)) in all.iter().zip(&decisions).enumerate() {
                let place = u32::try_from(place).unwrap();
                let alone =
                    explain(&given.policy, &given.images, &given.relations, given.now, switches, place);
                prop_assert_eq!(alone.as_ref(), Some(explanation));
                prop_assert_eq!(explanation.image, place);
                prop_assert_eq!(&explanation.decision, decision);
                prop_assert_eq!(explanation.relations.len(), given.policy.rules().len());
                prop_assert_eq!(explanation.next == Next::Run, decision.outcome != Outcome::Keep);

                let mut first = None;
                for (rule, relation) in explanation.relations.iter().enumerate() {
                    let Relation::Selected { reason, claimed_by, .. } = relation else { continue };
                    prop_assert_eq!(*claimed_by, first);
                    if first.is_none() {
                        first = Some(rule);
                        let held = matches!(decision.reason, Reason::ReferencedByIndex { .. });
                        prop_assert!(held || *reason == decision.reason);
                    }
                }
                prop_assert_eq!(decision.rule, first, "under {:?}", switches);
                if let Reason::ReferencedByIndex { index } = decision.reason {
                    let mut children = given.images[index as usize].children();
                    prop_assert!(children.any(|child| child == given.images[place as usize].digest));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_rule_says_of_each_image_of_its_pool_what_it_would_decide_alone() {
    for_all(&scene(), |scene| {
        let given = Given::of(&scene);
        let twin_images = scene.twin_images();
        for switches in Switches::all() {
            let all: Vec<_> =
                explain_all(&given.policy, &given.images, &given.relations, given.now, switches).collect();
            for (place, rule) in given.policy.rules().iter().enumerate() {
                let alone = [scene.rules[rule.position].clone()];
                let verdicts = twin::evaluate(&alone, &twin_images, NOW_MS, twin_switches(switches));
                let mut ranks = Vec::new();
                for (explanation, verdict) in all.iter().zip(verdicts) {
                    let Relation::Selected { rank, pool_size, reason, .. } = &explanation.relations[place]
                    else {
                        prop_assert_eq!(verdict.rule, None, "under {:?}", switches);
                        continue;
                    };
                    prop_assert_eq!(verdict.rule, Some(rule.priority), "under {:?}", switches);
                    if verdict.why != twin::Why::ReferencedByIndex {
                        prop_assert_eq!(reason.name(), reason_name(verdict.why), "under {:?}", switches);
                    }
                    ranks.push((*rank, *pool_size));
                }
                ranks.sort_unstable();
                let size = u32::try_from(ranks.len()).unwrap();
                prop_assert_eq!(ranks, (1..=size).map(|rank| (rank, size)).collect::<Vec<_>>());
            }
        }
        Ok(())
    });
}

#[test]
fn the_next_time_is_the_first_at_which_the_image_is_old_enough() {
    let millisecond = TimeDelta::milliseconds(1);
    for_all(&scene(), |scene| {
        let given = Given::of(&scene);
        for switches in ignoring_children() {
            for explanation in
                explain_all(&given.policy, &given.images, &given.relations, given.now, switches)
            {
                let Next::At(time) = explanation.next else { continue };
                prop_assert_eq!(explanation.decision.reason.name(), "not_older");
                let at = |now| given.decisions_at(now, switches)[explanation.image as usize];
                // To the instant an age is more than its limit after that time; in whole days from it on.
                let (last_kept, first_acted_on) = match switches.age {
                    AgeUnit::Instant => (time, time + millisecond),
                    AgeUnit::WholeDays => (time - millisecond, time),
                };
                prop_assert!(given.now <= last_kept);
                prop_assert_eq!(at(last_kept).outcome, Outcome::Keep);
                let acted_on = at(first_acted_on);
                prop_assert!(acted_on.outcome != Outcome::Keep);
                prop_assert_eq!(acted_on.rule, explanation.decision.rule);
            }
        }
        Ok(())
    });
}

#[test]
fn an_image_within_a_count_goes_after_so_many_pushes_and_not_one_earlier() {
    const PUSHES_MAX: u64 = 8;
    for_all(&scene(), |scene| {
        let given = Given::of(&scene);
        for switches in ignoring_children() {
            for explanation in
                explain_all(&given.policy, &given.images, &given.relations, given.now, switches)
            {
                let Next::AfterPushes(pushes) = explanation.next else { continue };
                if PUSHES_MAX < pushes {
                    continue;
                }
                let place = explanation.image as usize;
                let facts = scene.images[place].image.clone();
                let push = |number: u64| {
                    let newest = twin::Image {
                        id: UNUSED + number,
                        pushed_ms: Some(2 * NOW_MS),
                        activated_ms: None,
                        children: vec![],
                        subject: None,
                        ..facts.clone()
                    };
                    image(&Drawn { image: newest, kind: Kind::Plain })
                };
                let enough = (1..pushes).fold(given.clone(), |given, number| given.with(push(number)));
                prop_assert_eq!(enough.decisions(switches)[place].outcome, Outcome::Keep);
                let one_more = enough.with(push(pushes)).decisions(switches)[place];
                prop_assert_eq!(one_more.reason.name(), "beyond_count");
                prop_assert_eq!(one_more.rule, explanation.decision.rule);
            }
        }
        Ok(())
    });
}
