//! What a plan by audits changes, and the findings that it leaves to a person.

use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::plan::{NotFixed, Plan};
use serde::Serialize;

use crate::amount::{count, grouped};
use crate::image_name::visible;
use crate::plan_json::PlanDocument;
use crate::wrapped::wrapped;

/// Of findings that stay for one reason, so many repositories are named.
const NAMED_MAX: usize = 3;

/// The findings that no plan mends, by audit and reason.
pub fn not_fixed_text(not_fixed: &[NotFixed], width: Option<u16>) -> String {
    if not_fixed.is_empty() {
        return String::new();
    }
    let mut reasons: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for one in not_fixed {
        reasons.entry((one.audit, &one.reason)).or_default().push(place(one));
    }
    let mut text = format!("\nleft to a person: {}\n", count(not_fixed.len(), "finding"));
    for ((audit, reason), mut places) in reasons {
        places.dedup();
        let _ = writeln!(text, "  {audit}");
        let named = places.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
        let more = match places.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {} more", grouped(more as u64)),
        };
        text.push_str(&wrapped(&format!("  {named}{more}: {}", visible(reason)), width));
    }
    text
}

fn place(one: &NotFixed) -> String {
    one.repository.as_deref().map_or_else(|| "the registry".to_owned(), visible)
}

/// A plan by audits for programs: that of every plan, and `not_fixed`.
pub fn setting_fixes_json<'a>(
    plan: &'a Plan,
    path: &'a str,
    not_fixed: &'a [NotFixed],
) -> impl Serialize + 'a {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        plan: PlanDocument<'a>,
        not_fixed: Vec<NotFixedDocument<'a>>,
    }
    Document {
        plan: PlanDocument::of(plan, path),
        not_fixed: not_fixed
            .iter()
            .map(|one| NotFixedDocument {
                account: one.account.as_deref(),
                region: &one.region,
                repository: one.repository.as_deref(),
                audit: one.audit,
                reason: &one.reason,
            })
            .collect(),
    }
}

#[derive(Serialize)]
struct NotFixedDocument<'a> {
    account: Option<&'a str>,
    region: &'a str,
    repository: Option<&'a str>,
    audit: &'a str,
    reason: &'a str,
}
