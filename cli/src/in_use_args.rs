//! What people know to be in use, from files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use demurrage_core::in_use::{Use, UseGraph, UseSource};

use crate::failure::Failure;

/// The longest line that is read, in bytes: a longer one is no reference.
const LINE_BYTES_MAX: u64 = 4096;

/// Options that say what is in use.
#[derive(Debug, Clone, Args)]
pub(crate) struct InUseArgs {
    /// References to images that are in use, one a line (`#` begins a comment); `-` is stdin; repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) in_use: Vec<PathBuf>,
}

impl InUseArgs {
    /// What is in use; nothing where no file says it.
    ///
    /// # Errors
    /// When a file cannot be read, or a line is no reference: an image that is not understood is one that nothing keeps.
    pub(crate) fn read(&self) -> Result<Option<UseGraph>, Failure> {
        if self.in_use.is_empty() {
            return Ok(None);
        }
        let mut uses = Vec::new();
        for path in &self.in_use {
            if path == Path::new("-") {
                read_lines(path, io::stdin().lock(), &mut uses)?;
            } else {
                let file = File::open(path).map_err(Failure::read(path))?;
                read_lines(path, BufReader::new(file), &mut uses)?;
            }
        }
        Ok(Some(UseGraph::of(uses)))
    }
}

fn read_lines(path: &Path, mut reader: impl BufRead, uses: &mut Vec<Use>) -> Result<(), Failure> {
    let mut line = String::new();
    for number in 1_u64.. {
        line.clear();
        let length =
            reader.by_ref().take(LINE_BYTES_MAX).read_line(&mut line).map_err(Failure::read(path))?;
        if length == 0 {
            return Ok(());
        }
        let wrong = |cause: String| {
            Failure::content(
                path,
                format!("line {number}: {cause}"),
                "write one reference a line, such as `123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/team/app:1.0`",
            )
        };
        if length as u64 == LINE_BYTES_MAX && !line.ends_with('\n') {
            return Err(wrong(format!("it has more than {LINE_BYTES_MAX} bytes")));
        }
        let reference = line.split_once('#').map_or(line.as_str(), |(before, _)| before).trim();
        if reference.is_empty() {
            continue;
        }
        let parsed = reference.parse().map_err(|error| wrong(format!("{error}")))?;
        let evidence = format!("{reference} ({}:{number})", path.display());
        uses.push(Use { reference: parsed, evidence, source: UseSource::References, since: None });
    }
    Ok(())
}
