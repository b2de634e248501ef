//! A store in a folder or in a bucket, with the credentials of the standard chain.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use aws_config::BehaviorVersion;
use aws_sdk_ecr::config::{ProvideCredentials, SharedCredentialsProvider};
use demurrage_store::Store;
use object_store::aws::{AmazonS3Builder, AwsCredential, resolve_bucket_region};
use object_store::{ClientOptions, CredentialProvider};
use tokio::runtime::Handle;

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
        builder = builder.with_credentials(Arc::new(ChainCredentials(provider)));
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

/// The credentials of the SDK's chain, for the objects of the store.
struct ChainCredentials(SharedCredentialsProvider);

impl fmt::Debug for ChainCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainCredentials")
    }
}

#[async_trait::async_trait]
impl CredentialProvider for ChainCredentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let found = self.0.provide_credentials().await;
        let found =
            found.map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        }))
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
