//! How often a call is tried, how long, and where it goes: the same for all clients, with figures of their own.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_ecr::config::{self, Credentials};

use crate::Server;

/// The setting of one call by which the SDK makes it once: after a lost answer somebody may have changed what the first
/// attempt did, and a second one would undo that.
pub(crate) fn once() -> config::Builder {
    config::Builder::new().retry_config(RetryConfig::disabled())
}

/// How often and how long a call is tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tries {
    /// Attempts of a call, the first among them.
    pub(crate) attempts_max: u32,
    /// Pauses between attempts start at this and double, with jitter, up to the second.
    pub(crate) pause_first: Duration,
    pub(crate) pause_max: Duration,
    pub(crate) connect_timeout: Duration,
    /// How long one attempt may take.
    pub(crate) attempt_timeout: Duration,
}

impl Tries {
    /// The figures of a session, which reads large registries: those were seen to need eight attempts, and a page of a
    /// thousand images takes a second or two.
    pub(crate) const OF_SESSION: Self = Self {
        attempts_max: 10,
        pause_first: Duration::from_millis(250),
        pause_max: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(5),
        attempt_timeout: Duration::from_mins(1),
    };

    /// The settings of clients in this region: with the standard chain of credentials, or, at a server on this machine,
    /// without it.
    pub(crate) fn settings(self, region: &str, at: Option<&Server>) -> ConfigLoader {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.attempt_timeout)
            .operation_attempt_timeout(self.attempt_timeout)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(self.attempts_max)
            .with_initial_backoff(self.pause_first)
            .with_max_backoff(self.pause_max);
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .retry_config(retries)
            .timeout_config(timeouts);
        let Some(server) = at else { return loader };
        let keys = Credentials::new(&server.access_key_id, "not a secret", None, None, "given");
        // Plain HTTP, and past any proxy of the environment: the server is on this machine.
        let client = aws_smithy_http_client::Builder::new().build_http();
        loader.endpoint_url(&server.url).credentials_provider(keys).http_client(client)
    }
}
