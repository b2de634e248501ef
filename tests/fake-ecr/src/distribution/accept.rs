//! Which media types a client takes.

/// Whether one of the `Accept` headers names the media type; without any, everything is taken.
///
/// Weights are not looked at: there is one manifest, and it is either taken or not.
pub(super) fn accepts<'a>(headers: impl IntoIterator<Item = &'a str>, media_type: &str) -> bool {
    let mut named = headers
        .into_iter()
        .flat_map(|header| header.split(','))
        .map(|range| range.split(';').next().unwrap_or(range).trim())
        .filter(|range| !range.is_empty())
        .peekable();
    named.peek().is_none()
        || named.any(|range| matches!(range, "*/*" | "application/*") || range == media_type)
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn a_manifest_is_taken_when_its_type_is_named_or_none_is() {
        let index = "application/vnd.oci.image.index.v1+json";
        assert!(accepts([], index));
        assert!(accepts(["text/plain, application/vnd.oci.image.index.v1+json;q=0.5"], index));
        assert!(accepts(["text/plain", "*/*"], index));
        assert!(!accepts(["application/vnd.oci.image.manifest.v1+json"], index));
    }
}
