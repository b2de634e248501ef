//! Evaluates the lifecycle policies of one part of an inventory. It asks the store alone, and no registry.

mod evaluation;
mod handler;

use demurrage_contract::Function;
use demurrage_serve::{ServeError, serve};
use tokio::task::block_in_place;

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    serve(Function::EvaluateLifecycle, async |store, input, call| {
        block_in_place(|| handler::handle(store, &input, &call))
    })
    .await
}
