//! Evaluates the lifecycle policies of one part of an inventory.

fn main() {}
