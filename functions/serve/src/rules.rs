//! What a team promises, as the store has it.
//!
//! A file that cannot be read as rules is a failure, and never the default: what is judged by other rules than a team
//! wrote would look clean.

use demurrage_config::Configuration;
use demurrage_contract::documents::names;
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::audit::Rules;
use demurrage_store::{Documents, Store};

/// The file of rules at the top of the store.
pub const RULES_FILE: &str = "demurrage.toml";

/// The rules of the store; what is asked of everybody where it has none.
///
/// # Errors
/// When the file cannot be read, or holds no rules: the message says where and why.
pub fn rules(store: &Store) -> Result<Rules, Failure> {
    Ok(configuration(store)?.0.rules)
}

/// The configuration of the store, as it is now, and its text.
///
/// # Errors
/// As for [`rules`].
pub fn configuration(store: &Store) -> Result<(Configuration, Vec<u8>), Failure> {
    let top = store.documents(&[])?;
    let bytes = top.get(RULES_FILE)?.unwrap_or_default();
    Ok((parse(&top, RULES_FILE, &bytes)?, bytes))
}

/// The rules by which all of a run is judged: those of the store when they were first asked for.
///
/// # Errors
/// As for [`rules`].
pub fn rules_of_run(store: &Store, run: &Documents) -> Result<Rules, Failure> {
    Ok(configuration_of_run(store, run)?.rules)
}

/// The configuration by which all of a run goes: that of the store when it was first asked for.
///
/// # Errors
/// As for [`rules`].
pub fn configuration_of_run(store: &Store, run: &Documents) -> Result<Configuration, Failure> {
    if let Some(bytes) = run.get(names::RULES)? {
        return parse(run, names::RULES, &bytes);
    }
    let top = store.documents(&[])?;
    let bytes = top.get(RULES_FILE)?.unwrap_or_default();
    // Only what can be read is fixed for the run: a file that is mended meanwhile is read anew.
    parse(&top, RULES_FILE, &bytes)?;
    run.put_new(names::RULES, &bytes)?;
    parse(run, names::RULES, &run.get(names::RULES)?.unwrap_or(bytes))
}

fn parse(documents: &Documents, name: &str, bytes: &[u8]) -> Result<Configuration, Failure> {
    let bad = |cause: String| {
        let place = documents.shown(name);
        Failure::new(FailureKind::BadInput, format!("the rules in `{place}` cannot be used: {cause}"))
    };
    let text = std::str::from_utf8(bytes).map_err(|error| bad(error.to_string()))?;
    Configuration::parse(text).map_err(|error| bad(error.to_string()))
}
