//! Reading what the AWS CLI wrote.
//!
//! Members that this version does not know are ignored: AWS may add some. Everything else that is not of
//! the documented shape is an error with its place.

mod answer;
pub(crate) mod batch_get_image;
pub(crate) mod describe_images;
mod documents;
pub(crate) mod folder;
mod registry;
mod time;

pub(crate) use folder::import;
