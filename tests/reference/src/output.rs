//! The order in which the images that are acted on are listed.
//!
//! For: the comparison with the core. Assumes: `verdicts` came from `evaluate` with the same arguments.
//! Leaves out: images that are kept.

use crate::model::{Class, Image, Rule, Switches, Verdict};
use crate::order::order_time;

/// The indexes of the images that are acted on: by rule priority, then from oldest to newest by the time
/// that the rule's class is ordered by, then by digest, smallest first.
///
/// No switch changes this order: `restored_age` changes ages only.
pub fn output_order(
    rules: &[Rule],
    images: &[Image],
    verdicts: &[Verdict],
    _switches: Switches,
) -> Vec<usize> {
    let mut listed = Vec::new();
    for (at, (image, verdict)) in images.iter().zip(verdicts).enumerate() {
        if let (Some(_), Some(priority)) = (verdict.act, verdict.rule) {
            let class = class_of(rules, priority);
            // An unknown time would be the newest; nothing that is acted on has one.
            let time = order_time(class, image);
            listed.push((priority, time.is_none(), time, image.id, at));
        }
    }
    listed.sort_unstable();
    listed.iter().map(|(_, _, _, _, at)| *at).collect()
}

/// The class of the rule with this priority.
fn class_of(rules: &[Rule], priority: u64) -> Class {
    rules.iter().find(|rule| rule.priority == priority).map_or(Class::Standard, |rule| rule.class)
}

#[cfg(test)]
mod tests {
    use super::output_order;
    use crate::evaluate::evaluate;
    use crate::fixtures::{NOW, archive_older, days_ago, older, patterns, pulled_longer_ago, pushed, tagged};
    use crate::model::{Image, List, Rule, Status, Switches};

    fn listed(rules: &[Rule], images: &[Image]) -> Vec<u64> {
        let switches = Switches::default();
        let verdicts = evaluate(rules, images, NOW, switches);
        output_order(rules, images, &verdicts, switches).iter().map(|at| images[*at].id).collect()
    }

    #[test]
    fn rules_come_by_priority_and_their_images_from_oldest_to_newest() {
        let rules = [older(20, List::Any, 5), older(10, patterns(&["a"]), 5)];
        let images = [
            pushed(1, 10),
            tagged(2, 7, &["a"]),
            pushed(3, 12),
            tagged(4, 8, &["a"]),
            pushed(5, 1),
            pushed(6, 11),
        ];
        assert_eq!(listed(&rules, &images), [4, 2, 3, 6, 1]);
    }

    #[test]
    fn equal_times_come_by_digest() {
        assert_eq!(listed(&[older(1, List::Any, 5)], &[pushed(3, 9), pushed(1, 9), pushed(2, 9)]), [1, 2, 3]);
    }

    #[test]
    fn restored_images_come_by_activation_and_pulls_do_not_order() {
        let restored = Image { activated_ms: Some(days_ago(100)), ..pushed(1, 500) };
        let pulled = Image { pulled_ms: Some(days_ago(300)), ..pushed(2, 150) };
        let other = pushed(3, 200);
        assert_eq!(listed(&[pulled_longer_ago(1, 90)], &[restored, pulled, other]), [3, 2, 1]);
    }

    #[test]
    fn archived_images_come_by_archive_time() {
        let archived = |id, push, archive| Image {
            status: Status::Archived,
            archived_ms: Some(days_ago(archive)),
            ..pushed(id, push)
        };
        let images = [archived(1, 900, 100), archived(2, 800, 300), archived(3, 850, 200)];
        assert_eq!(listed(&[archive_older(1, 90)], &images), [2, 3, 1]);
    }
}
