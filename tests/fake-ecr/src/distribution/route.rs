//! What a path below `/v2/` names.

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// `/v2/`: whether there is a registry, and whether one may come in.
    Base,
    /// A manifest, by tag or digest.
    Manifest { repository: String, reference: Reference },
    /// A layer or a configuration.
    Blob { repository: String, digest: String },
    /// The place where uploads start.
    Uploads { repository: String },
    /// An upload that is not complete.
    Upload { repository: String, id: String },
    /// The tags of a repository.
    Tags { repository: String },
    /// What names this digest as its subject.
    Referrers { repository: String, digest: String },
}

/// How a manifest is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// By the tag that stands at it.
    Tag(String),
    /// By its digest.
    Digest(String),
}

impl Route {
    /// Reads a path; none when nothing is there. Names of repositories have slashes, so it is read from its end.
    pub(super) fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/v2")?;
        if rest.is_empty() || rest == "/" {
            return Some(Self::Base);
        }
        let rest = rest.strip_prefix('/')?;
        let (front, last) = rest.rsplit_once('/')?;
        let last = last.to_owned();
        if let Some(repository) = repository(front, "blobs/uploads") {
            return Some(if last.is_empty() {
                Self::Uploads { repository }
            } else {
                Self::Upload { repository, id: last }
            });
        }
        if last.is_empty() {
            return None;
        }
        if let Some(repository) = repository(front, "manifests") {
            let reference = if last.contains(':') { Reference::Digest(last) } else { Reference::Tag(last) };
            return Some(Self::Manifest { repository, reference });
        }
        if let Some(repository) = repository(front, "referrers") {
            return Some(Self::Referrers { repository, digest: last });
        }
        if let Some(repository) = repository(front, "blobs") {
            // The slash after `uploads` is often forgotten.
            return Some(if last == "uploads" {
                Self::Uploads { repository }
            } else {
                Self::Blob { repository, digest: last }
            });
        }
        let repository = repository(front, "tags").filter(|_| last == "list")?;
        Some(Self::Tags { repository })
    }

    /// The repository that is asked; none for [`Route::Base`].
    pub(super) fn repository(&self) -> Option<&str> {
        match self {
            Self::Base => None,
            Self::Manifest { repository, .. }
            | Self::Blob { repository, .. }
            | Self::Uploads { repository }
            | Self::Upload { repository, .. }
            | Self::Tags { repository }
            | Self::Referrers { repository, .. } => Some(repository),
        }
    }
}

/// What stands before `/kind`.
fn repository(front: &str, kind: &str) -> Option<String> {
    let name = front.strip_suffix(kind)?.strip_suffix('/')?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Reference, Route};

    #[test]
    fn names_of_repositories_may_have_slashes_and_words_of_the_protocol() {
        let repository = "team/blobs/manifests".to_owned();
        let reference = Reference::Tag("v1".to_owned());
        assert_eq!(
            Route::of("/v2/team/blobs/manifests/manifests/v1"),
            Some(Route::Manifest { repository: repository.clone(), reference })
        );
        let digest = "sha256:0a".to_owned();
        assert_eq!(
            Route::of("/v2/team/blobs/manifests/manifests/sha256:0a"),
            Some(Route::Manifest {
                repository: repository.clone(),
                reference: Reference::Digest(digest.clone())
            })
        );
        assert_eq!(
            Route::of("/v2/team/blobs/manifests/blobs/sha256:0a"),
            Some(Route::Blob { repository: repository.clone(), digest })
        );
        assert_eq!(Route::of("/v2/team/blobs/manifests/tags/list"), Some(Route::Tags { repository }));
    }

    #[test]
    fn uploads_are_told_from_blobs() {
        let repository = "app".to_owned();
        let uploads = Some(Route::Uploads { repository: repository.clone() });
        assert_eq!(Route::of("/v2/app/blobs/uploads/"), uploads);
        assert_eq!(Route::of("/v2/app/blobs/uploads"), uploads);
        assert_eq!(
            Route::of("/v2/app/blobs/uploads/1"),
            Some(Route::Upload { repository, id: "1".to_owned() })
        );
    }

    #[test]
    fn other_paths_name_nothing() {
        assert_eq!(Route::of("/v2/"), Some(Route::Base));
        for path in [
            "/v1/",
            "/v2/app",
            "/v2/app/",
            "/v2/app/tags/x",
            "/v2//tags/list",
            "/v2/manifests/x",
            "/v2/app/manifests/",
        ] {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }
}
