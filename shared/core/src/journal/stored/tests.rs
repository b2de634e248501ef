//! What is written is what is read, and nothing else is.

use crate::journal::{Call, Dropped, IdFailure, ImageId, Intent, JournalTextError, Outcome, SavedImage};
use crate::plan::RepositoryAddress;
use crate::{Digest, ExclusionFilter, ImageStatus, Tag, TagMutability, instant};

fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

fn repository() -> RepositoryAddress {
    RepositoryAddress {
        account: Some("123456789012".to_owned()),
        region: "ap-northeast-2".to_owned(),
        name: "shop/cart".to_owned(),
    }
}

fn image() -> SavedImage {
    SavedImage {
        digest: digest(1),
        tags: vec![Tag::as_given("1.0"), Tag::as_given("latest")],
        manifest: Some("{\n  \"schemaVersion\": 2\n}".to_owned()),
        media_type: Some("application/vnd.oci.image.manifest.v1+json".to_owned()),
        pushed_at: instant::parse("2026-11-01T00:00:00.250Z"),
        last_pulled_at: None,
        size_bytes: Some(7),
        parents: vec![digest(2)],
        subject: Some(digest(3)),
        status: ImageStatus::Archived,
        rule: "rule 2 of `policy.json`".to_owned(),
        reason: "it was pushed 24 days ago".to_owned(),
    }
}

fn intent(call: Call) -> Intent {
    Intent {
        number: 7,
        plan: "0a".repeat(32),
        writer: "one".to_owned(),
        at: instant::parse("2026-11-25T00:00:00Z").unwrap(),
        repository: repository(),
        call,
        images: vec![image()],
    }
}

fn calls() -> Vec<Call> {
    let filter = ExclusionFilter { filter_type: "WILDCARD".to_owned(), filter: "dev-*".to_owned() };
    let to = TagMutability { mode: "IMMUTABLE_WITH_EXCLUSION".to_owned(), exclusion_filters: vec![filter] };
    let from = TagMutability { mode: "MUTABLE".to_owned(), exclusion_filters: Vec::new() };
    let (rule, reason) = ("tags-mutable".to_owned(), "tags move".to_owned());
    vec![
        Call::Delete {
            ids: vec![
                ImageId { digest: Some(digest(1)), tag: Some(Tag::as_given("1.0")) },
                ImageId { digest: Some(digest(1)), tag: None },
            ],
        },
        Call::Archive { digest: digest(1) },
        Call::Activate { digest: digest(1) },
        Call::PutImage { digest: digest(1), tag: None },
        Call::PutImage { digest: digest(1), tag: Some(Tag::as_given("1.0")) },
        Call::TagMutability { from, to, rule: rule.clone(), reason: reason.clone() },
        Call::LifecyclePolicy { from: None, to: "{}".to_owned(), rule: rule.clone(), reason: reason.clone() },
        Call::ScanOnPush { from: Some(false), to: true, rule, reason },
    ]
}

#[test]
fn an_intent_is_read_as_it_was_written_whatever_its_call() {
    for call in calls() {
        let intent = intent(call);
        assert_eq!(Intent::from_json(&intent.to_json()), Ok(intent));
    }
}

#[test]
fn an_outcome_and_drops_are_read_as_they_were_written() {
    let id = ImageId { digest: Some(digest(1)), tag: Some(Tag::as_given("1.0")) };
    let outcome = Outcome {
        number: 7,
        at: instant::parse("2026-11-25T00:00:01Z").unwrap(),
        done: vec![id.clone()],
        failures: vec![IdFailure {
            id,
            code: "ImageNotFound".to_owned(),
            reason: "it is not there".to_owned(),
        }],
        error: Some("the answer was lost".to_owned()),
    };
    assert_eq!(Outcome::from_json(&outcome.to_json()), Ok(outcome.clone()));
    assert!(!outcome.is_clean());
    let dropped =
        Dropped { at: outcome.at, repository: repository(), digest: digest(1), why: "it runs".to_owned() };
    let all = [dropped.clone(), dropped];
    assert_eq!(Dropped::from_json(&Dropped::to_json(&all)).as_deref(), Ok(&all[..]));
}

#[test]
fn another_form_an_unknown_member_and_half_a_document_are_refused() {
    let text = intent(Call::Archive { digest: digest(1) }).to_json();
    let newer = text.replacen("\"format_version\":1", "\"format_version\":2", 1);
    assert_eq!(Intent::from_json(&newer), Err(JournalTextError::Version { found: 2 }));
    for wrong in [
        text.replace("\"writer\"", "\"scribe\""),
        text.replace("\"media_type\"", "\"kind\""),
        text.replace("\"archive\"", "\"burn\""),
        text.replace("2026-11-25T00:00:00Z", "soon"),
        text.get(..text.len() / 2).unwrap_or_default().to_owned(),
    ] {
        assert!(Intent::from_json(&wrong).is_err(), "{wrong}");
    }
}
