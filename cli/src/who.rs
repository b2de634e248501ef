//! Who says something, for what is kept in the store.

/// The name that the system has for the user, or that nobody knows it.
pub(crate) fn who() -> String {
    let said = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(std::env::var_os);
    let user = said.filter_map(|name| name.into_string().ok()).find(|name| !name.trim().is_empty());
    user.unwrap_or_else(|| "unknown".to_owned())
}
