//! The variables of the environment by which a deployment sets its functions.

/// The place of the store: `s3://BUCKET/PREFIX`.
pub const STORE: &str = "DEMURRAGE_STORE";
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
