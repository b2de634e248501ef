//! Finds the repositories of an account's regions and divides them into shares of work.

fn main() {}
