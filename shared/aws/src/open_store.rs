//! A store in a folder or in a bucket, with the credentials of the standard chain.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_sdk_ecr::config::{ProvideCredentials, SharedCredentialsProvider};
use demurrage_store::Store;
use object_store::aws::{AmazonS3Builder, AwsCredential, resolve_bucket_region};
use object_store::{ClientOptions, CredentialProvider};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

const SCHEME: &str = "s3://";

/// Opens the store at a place: `s3://bucket/prefix`, or a folder.
///
/// A bucket is reached with the credentials of the standard chain, in its own region, or at
/// `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` in the region of the chain, where one is set. No object is read
/// or written yet.
///
/// # Errors
/// When the place names no bucket, or there is no region.
pub async fn open_store(place: &str) -> Result<Store, OpenStoreError> {
    let Some(path) = place.strip_prefix(SCHEME) else { return Ok(Store::new(PathBuf::from(place))) };
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() {
        return Err(OpenStoreError::NoBucket { place: place.to_owned() });
    }
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let endpoint = endpoint(&config);
    let region = match &endpoint {
        Some(_) => None,
        // S3 tells anybody where a bucket is; where it cannot be asked, the usual region is as good as any.
        None => resolve_bucket_region(bucket, &ClientOptions::new()).await.ok(),
    };
    let usual = || config.region().map(ToString::to_string);
    let region = region.or_else(usual).ok_or(OpenStoreError::NoRegion)?;
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region(region);
    if let Some(provider) = config.credentials_provider() {
        builder = builder.with_credentials(Arc::new(ChainCredentials::new(provider)));
    }
    if let Some(endpoint) = endpoint {
        builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint);
    }
    let objects = builder.build().map_err(|error| OpenStoreError::Bucket { cause: error.to_string() })?;
    Ok(Store::bucket(Arc::new(objects), prefix, Handle::current(), place))
}

/// The endpoint of S3, where it is not the usual one.
fn endpoint(config: &aws_config::SdkConfig) -> Option<String> {
    let of_service = std::env::var("AWS_ENDPOINT_URL_S3").ok().filter(|url| !url.is_empty());
    of_service.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// The credentials of the SDK's chain, for the objects of the store. A chain asks anew each time; so what it gave
/// is kept, and asked for again in time.
struct ChainCredentials {
    provider: SharedCredentialsProvider,
    given: Mutex<Option<Given>>,
}

/// Credentials, and until when they are used.
struct Given {
    credential: Arc<AwsCredential>,
    until: SystemTime,
}

/// Credentials are asked for again so long before they expire.
const RENEWED_BEFORE: Duration = Duration::from_mins(5);
/// Those that do not say when they expire are asked for again after this.
const KEPT: Duration = Duration::from_mins(15);

impl ChainCredentials {
    fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, given: Mutex::new(None) }
    }
}

impl fmt::Debug for ChainCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainCredentials")
    }
}

#[async_trait::async_trait]
impl CredentialProvider for ChainCredentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        // Held while the chain is asked: whoever else needs them waits for the same answer.
        let mut given = self.given.lock().await;
        let now = SystemTime::now();
        if let Some(given) = given.as_ref().filter(|given| now < given.until) {
            return Ok(Arc::clone(&given.credential));
        }
        let found = self.provider.provide_credentials().await;
        let found =
            found.map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        let credential = Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        });
        let until = found.expiry().and_then(|expiry| expiry.checked_sub(RENEWED_BEFORE));
        let until = until.unwrap_or_else(|| now + KEPT);
        *given = Some(Given { credential: Arc::clone(&credential), until });
        Ok(credential)
    }
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// There is no bucket in the place.
    #[error("`{place}` names no bucket")]
    NoBucket {
        /// The place.
        place: String,
    },
    /// Nobody says in which region the bucket is.
    #[error("no region is known for the bucket of the store")]
    NoRegion,
    /// The place is no bucket that could be reached.
    #[error("the bucket of the store cannot be reached: {cause}")]
    Bucket {
        /// Why.
        cause: String,
    },
}

impl OpenStoreError {
    /// How to mend it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoBucket { .. } => "write for example s3://my-bucket/demurrage",
            Self::NoRegion => "set AWS_REGION, or a region in the profile",
            Self::Bucket { .. } => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, SystemTime};

    use aws_credential_types::Credentials;
    use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
    use object_store::CredentialProvider;

    use super::{ChainCredentials, RENEWED_BEFORE};

    /// Gives credentials that expire after this, and counts.
    #[derive(Debug)]
    struct Counting(Arc<AtomicU32>, Option<Duration>);

    impl ProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let expiry = self.1.map(|after| SystemTime::now() + after);
            future::ProvideCredentials::ready(Ok(Credentials::new(
                number.to_string(),
                "s",
                None,
                expiry,
                "test",
            )))
        }
    }

    async fn asked(expire_after: Option<Duration>) -> u32 {
        let count = Arc::new(AtomicU32::new(0));
        let provider = SharedCredentialsProvider::new(Counting(Arc::clone(&count), expire_after));
        let credentials = ChainCredentials::new(provider);
        for _ in 0..5 {
            credentials.get_credential().await.unwrap();
        }
        count.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn credentials_are_asked_for_once_until_shortly_before_they_expire() {
        assert_eq!(asked(None).await, 1);
        assert_eq!(asked(Some(Duration::from_hours(1))).await, 1);
        assert_eq!(asked(Some(RENEWED_BEFORE / 2)).await, 5, "they are about to expire");
    }
}
