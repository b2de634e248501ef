//! Who says something, for what is kept in the store.

/// The name that the system has for the user, or else the role that AWS credentials are taken for, or the number of the user.
pub(crate) fn who() -> String {
    let said = ["USER", "LOGNAME", "USERNAME", "AWS_ROLE_ARN"].into_iter().filter_map(std::env::var_os);
    let user = said.filter_map(|name| name.into_string().ok()).find(|name| !name.trim().is_empty());
    user.or_else(number).unwrap_or_else(|| "unknown".to_owned())
}

/// The number of the user that this process runs as, where the system says it: containers often have no name for it.
#[cfg(unix)]
fn number() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").ok().map(|process| format!("uid {}", process.uid()))
}

/// Other systems always have a name.
#[cfg(not(unix))]
const fn number() -> Option<String> {
    None
}
