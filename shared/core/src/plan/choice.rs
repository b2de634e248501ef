//! What rules want of an image.

use super::{ActionKind, Links, digest_in_tag};
use crate::lifecycle::{Action, Policy, Relations, Switches, settle};
use crate::{Digest, Image, ImageStatus, Tag};
use chrono::{DateTime, Utc};

/// What rules want of an image, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is to be done.
    pub kind: ActionKind,
    /// The tags to be taken off; none but for [`ActionKind::Untag`].
    pub tags: Vec<Tag>,
    /// The rule, such as ``rule 2 of `policy.json` ``.
    pub rule: String,
    /// Why, in one sentence without a full stop.
    pub reason: String,
}

/// What a lifecycle policy wants of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyChoice {
    /// What is to be done; never [`ActionKind::Untag`].
    pub kind: ActionKind,
    /// The place of the rule among those of the policy, in the order of their priorities.
    pub rule: usize,
    /// The index or the subject with which it goes, where the rule did not choose it itself: by its place.
    pub with: Option<u32>,
}

/// What the next run of a policy wants of the images of a repository, and what goes with that.
///
/// A run of ECR takes referrers with their subjects. A plan takes at once what a later run would find left over: children
/// without a tag, once no index that stays names them, and what signs them.
pub fn choose_by_policy(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Option<PolicyChoice>> {
    let mut chosen = vec![None; images.len()];
    let first_run = settle(policy, images, relations, now, switches).next().unwrap_or_default();
    for acted in &first_run {
        let kind = match acted.action {
            Action::Expire => ActionKind::Expire,
            Action::Archive => ActionKind::Archive,
        };
        if let Some(choice) = chosen.get_mut(acted.image as usize) {
            *choice = Some(PolicyChoice { kind, rule: acted.rule, with: acted.subject });
        }
    }
    let links = Links::of(images, relations);
    let mut waiting: Vec<u32> = first_run.iter().map(|acted| acted.image).collect();
    while let Some(above) = waiting.pop() {
        for &below in links.below(above) {
            if let Some(choice) = along(images, &links, &chosen, above, below)
                && let Some(free @ None) = chosen.get_mut(below as usize)
            {
                *free = Some(choice);
                waiting.push(below);
            }
        }
    }
    chosen
}

/// What becomes of a part of a chosen image, or of what refers to it: nothing, where it has a name of its own or something
/// that stays needs it.
fn along(
    images: &[Image],
    links: &Links<'_>,
    chosen: &[Option<PolicyChoice>],
    above: u32,
    below: u32,
) -> Option<PolicyChoice> {
    let image = images.get(below as usize)?;
    let choice_of = |place: u32| chosen.get(place as usize).copied().flatten();
    let with = choice_of(above)?;
    let needs = links.parents(below).iter().copied().chain(links.subject(below));
    let kinds: Option<Vec<ActionKind>> =
        needs.map(|need| choice_of(need).map(|choice| choice.kind)).collect();
    let goes = kinds?.iter().all(|kind| *kind == ActionKind::Expire);
    let kind = if goes { ActionKind::Expire } else { ActionKind::Archive };
    let is_done = kind == ActionKind::Archive && image.status == ImageStatus::Archived;
    let subject = links.subject(below).and_then(|subject| images.get(subject as usize));
    (!is_done && has_no_name(image, subject.map(|subject| subject.digest))).then_some(PolicyChoice {
        kind,
        rule: with.rule,
        with: Some(above),
    })
}

/// Whether all its tags are there to belong to its subject.
fn has_no_name(image: &Image, subject: Option<Digest>) -> bool {
    image.tags.iter().all(|tag| subject.is_some() && digest_in_tag(tag.as_str()) == subject)
}

#[cfg(test)]
mod tests {
    use super::choose_by_policy;
    use crate::lifecycle::{Policy, Relations, Switches};
    use crate::plan::ActionKind;
    use crate::{Child, Descriptor, Digest, Image, Manifest, ManifestKind, Tag, instant};
    use chrono::DateTime;

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn image(number: u8, day: i64, tag: &str) -> Image {
        let mut image = Image::new(digest(number));
        image.pushed_at = DateTime::from_timestamp(day * 86_400, 0);
        image.tags = [tag].into_iter().filter(|tag| !tag.is_empty()).map(Tag::as_given).collect();
        image
    }

    fn index(number: u8, day: i64, tag: &str, children: &[u8]) -> Image {
        let mut manifest = Manifest::new(ManifestKind::OciIndex);
        for &child in children {
            let descriptor = Descriptor { digest: digest(child), media_type: String::new(), size_bytes: 1 };
            manifest.children.push(Child { descriptor, platform: None, attests: None });
        }
        let mut image = image(number, day, tag);
        image.manifest = Some(Box::new(manifest));
        image
    }

    /// Number, kind and what it goes with, of each image that is chosen when the newest tagged one stays.
    fn chosen(images: &[Image], action: &str) -> Vec<(u8, ActionKind, Option<u32>)> {
        let text = format!(
            r#"{{"rules": [{{"rulePriority": 1, "selection": {{"tagStatus": "tagged", "tagPatternList": ["v*"],
            "countType": "imageCountMoreThan", "countNumber": 1}}, "action": {action}}}]}}"#
        );
        let policy = Policy::parse(&text).unwrap();
        let relations = Relations::of(images);
        let now = instant::parse("2026-11-01").unwrap();
        let choices = choose_by_policy(&policy, images, &relations, now, Switches::default());
        let named = images.iter().zip(choices);
        named
            .filter_map(|(image, choice)| {
                choice.map(|choice| (image.digest.as_bytes()[0], choice.kind, choice.with))
            })
            .collect()
    }

    const EXPIRE: &str = r#"{"type": "expire"}"#;

    #[test]
    fn children_that_no_other_index_names_go_with_their_index_and_what_signs_them_with_them() {
        let mut signature = image(5, 1, "");
        signature.subject = Some(digest(2));
        let images = [
            index(1, 1, "v1", &[2, 3]),
            image(2, 1, ""),
            image(3, 1, ""),
            index(4, 2, "v2", &[3]),
            signature,
        ];
        let gone = ActionKind::Expire;
        assert_eq!(chosen(&images, EXPIRE), [(1, gone, None), (2, gone, Some(0)), (5, gone, Some(1))]);
    }

    #[test]
    fn a_child_with_a_tag_of_its_own_waits_for_a_rule() {
        let images = [index(1, 1, "v1", &[2]), image(2, 1, "amd64"), image(4, 2, "v2")];
        assert_eq!(chosen(&images, EXPIRE), [(1, ActionKind::Expire, None)]);
    }

    #[test]
    fn a_signature_by_tag_goes_with_what_it_signs_alone() {
        let of = |number: &str| format!("sha256-{}.sig", number.repeat(32));
        let images = [image(1, 1, "v1"), image(2, 1, &of("01")), image(3, 1, &of("04")), image(4, 2, "v2")];
        let gone = ActionKind::Expire;
        assert_eq!(chosen(&images, EXPIRE), [(1, gone, None), (2, gone, Some(0))]);
    }
}
