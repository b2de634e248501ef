//! A client of one service, which keeps to a pace of its own and stops asking when its credentials are gone.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};

use crate::caller::Caller;
use crate::{CallError, Tally};

/// A client of one service.
#[derive(Debug)]
pub(super) struct ServiceClient<C> {
    client: Arc<RwLock<C>>,
    caller: Caller,
    /// The same client, which has forgotten its credentials.
    renewed: fn(&C) -> C,
    /// Why no further call makes sense.
    lost: OnceLock<CallError>,
}

impl<C: Clone> ServiceClient<C> {
    pub(super) fn new(client: C, caller: Caller, renewed: fn(&C) -> C) -> Self {
        Self { client: Arc::new(RwLock::new(client)), caller, renewed, lost: OnceLock::new() }
    }

    /// Makes a call in its turn; none, where one before it found that there are no credentials any more.
    pub(super) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        send: impl Fn(C) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if let Some(lost) = self.lost.get() {
            return Err(lost.clone());
        }
        let client = || self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let outcome = self.caller.call(operation, || send(client()), || self.renew()).await;
        if let Err(failure) = &outcome
            && failure.kind.ends_the_run()
        {
            self.lost.get_or_init(|| failure.clone());
        }
        outcome
    }

    /// What went over the wire, by operation, with the name of the service before it.
    pub(super) fn calls(&self, service: &str) -> BTreeMap<String, Tally> {
        let tallies = self.caller.watch.tallies().into_iter();
        tallies.map(|(operation, tally)| (format!("{service}:{operation}"), tally)).collect()
    }

    fn renew(&self) {
        let mut client = self.client.write().unwrap_or_else(PoisonError::into_inner);
        *client = (self.renewed)(&client);
    }
}

/// A client of the SDK of that name in the region of a session, with this many calls per second of each operation, or fewer
/// where the session asks for fewer: what it asks for is meant for ECR, which takes more.
///
/// A macro, because the SDKs share no trait for what their builders have in common.
macro_rules! service_client {
    ($sdk:ident, $session:expr, $calls_per_second:expr) => {{
        let session: &$crate::Session = $session;
        let pace = $crate::Pace::new(Some(
            session.calls_per_second().map_or($calls_per_second, |asked| asked.min($calls_per_second)),
        ));
        let caller = $crate::caller::Caller::new(pace);
        let retries = $crate::pace::retries(&format!("{}-{}", stringify!($sdk), session.region()));
        let builder = $sdk::config::Builder::from(session.config()).interceptor(caller.watch.clone());
        let client = $sdk::Client::from_conf(
            builder.retry_partition(retries).retry_classifier($crate::refused::Refused::default()).build(),
        );
        $crate::workloads::client::ServiceClient::new(client, caller, |client| {
            let cache = $sdk::config::IdentityCache::lazy().build();
            $sdk::Client::from_conf(client.config().to_builder().identity_cache(cache).build())
        })
    }};
}
pub(super) use service_client;
