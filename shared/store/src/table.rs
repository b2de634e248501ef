//! The three tables of an inventory, for those who describe them to other programs.

use std::sync::Arc;

use arrow_schema::{DataType, Schema};

use crate::columns::{self, DESCRIPTORS, IMAGES, REPOSITORIES};

/// A table of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// One row for each repository.
    Repositories,
    /// One row for each image.
    Images,
    /// One row for each blob or image that a manifest names.
    Descriptors,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Repositories, Self::Images, Self::Descriptors];

    /// Its name: `repositories`, `images` or `descriptors`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repositories => "repositories",
            Self::Images => "images",
            Self::Descriptors => "descriptors",
        }
    }

    /// The name of its file.
    pub(crate) const fn file(self) -> &'static str {
        match self {
            Self::Repositories => REPOSITORIES,
            Self::Images => IMAGES,
            Self::Descriptors => DESCRIPTORS,
        }
    }

    fn schema(self) -> Arc<Schema> {
        match self {
            Self::Repositories => columns::repositories(),
            Self::Images => columns::images(),
            Self::Descriptors => columns::descriptors(),
        }
    }

    /// Names of its columns, with the types that they have in Athena.
    ///
    /// Source: Athena user guide, "Data types in Amazon Athena", read 2026-11-24. It has no unsigned integers;
    /// sizes and counts are far below the greatest signed one.
    pub fn athena_columns(self) -> Vec<(String, &'static str)> {
        let schema = self.schema();
        let columns = schema.fields().iter().map(|field| {
            let kind = match field.data_type() {
                DataType::Boolean => "boolean",
                DataType::UInt64 => "bigint",
                DataType::Timestamp(..) => "timestamp",
                DataType::List(_) => "array<string>",
                _ => "string",
            };
            (field.name().clone(), kind)
        });
        columns.collect()
    }
}
