//! Bills with known answers in every format, and what inventories explain of them.

#[cfg(test)]
mod files;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod hour_by_hour;
#[cfg(test)]
mod matching;
#[cfg(test)]
mod row;
