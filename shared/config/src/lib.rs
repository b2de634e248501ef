//! The configuration of Demurrage, `demurrage.toml`: what a team promises, and what it accepts.
//!
//! A text goes in, a [`Configuration`] comes out, or all that is wrong with it, each with its place and how to mend it.
//! `docs/CONFIGURATION.md` says what stands in it, [`schema`] is what editors read. It leaves out where the file is
//! found, and printing.

mod checks;
mod closest;
mod configuration;
mod configuration_error;
mod in_use;
mod length_of_time;
mod number_of_bytes;
mod problems;
mod reader_problem;
mod schema;
mod table;
mod whole;

pub use closest::closest;
pub use configuration::Configuration;
pub use configuration_error::{ConfigurationError, ConfigurationProblem};
pub use in_use::InUseConfiguration;
pub use schema::schema;
