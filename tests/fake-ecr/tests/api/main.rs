//! The server over plain HTTP: what it answers, what goes wrong on purpose, what a test can see of it.

#[cfg(test)]
mod archive;
#[cfg(test)]
mod client;
#[cfg(test)]
mod deletes;
#[cfg(test)]
mod driving;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod prefixes;
mod protocol;
#[cfg(test)]
mod pushes;
#[cfg(test)]
mod registries;
mod scans;
#[cfg(test)]
mod vectors;
