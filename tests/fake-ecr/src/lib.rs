//! A server that behaves as Amazon ECR does.

pub mod generate;
mod model;
pub mod shop;

pub use model::{ImageRecord, ImageStatus, ManifestText, RepositoryRecord};
