//! Who calls: access key, region and service of a signature of version 4, which is not checked.

use axum::http::{HeaderMap, header};

/// The credential scope of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// The access key.
    pub(super) access_key: String,
    /// The region.
    pub(super) region: String,
}

/// Reads `Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
pub(super) fn scope(headers: &HeaderMap) -> Option<Scope> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, after) = header.split_once("Credential=")?;
    let credential = after.split([',', ' ']).next()?;
    // A key may hold slashes; the scope is what comes last.
    let mut parts = credential.rsplitn(5, '/');
    let (_, _, region, _, key) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(Scope { access_key: key.to_owned(), region: region.to_owned() })
}
