//! What bills say was sent from repositories in a month.
//!
//! Of several months the newest counts. A bill does not tell replication from pulls, so both are in it. Leaves out lines
//! that name no account or no region, and those in other currencies: they are counted, and that is said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use demurrage_bills::{BillSums, LineType, Month, Resource, Sum, SumKey, UsageKind};
use demurrage_core::RegistryKind;
use demurrage_core::cost::{Amount, BilledTransfer, Gigabytes, PullTarget, Region, Usd};
use demurrage_report::count;

use crate::command::reconcile;
use crate::failure::Failure;
use crate::talk;

/// Transfer out of registries, as it is billed.
#[derive(Debug, Default)]
pub(in crate::command) struct Billed {
    senders: BTreeMap<Sender, Vec<BilledTransfer>>,
    /// Whether some of it could not be read.
    pub(in crate::command) is_partial: bool,
}

/// What sent it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sender {
    account: String,
    region: Region,
    /// The repository; nothing where lines name none.
    repository: Option<String>,
}

/// Reads files of a bill.
pub(in crate::command) fn read(files: &[PathBuf]) -> Result<Billed, Failure> {
    let mut sums = BillSums::default();
    let read = reconcile::read_all(files, &mut sums)?;
    let is_partial = read.iter().any(|bill| bill.read.bad_rows != 0);
    let mut billed = Billed { is_partial, ..Billed::default() };
    let Some(month) = sums.iter().map(|(key, _)| key.month).max() else {
        talk::warn("the bill has no line of ECR, so what is sent is not billed");
        return Ok(billed);
    };
    billed.is_partial |= sums.beyond_limit_lines() != 0;
    let mut left_out = 0;
    let mut sent: BTreeMap<(Sender, PullTarget), Sum> = BTreeMap::new();
    for (key, sum) in sums.iter().filter(|(key, _)| is_sent(key, month)) {
        match sender_and_target(key) {
            Some(of) => {
                let net = sent.get(&of).map_or_else(|| Some(sum.clone()), |net| net.with(sum));
                // Amounts of a row are bounded, so that a sum of them always fits.
                sent.extend(net.map(|net| (of, net)));
            }
            None => left_out += sum.lines,
        }
    }
    let mut negative = 0;
    for ((sender, to), net) in sent {
        match transfer(to, &net) {
            Some(transfer) => billed.senders.entry(sender).or_default().push(transfer),
            None => negative += net.lines,
        }
    }
    talk::say(format!("what was sent is billed in {month}"));
    if billed.senders.is_empty() {
        talk::warn(format!("the bill of {month} has no line of what ECR sent"));
    }
    if left_out != 0 {
        talk::warn(format!(
            "{} of what was sent left out: without an account or a region, or not in US dollars",
            count(usize::try_from(left_out).unwrap_or(usize::MAX), "line")
        ));
    }
    if negative != 0 {
        billed.is_partial = true;
        talk::warn(format!(
            "{} of what was sent left out: they come to less than nothing, so what they correct is in no line",
            count(usize::try_from(negative).unwrap_or(usize::MAX), "line")
        ));
    }
    Ok(billed)
}

/// What lines of one sender and target come to, with those that correct others, which may stand under a rate code of
/// their own; nothing where that is less than nothing.
fn transfer(to: PullTarget, net: &Sum) -> Option<BilledTransfer> {
    let gigabytes = Gigabytes::of_amount(Amount::of_decimal(net.amount)?);
    Some(BilledTransfer { to, gigabytes, usd: Usd::of_decimal(net.cost) })
}

impl Billed {
    /// What a repository of this account and region sent; with no name, what lines have that name none.
    pub(super) fn of(
        &self,
        account: Option<&str>,
        region: Region,
        repository: Option<&str>,
    ) -> &[BilledTransfer] {
        let Some(account) = account else { return &[] };
        let repository = repository.map(str::to_owned);
        let sender = Sender { account: account.to_owned(), region, repository };
        self.senders.get(&sender).map_or(&[], Vec::as_slice)
    }

    /// All of it, with the account and region that sent it.
    pub(in crate::command) fn transfers(&self) -> impl Iterator<Item = (&str, Region, &BilledTransfer)> {
        self.senders.iter().flat_map(|(sender, transfers)| {
            transfers.iter().map(|transfer| (&*sender.account, sender.region, transfer))
        })
    }

    /// The repositories of an account and region that sent something.
    pub(super) fn repositories(&self, account: Option<&str>, region: Region) -> BTreeSet<&str> {
        let is_of = |sender: &&Sender| Some(&*sender.account) == account && sender.region == region;
        self.senders.keys().filter(is_of).filter_map(|sender| sender.repository.as_deref()).collect()
    }

    /// The bytes that an account sent to the internet, by region.
    pub(super) fn internet_bytes(&self, account: Option<&str>) -> BTreeMap<Region, u128> {
        let mut bytes: BTreeMap<Region, u128> = BTreeMap::new();
        let of_account = self.senders.iter().filter(|(sender, _)| Some(&*sender.account) == account);
        for (sender, transfers) in of_account {
            for transfer in transfers.iter().filter(|transfer| transfer.to == PullTarget::Internet) {
                let sum = bytes.entry(sender.region).or_default();
                *sum = sum.saturating_add(bytes_of(transfer.gigabytes));
            }
        }
        bytes
    }
}

/// Whether lines are about bytes that left a region in this month, and not about money that was given back.
fn is_sent(key: &SumKey, month: Month) -> bool {
    let is_out = match key.usage.kind {
        UsageKind::InterRegionOut { .. } | UsageKind::InternetOut => true,
        UsageKind::Storage
        | UsageKind::ArchiveStorage
        | UsageKind::Retrieval
        | UsageKind::In { .. }
        | UsageKind::Regional
        | UsageKind::Other(_) => false,
    };
    is_out && key.month == month && key.line_type == LineType::Usage && key.service == RegistryKind::Private
}

fn sender_and_target(key: &SumKey) -> Option<(Sender, PullTarget)> {
    let to = match key.usage.kind {
        UsageKind::InterRegionOut { to } => PullTarget::Region(to),
        UsageKind::InternetOut => PullTarget::Internet,
        UsageKind::Storage
        | UsageKind::ArchiveStorage
        | UsageKind::Retrieval
        | UsageKind::In { .. }
        | UsageKind::Regional
        | UsageKind::Other(_) => return None,
    };
    let (account, repository) = match &key.resource {
        Resource::Repository(arn) => (arn.account.clone(), Some(arn.name.clone())),
        Resource::NotNamed | Resource::BeyondLimit => (key.account.clone()?, None),
    };
    (key.currency == "USD").then_some((Sender { account, region: key.usage.region?, repository }, to))
}

/// GB in bytes; less than a byte is left out.
pub(in crate::command) fn bytes_of(gigabytes: Gigabytes) -> u128 {
    let in_one = Amount::of_whole(1 << 30).to_decimal();
    let bytes = gigabytes.amount().to_decimal().checked_mul(in_one);
    bytes.and_then(|bytes| u128::try_from(bytes).ok()).unwrap_or(u128::MAX)
}
