//! The loop: an event in, an output or a typed error out.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use demurrage_aws::open_store;
use demurrage_contract::documents::{FailedDocument, names};
use demurrage_contract::{Failure, FailureKind, Function, Invocation, environment};
use demurrage_store::Store;
use futures::FutureExt;
use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::task::block_in_place;
use tracing::field::Empty;
use tracing::{Instrument, Span, error, info, info_span};

use crate::call::Call;
use crate::{logs, settings};

/// Memory that is assumed where the environment does not say it.
const MEMORY_USUAL_MIB: u64 = 512;

/// Serves calls of a function until the environment ends it.
///
/// # Errors
/// When the runtime of the function cannot be reached any more.
pub async fn serve<I, O, H>(function: Function, handle: H) -> Result<(), ServeError>
where
    I: Invocation + DeserializeOwned + 'static,
    O: Serialize + 'static,
    H: AsyncFn(&Store, I, Call) -> Result<O, Failure> + 'static,
{
    logs::begin();
    let served = Arc::new(Served { function, handle, store: OnceCell::new() });
    let each = service_fn(move |event: LambdaEvent<Value>| {
        let served = Arc::clone(&served);
        // Its type is hidden: that of the whole would be too deep for the compiler.
        let answer: Pin<Box<dyn Future<Output = Result<O, Typed>>>> =
            Box::pin(async move { served.call::<I, O>(event).await.map_err(Typed) });
        answer
    });
    lambda_runtime::run(each).await
}

/// Serves calls of a function that events make, each handed over as the JSON that came, until the environment ends it.
/// Nobody waits for what comes of one: an error is what Lambda tries again, and puts with its message where the
/// deployment says.
///
/// # Errors
/// When the runtime of the function cannot be reached any more.
pub async fn serve_events<H>(function: Function, handle: H) -> Result<(), ServeError>
where
    H: AsyncFn(&Store, String, Call) -> Result<(), Failure> + 'static,
{
    logs::begin();
    let served = Arc::new(Served { function, handle, store: OnceCell::new() });
    let each = service_fn(move |event: LambdaEvent<Value>| {
        let served = Arc::clone(&served);
        let answer: Pin<Box<dyn Future<Output = Result<(), Typed>>>> =
            Box::pin(async move { served.event(event).await.map_err(Typed) });
        answer
    });
    lambda_runtime::run(each).await
}

/// Why a function cannot serve.
pub type ServeError = lambda_runtime::Error;

struct Served<H> {
    function: Function,
    handle: H,
    /// Opened by the first call that can: a start has ten seconds, and no way to say what is wrong.
    store: OnceCell<Store>,
}

impl<H> Served<H> {
    async fn call<I, O>(&self, event: LambdaEvent<Value>) -> Result<O, Failure>
    where
        I: Invocation + DeserializeOwned,
        H: AsyncFn(&Store, I, Call) -> Result<O, Failure>,
    {
        let LambdaEvent { payload, context } = event;
        let input: I = input(self.function, payload)?;
        let span = span(self.function, &input, &context);
        self.in_span(input, call(&context)).instrument(span).await
    }

    async fn in_span<I, O>(&self, input: I, call: Call) -> Result<O, Failure>
    where
        I: Invocation,
        H: AsyncFn(&Store, I, Call) -> Result<O, Failure>,
    {
        let store = self.store().await?;
        let (run, invocation, timed) = (input.run(), input.name(), call.clone());
        let outcome = ended((self.handle)(store, input, call), &timed).await;
        if let (Err(failure), Some(run)) = (&outcome, run) {
            block_in_place(|| record(store, run.as_str(), &invocation, failure));
        }
        outcome
    }

    async fn event(&self, event: LambdaEvent<Value>) -> Result<(), Failure>
    where
        H: AsyncFn(&Store, String, Call) -> Result<(), Failure>,
    {
        let LambdaEvent { payload, context } = event;
        let call = call(&context);
        let span = info_span!(
            "call",
            function = self.function.name(),
            account = Empty,
            region = Empty,
            request_id = context.request_id
        );
        let acting = async {
            let store = self.store().await?;
            ended((self.handle)(store, payload.to_string(), call.clone()), &call).await
        };
        acting.instrument(span).await
    }

    async fn store(&self) -> Result<&Store, Failure> {
        let opened = self.store.get_or_try_init(open).await;
        if let Err(failure) = &opened {
            error!(error_type = failure.kind.error_type(), "{failure}");
        }
        opened
    }
}

/// What came of a call, which is logged. A defect is a failure with a name, as every other one.
async fn ended<O>(acting: impl Future<Output = Result<O, Failure>>, timed: &Call) -> Result<O, Failure> {
    let outcome = AssertUnwindSafe(acting).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|panic| Err(broken(panic.as_ref())));
    let took_ms = u64::try_from(timed.took().as_millis()).unwrap_or(u64::MAX);
    match &outcome {
        Ok(_) => info!(took_ms, "done"),
        Err(failure) => error!(took_ms, error_type = failure.kind.error_type(), "{failure}"),
    }
    outcome
}

/// The input of a function, which is an object.
fn input<I: DeserializeOwned>(function: Function, payload: Value) -> Result<I, Failure> {
    // A list would be taken for the fields in their order.
    let read = if payload.is_object() {
        serde_json::from_value(payload).map_err(|error| error.to_string())
    } else {
        Err("it is no object".to_owned())
    };
    read.map_err(|cause| {
        let message = format!("the input of `{}` is not one: {cause}", function.name());
        error!(message);
        Failure::new(FailureKind::BadInput, message)
    })
}

fn broken(panic: &(dyn Any + Send)) -> Failure {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
    Failure::new(FailureKind::Broken, format!("a defect of demurrage: {said}"))
}

/// Leaves the failure where the run is put together. Where that fails as well, the log has it.
fn record(store: &Store, run: &str, invocation: &str, failure: &Failure) {
    let document = FailedDocument { invocation: invocation.to_owned(), failure: failure.clone() };
    let put = store.documents(&[names::RUNS, run]).and_then(|documents| {
        let bytes = serde_json::to_vec(&document).unwrap_or_default();
        documents.put(&names::failed(invocation), &bytes)
    });
    if let Err(error) = put {
        error!("the failure could not be left in the store: {error}");
    }
}

async fn open() -> Result<Store, Failure> {
    let place = settings::needed(environment::STORE)?;
    open_store(&place).await.map_err(|error| Failure::new(FailureKind::BadInput, error.to_string()))
}

fn call(context: &Context) -> Call {
    let memory_mib = u64::try_from(context.env_config.memory).unwrap_or_default();
    let memory_mib = if memory_mib == 0 { MEMORY_USUAL_MIB } else { memory_mib };
    let deadline = UNIX_EPOCH + Duration::from_millis(context.deadline);
    Call::new(deadline, &context.request_id, memory_mib * 1024 * 1024)
}

fn span(function: Function, input: &impl Invocation, context: &Context) -> Span {
    let run = input.run().map(|run| run.to_string());
    let span = info_span!(
        "call",
        function = function.name(),
        run,
        invocation = input.name(),
        account = Empty,
        region = Empty,
        request_id = context.request_id
    );
    if let Some((account, region)) = input.registry() {
        about(&span, account, region);
    }
    span
}

/// From here on the logs of the call say which registry it is about.
pub fn log_registry(account: &str, region: &str) {
    about(&Span::current(), account, region);
}

fn about(span: &Span, account: &str, region: &str) {
    span.record("account", account);
    span.record("region", region);
}

/// A failure as the runtime reports it.
#[derive(Debug)]
struct Typed(Failure);

impl From<Typed> for Diagnostic {
    fn from(Typed(failure): Typed) -> Self {
        Self { error_type: failure.kind.error_type().to_owned(), error_message: failure.message }
    }
}
