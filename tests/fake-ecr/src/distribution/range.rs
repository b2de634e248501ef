//! Parts of blobs, and where a chunk of an upload belongs.

/// The first and the last byte that are asked for, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything.
    All,
    /// These bytes.
    Part { first: usize, last: usize },
    /// Bytes that the blob has not.
    Outside,
}

/// Reads `Range` for a blob of so many bytes. What is no single range of bytes is not one to follow.
pub(super) fn wanted(header: Option<&str>, length: usize) -> Wanted {
    let Some((first, last)) = header
        .and_then(|header| header.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
        .filter(|(_, last)| !last.contains(','))
    else {
        return Wanted::All;
    };
    let end = length.saturating_sub(1);
    let (first, last) = match (first.trim().parse::<usize>(), last.trim().parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
        (Ok(first), Err(_)) if last.trim().is_empty() => (first, end),
        (Err(_), Ok(count)) if first.trim().is_empty() => (length.saturating_sub(count), end),
        _ => return Wanted::All,
    };
    if length <= first { Wanted::Outside } else { Wanted::Part { first, last } }
}

/// Whether a chunk with this `Content-Range` begins where the bytes so far end; one without it always does.
pub(super) fn follows(header: Option<&str>, so_far: usize) -> bool {
    let Some(header) = header else { return true };
    let range = header.strip_prefix("bytes ").unwrap_or(header);
    range.split_once('-').and_then(|(first, _)| first.trim().parse::<usize>().ok()) == Some(so_far)
}

/// The bytes that have come, as uploads show them: `0-99`, and `0-0` for none.
pub(super) fn shown(length: usize) -> String {
    format!("0-{}", length.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::{Wanted, follows, wanted};

    #[test]
    fn ranges_end_where_the_blob_ends() {
        assert_eq!(wanted(None, 10), Wanted::All);
        assert_eq!(wanted(Some("bytes=2-4"), 10), Wanted::Part { first: 2, last: 4 });
        assert_eq!(wanted(Some("bytes=2-400"), 10), Wanted::Part { first: 2, last: 9 });
        assert_eq!(wanted(Some("bytes=9-"), 10), Wanted::Part { first: 9, last: 9 });
        assert_eq!(wanted(Some("bytes=-3"), 10), Wanted::Part { first: 7, last: 9 });
        assert_eq!(wanted(Some("bytes=10-"), 10), Wanted::Outside);
        assert_eq!(wanted(Some("bytes=0-1,4-5"), 10), Wanted::All);
        assert_eq!(wanted(Some("bytes=4-2"), 10), Wanted::All);
    }

    #[test]
    fn chunks_follow_each_other() {
        assert!(follows(None, 5) && follows(Some("5-9"), 5) && follows(Some("bytes 5-9/20"), 5));
        assert!(!follows(Some("6-9"), 5) && !follows(Some("x"), 5));
    }
}
