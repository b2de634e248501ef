//! Plans that are applied to a server that behaves as ECR, over HTTP: in peace, while others push, pull and move tags, and
//! on bad days.

mod changes;
mod faults;
mod interleavings;
mod leases;
mod order;
mod registry;
mod settings;
mod stops;
mod world;
