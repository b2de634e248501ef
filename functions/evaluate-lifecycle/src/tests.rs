//! The handler over a store in a folder.
