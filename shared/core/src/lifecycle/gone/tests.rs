//! What is gone, and what explains it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AttachedPolicy, Gone, Unexplained, Untold, Verdict, gone};
use crate::lifecycle::{AgeUnit, IndexChildren, Outcome, Switch, Switches};
use crate::{Child, Descriptor, Digest, Fact, Image, ImageStatus, Manifest, ManifestKind, Tag};

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

fn policy(selection: &str, action: &str) -> AttachedPolicy {
    let policy = AttachedPolicy::of(&Fact::Present(format!(
        r#"{{"rules": [{{"rulePriority": 5, "description": "a rule of the tests of what is gone, and why",
            "selection": {{{selection}}}, "action": {{{action}}}}}]}}"#
    )));
    assert!(policy.known().is_some(), "{selection}");
    policy
}

fn expire(selection: &str) -> AttachedPolicy {
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
            let cause = match &gone.verdict {
                Verdict::Explained(cause) => Some((cause.priority, cause.round)),
                Verdict::SubjectGone(_)
                | Verdict::OnlyUnder { .. }
                | Verdict::CannotBeTold(_)
                | Verdict::Unexplained(_) => None,
            };
            (gone.image.digest.as_bytes()[0], cause)
        })
        .collect()
}

/// What went under the default settings, the policy having been there all the time.
fn went(earlier: &[Image], later: &[Image], policy: &AttachedPolicy) -> Vec<Gone> {
    gone(earlier, later, &[policy.clone(), policy.clone()], now(), Switches::default())
}

#[test]
fn what_a_rule_takes_is_explained_and_what_none_takes_is_not() {
    let earlier = [image(1, 40, &["a"]), image(2, 3, &["b"]), image(3, 2, &["c"])];
    let found = went(&earlier, &earlier[2..], &expire(OLDER));
    assert_eq!(causes(&found), [(1, Some((5, 1))), (2, None)]);
    assert_eq!(causes(&went(&earlier, &earlier, &expire(OLDER))), []);
}

#[test]
fn an_image_pushed_in_between_pushes_an_older_one_out() {
    let earlier = [image(1, 10, &["a"]), image(2, 9, &["b"])];
    let later = [image(2, 9, &["b"]), image(3, 1, &["c"])];
    assert_eq!(causes(&went(&earlier, &later, &expire(KEEP_TWO))), [(1, Some((5, 1)))]);
}

#[test]
fn an_image_whose_tag_moved_away_went_as_an_untagged_one() {
    let earlier = [image(1, 10, &["latest"])];
    let later = [image(2, 1, &["latest"])];
    assert_eq!(causes(&went(&earlier, &later, &expire(UNTAGGED))), [(1, Some((5, 1)))]);
}

#[test]
fn children_go_in_the_run_after_their_index_and_a_referrer_goes_with_its_subject() {
    let referrer = Image { subject: Some(digest(1)), ..image(3, 50, &[]) };
    let earlier = [index(1, 40, &["a"], 2), image(2, 40, &[]), referrer];
    let found = went(&earlier, &[], &expire(OLDER));
    assert_eq!(causes(&found), [(1, Some((5, 1))), (2, Some((5, 2))), (3, Some((5, 1)))]);
    let subjects: Vec<_> = found.iter().map(|g| g.verdict.cause().unwrap().subject).collect();
    assert_eq!(subjects, [None, None, Some(digest(1))]);
}

#[test]
fn what_only_another_setting_takes_is_named_and_not_explained() {
    // Thirty and a half days are more than thirty to the instant, and not in whole days.
    let mut half = image(1, 30, &["a"]);
    half.pushed_at = half.pushed_at.map(|time| time - TimeDelta::hours(12));
    let earlier = [half, image(2, 3, &["b"])];
    let whole_days = Switches { age: AgeUnit::WholeDays, ..Switches::default() };
    let found = gone(&earlier, &earlier[1..], &[expire(OLDER)], now(), whole_days);
    let Verdict::OnlyUnder { cause, changed } = &found[0].verdict else { panic!("{found:?}") };
    assert_eq!((cause.switches, &**changed), (Switches::default(), &[Switch::Age][..]));
    assert!(found[0].verdict.is_unexplained());
    // Asked for, the same settings explain it.
    assert_eq!(causes(&went(&earlier, &earlier[1..], &expire(OLDER))), [(1, Some((5, 1)))]);
}

#[test]
fn settings_that_would_have_taken_what_still_stands_are_refuted() {
    // Counted, the child fills a place, and the oldest image is beyond it.
    let earlier = [index(1, 5, &["a"], 2), image(2, 6, &[]), image(3, 8, &["b"])];
    let found = went(&earlier, &earlier[..2], &expire(KEEP_TWO));
    let Verdict::OnlyUnder { cause, changed } = &found[0].verdict else { panic!("{found:?}") };
    let counted = Switches { index_children: IndexChildren::Counted, ..Switches::default() };
    assert_eq!((cause.switches, &**changed), (counted, &[Switch::IndexChildren][..]));
    // One that is older still stands, and would have gone, too.
    let earlier = [index(1, 5, &["a"], 2), image(2, 6, &[]), image(3, 8, &["b"]), image(4, 9, &["c"])];
    let later = [earlier[0].clone(), earlier[1].clone(), earlier[3].clone()];
    let found = went(&earlier, &later, &expire(KEEP_TWO));
    assert_eq!(found[0].verdict, Verdict::Unexplained(Unexplained::NoRule));
    // Where it is archived meanwhile, it does not stand as it was, and refutes nothing.
    let mut later = later;
    later[2].status = ImageStatus::Archived;
    let found = went(&earlier, &later, &expire(KEEP_TWO));
    assert!(matches!(found[0].verdict, Verdict::OnlyUnder { .. }), "{found:?}");
}

#[test]
fn a_count_explains_nothing_where_children_are_unknown_and_an_age_does() {
    let unread = Image {
        manifest_media_type: Some("application/vnd.oci.image.index.v1+json".to_owned()),
        ..image(1, 2, &["a"])
    };
    let earlier = [unread.clone(), image(2, 3, &[]), image(3, 40, &["b"])];
    let untold = Verdict::CannotBeTold(Untold::UnreadIndexes(1));
    assert_eq!(went(&earlier, &earlier[..2], &expire(KEEP_TWO))[0].verdict, untold);
    assert_eq!(causes(&went(&earlier, &earlier[..2], &expire(OLDER))), [(3, Some((5, 1)))]);
    // Pushed in between and not read, it hides as much.
    let later = [earlier[1].clone(), unread];
    let found = went(&earlier[1..], &later, &expire(&KEEP_TWO.replace('2', "1")));
    assert_eq!(found[0].verdict, untold);
    // Nor does a count name a rule under other settings: taken for an image, the referrer fills a place.
    let referrer = Image { subject: Some(digest(2)), ..image(4, 3, &[]) };
    let with_referrer = [earlier[0].clone(), earlier[1].clone(), referrer, earlier[2].clone()];
    let found = went(&with_referrer, &with_referrer[..3], &expire(&KEEP_TWO.replace('2', "3")));
    assert_eq!(found[0].verdict, Verdict::Unexplained(Unexplained::NoRule));
    // Where even with them the count takes nothing, it was not the rule.
    let found = went(&earlier, &earlier[..2], &expire(&KEEP_TWO.replace('2', "3")));
    assert_eq!(found[0].verdict, Verdict::Unexplained(Unexplained::NoRule));
}

#[test]
fn a_manifest_that_was_read_later_says_whose_child_an_image_was_before() {
    let read = index(1, 2, &["a"], 2);
    let unread = Image {
        manifest: None,
        manifest_media_type: Some("application/vnd.oci.image.index.v1+json".to_owned()),
        ..read.clone()
    };
    let earlier = [unread, image(2, 3, &[]), image(3, 40, &["b"]), image(4, 41, &["c"])];
    let later = [read, image(2, 3, &[]), image(3, 40, &["b"])];
    assert_eq!(causes(&went(&earlier, &later, &expire(KEEP_TWO))), [(4, Some((5, 1)))]);
}

#[test]
fn a_subject_that_was_read_later_says_what_an_image_refers_to_before() {
    let unread = image(2, 2, &[]);
    let read = Image {
        subject: Some(digest(1)),
        manifest: Some(Box::new(Manifest::new(ManifestKind::OciImage))),
        ..unread.clone()
    };
    let earlier = [image(1, 3, &["a"]), unread, image(3, 4, &["b"]), image(4, 5, &["c"])];
    let later = [image(1, 3, &["a"]), read, image(3, 4, &["b"])];
    // A referrer fills no place, so three images are within the count.
    let found = went(&earlier, &later, &expire(&KEEP_TWO.replace('2', "3")));
    assert!(found[0].verdict.is_unexplained(), "{found:?}");
}

#[test]
fn neither_a_child_goes_before_its_index_nor_a_referrer_before_its_subject() {
    let referrer = Image { subject: Some(digest(1)), ..image(3, 50, &[]) };
    let earlier = [index(1, 40, &["a"], 2), image(2, 40, &[]), referrer];
    // The rule takes the index, and has not taken it yet.
    let found = went(&earlier, &earlier[..1], &expire(OLDER));
    let verdicts: Vec<_> = found.into_iter().map(|gone| gone.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Unexplained(Unexplained::NoRule), Verdict::Unexplained(Unexplained::NoRule)]
    );
}

#[test]
fn a_policy_that_was_not_read_is_none_that_takes_nothing() {
    let earlier = [image(1, 40, &["a"]), image(2, 3, &["b"])];
    let verdict = |policies: &[AttachedPolicy], kept: usize| {
        let found = gone(&earlier, &earlier[kept..], policies, now(), Switches::default());
        found.into_iter().last().map(|gone| gone.verdict)
    };
    let not_accepted = AttachedPolicy::of(&Fact::Present("{}".to_owned()));
    let (none, not_read) = (AttachedPolicy::of(&Fact::Absent), AttachedPolicy::of(&Fact::NotEvaluated));
    let unexplained = |why| Some(Verdict::Unexplained(why));
    let untold = |what| Some(Verdict::CannotBeTold(what));
    assert_eq!(verdict(&[none.clone(), none.clone()], 1), unexplained(Unexplained::NoPolicy));
    assert_eq!(verdict(&[none.clone(), expire(OLDER)], 2), unexplained(Unexplained::NoRule));
    assert_eq!(verdict(&[expire(OLDER), not_read.clone()], 2), untold(Untold::PolicyNotRead));
    assert_eq!(verdict(&[not_read.clone(), none.clone()], 2), untold(Untold::PolicyNotRead));
    assert_eq!(verdict(&[none, not_accepted], 2), untold(Untold::PolicyNotAccepted));
    // What the one that was read takes is explained.
    let found = verdict(&[not_read, expire(OLDER)], 1);
    assert!(matches!(found, Some(Verdict::Explained(_))), "{found:?}");
}

#[test]
fn an_archived_image_is_explained_by_a_rule_that_archives_and_by_no_other() {
    let earlier = [image(1, 40, &["a"])];
    let later = [Image { status: ImageStatus::Archived, ..image(1, 40, &["a"]) }];
    let archive = policy(OLDER, r#""type": "transition", "targetStorageClass": "archive""#);
    let found = went(&earlier, &later, &archive);
    assert_eq!((found[0].outcome, causes(&found)), (Outcome::Archive, vec![(1, Some((5, 1)))]));
    assert_eq!(causes(&went(&earlier, &later, &expire(OLDER))), [(1, None)]);
    assert_eq!(causes(&went(&earlier, &[], &archive)), [(1, None)]);
}

#[test]
fn a_referrer_whose_subject_was_gone_before_went_for_that_where_a_policy_runs() {
    let referrer = |subject| Image { subject: Some(digest(subject)), ..image(2, 3, &[]) };
    let verdict =
        |earlier: &[Image], policy: &AttachedPolicy| went(earlier, &[], policy).pop().unwrap().verdict;
    let orphan = [referrer(9)];
    assert_eq!(verdict(&orphan, &expire(OLDER)), Verdict::SubjectGone(digest(9)));
    let none = AttachedPolicy::of(&Fact::Absent);
    assert_eq!(verdict(&orphan, &none), Verdict::Unexplained(Unexplained::NoPolicy));
    // A subject that was there is another matter.
    let both = [image(1, 3, &["a"]), referrer(1)];
    assert_eq!(verdict(&both, &expire(OLDER)), Verdict::Unexplained(Unexplained::NoRule));
}
