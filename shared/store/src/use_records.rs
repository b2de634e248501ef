//! Records of what is in use, in the folder `use` of a store.
//!
//! Each is put once, under a name of its own that has its checksum, and never changed. Names say of what a record is, so
//! that few are read however many there are, and in which turn it was read ([`Store::use_turn`]), because the clocks of
//! those who read may not agree. One that is damaged is an error and never passed over: what it would have
//! said keeps images.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::RegistryKind;
use demurrage_core::in_use::{SourceRecord, SourceState, UseRecord, UseRules, current_records};

use crate::place::{SAME_SECOND_MAX, second_is_full, stamp};
use crate::{Put, Store, StoreError};

/// The folder of records in a store.
const USE: &str = "use";
/// What every record's name ends with.
const END: &str = ".json";
/// What a name begins with that says a turn; one of an older version begins with its second.
const TURN: char = 't';
/// Characters of what a name says of one source.
const SAID_CHARS_MAX: usize = 40;
/// Sources that a name says; of more it has the checksum.
const SAID_SOURCES_MAX: usize = 3;

impl Store {
    /// The turn of a reading that begins now: one more than that of any record that is there. Who takes it before asking
    /// anything knows that what the records of earlier turns say was known before.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn use_turn(&self) -> Result<u64, StoreError> {
        let names = self.place.list(&[USE])?;
        Ok(names.iter().map(|name| Name::of(name).turn).max().unwrap_or(0) + 1)
    }

    /// Adds a record beside those that are there; returns its place as it is shown. One without a turn takes it now: only
    /// what was not asked of anybody, such as a file, is as new as it is put.
    ///
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn add_use(&self, record: &UseRecord) -> Result<String, StoreError> {
        let text = record.to_json();
        let checksum = crc32fast::hash(text.as_bytes());
        let of = of_what(record);
        let turn = if record.turn == 0 { self.use_turn()? } else { record.turn };
        for number in 0..SAME_SECOND_MAX {
            let name = format!("{TURN}{turn:010}-{}-{of}.{checksum:08x}{END}", stamp(record.read_at, number));
            match self.place.put_new(&[USE, &name], text.as_bytes())? {
                Put::New => return Ok(format!("{}/{USE}/{name}", self.shown().trim_end_matches('/'))),
                Put::AlreadyThere => {}
            }
        }
        Err(StoreError::io("create", self.shown())(second_is_full()))
    }

    /// The records from which something can still be learnt, each with its name, in the order of names, which is that of
    /// their turns: the newest of each source in each place, and all that its last complete reading does not supersede.
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
                    older.retain(|older| may_say_more(older, name, record.account.is_none()));
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

    /// These rules with what is near the registries of the store: their accounts and regions, and where they replicate to.
    ///
    /// # Errors
    /// When the inventories cannot be listed.
    pub fn rules_of_use(&self, rules: &UseRules) -> Result<UseRules, StoreError> {
        let mut rules = rules.clone();
        for entry in self.newest()?.iter().filter(|entry| entry.kind == RegistryKind::Private) {
            if let Some(account) = &entry.registry_id {
                rules = rules.near(account, &entry.region, &entry.registry().description);
            }
        }
        Ok(rules)
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
        let record = UseRecord::from_json(&text).map_err(|error| StoreError::corrupt(path(), error))?;
        Ok(UseRecord { turn: Name::of(name).turn, ..record })
    }
}

/// Whether a record may say something that a complete one of the same sources does not take the place of, as far as their
/// names say: it is of the same turn, or dated later where dates count. Those of the same second may have begun later in it.
fn may_say_more(older: &str, complete: &str, dates_count: bool) -> bool {
    let (older, complete) = (Name::of(older), Name::of(complete));
    let is_dated_no_earlier = complete.second <= older.second;
    if older.turn == 0 && complete.turn == 0 {
        return is_dated_no_earlier;
    }
    older.turn == complete.turn || (dates_count && is_dated_no_earlier)
}

/// Whether nothing before it can have more to say about its sources.
fn is_complete(record: &UseRecord) -> bool {
    record.sources.iter().all(|source| match source.state {
        SourceState::Read | SourceState::NotEnabled(_) => true,
        SourceState::Failed(_) => false,
    })
}

/// What a name says: `tTURN-SECOND-NUMBER-OF_WHAT.CHECKSUM.json`, or the same without a turn.
struct Name<'a> {
    turn: u64,
    /// The second in which reading began, by the clock of who read.
    second: &'a str,
    of_what: &'a str,
    checksum: Option<&'a str>,
}

impl<'a> Name<'a> {
    fn of(name: &'a str) -> Self {
        let stem = name.strip_suffix(END).unwrap_or(name);
        let (stem, checksum) = stem.rsplit_once('.').map_or((stem, None), |(stem, sum)| (stem, Some(sum)));
        let turned = stem.strip_prefix(TURN).and_then(|rest| rest.split_once('-'));
        let turned = turned.and_then(|(turn, rest)| Some((turn.parse().ok()?, rest)));
        let (turn, rest) = turned.unwrap_or((0, stem));
        let mut parts = rest.splitn(3, '-');
        let second = parts.next().unwrap_or(rest);
        Self { turn, second, of_what: parts.nth(1).unwrap_or(rest), checksum }
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
