//! An answer of several pages, kept as the one answer that it would be without pages.

use std::collections::BTreeMap;

use demurrage_core::Fact;
use serde_json::value::RawValue;

use crate::CallError;
use crate::raw_answer::RawAnswer;

/// More pages than any registry fills, at a thousand entries each.
const PAGES_MAX: u64 = 100;

/// What was read, and how many pages it took.
#[derive(Debug)]
pub(super) struct PagedAnswer {
    pub(super) text: Fact<String>,
    pub(super) pages: u64,
}

/// What tells pages from one another.
#[derive(Debug)]
pub(super) struct Page {
    /// The text, as it came.
    pub(super) raw: RawAnswer,
    /// The token of the next one.
    pub(super) next_token: Option<String>,
}

/// Asks for all pages of an operation whose entries stand in the member `list`.
///
/// # Errors
/// When a page cannot be read: entries that are missing would look like ones that are not there.
pub(super) async fn read(
    operation: &str,
    list: &str,
    page: impl AsyncFn(Option<String>) -> Result<Page, CallError>,
) -> Result<PagedAnswer, CallError> {
    let mut texts = Vec::new();
    let mut token = None;
    for pages in 1..=PAGES_MAX {
        let read = page(token).await?;
        texts.extend(read.raw.text());
        token = read.next_token;
        if token.is_none() {
            let text = one_answer(&texts, list).map_or(Fact::NotEvaluated, Fact::Present);
            return Ok(PagedAnswer { text, pages });
        }
    }
    Err(CallError::endless(operation, usize::try_from(PAGES_MAX).unwrap_or(usize::MAX)))
}

/// The answer with the entries of all pages; of one page its text as it came. Nothing where a text is no answer.
fn one_answer(pages: &[String], list: &str) -> Option<String> {
    if let [only] = pages {
        return Some(only.clone());
    }
    let mut entries: Vec<Box<RawValue>> = Vec::new();
    let mut answer: BTreeMap<String, Box<RawValue>> = BTreeMap::new();
    for page in pages {
        let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(page).ok()?;
        let of_page: Vec<Box<RawValue>> = serde_json::from_str(members.remove(list)?.get()).ok()?;
        entries.extend(of_page);
        members.remove("nextToken");
        answer.extend(members);
    }
    answer.insert(list.to_owned(), serde_json::value::to_raw_value(&entries).ok()?);
    serde_json::to_string(&answer).ok()
}

#[cfg(test)]
mod tests {
    use super::one_answer;

    #[test]
    fn pages_become_one_answer_with_every_entry_as_it_came() {
        let pages = [
            r#"{"registryId":"1","rules":[{"b":1.50,"a":"x"}],"nextToken":"t"}"#.to_owned(),
            r#"{"rules":[ {"a":"y"} ],"registryId":"1"}"#.to_owned(),
        ];
        let expected = r#"{"registryId":"1","rules":[{"b":1.50,"a":"x"},{"a":"y"}]}"#;
        assert_eq!(one_answer(&pages, "rules").as_deref(), Some(expected));
    }

    #[test]
    fn one_page_stays_as_it_came_and_what_is_no_answer_is_none() {
        let page = r#" {"rules": [], "later": 1} "#.to_owned();
        assert_eq!(one_answer(std::slice::from_ref(&page), "rules"), Some(page.clone()));
        assert_eq!(one_answer(&[page.clone(), "[]".to_owned()], "rules"), None);
        assert_eq!(one_answer(&[page.clone(), page], "others"), None);
        assert_eq!(one_answer(&[], "rules").as_deref(), Some(r#"{"rules":[]}"#));
    }
}
