//! A history, for people: two lines for each thing that happened, so that any number of them can be written one after
//! another.

use std::fmt::Write;

use demurrage_core::Tag;
use demurrage_core::journal::HistoryRow;

use crate::history_json::HistoryOf;

/// Digits of a plan's hash that are shown.
const PLAN_CHARS: usize = 12;

/// The lines of a row: when, what, where; then by which rule, why, and by which plan.
pub fn history_text(of: &HistoryOf<'_>, row: &HistoryRow) -> String {
    let at = row.at.format("%Y-%m-%d %H:%M:%S");
    let mut text = format!("{at}  {:<9}  {}", row.happening.name(), row.repository);
    if let Some(digest) = row.digest {
        text.push_str("  sha256:");
        text.push_str(&digest.short());
    }
    let tags: Vec<&str> = row.tags.iter().map(Tag::as_str).collect();
    if !tags.is_empty() {
        text.push_str("  ");
        text.push_str(&tags.join(", "));
    }
    text.push_str("\n    ");
    if let Some(rule) = &row.rule {
        text.push_str(rule);
        text.push_str(": ");
    }
    text.push_str(&row.reason);
    if let Some(detail) = &row.detail {
        text.push_str("; ");
        text.push_str(detail);
    }
    let _ = writeln!(text, " ({})", source(of));
    text
}

/// The journal in words: of a plan, or of a restoration.
fn source(of: &HistoryOf<'_>) -> String {
    match of.journal.strip_prefix("restore-") {
        Some(restored) => format!("restored from plan {}", shortened(restored)),
        None => format!("plan {}", shortened(of.journal)),
    }
}

fn shortened(hash: &str) -> String {
    hash.chars().take(PLAN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use demurrage_core::journal::{Happening, HistoryRow};
    use demurrage_core::plan::RepositoryAddress;
    use demurrage_core::{Digest, Tag, instant};

    use super::history_text;
    use crate::history_json::{HistoryOf, history_json};

    fn row() -> HistoryRow {
        HistoryRow {
            at: instant::parse("2026-11-25T01:02:03Z").unwrap(),
            repository: RepositoryAddress {
                account: Some("123456789012".to_owned()),
                region: "ap-northeast-2".to_owned(),
                name: "shop/cart".to_owned(),
            },
            happening: Happening::Deleted,
            operation: Some("BatchDeleteImage"),
            digest: Some(Digest::from_bytes([0xab; 32])),
            tags: vec![Tag::as_given("1.0"), Tag::as_given("1.1")],
            rule: Some("retention `builds`".to_owned()),
            reason: "it was pushed 120 days ago".to_owned(),
            detail: None,
        }
    }

    #[test]
    fn two_lines_say_when_what_where_and_why() {
        let of = HistoryOf { journal: "0123456789abcdef", number: Some(1) };
        let expected = "2026-11-25 01:02:03  deleted    123456789012/ap-northeast-2/shop/cart  sha256:abababababab  1.0, 1.1\n    retention `builds`: it was pushed 120 days ago (plan 0123456789ab)\n";
        assert_eq!(history_text(&of, &row()), expected);
        let of = HistoryOf { journal: "restore-0123456789abcdef", number: None };
        let row = HistoryRow {
            happening: Happening::Failed,
            rule: None,
            detail: Some("LayersNotFoundException: gone".to_owned()),
            ..row()
        };
        let text = history_text(&of, &row);
        let why =
            "it was pushed 120 days ago; LayersNotFoundException: gone (restored from plan 0123456789ab)\n";
        assert!(text.ends_with(why), "{text}");
    }

    #[test]
    fn for_programs_every_member_is_there_in_every_row() {
        let of = HistoryOf { journal: "0123456789abcdef", number: Some(7) };
        let full = history_json(&of, &row());
        let bare = history_json(
            &of,
            &HistoryRow { digest: None, rule: None, operation: None, tags: Vec::new(), ..row() },
        );
        let names = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
        };
        assert_eq!(names(&full), names(&bare));
        assert_eq!(full["image_tags"], serde_json::json!(["1.0", "1.1"]));
        assert_eq!(full["entry"], 7);
        assert_eq!(bare["image_digest"], serde_json::Value::Null);
    }
}
