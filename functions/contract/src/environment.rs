//! The variables of the environment by which a deployment sets its functions.

/// The place of the store: `s3://BUCKET/PREFIX`.
pub const STORE: &str = "DEMURRAGE_STORE";
/// The accounts that are read: empty: that of the function; `organization`: all of the organization; or twelve-digit
/// accounts with commas.
pub const ACCOUNTS: &str = "DEMURRAGE_ACCOUNTS";
/// Of an organization only what is below these units and roots, with commas; empty: all of it.
pub const ORGANIZATIONAL_UNITS: &str = "DEMURRAGE_ORGANIZATIONAL_UNITS";
/// Accounts that are never read, with commas.
pub const EXCLUDED_ACCOUNTS: &str = "DEMURRAGE_EXCLUDED_ACCOUNTS";
/// The name of the role by which other accounts are read; empty: they are not.
pub const READ_ROLE: &str = "DEMURRAGE_READ_ROLE";
/// The name of the role by which other accounts are changed; empty: they are not.
pub const APPLY_ROLE: &str = "DEMURRAGE_APPLY_ROLE";
/// What the roles of other accounts want to be told by whoever assumes them; empty: nothing.
pub const EXTERNAL_ID: &str = "DEMURRAGE_EXTERNAL_ID";
/// The state machine that applies plans.
pub const APPLY_STATE_MACHINE: &str = "DEMURRAGE_APPLY_STATE_MACHINE";
/// Regions, separated by commas; empty: that of the function.
pub const REGIONS: &str = "DEMURRAGE_REGIONS";
/// Calls per second of each operation in each account and region.
pub const CALLS_PER_SECOND: &str = "DEMURRAGE_CALLS_PER_SECOND";
/// Shares that are read at a time: the concurrency of the state machine's map.
pub const CONCURRENCY: &str = "DEMURRAGE_CONCURRENCY";
/// Images that a share aims at.
pub const SHARE_IMAGES: &str = "DEMURRAGE_SHARE_IMAGES";
/// `true`: manifests are read by a principal whose pulls are recorded, and every image looks used.
pub const ALLOW_PULL_TIME_UPDATE: &str = "DEMURRAGE_ALLOW_PULL_TIME_UPDATE";
/// `true`: the newest tagged image of each repository is asked about its scan where listings say nothing of it.
pub const SCAN_FINDINGS: &str = "DEMURRAGE_SCAN_FINDINGS";
/// The table of the tag ledger.
pub const LEDGER_TABLE: &str = "DEMURRAGE_LEDGER_TABLE";
/// The table in which one who applies a plan keeps the others off.
pub const LEASE_TABLE: &str = "DEMURRAGE_LEASE_TABLE";
/// The source of the events of ECR; empty: ECR itself, `aws.ecr`.
pub const EVENT_SOURCE: &str = "DEMURRAGE_EVENT_SOURCE";
/// The principals that read manifests, as ARNs with commas; empty: nobody says who does.
pub const READERS: &str = "DEMURRAGE_READERS";
/// The topic that gets summaries and findings; empty: none.
pub const TOPIC_ARN: &str = "DEMURRAGE_TOPIC_ARN";
/// The name of the deployment, a dimension of the metrics of runs.
pub const DEPLOYMENT: &str = "DEMURRAGE_DEPLOYMENT";
