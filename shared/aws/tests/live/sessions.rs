//! What is said when there is no session.

use demurrage_aws::{CallErrorKind, Server as At, Session, SessionError, SessionOptions};

use crate::support::{KEY, REGION, World};

async fn refused(url: String, role_arn: Option<&str>) -> SessionError {
    let at = Some(At { url, access_key_id: KEY.to_owned() });
    let options = SessionOptions { role_arn: role_arn.map(str::to_owned), at, ..SessionOptions::default() };
    Session::open(REGION, options).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_assumed_is_refused_in_the_words_of_sts() {
    let world = World::empty();
    let error = refused(world.server.url(), Some("nonsense")).await;
    assert!(matches!(error, SessionError::Role { .. }), "{error}");
    let text = error.to_string();
    assert!(text.starts_with("the role `nonsense` could not be assumed: "), "{text}");
    assert!(text.contains("(ValidationError)") && !text.contains('{'), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_is_no_matter_of_credentials() {
    for url in ["nonsense".to_owned(), "http://127.0.0.1:1".to_owned()] {
        let error = refused(url, None).await;
        let SessionError::Call(call) = &error else { panic!("{error}") };
        assert_eq!(call.kind, CallErrorKind::Unreachable, "{call}");
        assert!(call.help().contains("AWS_ENDPOINT_URL"));
        assert_eq!(call.cause.lines().count(), 1, "{call}");
    }
}
