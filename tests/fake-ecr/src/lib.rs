//! A server that behaves as Amazon ECR does.

mod model;

pub use model::{ImageRecord, ImageStatus, ManifestText, RepositoryRecord};
