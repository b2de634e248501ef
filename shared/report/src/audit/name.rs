//! The names that AWS has for what was audited.

use std::fmt;

use demurrage_core::RegistryKind;
use demurrage_core::ledger::EventRepository;

use super::{AuditedRegistry, AuditedRepository};

/// The resource name of a repository: the one that was read, or the one that account, region and name make. Where the
/// account is not known, its place is empty.
pub(super) struct RepositoryArn<'a> {
    pub(super) registry: &'a AuditedRegistry,
    pub(super) repository: &'a AuditedRepository,
}

impl fmt::Display for RepositoryArn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, repository } = self;
        if let Some(arn) = &repository.arn {
            return f.write_str(arn);
        }
        let account = registry.account.clone().unwrap_or_default();
        let name = repository.name.clone();
        match registry.kind {
            RegistryKind::Private => {
                let region = registry.region.clone();
                f.write_str(&EventRepository { account, region, name }.arn())
            }
            RegistryKind::Public => write!(f, "arn:aws:ecr-public::{account}:repository/{name}"),
        }
    }
}

/// The name of a registry. ECR has no resource name for a private one: it is named by its host.
pub(super) struct RegistryName<'a>(pub(super) &'a AuditedRegistry);

impl fmt::Display for RegistryName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(registry) = self;
        let account = registry.account.as_deref().unwrap_or("unknown");
        match registry.kind {
            RegistryKind::Private => {
                let domain = if partition(&registry.region) == "aws-cn" {
                    "amazonaws.com.cn"
                } else {
                    "amazonaws.com"
                };
                write!(f, "{account}.dkr.ecr.{}.{domain}", registry.region)
            }
            RegistryKind::Public => write!(f, "arn:aws:ecr-public::{account}:registry/{account}"),
        }
    }
}

/// The partition that a region is in.
pub(super) fn partition(region: &str) -> String {
    let anything = EventRepository { account: String::new(), region: region.to_owned(), name: String::new() };
    anything.arn().split(':').nth(1).unwrap_or_default().to_owned()
}
