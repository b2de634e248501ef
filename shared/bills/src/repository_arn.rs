//! The Amazon resource name of a repository, which lines of a bill carry where resources are included.

use demurrage_core::RegistryKind;

/// A repository, as a bill names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryArn {
    /// Which of the two services it is of.
    pub kind: RegistryKind,
    /// The region; empty for ECR Public, whose names have none.
    pub region: String,
    /// The twelve-digit account.
    pub account: String,
    /// The name, such as `team/app`.
    pub name: String,
}

impl RepositoryArn {
    /// Reads `arn:aws:ecr:eu-west-1:123456789012:repository/team/app`.
    ///
    /// ```
    /// use demurrage_bills::RepositoryArn;
    /// let arn = RepositoryArn::parse("arn:aws:ecr:eu-west-1:123456789012:repository/team/app").unwrap();
    /// assert_eq!(arn.name, "team/app");
    /// assert_eq!(RepositoryArn::parse("arn:aws:s3:::bucket"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(6, ':');
        let mut next = || parts.next();
        let ("arn", Some(_partition)) = (next()?, next()) else { return None };
        let kind = match next()? {
            "ecr" => RegistryKind::Private,
            "ecr-public" => RegistryKind::Public,
            _ => return None,
        };
        let (region, account) = (next()?.to_owned(), next()?.to_owned());
        let name = next()?.strip_prefix("repository/")?.to_owned();
        let has_region = !region.is_empty() || kind == RegistryKind::Public;
        (has_region && !account.is_empty() && !name.is_empty()).then_some(Self {
            kind,
            region,
            account,
            name,
        })
    }
}

#[cfg(test)]
mod tests {
    use demurrage_core::RegistryKind;

    use super::RepositoryArn;

    #[test]
    fn repositories_of_all_partitions_and_of_ecr_public_are_read() {
        let china = RepositoryArn::parse("arn:aws-cn:ecr:cn-north-1:123456789012:repository/a").unwrap();
        assert_eq!((china.region.as_str(), china.kind), ("cn-north-1", RegistryKind::Private));
        let public = RepositoryArn::parse("arn:aws:ecr-public::123456789012:repository/a/b").unwrap();
        assert_eq!((public.name.as_str(), public.kind), ("a/b", RegistryKind::Public));
    }

    #[test]
    fn what_names_no_repository_is_none() {
        for text in [
            "",
            "team/app",
            "arn:aws:ecr:eu-west-1:123456789012:repository/",
            "arn:aws:ecr::123456789012:repository/app",
            "arn:aws:ecr:eu-west-1:123456789012:registry",
            "arn:aws:ec2:eu-west-1:123456789012:instance/i-1",
        ] {
            assert_eq!(RepositoryArn::parse(text), None, "{text}");
        }
    }
}
