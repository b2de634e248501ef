//! The rules of a team as fixtures write them: only what differs from the defaults.

use std::collections::BTreeSet;

use demurrage_core::Wildcard;
use demurrage_core::access::{AccountId, AllowedPrincipals, ArnPattern};
use demurrage_core::audit::{
    Capacity, DemandedEncryption, Promise, RequiredMode, RequiredReplication, Rules, ScanRules, Severity,
};
use serde::Deserialize;

/// What differs from the default rules.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenRules {
    owner_tags: Option<Vec<String>>,
    mutability: Option<Vec<GivenPromise>>,
    #[serde(default)]
    scanning: GivenScanning,
    #[serde(default)]
    access: GivenAccess,
    #[serde(default)]
    encryption: Vec<GivenEncryption>,
    #[serde(default)]
    replication: Vec<GivenReplication>,
    #[serde(default)]
    capacity: GivenCapacity,
    untagged_bytes: Option<u64>,
    history_days: Option<u32>,
}

impl GivenRules {
    pub(super) fn rules(&self) -> Rules {
        let defaults = Rules::default();
        Rules {
            owner_tags: self.owner_tags.clone().unwrap_or(defaults.owner_tags),
            mutability: match &self.mutability {
                Some(given) => given.iter().map(GivenPromise::promise).collect(),
                None => defaults.mutability,
            },
            scanning: self.scanning.rules(),
            access: self.access.allowed(),
            encryption: self.encryption.iter().map(GivenEncryption::demanded).collect(),
            replication: self.replication.iter().map(GivenReplication::required).collect(),
            capacity: self.capacity.capacity(),
            untagged_bytes: self.untagged_bytes.unwrap_or(defaults.untagged_bytes),
            history_days: self.history_days.unwrap_or(defaults.history_days),
            ..defaults
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenPromise {
    repositories: String,
    may_move: Vec<String>,
    mode: Option<String>,
}

impl GivenPromise {
    fn promise(&self) -> Promise {
        Promise {
            repositories: Wildcard::new(&self.repositories),
            may_move: patterns(&self.may_move),
            required: self.mode.as_deref().map(|mode| RequiredMode::from_api(mode).expect("a mode")),
        }
    }
}

fn patterns(given: &[String]) -> Vec<Wildcard> {
    given.iter().map(|pattern| Wildcard::new(pattern)).collect()
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct GivenScanning {
    severity: Option<String>,
    mend_days: Option<u32>,
    scan_days: Option<u32>,
}

impl GivenScanning {
    fn rules(&self) -> ScanRules {
        let defaults = ScanRules::default();
        let severity = self.severity.as_deref().map(|name| Severity::from_name(name).expect("a severity"));
        ScanRules {
            severity: severity.unwrap_or(defaults.severity),
            mend_days: self.mend_days.unwrap_or(defaults.mend_days),
            scan_days: self.scan_days.unwrap_or(defaults.scan_days),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct GivenAccess {
    accounts: Vec<String>,
    organizations: BTreeSet<String>,
    services: Vec<String>,
    principals: Vec<String>,
}

impl GivenAccess {
    fn allowed(&self) -> AllowedPrincipals {
        let account = |id: &String| AccountId::parse(id).expect("an account");
        let principal = |pattern: &String| ArnPattern::parse(pattern).expect("a pattern of ARNs");
        AllowedPrincipals {
            accounts: self.accounts.iter().map(account).collect(),
            organizations: self.organizations.clone(),
            services: patterns(&self.services),
            principals: self.principals.iter().map(principal).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenEncryption {
    repositories: String,
    #[serde(default)]
    keys: Vec<String>,
}

impl GivenEncryption {
    fn demanded(&self) -> DemandedEncryption {
        DemandedEncryption { repositories: Wildcard::new(&self.repositories), keys: patterns(&self.keys) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenReplication {
    repositories: String,
    from: Option<String>,
    region: String,
    registry_id: Option<String>,
}

impl GivenReplication {
    fn required(&self) -> RequiredReplication {
        RequiredReplication {
            repositories: Wildcard::new(&self.repositories),
            from: self.from.clone(),
            region: self.region.clone(),
            registry_id: self.registry_id.clone(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct GivenCapacity {
    images_per_repository: Option<u64>,
    tags_per_image: Option<u64>,
    repositories: Option<u64>,
    public_repositories: Option<u64>,
    near_percent: Option<u32>,
    near_days: Option<u32>,
}

impl GivenCapacity {
    fn capacity(&self) -> Capacity {
        let defaults = Capacity::default();
        Capacity {
            images_per_repository: self.images_per_repository.unwrap_or(defaults.images_per_repository),
            tags_per_image: self.tags_per_image.unwrap_or(defaults.tags_per_image),
            repositories: self.repositories.unwrap_or(defaults.repositories),
            public_repositories: self.public_repositories.unwrap_or(defaults.public_repositories),
            near_percent: self.near_percent.unwrap_or(defaults.near_percent),
            near_days: self.near_days.unwrap_or(defaults.near_days),
        }
    }
}
