//! Page tokens: opaque to clients, bound to the operation and the repository that issued them.
//!
//! For: every operation with pages. Assumes: nothing of the token, which a client may have made up.
//! Leaves out: how long a token lives; here it is for ever.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Refusal;

/// Issues a token of an operation: `scope` says of which, `place` where the next page begins.
pub(crate) fn issue(scope: &str, place: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("1\n{}\n{scope}\n{place}", check(scope, place)))
}

/// The place in a token that was issued in this scope; anything else is refused.
pub(crate) fn read(scope: &str, token: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(token) = token else { return Ok(None) };
    let decoded = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let place = decoded.as_deref().and_then(|text| {
        let mut lines = text.splitn(4, '\n');
        let (version, sum, named, place) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
        (version == "1" && named == scope && sum == check(scope, place)).then(|| place.to_owned())
    });
    match place {
        Some(place) => Ok(Some(place)),
        None => Err(Refusal::new("InvalidParameterException", "Invalid parameter at 'nextToken'")),
    }
}

/// A checksum, so that a changed token is noticed.
fn check(scope: &str, place: &str) -> String {
    format!("{:016x}", super::hash(&format!("{scope}\n{place}")))
}
