//! Finds what the repositories of one part of an inventory store, now and after their policies. It asks the store
//! alone, and no registry.

mod costing;
mod handler;

use demurrage_contract::Function;
use demurrage_serve::{ServeError, serve};
use tokio::task::block_in_place;

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    serve(Function::ComputeCosts, async |store, input, call| {
        block_in_place(|| handler::handle(store, &input, &call))
    })
    .await
}
