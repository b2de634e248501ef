//! The report as one self-contained HTML page: what is stored, what it costs, what goes, what runs, what is not known.
//!
//! The way through: [`PageRepository::of`] works out what the page says of one repository; a [`PageMaker`] takes those of
//! each registry, keeps the largest and adds up the rest; [`PageImages::of`] looks into the largest once more; [`Page`] is
//! written as HTML. The charts are drawn in the browser from the same figures that the tables have, which lie in the page
//! as JSON; nothing is loaded. Leaves out where inventories come from.

mod cost_lines;
mod document;
mod flow;
mod gaps;
mod head;
mod images;
mod key;
mod known_sum;
mod maker;
mod next_rules;
mod over_time;
mod promise;
mod protecting;
mod quotas;
mod registry;
mod render;
mod repository;
mod rest;
mod size;
mod text;
mod top;
mod totals;
mod transfers;

pub use document::{PageAwsDeleted, PageTransfer};
pub use gaps::PageGap;
pub use head::PageHead;
pub use images::PageImages;
pub use maker::{PAGE_REPOSITORIES_MAX, PageLargest, PageMaker};
pub use registry::PageRegistryHead;
pub use render::Page;
pub use repository::{PageAbout, PageRepository};

/// The largest page, in bytes: details are left out where it would be larger, and the page says how many.
pub const PAGE_BYTES_MAX: usize = 5 * 1024 * 1024;

/// Repositories that are looked into.
pub const PAGE_DETAILS_MAX: usize = 200;

/// What stands near the beginning of each page, by which it is told from other files.
pub const PAGE_MARK: &str = "<meta name=\"generator\" content=\"demurrage report\">";

#[cfg(test)]
mod tests;
