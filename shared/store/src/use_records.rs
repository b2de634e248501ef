//! Records of what is in use, in the folder `use` of a store.
//!
//! Each is put once, under a name of its own that has its checksum, and never changed. Names say of what a record is, so
//! that few are read however many there are. One that is damaged is an error and never passed over: what it would have
//! said keeps images.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::in_use::{SourceRecord, SourceState, UseRecord, current_records};

use crate::place::{SAME_SECOND_MAX, second_is_full, stamp};
use crate::{Put, Store, StoreError};

/// The folder of records in a store.
const USE: &str = "use";
/// What every record's name ends with.
const END: &str = ".json";
/// Characters of what a name says of one source.
const SAID_CHARS_MAX: usize = 40;
/// Sources that a name says; of more it has the checksum.
const SAID_SOURCES_MAX: usize = 3;

impl Store {
    /// Adds a record beside those that are there; returns its place as it is shown.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn add_use(&self, record: &UseRecord) -> Result<String, StoreError> {
        let text = record.to_json();
        let checksum = crc32fast::hash(text.as_bytes());
        let of = of_what(record);
        for number in 0..SAME_SECOND_MAX {
            let name = format!("{}-{of}.{checksum:08x}{END}", stamp(record.read_at, number));
            match self.place.put_new(&[USE, &name], text.as_bytes())? {
                Put::New => return Ok(format!("{}/{USE}/{name}", self.shown().trim_end_matches('/'))),
                Put::AlreadyThere => {}
            }
        }
        Err(StoreError::io("create", self.shown())(second_is_full()))
    }

    /// The records from which something can still be learnt, each with its name, in the order of names, which is that of
    /// the seconds in which they were begun: the newest of each source in each place, and all from its last complete
    /// reading on.
    ///
    /// # Errors
    /// When the place cannot be read, or one of these records is damaged or of a newer format.
    pub fn uses(&self) -> Result<Vec<(String, UseRecord)>, StoreError> {
        let mut names = self.place.list(&[USE])?;
        names.retain(|name| name.ends_with(END));
        names.sort_unstable();
        // Newest first: from each of these lists one after another is read, until one was complete.
        let mut waiting: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in names {
            waiting.entry(Name::of(&name).of_what.to_owned()).or_default().push(name);
        }
        let mut read: BTreeMap<String, UseRecord> = BTreeMap::new();
        while !waiting.is_empty() {
            let next: Vec<(String, String)> =
                waiting.iter_mut().filter_map(|(of, names)| Some((of.clone(), names.pop()?))).collect();
            let parts: Vec<Vec<&str>> = next.iter().map(|(_, name)| vec![USE, &**name]).collect();
            for ((of, name), bytes) in next.iter().zip(self.place.get_all(&parts)?) {
                // One that vanished since it was listed is one that somebody took out of the store.
                let Some(bytes) = bytes else { continue };
                let record = self.checked(name, bytes)?;
                if is_complete(&record)
                    && let Some(older) = waiting.get_mut(of)
                {
                    // Those of the same second may have begun later in it.
                    older.retain(|older| second_of(older) == second_of(name));
                }
                read.insert(name.clone(), record);
            }
            waiting.retain(|_, names| !names.is_empty());
        }
        let (names, records): (Vec<String>, Vec<UseRecord>) = read.into_iter().unzip();
        let current: BTreeSet<usize> = current_records(&records).into_iter().collect();
        let all = names.into_iter().zip(records).enumerate();
        Ok(all.filter(|(place, _)| current.contains(place)).map(|(_, record)| record).collect())
    }

    /// The record that these bytes are, if they are those that were written.
    fn checked(&self, name: &str, bytes: Vec<u8>) -> Result<UseRecord, StoreError> {
        let path = || format!("{}/{USE}/{name}", self.shown().trim_end_matches('/'));
        let checksum = format!("{:08x}", crc32fast::hash(&bytes));
        match Name::of(name).checksum {
            Some(written) if written == checksum => {}
            Some(_) => return Err(StoreError::corrupt(path(), "its checksum is not the one of its name")),
            None => return Err(StoreError::corrupt(path(), "its name has no checksum")),
        }
        let text = String::from_utf8(bytes).map_err(|error| StoreError::corrupt(path(), error))?;
        UseRecord::from_json(&text).map_err(|error| StoreError::corrupt(path(), error))
    }
}

/// The second in which reading began, by the name of a record.
fn second_of(name: &str) -> Option<&str> {
    name.split('-').next()
}

/// Whether nothing before it can have more to say about its sources.
fn is_complete(record: &UseRecord) -> bool {
    record.sources.iter().all(|source| match source.state {
        SourceState::Read | SourceState::NotEnabled(_) => true,
        SourceState::Failed(_) => false,
    })
}

/// What a name says: `STAMP-NUMBER-OF_WHAT.CHECKSUM.json`.
struct Name<'a> {
    of_what: &'a str,
    checksum: Option<&'a str>,
}

impl<'a> Name<'a> {
    fn of(name: &'a str) -> Self {
        let stem = name.strip_suffix(END).unwrap_or(name);
        let (stem, checksum) = stem.rsplit_once('.').map_or((stem, None), |(stem, sum)| (stem, Some(sum)));
        Self { of_what: stem.splitn(3, '-').nth(2).unwrap_or(stem), checksum }
    }
}

/// Of what a record is, in a name: the same for records of the same sources in the same place, and different for all
/// others.
fn of_what(record: &UseRecord) -> String {
    let mut sources: Vec<String> = record.sources.iter().map(said).collect();
    sources.sort_unstable();
    if SAID_SOURCES_MAX < sources.len() {
        sources = vec![format!("{}-sources-{}", sources.len(), told_apart(&sources.join(" ")))];
    }
    let place = [record.account.as_deref(), record.region.as_deref()];
    let place = place.into_iter().flatten().map(plain);
    place.chain(sources).collect::<Vec<_>>().join("-")
}

fn said(source: &SourceRecord) -> String {
    match &source.name {
        None => source.source.name().to_owned(),
        Some(name) => format!("{}-{}-{}", source.source.name(), plain(name), told_apart(name)),
    }
}

/// Two names that look alike here are told apart by what this makes of the whole of them.
fn told_apart(name: &str) -> String {
    format!("{:08x}", crc32fast::hash(name.as_bytes()))
}

fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '-' };
    name.chars().map(plain).take(SAID_CHARS_MAX).collect()
}
