//! The handler over a store in a folder, and a server that takes metrics and notices.
