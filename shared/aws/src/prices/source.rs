//! Files of a server over HTTP, with limits: on their length, on the time they take and on how often they are asked
//! for.
//!
//! It assumes that a file is named by its path below one address. Leaves out what is in it. Nothing is decompressed
//! and no redirect is followed, so what is read is never more than the limit, and comes from where it was asked.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

/// Time for a connection to come about.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Time for a whole file. The longest, of data transfer from one region, has less than two megabytes.
const FILE_TIME: Duration = Duration::from_mins(1);

/// How often a file is asked for when the server fails or is not reached.
const TRIES_MAX: u32 = 3;

/// The pause before a second try; it doubles.
const PAUSE: Duration = Duration::from_millis(200);

/// A server, and how it is asked.
#[derive(Debug)]
pub(super) struct Source {
    client: Client,
    base_url: String,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The address is none.
    #[error("`{url}` is not an address of a server: {cause}")]
    Address {
        /// The address as it was given.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The path is not one below the address, so it is not asked for.
    #[error("`{path}` is not a path of the server")]
    Path {
        /// The path.
        path: String,
    },
    /// The server was not reached, or the answer broke off or took too long.
    #[error("read `{url}`: {cause}")]
    Connection {
        /// What was asked for.
        url: String,
        /// What the client said.
        cause: String,
    },
    /// The server answered with another status than 200.
    #[error("read `{url}`: the server answers {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The number of the status.
        status: u16,
    },
    /// The file is longer than is read.
    #[error("read `{url}`: it has more than {bytes_max} bytes")]
    TooLong {
        /// What was asked for.
        url: String,
        /// The limit.
        bytes_max: usize,
    },
    /// The file has another shape.
    #[error("read `{path}`: {cause}")]
    Shape {
        /// What was asked for.
        path: String,
        /// What the JSON reader said.
        cause: String,
    },
}

impl Source {
    /// The server at this address (`https://pricing.us-east-1.amazonaws.com`).
    pub(super) fn new(base_url: &str) -> Result<Self, FileError> {
        Self::within(base_url, FILE_TIME)
    }

    /// The server at this address, with the time that it has for a file.
    fn within(base_url: &str, file_time: Duration) -> Result<Self, FileError> {
        // What stands before the host may be a secret, and is not repeated.
        let shown = base_url.rsplit('@').next().unwrap_or_default();
        let no_address = |cause: String| FileError::Address { url: shown.to_owned(), cause };
        let url = Url::parse(base_url).map_err(|error| no_address(error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(no_address("the price list needs no name and no password".to_owned()));
        }
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            return Err(no_address(
                "it has to begin with `https://` or `http://` and end with a path".to_owned(),
            ));
        }
        let client = Client::builder()
            .connect_timeout(CONNECT_TIME)
            .timeout(file_time)
            .redirect(Policy::none())
            .build()
            .map_err(|error| no_address(error.to_string()))?;
        Ok(Self { client, base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// The file at this path, at most so many bytes of it.
    pub(super) async fn read(&self, path: &str, bytes_max: usize) -> Result<Vec<u8>, FileError> {
        // A path comes out of a file: it must not lead to another server.
        if !path.starts_with('/') || path.starts_with("//") || path.contains(['\\', '?', '#', '@']) {
            return Err(FileError::Path { path: path.to_owned() });
        }
        let url = format!("{}{path}", self.base_url);
        let mut pause = PAUSE;
        for _ in 1..TRIES_MAX {
            match self.attempt(&url, bytes_max).await {
                Err(error) if is_passing(&error) => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
            pause = pause.saturating_mul(2);
        }
        self.attempt(&url, bytes_max).await
    }

    async fn attempt(&self, url: &str, bytes_max: usize) -> Result<Vec<u8>, FileError> {
        let failed =
            |error: reqwest::Error| FileError::Connection { url: url.to_owned(), cause: cause(&error) };
        let too_long = || FileError::TooLong { url: url.to_owned(), bytes_max };
        let mut answer = self.client.get(url).send().await.map_err(failed)?;
        if answer.status() != StatusCode::OK {
            return Err(FileError::Status { url: url.to_owned(), status: answer.status().as_u16() });
        }
        let said = answer.content_length().unwrap_or_default();
        if usize::try_from(said).map_or(true, |said| bytes_max < said) {
            return Err(too_long());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if bytes_max.saturating_sub(bytes.len()) < chunk.len() {
                return Err(too_long());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// Whether another try may go better.
fn is_passing(error: &FileError) -> bool {
    match error {
        FileError::Connection { .. } => true,
        FileError::Status { status, .. } => *status == 429 || 500 <= *status,
        FileError::Address { .. }
        | FileError::Path { .. }
        | FileError::TooLong { .. }
        | FileError::Shape { .. } => false,
    }
}

/// The innermost cause, which says what happened and not only that something did.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{FileError, Source};

    #[tokio::test]
    async fn a_server_that_never_answers_is_given_up() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let silent = tokio::spawn(async move {
            let mut connections = Vec::new();
            while let Ok(connection) = listener.accept().await {
                connections.push(connection);
            }
        });
        let source = Source::within(&address, Duration::from_millis(20)).unwrap();
        let error = source.read("/file", 1).await.unwrap_err();
        assert!(matches!(error, FileError::Connection { .. }), "{error}");
        silent.abort();
    }
}
