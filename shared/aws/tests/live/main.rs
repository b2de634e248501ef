//! The AWS edge over HTTP, against a server that behaves as ECR does.
//!
//! The server is another program's peer, not a mock of ours: it shares nothing with the core, and clients
//! that nobody here wrote prove it (`tests/fake-ecr`).

#[cfg(test)]
mod collecting;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod in_shares;
#[cfg(test)]
mod previews;
#[cfg(test)]
mod pull_times;
#[cfg(test)]
mod registry_facts;
#[cfg(test)]
mod remembering;
#[cfg(test)]
mod scans;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod share_times;
#[cfg(test)]
mod shares;
#[cfg(test)]
mod support;
