//! Why the command stops.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use demurrage_core::lifecycle::PolicyRejection;
use demurrage_store::StoreError;

use crate::exit::Exit;

/// A failure that ends the command. Each says what, where and how to mend it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`: {}", path.display(), io_cause(source))]
    Read { path: PathBuf, source: io::Error },
    /// A file or folder cannot be written.
    #[error("cannot write `{}`: {}", path.display(), io_cause(source))]
    Write { path: PathBuf, source: io::Error },
    /// The content of a file is not what it should be.
    #[error("`{}`: {cause}", path.display())]
    Content { path: PathBuf, cause: String, help: Option<String> },
    /// A policy that ECR would reject.
    #[error("`{}` is not a lifecycle policy that ECR accepts", path.display())]
    Policy { path: PathBuf, rejection: Box<PolicyRejection> },
    /// A place in a file is not what it should be.
    #[error("`{}`: {cause}", path.display())]
    Place { path: PathBuf, text: String, cause: String, help: String, span: Range<usize> },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An argument, or arguments together, that cannot be used.
    #[error("{cause}")]
    Usage { cause: String, help: String },
    /// AWS, or the network on the way there.
    #[error("{cause}")]
    Aws { cause: String, help: String },
    /// stdout went away while it was written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
}

impl Failure {
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    pub(crate) fn content(path: &Path, cause: impl Into<String>, help: &str) -> Self {
        let help = (!help.is_empty()).then(|| help.to_owned());
        Self::Content { path: path.to_owned(), cause: cause.into(), help }
    }

    pub(crate) fn usage(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { cause: cause.into(), help: help.into() }
    }

    pub(crate) fn aws(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Aws { cause: cause.into(), help: help.into() }
    }

    /// With which code the command ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Read { .. }
            | Self::Content { .. }
            | Self::Policy { .. }
            | Self::Place { .. }
            | Self::Usage { .. }
            | Self::Store(
                StoreError::Io { what: "read", .. }
                | StoreError::Newer { .. }
                | StoreError::Corrupt { .. }
                | StoreError::NoSuch { .. },
            ) => Exit::BadInput,
            Self::Write { .. } | Self::Store(_) | Self::Aws { .. } | Self::Output(_) => Exit::System,
        }
    }

    /// How to mend it, where the message does not say so itself.
    pub(crate) fn help(&self) -> Option<&str> {
        match self {
            Self::Content { help, .. } => help.as_deref(),
            Self::Usage { help, .. } => Some(help),
            Self::Aws { help, .. } => Some(&**help).filter(|help| !help.is_empty()),
            Self::Policy { .. } => Some("`demurrage lint FILE` shows the same and more"),
            Self::Store(StoreError::Io { path, .. }) if path.starts_with("s3:") => Some(
                "look whether the bucket is there, and whether the credentials may list, read and write it",
            ),
            // What is labelled says it beside the label.
            Self::Read { .. }
            | Self::Write { .. }
            | Self::Place { .. }
            | Self::Store(_)
            | Self::Output(_) => None,
        }
    }
}

/// What went wrong, in words that do not change with the system.
fn io_cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, and a file is wanted".to_owned(),
        io::ErrorKind::NotADirectory => "it is a file, and a folder is wanted".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use demurrage_store::StoreError;

    use super::Failure;

    #[test]
    fn a_bucket_that_cannot_be_used_comes_with_a_hint_and_a_folder_explains_itself() {
        let at = |path: &str| {
            let source = io::Error::other("access is denied");
            Failure::Store(StoreError::Io { what: "list", path: path.into(), source })
        };
        assert!(at("s3://team/ecr").help().is_some_and(|help| help.contains("bucket")));
        assert_eq!(at("/data/ecr").help(), None);
    }
}
