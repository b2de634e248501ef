//! The statements of the tag ledger, over generated worlds: whatever becomes of the events about a repository, after the
//! next listing the heads are the truth, and the history is a part of it that invents nothing and marks its gaps.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that stops when its own data is wrong"
)]

mod burst;
mod dice;
mod key_value;
mod orders;
mod periods;
mod statements;
mod world;
