//! Plans that are applied to a server that behaves as ECR, over HTTP: in peace, while others push, pull and move tags, and
//! on bad days.

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod interleavings;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod order;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod world;
