//! The file of a report: written whole or not at all, and over nothing that is no report.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use demurrage_report::page::PAGE_MARK;

use crate::failure::Failure;

/// How much of a file is looked at for the mark of a report.
const HEAD_BYTES: u64 = 4096;

/// Where a report goes.
#[derive(Debug)]
pub(in crate::command) struct Target {
    path: PathBuf,
}

impl Target {
    /// A file that may be written: there is none, or an earlier report, or somebody insists.
    pub(super) fn of(path: &Path, is_forced: bool) -> Result<Self, Failure> {
        let target = Self { path: path.to_owned() };
        if path.is_dir() {
            return Err(Failure::usage(
                format!("`{}` is a folder", path.display()),
                "name a file, for example `--out report.html`",
            ));
        }
        let Some(head) = head(path)? else { return Ok(target) };
        if is_forced || head.windows(PAGE_MARK.len()).any(|text| text == PAGE_MARK.as_bytes()) {
            return Ok(target);
        }
        Err(Failure::usage(
            format!("`{}` is there, and is no report", path.display()),
            "name another file with `--out`, or add `--force` to replace it",
        ))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes it beside its place, and moves it there: whoever looks sees the one before or this one.
    pub(super) fn write(&self, html: &str) -> Result<(), Failure> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = self.path.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let written = write_new(&beside, html).and_then(|()| fs::rename(&beside, &self.path));
        written.map_err(|error| {
            // It may not be there; what matters is why the report is not.
            let _ = fs::remove_file(&beside);
            Failure::write(&self.path)(error)
        })
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// How a file begins; nothing where there is none.
fn head(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::read(path)(error)),
    };
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head).map_err(Failure::read(path))?;
    Ok(Some(head))
}
