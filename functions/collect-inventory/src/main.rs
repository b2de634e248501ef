//! Reads one share of a registry into a part of an inventory.

fn main() {}
