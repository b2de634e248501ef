//! The lifecycle policies of the shop: the usual good ones, and the usual mistakes.

use super::policy::{
    Action::{Archive, Expire},
    Layout::{Compact, Indented},
    Limit::{self, ArchivedDays, Count, PulledDays, PushedDays},
    Policy, Rule,
    Selects::{self, Any, AnyArchived, Patterns, Prefixes, Untagged},
};

const UNTAGGED_14: Rule = untagged(1, 14);

// Policies that do what their authors meant.

/// The console's own sample, with a larger number.
pub(super) static KEEP_100: Policy = Policy {
    layout: Indented(2),
    rules: &[UNTAGGED_14, expire(2, "Keep the newest 100 images", Any, Count(100))],
};
/// The same for those who pin what they use.
pub(super) static KEEP_500: Policy = Policy {
    layout: Indented(2),
    rules: &[untagged(1, 30), expire(2, "Keep the newest 500 images", Any, Count(500))],
};
/// The same with fewer images.
pub(super) static KEEP_30: Policy =
    Policy { layout: Compact, rules: &[UNTAGGED_14, expire(2, "Keep the newest 30 images", Any, Count(30))] };
/// Whatever runs in production stays for good, the rest for a month.
pub(super) static PROD_THEN_30_DAYS: Policy = Policy {
    layout: Indented(4),
    rules: &[
        expire(1, "Never expire what went to production", Patterns(&["prod*"]), Count(9_999)),
        expire(2, "Expire everything else after 30 days", Any, PushedDays(30)),
    ],
};
/// A limit for every kind of tag that the pipeline makes.
pub(super) static PER_PREFIX: Policy = Policy {
    layout: Indented(2),
    rules: &[
        expire(10, "Production: keep 60", Prefixes(&["prod-"]), Count(60)),
        expire(20, "Releases: keep 40", Prefixes(&["v"]), Count(40)),
        expire(30, "Pull requests: 14 days", Prefixes(&["pr-"]), PushedDays(14)),
        expire(40, "Feature branches: 30 days", Prefixes(&["feature-"]), PushedDays(30)),
        expire(50, "Main: keep 50", Prefixes(&["main-"]), Count(50)),
        untagged(60, 7),
        expire(70, "Anything else: half a year", Any, PushedDays(180)),
    ],
};
/// Archive what nobody pulls, expire it a year later.
pub(super) static ARCHIVE_90_THEN_365: Policy = Policy {
    layout: Indented(2),
    rules: &[
        archive(1, "Archive what nobody pulled for 90 days", PulledDays(90)),
        expire(2, "Expire after a year in the archive", AnyArchived, ArchivedDays(365)),
    ],
};
/// Lambda keeps its own copy of the image that a function version runs.
pub(super) static KEEP_10_BUILDS: Policy = Policy {
    layout: Compact,
    rules: &[expire(1, "Keep the newest 10 builds", Prefixes(&["build-"]), Count(10)), untagged(2, 1)],
};
/// One tag a night.
pub(super) static DATES_60_DAYS: Policy = Policy {
    layout: Compact,
    rules: &[expire(1, "Nightly images: 60 days", Patterns(&["20*-*-*"]), PushedDays(60)), untagged(2, 3)],
};
/// A build cache is worth nothing after two weeks.
pub(super) static CACHE_14_DAYS: Policy = Policy {
    layout: Compact,
    rules: &[untagged(1, 1), expire(2, "Expire caches after two weeks", Any, PushedDays(14))],
};
/// What the pull-through cache fetched can be fetched again.
pub(super) static FETCHED_30_DAYS: Policy =
    Policy { layout: Compact, rules: &[expire(1, "Fetch again when needed", Any, PushedDays(30))] };

// Policies that do not.

/// The list is an AND: an image needs a tag of *both* kinds. Its author meant OR.
pub(super) static AND_MEANT_OR: Policy = Policy {
    layout: Indented(2),
    rules: &[
        expire(1, "Protect prod and staging", Patterns(&["prod*", "staging*"]), Count(9_999)),
        expire(2, "Clean up the rest after 30 days", Any, PushedDays(30)),
    ],
};
/// The same mistake with releases: only the newest one is `latest` too, so it alone is protected.
pub(super) static ONLY_LATEST_PROTECTED: Policy = Policy {
    layout: Indented(4),
    rules: &[
        expire(1, "Protect latest and all releases", Patterns(&["latest", "v*"]), Count(9_999)),
        expire(2, "Everything else: 60 days", Any, PushedDays(60)),
    ],
};
/// Rule 1 claims every tagged image, so rules 2 and 3 never see one.
pub(super) static SHADOWED: Policy = Policy {
    layout: Indented(2),
    rules: &[
        expire(1, "Tagged images live for a year", Patterns(&["*"]), PushedDays(365)),
        expire(2, "Pull requests only for two weeks", Prefixes(&["pr-"]), PushedDays(14)),
        expire(3, "Feature branches only for a month", Prefixes(&["feature-"]), PushedDays(30)),
        untagged(4, 7),
    ],
};
/// Nothing limits `main-…` and `feature-…`.
pub(super) static UNCAPPED: Policy = Policy {
    layout: Compact,
    rules: &[
        expire(1, "Keep 20 releases", Prefixes(&["v"]), Count(20)),
        expire(2, "Pull requests: 14 days", Prefixes(&["pr-"]), PushedDays(14)),
        untagged(3, 7),
    ],
};
/// Rule 1 protects images that take most of the 20 places of rule 2: a build of three days ago goes.
pub(super) static WINDOW_FILLED: Policy = Policy {
    layout: Indented(2),
    rules: &[
        expire(1, "Never expire production", Prefixes(&["prod-"]), Count(9_999)),
        expire(2, "Keep the newest 20 of the others", Any, Count(20)),
    ],
};
/// In a prefix a `*` is a character like any other: rule 1 selects nothing.
pub(super) static STAR_IN_PREFIX: Policy = Policy {
    layout: Indented(2),
    rules: &[
        expire(1, "Protect production", Prefixes(&["prod-*"]), Count(9_999)),
        expire(2, "Expire after 45 days", Any, PushedDays(45)),
    ],
};
/// Where nothing was pushed for a month, nothing is left.
pub(super) static EMPTIES: Policy =
    Policy { layout: Compact, rules: &[expire(1, "Expire images older than 30 days", Any, PushedDays(30))] };
/// The layers stay as long as one newer image has them: archiving frees nothing.
pub(super) static ARCHIVE_SHARED_LAYERS: Policy = Policy {
    layout: Indented(4),
    rules: &[
        archive(1, "Archive nightly images after 30 days", PushedDays(30)),
        expire(2, "Expire archived images after 90 days", AnyArchived, ArchivedDays(90)),
    ],
};

const fn expire(priority: u64, description: &'static str, selects: Selects, limit: Limit) -> Rule {
    Rule { priority, description, selects, limit, action: Expire }
}

const fn archive(priority: u64, description: &'static str, limit: Limit) -> Rule {
    Rule { priority, description, selects: Any, limit, action: Archive }
}

const fn untagged(priority: u64, days: u64) -> Rule {
    Rule {
        priority,
        description: "Expire untagged images",
        selects: Untagged,
        limit: PushedDays(days),
        action: Expire,
    }
}
