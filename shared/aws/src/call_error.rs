//! A call of AWS that failed for good: after its retries.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::error::{ErrorMetadata, ProvideErrorMetadata, SdkError};

/// Why a call failed, after its retries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{operation}` failed: {cause}")]
pub struct CallError {
    /// The operation, as the API calls it.
    pub operation: String,
    /// What kind of failure it is.
    pub kind: CallErrorKind,
    /// The code that the service gave, where it answered.
    pub code: Option<String>,
    /// What is known of the cause, as a fragment.
    pub cause: String,
}

/// The kinds of failure that callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallErrorKind {
    /// What was asked for is not there.
    NotFound,
    /// The principal may not do it.
    Denied,
    /// There are no credentials, or they have expired, or they are not accepted.
    Credentials,
    /// The service wants fewer calls.
    Throttled,
    /// No whole answer came: the network, a name, a time limit.
    Unreachable,
    /// The service failed.
    Server,
    /// The service refused the request.
    Refused,
}

impl CallErrorKind {
    /// Whether the same would happen to every other call: going on makes no sense.
    pub const fn ends_the_run(self) -> bool {
        match self {
            Self::Credentials => true,
            Self::NotFound
            | Self::Denied
            | Self::Throttled
            | Self::Unreachable
            | Self::Server
            | Self::Refused => false,
        }
    }
}

impl CallError {
    /// How to mend it.
    pub fn help(&self) -> String {
        match self.kind {
            CallErrorKind::Denied => {
                let (service, operation) =
                    self.operation.split_once(':').unwrap_or(("ecr", self.operation.as_str()));
                format!("allow `{service}:{operation}` to the principal")
            }
            CallErrorKind::Credentials => {
                "sign in again, or name credentials that AWS accepts (`aws sts get-caller-identity` tells)"
                    .to_owned()
            }
            CallErrorKind::Throttled => "try again later, or with a lower `--calls-per-second`".to_owned(),
            CallErrorKind::Unreachable => {
                "look at the network, the region and AWS_ENDPOINT_URL, and try again".to_owned()
            }
            CallErrorKind::NotFound | CallErrorKind::Server | CallErrorKind::Refused => String::new(),
        }
    }

    /// The failure of a call.
    pub(crate) fn of<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let code = error.code().map(str::to_owned);
        let status = error.raw_response().map(|response| response.status().as_u16());
        let kind = kind(error, code.as_deref(), status);
        let message = error.message().map(str::trim).filter(|message| !message.is_empty());
        let cause = match (message, &code) {
            (Some(message), Some(code)) => format!("{message} ({code})"),
            (None, Some(code)) => format!("{code}{}", request(error)),
            (_, None) => match status {
                Some(status @ 400..) => format!("HTTP status {status}, without a reason{}", request(error)),
                Some(_) | None => root_cause(error),
            },
        };
        Self { operation: operation.to_owned(), kind, code, cause }
    }

    /// Pages that do not come to an end.
    pub(crate) fn endless(operation: &str, pages: usize) -> Self {
        Self {
            operation: operation.to_owned(),
            kind: CallErrorKind::Refused,
            code: None,
            cause: format!("it does not end after {pages} pages"),
        }
    }

    /// Whether the service answered with this error.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

/// Sources: "Common errors" of the ECR API reference, and the API model, read 2026-11-24.
fn kind<E>(error: &SdkError<E, HttpResponse>, code: Option<&str>, status: Option<u16>) -> CallErrorKind
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match (error, code, status) {
        (_, Some(code), _) if code.ends_with("NotFoundException") => CallErrorKind::NotFound,
        (_, Some(code), _) if code.contains("AccessDenied") || code == "UnauthorizedOperation" => {
            CallErrorKind::Denied
        }
        (_, Some(code), _) if is_about_credentials(code) => CallErrorKind::Credentials,
        (_, Some(code), _) if is_throttling(code) => CallErrorKind::Throttled,
        (_, _, Some(429)) => CallErrorKind::Throttled,
        (_, _, Some(500..)) => CallErrorKind::Server,
        (_, Some(_), _) => CallErrorKind::Refused,
        (_, None, _) if is_of_credentials(error) => CallErrorKind::Credentials,
        (_, None, _) => CallErrorKind::Unreachable,
    }
}

fn is_about_credentials(code: &str) -> bool {
    matches!(
        code,
        "ExpiredToken"
            | "ExpiredTokenException"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignatureException"
            | "MissingAuthenticationTokenException"
            | "MissingAuthenticationToken"
    )
}

/// Whether the code asks for fewer calls.
pub(crate) fn is_throttling(code: &str) -> bool {
    code.starts_with("Throttl") || matches!(code, "TooManyRequestsException" | "RequestLimitExceeded")
}

/// By what AWS finds a request again, where it says nothing else of it.
///
/// Source: `aws-types` 1.7, `request_id`: the headers that the SDKs look for, read 2026-11-25.
fn request<E>(error: &SdkError<E, HttpResponse>) -> String {
    let headers = error.raw_response().map(HttpResponse::headers);
    let id = headers
        .and_then(|headers| headers.get("x-amzn-requestid").or_else(|| headers.get("x-amz-request-id")));
    id.map_or_else(String::new, |id| format!(" (request {id})"))
}

/// The errors of a chain, the outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Whether no credentials could be had: nothing was asked yet.
fn is_of_credentials(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(<dyn Error>::is::<CredentialsError>)
}

/// What a service answered to a question behind the question: such as STS, to the one for a role.
pub(crate) fn answer_behind(error: &(dyn Error + 'static)) -> Option<String> {
    let answer = chain(error).find_map(|error| error.downcast_ref::<ErrorMetadata>())?;
    Some(match (answer.message(), answer.code()) {
        (Some(message), Some(code)) => format!("{message} ({code})"),
        (one, other) => one.or(other)?.to_owned(),
    })
}

/// The cause that says something, in one line: the last of a chain.
///
/// A program that should have given credentials is quoted with what it wrote to stderr; that may hold a
/// secret, and is left out.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    if let Some(answer) = answer_behind(error) {
        return answer;
    }
    let last = chain(error).last().map(ToString::to_string).unwrap_or_default();
    let line = last.lines().next().unwrap_or_default();
    let line = line.split("Stderr:").next().unwrap_or_default();
    line.trim().trim_end_matches(['.', ':']).to_owned()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecr::error::ErrorMetadata;
    use aws_sdk_ecr::operation::describe_images::DescribeImagesError;
    use aws_smithy_runtime_api::http::StatusCode;

    use super::{CallError, CallErrorKind, HttpResponse, SdkError};

    fn answered(status: u16, code: Option<&str>, message: &str) -> CallError {
        let mut metadata = ErrorMetadata::builder().message(message);
        if let Some(code) = code {
            metadata = metadata.code(code);
        }
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), "".into());
        response.headers_mut().insert("x-amzn-RequestId", "5f0c");
        let error = SdkError::service_error(DescribeImagesError::generic(metadata.build()), response);
        CallError::of("DescribeImages", &error)
    }

    #[test]
    fn where_aws_says_no_reason_the_code_or_the_status_and_the_request_are_said() {
        let said = |status, code, message| answered(status, code, message).cause;
        assert_eq!(said(400, Some("ServerException"), "it failed"), "it failed (ServerException)");
        assert_eq!(said(400, Some("ServerException"), " "), "ServerException (request 5f0c)");
        assert_eq!(said(503, None, ""), "HTTP status 503, without a reason (request 5f0c)");
        assert_eq!(answered(503, None, "").kind, CallErrorKind::Server);
    }
}
