//! How many details fit into the page.

use super::document::Document;

/// Leaves out details, the smallest repositories first, until the JSON of the document has at most this many bytes. Gives
/// the JSON, safe to stand in a script element.
pub(super) fn fitted(mut document: Document, bytes_max: usize) -> Result<String, serde_json::Error> {
    loop {
        let json = embedded(&serde_json::to_string(&document)?);
        let details = document.repositories.iter().filter(|row| row.detail.is_some()).count();
        if json.len() <= bytes_max
            || (details == 0 && document.sweeps.is_empty() && document.repositories.len() < 2)
        {
            return Ok(json);
        }
        // A fifth less each time: a page is made of few attempts.
        let keep = details.saturating_mul(4) / 5;
        let mut place = 0;
        for row in &mut document.repositories {
            if row.detail.is_some() {
                place += 1;
                if keep < place {
                    row.detail = None;
                }
            }
        }
        if details == 0 {
            let keep = document.repositories.len().saturating_mul(4) / 5;
            document.rest_repositories += document.repositories.len() - keep;
            document.repositories.truncate(keep);
            document.sweeps.truncate(document.sweeps.len().saturating_mul(4) / 5);
            document.next.truncate(document.next.len().saturating_mul(4) / 5);
            document.promises.truncate(document.promises.len().saturating_mul(4) / 5);
        }
    }
}

/// JSON that cannot end the element it stands in, whatever names and sentences it holds.
pub(super) fn embedded(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
