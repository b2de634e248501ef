//! A registry as a whole, as it was folded when the plan was made, and as a summary tells it.

use demurrage_contract::Failure;
use demurrage_contract::documents::{QuotaOf, ReplicasOf, Stored, WholeDocument, names};
use demurrage_core::cost::StoredBytes;
use demurrage_report::{Mounted, QuotaUse, RegistryWhole, ReplicasIn};
use demurrage_store::Documents;

/// What is known of a registry as a whole; nothing where nobody folded it.
pub(crate) fn whole(
    documents: &Documents,
    account: &str,
    region: &str,
) -> Result<Option<RegistryWhole>, Failure> {
    let document: Option<WholeDocument> = documents.read(&names::whole(account, region))?;
    Ok(document.as_ref().map(told))
}

fn told(document: &WholeDocument) -> RegistryWhole {
    let bytes = |stored: Stored| StoredBytes::from(stored).total();
    RegistryWhole {
        is_exact: document.is_exact,
        stored_bytes: bytes(document.stored),
        mounted: document.mounted.as_ref().map(|mounted| Mounted {
            bytes: bytes(mounted.stored),
            usd_per_month: mounted.usd_per_month,
            shared_blobs: mounted.shared_blobs,
        }),
        blob_mounting: document.blob_mounting.clone(),
        orphan_referrers: document.orphan_referrers.images,
        orphan_referrers_bytes: document.orphan_referrers.bytes.into(),
        replicas: document.replicas.as_ref().map(|all| all.iter().map(replicas).collect()),
        repositories: quota(document.quotas.repositories),
        fullest: document.quotas.images.iter().map(|(name, of)| (name.clone(), quota(*of))).collect(),
    }
}

fn replicas(to: &ReplicasOf) -> ReplicasIn {
    ReplicasIn {
        account: to.registry.clone(),
        region: to.region.clone(),
        compared: to.compared,
        not_compared: to.cut_off.saturating_add(to.not_read),
        missing_images: to.missing_images,
        orphan_images: to.orphan_images,
        orphan_bytes: to.orphan_bytes.into(),
        never_pulled_images: to.never_pulled_images,
        never_pulled_bytes: to.never_pulled_bytes.into(),
    }
}

const fn quota(of: QuotaOf) -> QuotaUse {
    QuotaUse { count: of.count, quota: of.quota, days_left: of.days_left }
}
