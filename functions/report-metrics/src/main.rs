//! Puts the parts of a run together, and says what came of it.

fn main() {}
