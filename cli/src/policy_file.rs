//! Policies that people hand over as files.

use std::io::Read;
use std::path::Path;
use std::{fs, io};

use demurrage_core::lifecycle::Policy;

use crate::failure::Failure;

/// More than this is no policy of anything.
const BYTES_MAX: u64 = 16 << 20;

/// The text of a file; `-` is stdin.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(BYTES_MAX).read_to_string(&mut text)
    } else {
        let file = fs::File::open(path).map_err(Failure::read(path))?;
        file.take(BYTES_MAX).read_to_string(&mut text)
    };
    read.map_err(Failure::read(path))?;
    Ok(text)
}

/// The policy in a file.
pub(crate) fn read(path: &Path) -> Result<Policy, Failure> {
    let text = read_text(path)?;
    Policy::parse(&text)
        .map_err(|rejection| Failure::Policy { path: path.to_owned(), rejection: Box::new(rejection) })
}
