//! Decides what goes, from what the store has, and puts the plan there: it asks no registry, and changes none.

mod earlier;
mod folding;
mod handler;
mod lockstep;
mod mounting;
mod past;
mod planning;

use demurrage_contract::Function;
use demurrage_serve::{ServeError, serve};

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    serve(Function::BuildPlan, async |store, input, call| handler::handle(store, &input, &call)).await
}
