//! How many calls a collection needs, and how many it made.

use std::collections::BTreeMap;

/// What happened to the attempts of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Requests that went out, retries among them.
    pub sent: u64,
    /// How many of them were throttled.
    pub throttled: u64,
    /// How many of them failed otherwise.
    pub failed: u64,
}

/// One operation of a collection: what it costs by the formula, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLine {
    /// The operation.
    pub operation: &'static str,
    /// How many calls it takes, in words.
    pub formula: &'static str,
    /// The formula with the numbers of this collection.
    pub expected: u64,
    /// What went over the wire.
    pub tally: Tally,
}

/// Most entries of a page of `DescribeRepositories` and `DescribeImages`.
///
/// Source: API model, `MaxResults`, read 2026-11-23.
pub(crate) const PAGE_ENTRIES: i32 = 1_000;
/// Most images of one `BatchGetImage`.
///
/// Source: API model, `ImageIdentifierList` of `BatchGetImage`, read 2026-11-23.
pub(crate) const BATCH_IMAGES: usize = 100;

/// The numbers that the formula needs. Only what was asked for once counts: no retry.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs {
    pub(crate) repositories: u64,
    pub(crate) image_pages: u64,
    pub(crate) manifest_batches: u64,
    pub(crate) account_settings: u64,
    pub(crate) template_pages: u64,
    pub(crate) cache_rule_pages: u64,
    /// Images that were asked about their scans; nothing where that was not wanted.
    pub(crate) scan_calls: Option<u64>,
}

/// Pages of so many entries: an empty list is one page, too.
pub(crate) fn pages(entries: usize) -> u64 {
    entries.div_ceil(PAGE_ENTRIES.unsigned_abs() as usize).max(1) as u64
}

/// One operation of the formula: its name, how many calls it takes, in words and in number.
type Row = (&'static str, &'static str, u64);

const EXCLUSIONS: Row = ("ListPullTimeUpdateExclusions", "one, as at most 100 can be registered", 1);

/// The lines of a survey of a private registry.
pub(crate) fn survey(needs: &Needs, tallies: &BTreeMap<String, Tally>) -> Vec<CallLine> {
    lines(
        &[
            ("DescribeRegistry", "one", 1),
            ("GetRegistryPolicy", "one", 1),
            ("GetRegistryScanningConfiguration", "one", 1),
            EXCLUSIONS,
            (
                "DescribeRepositoryCreationTemplates",
                "creation templates / 1,000, rounded up, at least one",
                needs.template_pages,
            ),
            (
                "DescribePullThroughCacheRules",
                "pull-through cache rules / 1,000, rounded up, at least one",
                needs.cache_rule_pages,
            ),
            ("GetAccountSetting", "one for each setting that ECR has", needs.account_settings),
            (
                "DescribeRepositories",
                "repositories / 1,000, rounded up, at least one",
                pages(usize::try_from(needs.repositories).unwrap_or(usize::MAX)),
            ),
        ],
        tallies,
    )
}

/// The lines of repositories of a private registry, whose names are known.
pub(crate) fn repositories(needs: &Needs, tallies: &BTreeMap<String, Tally>) -> Vec<CallLine> {
    let each = "one for each repository";
    let mut all = lines(
        &[
            (
                "DescribeImages",
                "for each repository: images / 1,000, rounded up, at least one",
                needs.image_pages,
            ),
            ("GetLifecyclePolicy", each, needs.repositories),
            ("GetRepositoryPolicy", each, needs.repositories),
            ("ListTagsForResource", each, needs.repositories),
            (
                "BatchGetImage",
                match needs.scan_calls {
                    None => "for each repository: manifests not seen before / 100, rounded up",
                    Some(_) => {
                        "for each repository: manifests not seen before / 100, rounded up, the newest index by itself"
                    }
                },
                needs.manifest_batches,
            ),
        ],
        tallies,
    );
    if let Some(scan_calls) = needs.scan_calls {
        let formula = "for each repository: its newest image or the newest index and its platforms, where listings are silent";
        all.extend(lines(&[("DescribeImageScanFindings", formula, scan_calls)], tallies));
    }
    all
}

/// The lines of a share of a private registry.
pub(crate) fn share(needs: &Needs, tallies: &BTreeMap<String, Tally>) -> Vec<CallLine> {
    let mut all = lines(&[EXCLUSIONS], tallies);
    all.extend(repositories(needs, tallies));
    all
}

/// The lines of a public registry.
pub(crate) fn public(needs: &Needs, tallies: &BTreeMap<String, Tally>) -> Vec<CallLine> {
    let each = "one for each repository";
    lines(
        &[
            ("DescribeRegistries", "one", 1),
            (
                "DescribeRepositories",
                "repositories / 1,000, rounded up, at least one",
                pages(usize::try_from(needs.repositories).unwrap_or(usize::MAX)),
            ),
            (
                "DescribeImages",
                "for each repository: images / 1,000, rounded up, at least one",
                needs.image_pages,
            ),
            ("GetRepositoryPolicy", each, needs.repositories),
            ("ListTagsForResource", each, needs.repositories),
        ],
        tallies,
    )
}

/// What was counted between two looks at what one client counts.
pub(crate) fn since(
    before: &BTreeMap<String, Tally>,
    now: &BTreeMap<String, Tally>,
) -> BTreeMap<String, Tally> {
    let of = |(operation, now): (&String, &Tally)| {
        let before = before.get(operation).copied().unwrap_or_default();
        let made = Tally {
            sent: now.sent.saturating_sub(before.sent),
            throttled: now.throttled.saturating_sub(before.throttled),
            failed: now.failed.saturating_sub(before.failed),
        };
        (operation.clone(), made)
    };
    now.iter().map(of).collect()
}

fn lines(rows: &[Row], tallies: &BTreeMap<String, Tally>) -> Vec<CallLine> {
    rows.iter()
        .map(|&(operation, formula, expected)| CallLine {
            operation,
            formula,
            expected,
            tally: tallies.get(operation).copied().unwrap_or_default(),
        })
        .collect()
}
