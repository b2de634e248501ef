//! Decides what goes, from what the store has, and puts the plan there: it asks no registry, and changes none.

mod earlier;
mod folding;
mod handler;
mod lockstep;
mod mounting;
mod past;
mod planning;

use demurrage_contract::{Function, environment};
use demurrage_serve::{ServeError, serve, settings};

use handler::Settings;

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    serve(Function::BuildPlan, async |store, input, call| {
        let settings = Settings { apply_state_machine: settings::text(environment::APPLY_STATE_MACHINE)? };
        handler::handle(store, &settings, &input, &call)
    })
    .await
}
