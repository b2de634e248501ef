//! Inventories as streams, in a folder and in a bucket.

#[cfg(test)]
mod bucket;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod cursors;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod made;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod server;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod uses;
