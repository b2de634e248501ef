//! References to images, as workloads write them.

use std::fmt;

use crate::{Digest, Tag};

/// The longest reference that is read, in bytes: longer than any that a registry takes.
const BYTES_MAX: usize = 1024;
/// What stands between the account and the region in the name of a private registry.
///
/// Source: ECR user guide, "Making requests to Amazon ECR registries" (dual-stack), and AWS general reference,
/// "Amazon ECR endpoints and quotas" (FIPS), read 2026-11-24. That FIPS and dual stack combine is inferred.
const SERVICE_LABELS: [&str; 4] = [".dkr.ecr.", ".dkr.ecr-fips.", ".dkr-ecr.", ".dkr-ecr-fips."];
/// The registries of ECR Public, by their names.
///
/// Source: ECR Public user guide, "Making requests to Amazon ECR Public registries", read 2026-11-24.
const PUBLIC_HOSTS: [&str; 2] = ["public.ecr.aws", "ecr-public.aws.com"];

/// A reference to an image: `[registry/]repository[:tag][@digest]`, or a digest alone.
///
/// ```
/// # use demurrage_core::in_use::{ImageReference, ReferenceRegistry};
/// let reference: ImageReference = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop/cart:1.4.2".parse()?;
/// assert_eq!(reference.repository, "shop/cart");
/// assert_eq!(reference.tag.unwrap().as_str(), "1.4.2");
/// assert!(matches!(reference.registry, ReferenceRegistry::Private { region, .. } if region == "ap-northeast-2"));
/// # Ok::<(), demurrage_core::in_use::ReferenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// The registry that it names.
    pub registry: ReferenceRegistry,
    /// The name of the repository; empty where the reference is a digest alone.
    pub repository: String,
    /// The tag. Without a tag and a digest it is `latest`, as every client takes it; beside a digest a tag says nothing,
    /// and is left out.
    pub tag: Option<Tag>,
    /// The digest.
    pub digest: Option<Digest>,
}

/// The registry that a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceRegistry {
    /// A private registry of ECR, by any of its names: standard, FIPS, dual-stack, in any partition.
    Private {
        /// The account of twelve digits.
        account: String,
        /// The region.
        region: String,
    },
    /// ECR Public.
    Public,
    /// Another one: it may stand before ECR, or be what a pull-through cache fetches from.
    Other(String),
    /// None is named.
    Unnamed,
}

/// Why a text is no reference to an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// There is nothing.
    #[error("a reference to an image is missing")]
    Empty,
    /// It is longer than any.
    #[error("a reference to an image has at most {BYTES_MAX} bytes")]
    TooLong,
    /// A character that stands in none.
    #[error("`{text}` is no reference to an image: {character:?} does not stand in one")]
    Character {
        /// The text.
        text: String,
        /// The character.
        character: char,
    },
    /// What stands behind the `@` is no digest.
    #[error("`{text}` is no reference to an image: behind the `@` stands no digest")]
    Digest {
        /// The text.
        text: String,
    },
    /// What stands behind the `:` is no tag.
    #[error("`{text}` is no reference to an image: behind the `:` stands no tag")]
    Tag {
        /// The text.
        text: String,
    },
    /// The repository has no name.
    #[error("`{text}` is no reference to an image: it names no repository")]
    Repository {
        /// The text.
        text: String,
    },
}

impl ImageReference {
    /// The reference as a client would pull it: read again, it is the same. [`Display`](fmt::Display) is shorter.
    pub fn pullable(&self) -> String {
        let host = match &self.registry {
            ReferenceRegistry::Private { account, region } => {
                format!("{account}.dkr.ecr.{region}.amazonaws.com/")
            }
            ReferenceRegistry::Public => "public.ecr.aws/".to_owned(),
            // Without a dot it is a host by its port alone, and which one says nothing.
            ReferenceRegistry::Other(host) if !is_host(host) => format!("{host}:443/"),
            ReferenceRegistry::Other(host) => format!("{host}/"),
            ReferenceRegistry::Unnamed => String::new(),
        };
        match (&self.digest, &self.tag) {
            (Some(digest), _) if self.repository.is_empty() => digest.to_string(),
            (Some(digest), _) => format!("{host}{}@{digest}", self.repository),
            (None, Some(tag)) => format!("{host}{}:{tag}", self.repository),
            (None, None) => format!("{host}{}", self.repository),
        }
    }
}

impl std::str::FromStr for ImageReference {
    type Err = ReferenceError;

    fn from_str(given: &str) -> Result<Self, ReferenceError> {
        let given = given.trim();
        if given.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if BYTES_MAX < given.len() {
            return Err(ReferenceError::TooLong);
        }
        let text = || given.to_owned();
        let odd = |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-' | '/' | ':' | '@');
        if let Some(character) = given.chars().find(odd) {
            return Err(ReferenceError::Character { text: text(), character });
        }
        // Runtimes put a scheme before it, such as `docker-pullable://`.
        let bare = given.split_once("://").map_or(given, |(_, rest)| rest);
        if let Ok(digest) = bare.parse::<Digest>() {
            let registry = ReferenceRegistry::Unnamed;
            return Ok(Self { registry, repository: String::new(), tag: None, digest: Some(digest) });
        }
        let (name, digest) = match bare.split_once('@') {
            None => (bare, None),
            Some((name, digest)) => {
                let digest = digest.parse().map_err(|_| ReferenceError::Digest { text: text() })?;
                (name, Some(digest))
            }
        };
        let (registry, path) = registry(name);
        let (repository, tag) = match path.split_once(':') {
            None => (path, None),
            Some((repository, tag)) => {
                (repository, Some(tag.parse::<Tag>().map_err(|_| ReferenceError::Tag { text: text() })?))
            }
        };
        if repository.split('/').any(str::is_empty) {
            return Err(ReferenceError::Repository { text: text() });
        }
        // A digest says it all, and a tag beside it nothing: clients do not look at it.
        let tag = if digest.is_some() { None } else { Some(tag.unwrap_or_else(|| Tag::as_given("latest"))) };
        Ok(Self { registry, repository: repository.to_owned(), tag, digest })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.registry {
            ReferenceRegistry::Private { account, region } => {
                format!("{account}/{region}/{}", self.repository)
            }
            ReferenceRegistry::Public => format!("public.ecr.aws/{}", self.repository),
            ReferenceRegistry::Other(host) => format!("{host}/{}", self.repository),
            ReferenceRegistry::Unnamed => self.repository.clone(),
        };
        match (&self.digest, &self.tag) {
            (Some(digest), _) if name.is_empty() => write!(f, "{digest}"),
            (Some(digest), _) => write!(f, "{name}@{digest}"),
            (None, Some(tag)) => write!(f, "{name}:{tag}"),
            (None, None) => f.write_str(&name),
        }
    }
}

/// The registry at the beginning of a name, and what follows.
fn registry(name: &str) -> (ReferenceRegistry, &str) {
    // The rule of the field: the first component is a registry if it could be the name of a host.
    let Some((host, path)) = name.split_once('/').filter(|(host, _)| is_host(host)) else {
        return (ReferenceRegistry::Unnamed, name);
    };
    // Hosts are the same in any case, and may carry a port.
    let host = host.to_ascii_lowercase();
    let bare = host.split_once(':').map_or(host.as_str(), |(bare, _)| bare);
    if PUBLIC_HOSTS.contains(&bare) {
        return (ReferenceRegistry::Public, path);
    }
    (private(bare).unwrap_or_else(|| ReferenceRegistry::Other(bare.to_owned())), path)
}

fn is_host(text: &str) -> bool {
    text.contains(['.', ':']) || text == "localhost"
}

/// A private registry, whatever the partition's domain is: a new one must not make its images look unused.
fn private(host: &str) -> Option<ReferenceRegistry> {
    let (account, region) = SERVICE_LABELS.into_iter().find_map(|label| {
        let (account, rest) = host.split_once(label)?;
        let (region, _domain) = rest.split_once('.')?;
        Some((account, region))
    })?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (is_account && !region.is_empty())
        .then(|| ReferenceRegistry::Private { account: account.to_owned(), region: region.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{ImageReference, ReferenceError, ReferenceRegistry};

    const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000001";

    fn read(text: &str) -> ImageReference {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_private_registry_is_one_by_any_of_its_names() {
        for host in [
            "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",
            "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
            "123456789012.dkr-ecr.ap-northeast-2.on.aws",
            "123456789012.dkr-ecr-fips.us-east-1.on.aws",
            "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
            "123456789012.DKR.ECR.us-east-1.amazonaws.com:443",
        ] {
            let reference = read(&format!("{host}/shop/cart:1"));
            assert!(
                matches!(&reference.registry, ReferenceRegistry::Private { account, region }
                    if account == "123456789012" && host.contains(region.as_str())),
                "{host}: {reference:?}"
            );
            assert_eq!(reference.repository, "shop/cart", "{host}");
        }
    }

    #[test]
    fn what_looks_like_a_registry_of_ecr_and_is_none_is_another_one() {
        for host in
            ["12345.dkr.ecr.us-east-1.amazonaws.com", "123456789012.dkr.ecr.", "ghcr.io", "localhost:5000"]
        {
            assert!(matches!(read(&format!("{host}/a:1")).registry, ReferenceRegistry::Other(_)), "{host}");
        }
        assert_eq!(read("public.ecr.aws/docker/library/nginx:1").registry, ReferenceRegistry::Public);
    }

    #[test]
    fn a_reference_without_tag_and_digest_means_latest() {
        assert_eq!(read("shop/cart").tag.unwrap().as_str(), "latest");
        assert_eq!(read("localhost:5000/cart").tag.unwrap().as_str(), "latest", "a port is no tag");
    }

    #[test]
    fn a_digest_is_all_that_a_reference_with_one_says() {
        let reference = read(&format!("docker-pullable://ghcr.io/shop/cart:1.2@{DIGEST}"));
        assert_eq!(reference.digest.unwrap().to_string(), DIGEST);
        assert_eq!(reference.tag, None);
        assert_eq!(read(DIGEST).repository, "");
        assert_eq!(read(DIGEST).to_string(), DIGEST);
    }

    #[test]
    fn a_pullable_reference_is_read_as_the_same_whatever_the_registry() {
        for text in [
            "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/shop/cart:1",
            "123456789012.dkr-ecr-fips.us-east-1.on.aws/shop/cart",
            &format!("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/shop/cart@{DIGEST}"),
            "public.ecr.aws/a1b2c3d4/cart:1",
            "mirror:5000/shop/cart:1",
            "localhost/shop/cart:1",
            "ghcr.io/shop/cart",
            "shop/cart:1",
            "nginx",
            DIGEST,
        ] {
            let reference = read(text);
            assert_eq!(read(&reference.pullable()), reference, "{text}: {}", reference.pullable());
        }
    }

    #[test]
    fn what_is_no_reference_is_refused_with_the_reason() {
        let refused = |text: &str| text.parse::<ImageReference>().unwrap_err();
        assert_eq!(refused("  "), ReferenceError::Empty);
        assert!(matches!(refused("shop/cart:"), ReferenceError::Tag { .. }));
        assert!(matches!(refused("shop/cart@sha256:12"), ReferenceError::Digest { .. }));
        assert!(matches!(refused("shop//cart:1"), ReferenceError::Repository { .. }));
        assert!(matches!(refused("ghcr.io/:1"), ReferenceError::Repository { .. }));
        assert!(matches!(refused("shop/cart 1"), ReferenceError::Character { character: ' ', .. }));
        assert!(matches!(refused(&"a".repeat(2000)), ReferenceError::TooLong));
    }
}
