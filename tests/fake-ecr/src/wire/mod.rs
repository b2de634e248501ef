//! What the wire carries: inputs, refusals, names, page tokens, times, digests.

mod hash;
mod input;
mod names;
mod page;
mod refusal;
mod time;

pub use hash::digest;
pub(crate) use hash::hash;
pub(crate) use input::{ImageId, Input};
pub(crate) use names::{is_account, is_digest, is_repository_name, is_tag, repository_name};
pub(crate) use page::{issue, read as read_page};
pub use refusal::Refusal;
pub(crate) use time::{epoch, http_date, iso};
