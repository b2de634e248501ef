//! What ECR itself says that a policy would do, beside what this program says.
//!
//! The preview of ECR is the only oracle of its uncertain behaviour (`docs/SEMANTICS.md`, "Switches"). One
//! that was asked for at a known time tells which settings reproduce it, and what none of them does.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Outcome, Policy, Relations, Switches, evaluate};
use crate::{Digest, Image};

/// What happens to an image, and by the rule of which priority.
pub type Fate = (Outcome, u64);

/// An image about which the two answers differ. Nothing: it is kept, or not known at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// The image.
    pub digest: Digest,
    /// What this program says.
    pub ours: Option<Fate>,
    /// What ECR says.
    pub theirs: Option<Fate>,
}

/// What came of comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The settings, of all sixteen, under which the answers are the same, in the order of
    /// [`Switches::all`]. All sixteen: the repository has nothing that a setting could be told by.
    pub reproducing: Vec<Switches>,
    /// Every image about which they differ under the settings that were asked for, by digest.
    pub disagreements: Vec<Disagreement>,
    /// How many images ECR's preview lists.
    pub listed: usize,
}

/// Compares ECR's preview with the evaluation under every setting.
///
/// ECR does not say at which moment between `asked_at` and `answered_at` it compared ages; a setting
/// reproduces the preview if it does at either end.
pub fn verify(
    policy: &Policy,
    images: &[Image],
    (asked_at, answered_at): (DateTime<Utc>, DateTime<Utc>),
    asked: Switches,
    theirs: &BTreeMap<Digest, Fate>,
) -> Verification {
    let relations = Relations::of(images);
    let differ = |switches| {
        let at = |now| disagreements(&fates(policy, images, &relations, now, switches), theirs);
        let first = at(asked_at);
        if first.is_empty() || answered_at == asked_at {
            return first;
        }
        let last = at(answered_at);
        if last.len() < first.len() { last } else { first }
    };
    Verification {
        reproducing: Switches::all().into_iter().filter(|&switches| differ(switches).is_empty()).collect(),
        disagreements: differ(asked),
        listed: theirs.len(),
    }
}

fn fates(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> BTreeMap<Digest, Fate> {
    let decisions = evaluate(policy, images, relations, now, switches);
    let acted_on = images.iter().zip(decisions).filter(|(_, decision)| decision.outcome != Outcome::Keep);
    acted_on
        .filter_map(|(image, decision)| {
            let rule = policy.rules().get(decision.rule?)?;
            Some((image.digest, (decision.outcome, rule.priority)))
        })
        .collect()
}

fn disagreements(ours: &BTreeMap<Digest, Fate>, theirs: &BTreeMap<Digest, Fate>) -> Vec<Disagreement> {
    let mut digests: Vec<Digest> = ours.keys().chain(theirs.keys()).copied().collect();
    digests.sort_unstable();
    digests.dedup();
    digests
        .into_iter()
        .map(|digest| Disagreement {
            digest,
            ours: ours.get(&digest).copied(),
            theirs: theirs.get(&digest).copied(),
        })
        .filter(|disagreement| disagreement.ours != disagreement.theirs)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Disagreement, verify};
    use crate::lifecycle::{IndexChildren, Outcome, Policy, Switches};
    use crate::{Child, Descriptor, Digest, Image, Manifest, ManifestKind};

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_491_200, 0).unwrap()
    }

    fn pushed(number: u8, days_ago: i64) -> Image {
        let mut image = Image::new(digest(number));
        image.pushed_at = Some(now() - TimeDelta::days(days_ago));
        image
    }

    /// An index and its only child, both old.
    fn index_and_child() -> Vec<Image> {
        let mut index = pushed(1, 40);
        let mut manifest = Manifest::new(ManifestKind::OciIndex);
        let descriptor = Descriptor { digest: digest(2), media_type: String::new(), size_bytes: 1 };
        manifest.children.push(Child { descriptor, platform: None, attests: None });
        index.manifest = Some(Box::new(manifest));
        vec![index, pushed(2, 39), pushed(3, 50), pushed(4, 1)]
    }

    fn policy() -> Policy {
        Policy::parse(
            r#"{"rules": [{"rulePriority": 7, "description": "what is older than a month is not needed any more",
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 2},
                "action": {"type": "expire"}}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn settings_that_give_the_same_answer_are_told_from_those_that_do_not() {
        // Without the child the index is the second newest; with it, the third.
        let theirs = BTreeMap::from([(digest(3), (Outcome::Expire, 7))]);
        let found = verify(&policy(), &index_and_child(), (now(), now()), Switches::default(), &theirs);
        assert_eq!(found.disagreements, []);
        assert_eq!(found.reproducing.len(), 8);
        assert!(found.reproducing.iter().all(|s| s.index_children == IndexChildren::Ignored));
    }

    #[test]
    fn what_only_one_side_lists_is_named_with_what_each_says() {
        let theirs = BTreeMap::from([(digest(9), (Outcome::Expire, 7))]);
        let found = verify(&policy(), &index_and_child(), (now(), now()), Switches::default(), &theirs);
        let ours = |number, ours, theirs| Disagreement { digest: digest(number), ours, theirs };
        let expire = Some((Outcome::Expire, 7));
        assert_eq!(found.disagreements, [ours(3, expire, None), ours(9, None, expire)]);
        assert_eq!(found.reproducing, []);
    }

    #[test]
    fn an_image_that_came_of_age_between_question_and_answer_is_no_disagreement() {
        let policy = Policy::parse(
            r#"{"rules": [{"rulePriority": 1, "description": "what is older than a month is not needed any more",
                "selection": {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days",
                "countNumber": 30}, "action": {"type": "expire"}}]}"#,
        )
        .unwrap();
        let images = [pushed(1, 30)];
        let theirs = BTreeMap::from([(digest(1), (Outcome::Expire, 1))]);
        let later = now() + TimeDelta::seconds(20);
        let at = |answered_at| {
            verify(&policy, &images, (now(), answered_at), Switches::default(), &theirs).disagreements.len()
        };
        assert_eq!((at(later), at(now())), (0, 1));
    }
}
