//! What people know to be in use, from files.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use demurrage_core::in_use::{Use, UseGraph, UseSource};

use crate::failure::Failure;

/// The longest line that is read, in bytes: a longer one is no reference.
const LINE_BYTES_MAX: usize = 4096;
/// The largest file that is read, in bytes: millions of references.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// How a line begins by which a file without references says that this is meant.
const SAYS_NONE: &str = "# none";

/// Options that say what is in use.
#[derive(Debug, Clone, Args)]
pub(crate) struct InUseArgs {
    /// References to images that are in use, one a line (`#` begins a comment, a line `# none` says that there are none);
    /// `-` is stdin; repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) in_use: Vec<PathBuf>,
}

/// A file of references.
pub(crate) struct ReferencesFile {
    /// Its path, as it was given.
    pub(crate) path: PathBuf,
    /// What tells it from others: where it lies, or what is in it where it came by stdin. The next file of the same name takes
    /// its place in a store.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// The uses that it names.
    pub(crate) uses: Vec<Use>,
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
        Ok(Some(UseGraph::of(self.files()?.into_iter().flat_map(|file| file.uses).collect())))
    }

    /// The files, in the order in which they were named.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub(crate) fn files(&self) -> Result<Vec<ReferencesFile>, Failure> {
        self.in_use.iter().map(|path| read_file(path)).collect()
    }
}

fn read_file(path: &Path) -> Result<ReferencesFile, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text))
    };
    let length = read.map_err(Failure::read(path))?;
    if length as u64 == FILE_BYTES_MAX {
        return Err(Failure::content(path, "it is larger than any file of references", ""));
    }
    let mut uses = Vec::new();
    for (number, line) in (1_u64..).zip(text.lines()) {
        uses.extend(read_line(path, number, line)?);
    }
    if uses.is_empty() && !text.lines().any(|line| line.trim().starts_with(SAYS_NONE)) {
        let help = format!("a file that means that nothing is in use says so in a line, `{SAYS_NONE}`");
        return Err(Failure::content(
            path,
            "it names no image, so it may be what is left of a failed script",
            &help,
        ));
    }
    let name = if path == Path::new("-") {
        format!("stdin {}", demurrage_store::sha256(text.as_bytes()).short())
    } else {
        std::fs::canonicalize(path).map_err(Failure::read(path))?.display().to_string()
    };
    Ok(ReferencesFile { path: path.to_owned(), name, text, uses })
}

/// The use that a line names; nothing where it is empty but for a comment.
fn read_line(path: &Path, number: u64, line: &str) -> Result<Option<Use>, Failure> {
    let wrong = |cause: String| {
        Failure::content(
            path,
            format!("line {number}: {cause}"),
            "write one reference a line, such as `123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/team/app:1.0`",
        )
    };
    if LINE_BYTES_MAX <= line.len() {
        return Err(wrong(format!("it has more than {LINE_BYTES_MAX} bytes")));
    }
    let reference = line.split_once('#').map_or(line, |(before, _)| before).trim();
    if reference.is_empty() {
        return Ok(None);
    }
    let parsed = reference.parse().map_err(|error| wrong(format!("{error}")))?;
    let evidence = format!("{reference} ({}:{number})", path.display());
    Ok(Some(Use { reference: parsed, evidence, source: UseSource::References, since: None }))
}
