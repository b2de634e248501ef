//! The public registry of one account.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};

use aws_config::SdkConfig;
use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecrpublic::Client;
use aws_sdk_ecrpublic::config::IdentityCache;

use crate::caller::Caller;
use crate::{CallError, Pace, Watch, pace};

/// A client of Amazon ECR Public. Clones share its pace and its counts.
#[derive(Debug, Clone)]
pub struct EcrPublic {
    client: Arc<RwLock<Client>>,
    caller: Caller,
    region: String,
}

impl EcrPublic {
    pub(crate) fn new(config: &SdkConfig, region: &str, pace: Pace) -> Self {
        let caller = Caller::new(pace);
        let builder = aws_sdk_ecrpublic::config::Builder::from(config).interceptor(caller.watch.clone());
        let config = builder.retry_partition(pace::retries(region)).build();
        let client = Arc::new(RwLock::new(Client::from_conf(config)));
        Self { client, caller, region: region.to_owned() }
    }

    /// The region in which the API is.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What went over the wire so far.
    pub const fn watch(&self) -> &Watch {
        &self.caller.watch
    }

    /// Makes a call in its turn.
    pub(crate) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        send: impl Fn(Client) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let client = || self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let answer = self.caller.call(operation, || send(client()), || self.renew()).await;
        // Its actions are of another service than those of ECR, by the same names.
        answer.map_err(|error| CallError { operation: format!("ecr-public:{operation}"), ..error })
    }

    /// The same client, which has forgotten its credentials.
    fn renew(&self) {
        let mut client = self.client.write().unwrap_or_else(PoisonError::into_inner);
        let cache = IdentityCache::lazy().build();
        *client = Client::from_conf(client.config().to_builder().identity_cache(cache).build());
    }
}
