//! The rules together: one verdict for every image.
//!
//! For: the comparison with the core. Assumes: an accepted policy, and ids that differ.
//! Leaves out: warnings, and what happens on later runs.

use crate::mark::{is_mark, judge};
use crate::model::{Act, Image, Rule, Status, Switches, Verdict, Why};
use crate::pool::{goes_with_its_subject, is_in_pool, pool};
use crate::reference::{is_child, names};

/// What becomes of each image, in the order of `images`; the order of neither argument matters.
pub fn evaluate(rules: &[Rule], images: &[Image], now_ms: i64, switches: Switches) -> Vec<Verdict> {
    //= docs/SEMANTICS.md#independent
    //= docs/SEMANTICS.md#counts-everything
    // Every pool comes from all images, whatever a higher rule does with them.
    let pools: Vec<(&Rule, Vec<&Image>)> =
        rules.iter().map(|rule| (rule, pool(rule, images, switches))).collect();
    let verdicts =
        images.iter().map(|image| verdict_of_rules(&pools, image, images, now_ms, switches)).collect();
    if switches.children_counted { keep_what_is_referenced(images, verdicts) } else { verdicts }
}

/// The verdict on one image before references of indexes are looked at under `counted`.
fn verdict_of_rules(
    pools: &[(&Rule, Vec<&Image>)],
    image: &Image,
    images: &[Image],
    now_ms: i64,
    switches: Switches,
) -> Verdict {
    //= docs/SEMANTICS.md#priority-order
    //= docs/SEMANTICS.md#claim-on-match
    //= docs/SEMANTICS.md#one-rule
    //= docs/SEMANTICS.md#claim-per-class
    // The highest rule whose pool holds the image claims it, marked or not, and no other rule has a say.
    // A pool holds images of one class only, so no rule claims anything in the other class.
    let claim = pools
        .iter()
        .filter(|(rule, _)| is_in_pool(rule, image, images, switches))
        .min_by_key(|(rule, _)| rule.priority);
    match claim {
        None => Verdict { act: None, rule: None, why: why_in_no_pool(image, images, switches) },
        Some((rule, pool)) => {
            let why = judge(rule, image, pool, now_ms, switches);
            //= docs/SEMANTICS.md#actions
            let act = if is_mark(why) { Some(rule.act) } else { None };
            Verdict { act, rule: Some(rule.priority), why }
        }
    }
}

/// Why an image is kept that is in no pool: the first reason that applies.
fn why_in_no_pool(image: &Image, images: &[Image], switches: Switches) -> Why {
    if image.status == Status::Activating {
        //= docs/SEMANTICS.md#activating
        Why::Activating
    } else if goes_with_its_subject(image, images, switches) {
        //= docs/SEMANTICS.md#referrer-follow
        Why::FollowsSubject
    } else if !switches.children_counted && is_child(image, images) {
        //= docs/SEMANTICS.md#child-ignored
        //= docs/SEMANTICS.md#child-of-archived
        Why::ReferencedByIndex
    } else {
        Why::NotSelected
    }
}

/// Keeps images that indexes still refer to, again and again until that changes nothing.
fn keep_what_is_referenced(images: &[Image], verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let mut verdicts = verdicts;
    loop {
        //= docs/SEMANTICS.md#child-counted-nested
        // An index that was kept in the last round keeps its own children in this one.
        let next: Vec<Verdict> = images
            .iter()
            .zip(&verdicts)
            .map(|(image, verdict)| {
                if is_still_referenced(image, *verdict, images, &verdicts) {
                    Verdict { act: None, why: Why::ReferencedByIndex, ..*verdict }
                } else {
                    *verdict
                }
            })
            .collect();
        if next == verdicts {
            return verdicts;
        }
        verdicts = next;
    }
}

/// Whether an index stands in the way of what the verdict would do to the image.
fn is_still_referenced(image: &Image, verdict: Verdict, images: &[Image], verdicts: &[Verdict]) -> bool {
    let mut indexes = images.iter().zip(verdicts).filter(|(index, _)| names(index, image));
    match verdict.act {
        None => false,
        //= docs/SEMANTICS.md#child-counted-expire
        Some(Act::Expire) => !indexes.all(|(_, fate)| fate.act == Some(Act::Expire)),
        //= docs/SEMANTICS.md#child-counted-transition
        Some(Act::Transition) => {
            !indexes.all(|(index, fate)| index.status == Status::Archived || fate.act.is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::evaluate;
    use crate::fixtures::{
        Dice, NOW, all_switches, archive_older, days_ago, index, keep, older, patterns, pulled_longer_ago,
        pushed, some_repository, some_rules, strings, tagged,
    };
    use crate::model::{Act, Image, List, Rule, Status, Switches, Verdict, Why};

    const COUNTED: Switches = Switches {
        children_counted: true,
        referrers_image: false,
        restored_age_pushed: false,
        age_whole_days: false,
    };

    fn run(rules: &[Rule], images: &[Image]) -> Vec<Verdict> {
        evaluate(rules, images, NOW, Switches::default())
    }

    fn expired(rule: u64, why: Why) -> Verdict {
        Verdict { act: Some(Act::Expire), rule: Some(rule), why }
    }

    fn archived(rule: u64, why: Why) -> Verdict {
        Verdict { act: Some(Act::Transition), rule: Some(rule), why }
    }

    fn kept(rule: u64, why: Why) -> Verdict {
        Verdict { act: None, rule: Some(rule), why }
    }

    fn alone(why: Why) -> Verdict {
        Verdict { act: None, rule: None, why }
    }

    fn in_archive(id: u64, archived_days_ago: i64) -> Image {
        Image { status: Status::Archived, archived_ms: Some(days_ago(archived_days_ago)), ..pushed(id, 500) }
    }

    // The examples of the user guide.

    #[test]
    fn guide_multi_rule_a_expires_only_the_oldest() {
        let rules = [keep(1, patterns(&["prod*"]), 1), keep(2, patterns(&["beta*"]), 1)];
        let images = [
            tagged(1, 10, &["beta-1", "prod-1"]),
            tagged(2, 9, &["beta-2", "prod-2"]),
            tagged(3, 8, &["beta-3"]),
        ];
        let expected = [expired(1, Why::BeyondCount), kept(1, Why::WithinCount), kept(2, Why::WithinCount)];
        assert_eq!(run(&rules, &images), expected);
    }

    #[test]
    fn guide_multi_rule_b_expires_the_two_oldest() {
        let rules = [keep(1, patterns(&["beta*"]), 1), keep(2, patterns(&["prod*"]), 1)];
        let images = [
            tagged(1, 10, &["beta-1", "prod-1"]),
            tagged(2, 9, &["beta-2", "prod-2"]),
            tagged(3, 8, &["beta-3"]),
        ];
        let expected =
            [expired(1, Why::BeyondCount), expired(1, Why::BeyondCount), kept(1, Why::WithinCount)];
        assert_eq!(run(&rules, &images), expected);
    }

    #[test]
    fn guide_multi_tag_selects_images_that_match_all_entries() {
        let rules = [older(1, patterns(&["alpha*", "beta*"]), 5)];
        let images = [
            tagged(1, 12, &["alpha-1"]),
            tagged(2, 11, &["beta-1"]),
            tagged(3, 10, &["alpha-2", "beta-2"]),
            tagged(4, 4, &["alpha-3"]),
            tagged(5, 3, &["beta-3"]),
            tagged(6, 2, &["alpha-4", "beta-4"]),
        ];
        let expected = [
            alone(Why::NotSelected),
            alone(Why::NotSelected),
            expired(1, Why::OlderThan),
            alone(Why::NotSelected),
            alone(Why::NotSelected),
            kept(1, Why::NotOlder),
        ];
        assert_eq!(run(&rules, &images), expected);
    }

    #[test]
    fn guide_all_images_b_counts_what_higher_rules_hold() {
        let rules = [keep(1, patterns(&["alpha*"]), 1), older(2, List::Untagged, 1), keep(3, List::Any, 1)];
        let images = [
            tagged(1, 4, &["alpha-1", "beta-1"]),
            pushed(2, 3),
            tagged(3, 2, &["alpha-2"]),
            tagged(4, 1, &["git hash"]),
            Image { pushed_ms: Some(days_ago(1) + 1), ..pushed(5, 1) },
        ];
        let expected = [
            expired(1, Why::BeyondCount),
            expired(2, Why::OlderThan),
            kept(1, Why::WithinCount),
            expired(3, Why::BeyondCount),
            kept(2, Why::NotOlder),
        ];
        assert_eq!(run(&rules, &images), expected);
    }

    // Rules together.

    #[test]
    fn a_higher_rule_shields_what_it_keeps() {
        let rules = [keep(1, patterns(&["prod*"]), 9999), older(2, List::Any, 30)];
        let images = [
            tagged(1, 900, &["prod-1"]),
            tagged(2, 31, &["dev-1"]),
            tagged(3, 31, &["dev-2", "prod-2"]),
            pushed(4, 29),
        ];
        let expected = [
            kept(1, Why::WithinCount),
            expired(2, Why::OlderThan),
            kept(1, Why::WithinCount),
            kept(2, Why::NotOlder),
        ];
        assert_eq!(run(&rules, &images), expected);
    }

    #[test]
    fn what_a_higher_rule_expires_still_takes_a_place() {
        let rules = [older(1, List::Untagged, 1), keep(2, List::Any, 3)];
        let images =
            [pushed(1, 5), pushed(2, 4), tagged(3, 10, &["a"]), tagged(4, 9, &["b"]), tagged(5, 3, &["c"])];
        let expected = [
            expired(1, Why::OlderThan),
            expired(1, Why::OlderThan),
            expired(2, Why::BeyondCount),
            expired(2, Why::BeyondCount),
            kept(2, Why::WithinCount),
        ];
        assert_eq!(run(&rules, &images), expected);
    }

    #[test]
    fn each_class_has_its_own_any_rule() {
        let archive = Rule { act: Act::Transition, ..older(1, List::Any, 30) };
        let rules = [archive, archive_older(2, 365)];
        let images = [pushed(1, 31), pushed(2, 29), in_archive(3, 366), in_archive(4, 364)];
        let expected = [
            archived(1, Why::OlderThan),
            kept(1, Why::NotOlder),
            expired(2, Why::OlderThan),
            kept(2, Why::NotOlder),
        ];
        assert_eq!(run(&rules, &images), expected);
    }

    #[test]
    fn pulled_rules_look_at_pulls_restores_and_pushes() {
        let rules = [pulled_longer_ago(1, 90)];
        let times = |id, push, pulled: Option<i64>, activated: Option<i64>| Image {
            pulled_ms: pulled.map(days_ago),
            activated_ms: activated.map(days_ago),
            ..pushed(id, push)
        };
        let images = [
            times(1, 200, None, None),
            times(2, 10, None, None),
            times(3, 200, Some(91), None),
            times(4, 200, Some(89), None),
            times(5, 400, Some(300), Some(10)),
            times(6, 400, Some(95), Some(200)),
        ];
        let expected = [
            archived(1, Why::OlderThan),
            kept(1, Why::NotOlder),
            archived(1, Why::OlderThan),
            kept(1, Why::NotOlder),
            kept(1, Why::NotOlder),
            archived(1, Why::OlderThan),
        ];
        assert_eq!(run(&rules, &images), expected);
    }

    #[test]
    fn an_image_without_a_push_time_shields_itself_and_takes_a_place() {
        let rules = [keep(1, List::Any, 1)];
        let images = [Image { pushed_ms: None, ..pushed(1, 1) }, pushed(2, 1)];
        assert_eq!(run(&rules, &images), [kept(1, Why::UnknownTime), expired(1, Why::BeyondCount)]);
    }

    // Reasons of images in no pool.

    #[test]
    fn an_activating_image_is_neither_acted_on_nor_counted() {
        let rules = [keep(1, List::Any, 1)];
        let images = [Image { status: Status::Activating, ..pushed(1, 1) }, pushed(2, 2)];
        assert_eq!(run(&rules, &images), [alone(Why::Activating), kept(1, Why::WithinCount)]);
    }

    #[test]
    fn the_first_reason_is_activating_then_subject_then_index() {
        let subject = pushed(1, 1);
        let all_three = Image { status: Status::Activating, subject: Some(1), ..pushed(2, 1) };
        let two = Image { subject: Some(1), ..pushed(3, 1) };
        let images = [subject, all_three, two, pushed(4, 1), index(5, 1, &[2, 3, 4])];
        let expected = [
            alone(Why::NotSelected),
            alone(Why::Activating),
            alone(Why::FollowsSubject),
            alone(Why::ReferencedByIndex),
            alone(Why::NotSelected),
        ];
        assert_eq!(run(&[], &images), expected);
        let counted = evaluate(&[], &images, NOW, COUNTED);
        assert_eq!(counted[3], alone(Why::NotSelected));
    }

    #[test]
    fn a_referrer_follows_its_subject_even_when_the_subject_goes() {
        let rules = [older(1, List::Any, 1)];
        let images = [pushed(1, 5), Image { subject: Some(1), ..pushed(2, 5) }];
        assert_eq!(run(&rules, &images), [expired(1, Why::OlderThan), alone(Why::FollowsSubject)]);
        let as_image = Switches { referrers_image: true, ..Switches::default() };
        assert_eq!(evaluate(&rules, &images, NOW, as_image), [expired(1, Why::OlderThan); 2]);
    }

    // Children that are ignored.

    #[test]
    fn ignored_children_are_neither_counted_nor_listed_whatever_becomes_of_the_index() {
        let rules = [keep(1, List::Any, 1)];
        let images = [pushed(1, 9), index(2, 9, &[1, 77]), pushed(3, 8)];
        let expected =
            [alone(Why::ReferencedByIndex), expired(1, Why::BeyondCount), kept(1, Why::WithinCount)];
        assert_eq!(run(&rules, &images), expected);
    }

    #[test]
    fn a_child_of_archived_indexes_may_be_archived_and_counts_but_is_not_expired() {
        let images = [pushed(1, 40), Image { children: vec![1], ..in_archive(2, 10) }, pushed(3, 50)];
        let transition = Rule { act: Act::Transition, ..older(2, List::Any, 30) };
        let expected = [archived(2, Why::OlderThan), alone(Why::NotSelected), expired(1, Why::OlderThan)];
        let untagged = older(1, List::Untagged, 30);
        assert_eq!(run(&[untagged.clone(), transition.clone()], &images), expected);
        assert_eq!(run(&[untagged], &images)[0], alone(Why::ReferencedByIndex));
        let count = Rule { act: Act::Transition, ..keep(1, List::Any, 1) };
        assert_eq!(run(&[count], &images)[2], archived(1, Why::BeyondCount));
    }

    // Children that are counted.

    #[test]
    fn a_counted_child_is_kept_while_an_index_stays() {
        let rules = [keep(1, List::Any, 1)];
        let images = [pushed(1, 9), index(2, 1, &[1])];
        let expected = [kept(1, Why::ReferencedByIndex), kept(1, Why::WithinCount)];
        assert_eq!(evaluate(&rules, &images, NOW, COUNTED), expected);
    }

    #[test]
    fn a_counted_child_goes_with_the_last_of_its_indexes() {
        let rules = [older(1, List::Any, 5)];
        let images = [pushed(1, 9), index(2, 9, &[1]), index(3, 9, &[1])];
        assert_eq!(evaluate(&rules, &images, NOW, COUNTED), [expired(1, Why::OlderThan); 3]);
        let one_stays = [pushed(1, 9), index(2, 9, &[1]), index(3, 1, &[1])];
        let expected = [kept(1, Why::ReferencedByIndex), expired(1, Why::OlderThan), kept(1, Why::NotOlder)];
        assert_eq!(evaluate(&rules, &one_stays, NOW, COUNTED), expected);
    }

    #[test]
    fn a_counted_child_is_not_expired_when_its_index_is_only_archived() {
        let transition = Rule { act: Act::Transition, ..older(1, patterns(&["i"]), 5) };
        let rules = [transition, older(2, List::Any, 5)];
        let images = [pushed(1, 9), Image { tags: strings(&["i"]), ..index(2, 9, &[1]) }];
        let expected = [kept(2, Why::ReferencedByIndex), archived(1, Why::OlderThan)];
        assert_eq!(evaluate(&rules, &images, NOW, COUNTED), expected);
    }

    #[test]
    fn a_counted_child_is_archived_after_with_or_instead_of_its_index() {
        let transition = Rule { act: Act::Transition, ..older(2, List::Any, 5) };
        let child = pushed(1, 9);
        let already = Image { children: vec![1], ..in_archive(2, 1) };
        let with_it = index(3, 9, &[1]);
        let gone = Image { tags: strings(&["x"]), ..index(4, 9, &[1]) };
        let stays = index(5, 1, &[1]);
        let rules = [older(1, patterns(&["x"]), 5), transition];
        let first = |images: &[Image]| evaluate(&rules, images, NOW, COUNTED)[0];
        let all = [child.clone(), already.clone(), with_it.clone(), gone.clone()];
        assert_eq!(first(&all), archived(2, Why::OlderThan));
        let all = [child, already, with_it, gone, stays];
        assert_eq!(first(&all), kept(2, Why::ReferencedByIndex));
    }

    #[test]
    fn an_index_that_is_kept_keeps_its_own_children_in_turn() {
        let rules = [older(1, List::Any, 5)];
        let images = [pushed(1, 9), index(2, 9, &[1]), index(3, 9, &[2]), index(4, 1, &[3])];
        let expected = [
            kept(1, Why::ReferencedByIndex),
            kept(1, Why::ReferencedByIndex),
            kept(1, Why::ReferencedByIndex),
            kept(1, Why::NotOlder),
        ];
        assert_eq!(evaluate(&rules, &images, NOW, COUNTED), expected);
        assert_eq!(evaluate(&rules, &images[..3], NOW, COUNTED), [expired(1, Why::OlderThan); 3]);
    }

    #[test]
    fn an_index_that_no_rule_selects_keeps_its_counted_children() {
        let rules = [older(1, List::Any, 5)];
        let activating = Image { status: Status::Activating, ..index(2, 9, &[1]) };
        let expected = [kept(1, Why::ReferencedByIndex), alone(Why::Activating)];
        assert_eq!(evaluate(&rules, &[pushed(1, 9), activating], NOW, COUNTED), expected);
    }

    // What holds for every repository.

    #[test]
    fn the_order_of_rules_and_images_does_not_matter() {
        let mut dice = Dice(1);
        for _ in 0..300 {
            let (rules, images) = (some_rules(&mut dice), some_repository(&mut dice));
            let rules_back: Vec<Rule> = rules.iter().rev().cloned().collect();
            let images_back: Vec<Image> = images.iter().rev().cloned().collect();
            for switches in all_switches() {
                let mut back = evaluate(&rules_back, &images_back, NOW, switches);
                back.reverse();
                assert_eq!(evaluate(&rules, &images, NOW, switches), back);
            }
        }
    }

    #[test]
    fn an_action_and_its_reason_and_its_rule_agree() {
        let mut dice = Dice(2);
        let mut reasons = Vec::new();
        for _ in 0..300 {
            let (rules, images) = (some_rules(&mut dice), some_repository(&mut dice));
            for switches in all_switches() {
                for (image, verdict) in images.iter().zip(evaluate(&rules, &images, NOW, switches)) {
                    let rule = rules.iter().find(|rule| Some(rule.priority) == verdict.rule);
                    let acted = matches!(verdict.why, Why::BeyondCount | Why::OlderThan);
                    assert_eq!(verdict.act.is_some(), acted);
                    if acted {
                        assert_eq!(verdict.act, rule.map(|rule| rule.act));
                        assert!(image.pushed_ms.is_some());
                        assert!(image.status != Status::Archived || image.archived_ms.is_some());
                    }
                    if !reasons.contains(&verdict.why) {
                        reasons.push(verdict.why);
                    }
                }
            }
        }
        assert_eq!(reasons.len(), 9, "only {reasons:?} were seen");
    }

    #[test]
    fn under_counted_nothing_expires_while_an_index_that_names_it_stays() {
        let mut dice = Dice(3);
        for _ in 0..300 {
            let (rules, images) = (some_rules(&mut dice), some_repository(&mut dice));
            let verdicts = evaluate(&rules, &images, NOW, COUNTED);
            for (image, verdict) in images.iter().zip(&verdicts) {
                for (index, fate) in images.iter().zip(&verdicts) {
                    if verdict.act == Some(Act::Expire) && index.children.contains(&image.id) {
                        assert_eq!(fate.act, Some(Act::Expire));
                    }
                }
            }
        }
    }
}
