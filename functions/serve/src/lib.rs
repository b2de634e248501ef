//! What every function of the service does around its own work: settings, logs, time, failures.
//!
//! A function hands [`serve`] what it does with one event. This crate reads the event, opens the store once for
//! all calls, keeps the time, writes JSON logs whose lines say run, account and region, and turns a
//! [`Failure`](demurrage_contract::Failure) into an error that the state machine tells apart, and into a document
//! of the run. What an event calls it hands to [`serve_events`] as the text that came. It leaves out what the function
//! does.

mod accounts;
mod assemble;
mod call;
mod calls;
mod failures;
mod found;
mod logs;
mod prices;
mod readers;
mod rules;
mod server;
pub mod settings;
mod sized;
mod uses;

pub use accounts::account_sessions;
pub use assemble::{Assembled, assemble};
pub use call::Call;
pub use calls::{calls, tallied};
pub use failures::{of_call, of_collection, of_lease, of_ledger, of_plan, of_session};
pub use found::found;
pub use prices::price_list;
pub use readers::readers_in;
pub use rules::{RULES_FILE, configuration, configuration_of_run, rules, rules_of_run};
pub use server::{ServeError, log_registry, serve, serve_events};
pub use sized::sized;
pub use uses::StoredUses;
