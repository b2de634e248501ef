//! What went from a repository between two inventories, and which rule explains it.
//!
//! ECR runs attached policies by itself and tells only `CloudTrail`. Two inventories show what is gone; the
//! policy, run again over what was there, shows what it would have taken. What is left over was taken by
//! somebody else, or by a behaviour of ECR that is not understood.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Outcome, Policy, Referrers, Relations, Switches, evaluate};
use crate::{Digest, Image, ImageStatus, Tag};

/// Runs of a policy after which nothing new is expected: children go a run after their index, and so on.
const ROUNDS_MAX: u32 = 8;

/// An image that is not any more what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The image as the earlier inventory has it.
    pub image: Image,
    /// Whether it was deleted or archived.
    pub outcome: Outcome,
    /// What explains it.
    pub cause: Option<Cause>,
}

/// A rule that takes an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The priority of the rule.
    pub priority: u64,
    /// In which run after the earlier inventory, from 1: a child goes after its index.
    pub round: u32,
    /// The subject with which it went, where the rule took that and not the image itself.
    pub subject: Option<Digest>,
    /// Under which settings; the first that explains it, starting from the default.
    pub switches: Switches,
}

/// What is gone or archived between two listings of a repository, by digest, with the rule that takes it.
///
/// `policies` are those that were attached at the one time or the other. Each is run until nothing changes,
/// at the time of the later listing, over everything that is in either: an image that was pushed in between
/// pushes others beyond a count. A tag that stands at another image now is taken to have moved first.
pub fn gone(earlier: &[Image], later: &[Image], policies: &[&Policy], now: DateTime<Utc>) -> Vec<Gone> {
    let mut gone = missing(earlier, later);
    let mut settings = Switches::all();
    settings.sort_by_key(|switches| differing(*switches));
    let moved = scene(earlier, later, TagsOf::Now);
    let unmoved = scene(earlier, later, TagsOf::Before);
    for switches in settings {
        for scene in [&moved, &unmoved] {
            for policy in policies {
                if gone.iter().all(|gone| gone.cause.is_some()) {
                    return gone;
                }
                explain(&mut gone, &settle(policy, scene, now, switches));
            }
        }
    }
    gone
}

fn differing(switches: Switches) -> usize {
    let default = Switches::default();
    usize::from(switches.index_children != default.index_children)
        + usize::from(switches.referrers != default.referrers)
        + usize::from(switches.restored_age != default.restored_age)
        + usize::from(switches.age != default.age)
}

fn missing(earlier: &[Image], later: &[Image]) -> Vec<Gone> {
    let now: BTreeMap<Digest, ImageStatus> = later.iter().map(|image| (image.digest, image.status)).collect();
    let mut gone: Vec<Gone> = earlier
        .iter()
        .filter_map(|image| {
            let outcome = match now.get(&image.digest) {
                None => Outcome::Expire,
                Some(ImageStatus::Archived) if image.status == ImageStatus::Active => Outcome::Archive,
                Some(_) => return None,
            };
            Some(Gone { image: image.clone(), outcome, cause: None })
        })
        .collect();
    gone.sort_by_key(|gone| gone.image.digest);
    gone
}

/// Which tags an image is taken to have had when the policy ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TagsOf {
    /// Those of the earlier listing.
    Before,
    /// Those of the later listing, and of an image that is gone those that stand nowhere else now.
    Now,
}

/// Everything that is in either listing, as it was before a policy took anything.
fn scene(earlier: &[Image], later: &[Image], tags: TagsOf) -> Vec<Image> {
    let later_by_digest: BTreeMap<Digest, &Image> = later.iter().map(|image| (image.digest, image)).collect();
    let tags_now: BTreeSet<&Tag> = later.iter().flat_map(|image| &image.tags).collect();
    let mut images: Vec<Image> = earlier
        .iter()
        .map(|image| {
            let mut image = image.clone();
            if tags == TagsOf::Now {
                match later_by_digest.get(&image.digest) {
                    Some(now) => image.tags.clone_from(&now.tags),
                    None => image.tags.retain(|tag| !tags_now.contains(tag)),
                }
            }
            image
        })
        .collect();
    let known: BTreeSet<Digest> = earlier.iter().map(|image| image.digest).collect();
    images.extend(later.iter().filter(|image| !known.contains(&image.digest)).cloned());
    images
}

/// What a policy takes when it is run again and again: by digest, with the run and the rule.
fn settle(
    policy: &Policy,
    scene: &[Image],
    now: DateTime<Utc>,
    switches: Switches,
) -> BTreeMap<Digest, (Outcome, Cause)> {
    let mut images = scene.to_vec();
    let mut taken = BTreeMap::new();
    for round in 1..=ROUNDS_MAX {
        let relations = Relations::of(&images);
        let decisions = evaluate(policy, &images, &relations, now, switches);
        let mut acted_on = BTreeMap::new();
        for (image, decision) in images.iter().zip(&decisions) {
            let rule = decision.rule.and_then(|rule| policy.rules().get(rule));
            if let (Some(rule), true) = (rule, decision.outcome != Outcome::Keep) {
                let cause = Cause { priority: rule.priority, round, subject: None, switches };
                acted_on.insert(image.digest, (decision.outcome, cause));
            }
        }
        if switches.referrers == Referrers::Follow {
            follow(&images, &mut acted_on);
        }
        if acted_on.is_empty() {
            break;
        }
        images.retain_mut(|image| match acted_on.get(&image.digest) {
            Some((Outcome::Expire, _)) => false,
            Some((Outcome::Archive, _)) => {
                image.status = ImageStatus::Archived;
                image.archived_at = Some(now);
                true
            }
            Some((Outcome::Keep, _)) | None => true,
        });
        // An image that is archived and then expires is explained by what took it last.
        taken.extend(acted_on);
    }
    taken
}

/// Referrers go, or are archived, with their subjects, and theirs with them.
fn follow(images: &[Image], acted_on: &mut BTreeMap<Digest, (Outcome, Cause)>) {
    loop {
        let mut more = Vec::new();
        for image in images.iter().filter(|image| !acted_on.contains_key(&image.digest)) {
            let Some(subject) = image.subject else { continue };
            if let Some((outcome, cause)) = acted_on.get(&subject) {
                more.push((image.digest, (*outcome, Cause { subject: Some(subject), ..cause.clone() })));
            }
        }
        if more.is_empty() {
            return;
        }
        acted_on.extend(more);
    }
}

fn explain(gone: &mut [Gone], taken: &BTreeMap<Digest, (Outcome, Cause)>) {
    for gone in gone.iter_mut().filter(|gone| gone.cause.is_none()) {
        gone.cause = taken
            .get(&gone.image.digest)
            .filter(|(outcome, _)| *outcome == gone.outcome)
            .map(|(_, cause)| cause.clone());
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Gone, gone};
    use crate::lifecycle::{IndexChildren, Outcome, Policy, Switches};
    use crate::{Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Tag};

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_491_200, 0).unwrap()
    }

    fn image(number: u8, days_ago: i64, tags: &[&str]) -> Image {
        let mut image = Image::new(digest(number));
        image.pushed_at = Some(now() - TimeDelta::days(days_ago));
        image.tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
        image
    }

    fn index(number: u8, days_ago: i64, tags: &[&str], child: u8) -> Image {
        let mut manifest = Manifest::new(ManifestKind::OciIndex);
        let descriptor = Descriptor { digest: digest(child), media_type: String::new(), size_bytes: 1 };
        manifest.children.push(Child { descriptor, platform: None, attests: None });
        Image { manifest: Some(Box::new(manifest)), ..image(number, days_ago, tags) }
    }

    fn policy(selection: &str, action: &str) -> Policy {
        Policy::parse(&format!(
            r#"{{"rules": [{{"rulePriority": 5, "description": "a rule of the tests of what is gone, and why",
                "selection": {{{selection}}}, "action": {{{action}}}}}]}}"#
        ))
        .unwrap()
    }

    fn expire(selection: &str) -> Policy {
        policy(selection, r#""type": "expire""#)
    }

    const OLDER: &str =
        r#""tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30"#;
    const KEEP_TWO: &str = r#""tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 2"#;
    const UNTAGGED: &str =
        r#""tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7"#;

    /// Number of the image, priority, run.
    fn causes(found: &[Gone]) -> Vec<(u8, Option<(u64, u32)>)> {
        found
            .iter()
            .map(|gone| {
                let cause = gone.cause.as_ref().map(|cause| (cause.priority, cause.round));
                (gone.image.digest.as_bytes()[0], cause)
            })
            .collect()
    }

    #[test]
    fn what_a_rule_takes_is_explained_and_what_none_takes_is_not() {
        let earlier = [image(1, 40, &["a"]), image(2, 3, &["b"]), image(3, 2, &["c"])];
        let found = gone(&earlier, &earlier[2..], &[&expire(OLDER)], now());
        assert_eq!(causes(&found), [(1, Some((5, 1))), (2, None)]);
        assert_eq!(causes(&gone(&earlier, &earlier, &[&expire(OLDER)], now())), []);
    }

    #[test]
    fn an_image_pushed_in_between_pushes_an_older_one_out() {
        let earlier = [image(1, 10, &["a"]), image(2, 9, &["b"])];
        let later = [image(2, 9, &["b"]), image(3, 1, &["c"])];
        assert_eq!(causes(&gone(&earlier, &later, &[&expire(KEEP_TWO)], now())), [(1, Some((5, 1)))]);
    }

    #[test]
    fn an_image_whose_tag_moved_away_went_as_an_untagged_one() {
        let earlier = [image(1, 10, &["latest"])];
        let later = [image(2, 1, &["latest"])];
        assert_eq!(causes(&gone(&earlier, &later, &[&expire(UNTAGGED)], now())), [(1, Some((5, 1)))]);
    }

    #[test]
    fn children_go_in_the_run_after_their_index_and_a_referrer_goes_with_its_subject() {
        let referrer = Image { subject: Some(digest(1)), ..image(3, 50, &[]) };
        let earlier = [index(1, 40, &["a"], 2), image(2, 40, &[]), referrer];
        let found = gone(&earlier, &[], &[&expire(OLDER)], now());
        assert_eq!(causes(&found), [(1, Some((5, 1))), (2, Some((5, 2))), (3, Some((5, 1)))]);
        let subjects: Vec<_> = found.iter().map(|g| g.cause.as_ref().unwrap().subject).collect();
        assert_eq!(subjects, [None, None, Some(digest(1))]);
    }

    #[test]
    fn what_only_another_setting_explains_says_which() {
        // Counted, the child fills a place, and the oldest image is beyond it.
        let earlier = [index(1, 5, &["a"], 2), image(2, 6, &[]), image(3, 8, &["b"])];
        let found = gone(&earlier, &earlier[..2], &[&expire(KEEP_TWO)], now());
        let expected = Switches { index_children: IndexChildren::Counted, ..Switches::default() };
        assert_eq!(found[0].cause.as_ref().unwrap().switches, expected);
    }

    #[test]
    fn an_archived_image_is_explained_by_a_rule_that_archives_and_by_no_other() {
        let earlier = [image(1, 40, &["a"])];
        let later = [Image { status: ImageStatus::Archived, ..image(1, 40, &["a"]) }];
        let archive = policy(OLDER, r#""type": "transition", "targetStorageClass": "archive""#);
        let found = gone(&earlier, &later, &[&archive], now());
        assert_eq!((found[0].outcome, causes(&found)), (Outcome::Archive, vec![(1, Some((5, 1)))]));
        assert_eq!(causes(&gone(&earlier, &later, &[&expire(OLDER)], now())), [(1, None)]);
        assert_eq!(causes(&gone(&earlier, &[], &[&archive], now())), [(1, None)]);
    }
}
