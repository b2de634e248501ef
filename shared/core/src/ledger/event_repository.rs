//! The repository that an event is about.

use std::fmt;

/// A repository, by what an event says of it.
///
/// The `resources` of an event are empty where images are pushed and deleted, so its name is put together from the
/// account, the region and the name in the detail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventRepository {
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The name, such as `team/app`.
    pub name: String,
}

/// The beginnings of the codes of regions, each with its partition; all others are in `aws`.
///
/// Source: AWS, "Partitions" (General Reference) and the endpoints of botocore, read 2026-11-24.
const PARTITIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
];

impl EventRepository {
    /// The Amazon resource name of the repository.
    pub fn arn(&self) -> String {
        let Self { account, region, name } = self;
        let known = PARTITIONS.iter().find(|(beginning, _)| region.starts_with(beginning));
        let partition = known.map_or("aws", |(_, partition)| partition);
        format!("arn:{partition}:ecr:{region}:{account}:repository/{name}")
    }
}

/// Its resource name.
impl fmt::Display for EventRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.arn())
    }
}
