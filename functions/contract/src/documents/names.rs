//! The names of the documents of a run.

/// The folder of runs in the store.
pub const RUNS: &str = "runs";
/// The work lines.
pub const WORK: &str = "work.jsonl";
/// The shares once more, for what is done when all of them were read.
pub const PARTS: &str = "parts.jsonl";
/// The accounts that the run is about.
pub const ACCOUNTS: &str = "accounts.json";
/// How registries are divided into shares.
pub const LAYOUT: &str = "layout.json";
/// The folder of what was read of registries themselves.
pub const REGISTRIES: &str = "registries";
/// The folder of shares.
pub const SHARES: &str = "shares";
/// What the run is about; put last by the state that discovers.
pub const RUN: &str = "run.json";
/// What was set when the run began, and holds for all of it.
pub const SETTINGS: &str = "settings.json";
/// The price list by which all of the run is priced.
pub const PRICES: &str = "prices.json";
/// The rules by which all of the run is judged.
pub const RULES: &str = "rules.toml";
/// What was there when the run was put together; put first by the state that reports.
pub const FOUND: &str = "found.json";
/// The summary for people.
pub const SUMMARY: &str = "summary.md";
/// The summary for programs.
pub const SUMMARY_JSON: &str = "summary.json";
/// The plan that was made after the run, or that there is none.
pub const PLANNED: &str = "planned.json";
/// That the summary was sent.
pub const NOTIFIED: &str = "notified.json";

/// What was read of one registry itself.
pub fn registry(account: &str, region: &str) -> String {
    format!("registries/{account}-{region}.json")
}

/// The repositories of one registry, as they were listed.
pub fn repositories(account: &str, region: &str) -> String {
    format!("registries/{account}-{region}.repositories.json")
}

/// A registry that could not be read.
pub fn unread_registry(account: &str, region: &str) -> String {
    format!("registries/{account}-{region}.unread.json")
}

/// What came of reading what is in use in one account and region.
pub fn workloads(account: &str, region: &str) -> String {
    format!("workloads/{account}-{region}.json")
}

/// The repositories of one share.
pub fn share(share: u32) -> String {
    format!("shares/{share:05}.json")
}

/// What came of reading one segment of a share.
pub fn collected(share: u32, segment: u32) -> String {
    format!("collected/{share:05}-{segment:03}.json")
}

/// What came of evaluating a segment, from this repository on.
pub fn evaluated(share: u32, segment: u32, from: u32) -> String {
    format!("evaluated/{share:05}-{segment:03}-{from:05}.json")
}

/// What came of pricing a segment, from this repository on.
pub fn costed(share: u32, segment: u32, from: u32) -> String {
    format!("costed/{share:05}-{segment:03}-{from:05}.json")
}

/// The blobs of a segment, from this repository on, as one attempt writes them: rows of one length.
pub fn blobs(share: u32, segment: u32, from: u32, attempt: &str) -> String {
    format!("blobs/{share:05}-{segment:03}-{from:05}-{}", plain(attempt))
}

/// What is known of a registry as a whole.
pub fn whole(account: &str, region: &str) -> String {
    format!("whole/{account}-{region}.json")
}

/// What a registry stores where a blob counts once in it.
pub fn mounted(account: &str, region: &str) -> String {
    format!("whole/{account}-{region}.mounted.json")
}

/// What came of auditing a segment, from this repository on.
pub fn audited(share: u32, segment: u32, from: u32) -> String {
    format!("audited/{share:05}-{segment:03}-{from:05}.json")
}

/// What came of auditing the settings of a registry and its repositories, without their images.
pub fn settings(account: &str, region: &str) -> String {
    format!("settings/{account}-{region}.json")
}

/// The findings of a registry, so many before it: JSON Lines.
pub fn findings(account: &str, region: &str, number: usize) -> String {
    format!("findings/{account}-{region}-{number:03}.jsonl")
}

/// The previews of a segment, from this repository on, as one attempt writes them: JSON Lines.
pub fn previews(share: u32, segment: u32, from: u32, attempt: &str) -> String {
    format!("previews/{share:05}-{segment:03}-{from:05}-{}.jsonl", plain(attempt))
}

/// Why a call failed.
pub fn failed(invocation: &str) -> String {
    format!("failed/{invocation}.json")
}

/// The inventory of a registry that a run makes.
pub fn inventory(run: &crate::RunId, account: &str, region: &str) -> String {
    format!("{run}-{account}-{region}")
}

/// The part of an inventory that one attempt to read a segment writes.
pub fn part(share: u32, segment: u32, attempt: &str) -> String {
    format!("{share:05}-{segment:03}-{}", plain(attempt))
}

/// The part of an inventory that holds what no segment of a share has.
pub fn missing_part(share: u32, attempt: &str) -> String {
    format!("{share:05}-missing-{}", plain(attempt))
}

fn plain(attempt: &str) -> String {
    attempt.chars().filter(char::is_ascii_alphanumeric).take(32).collect()
}
