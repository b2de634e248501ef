//! The errors of the distribution specification, and which of them a refusal of the JSON API is.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::asked::response;
use crate::wire::Refusal;

/// Why a request was refused.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    /// A code of the specification, as `NAME_UNKNOWN`.
    code: &'static str,
    message: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// There is no such path.
    pub(super) fn no_page() -> Self {
        Self::new(StatusCode::NOT_FOUND, "UNSUPPORTED", "404 page not found")
    }

    /// ECR does not do this; deleting is done by `BatchDeleteImage`.
    pub(super) fn unsupported() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", "The operation is unsupported.")
    }

    /// The repository is not there, and pushing does not make it.
    pub(super) fn no_repository(name: &str, account: &str) -> Self {
        Refusal::no_repository(name, account).into()
    }

    /// There is no such manifest, or it is archived.
    pub(super) fn no_manifest() -> Self {
        Self::new(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", "Requested image not found")
    }

    /// The repository does not have this blob.
    pub(super) fn no_blob(digest: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "BLOB_UNKNOWN", format!("blob unknown to registry: {digest}"))
    }

    /// A request with more bytes than this server takes.
    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID", "the request has too many bytes")
    }

    /// The answer that says so.
    pub(super) fn response(&self) -> Response {
        let body = json!({ "errors": [{ "code": self.code, "message": self.message }] }).to_string();
        response(self.status, &[("content-type", "application/json; charset=utf-8")], body)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal.code {
            "RepositoryNotFoundException" => (StatusCode::NOT_FOUND, "NAME_UNKNOWN"),
            "ImageTagAlreadyExistsException" => (StatusCode::BAD_REQUEST, "TAG_INVALID"),
            "LayersNotFoundException" | "ReferencedImagesNotFoundException" => {
                (StatusCode::NOT_FOUND, "MANIFEST_BLOB_UNKNOWN")
            }
            "ImageDigestDoesNotMatchException" | "InvalidLayerException" => {
                (StatusCode::BAD_REQUEST, "DIGEST_INVALID")
            }
            "UploadNotFoundException" => (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
            "InvalidParameterException" => (StatusCode::BAD_REQUEST, "MANIFEST_INVALID"),
            "LimitExceededException" => (StatusCode::FORBIDDEN, "DENIED"),
            "ThrottlingException" => (StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS"),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN"),
        };
        Self { status, code, message: refusal.message }
    }
}
