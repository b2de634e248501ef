//! What goes soon, told to the owners of repositories.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use demurrage_core::plan::{ActionKind, Refusal, RepositoryAddress};
use demurrage_core::{Digest, Tag, instant};
use serde::Serialize;

use crate::amount::{count, grouped};
use crate::plan_json::RefusedDocument;
use crate::plan_report::image_words;
use crate::plan_table::by_reason;
use crate::run_summary::code;

/// Images of one owner that are named before the rest is counted.
const NAMED_MAX: usize = 50;
/// Repositories that are named of those that were refused for one reason.
const REFUSED_MAX: usize = 5;

/// An image that goes soon, if nothing changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoingSoon {
    /// The owner of its repository; nothing: none is named.
    pub owner: Option<String>,
    /// Its repository.
    pub repository: RepositoryAddress,
    /// The image.
    pub digest: Digest,
    /// Its tags, or those that would be taken off.
    pub tags: Vec<Tag>,
    /// What happens to it.
    pub kind: ActionKind,
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// What goes until a time, by owner, and of which repositories nobody can say it, as Markdown.
pub fn plan_notice_markdown(going: &[GoingSoon], refused: &[Refusal], until: DateTime<Utc>) -> String {
    let mut text = format!("# What goes until {}\n", until.format("%Y-%m-%d %H:%M UTC"));
    if going.is_empty() {
        let said = if refused.is_empty() {
            "Nothing."
        } else {
            "Nothing of the repositories that could be planned."
        };
        let _ = writeln!(text, "\n{said}");
        push_refused(&mut text, refused);
        return text;
    }
    text.push_str(
        "\nUnless something changes. A tag that matches a `keep`, a hold (`demurrage hold`), or use keeps an image.\n",
    );
    for (owner, images) in by_owner(going) {
        let name = owner.map_or_else(|| "nobody named".to_owned(), code);
        let _ = writeln!(text, "\n## {name}: {}\n", count(images.len(), "image"));
        for going in images.iter().take(NAMED_MAX) {
            let image = image_words(&going.repository, going.digest, &going.tags);
            let _ = writeln!(
                text,
                "- {} {} by {}: {}",
                going.kind,
                code(&image),
                code(&going.rule),
                code(&going.reason)
            );
        }
        if let Some(more @ 1..) = images.len().checked_sub(NAMED_MAX) {
            let _ = writeln!(text, "- and {} more", grouped(more as u64));
        }
    }
    push_refused(&mut text, refused);
    text
}

/// The repositories of which nothing was planned, by the reasons.
fn push_refused(text: &mut String, refused: &[Refusal]) {
    if refused.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## Not planned: {} refused\n", count(refused.len(), "repository"));
    for (reason, repositories) in by_reason(refused) {
        let named: Vec<String> =
            repositories.iter().take(REFUSED_MAX).map(|address| code(&address.to_string())).collect();
        let more = match repositories.len().saturating_sub(REFUSED_MAX) {
            0 => String::new(),
            more => format!(" and {} more", grouped(more as u64)),
        };
        let _ = writeln!(text, "- {}{more}: {}", named.join(", "), code(reason));
    }
}

fn by_owner(going: &[GoingSoon]) -> BTreeMap<Option<&str>, Vec<&GoingSoon>> {
    let mut owners: BTreeMap<Option<&str>, Vec<&GoingSoon>> = BTreeMap::new();
    for going in going {
        owners.entry(going.owner.as_deref()).or_default().push(going);
    }
    owners
}

/// The same for programs.
pub fn plan_notice_json<'a>(
    going: &[GoingSoon],
    refused: &'a [Refusal],
    until: DateTime<Utc>,
) -> impl Serialize + use<'a> {
    let image = |going: &GoingSoon| NoticeImage {
        account: going.repository.account.clone(),
        region: going.repository.region.clone(),
        repository: going.repository.name.clone(),
        digest: going.digest.to_string(),
        tags: going.tags.iter().map(ToString::to_string).collect(),
        action: going.kind.name(),
        rule: going.rule.clone(),
        reason: going.reason.clone(),
    };
    let owner = |(owner, images): (Option<&str>, Vec<&GoingSoon>)| NoticeOwner {
        owner: owner.map(str::to_owned),
        images: images.into_iter().map(image).collect(),
    };
    NoticeDocument {
        until: instant::format(until),
        owners: by_owner(going).into_iter().map(owner).collect(),
        refused: refused.iter().map(RefusedDocument::of).collect(),
    }
}

#[derive(Serialize)]
struct NoticeDocument<'a> {
    until: String,
    owners: Vec<NoticeOwner>,
    refused: Vec<RefusedDocument<'a>>,
}

#[derive(Serialize)]
struct NoticeOwner {
    owner: Option<String>,
    images: Vec<NoticeImage>,
}

#[derive(Serialize)]
struct NoticeImage {
    account: Option<String>,
    region: String,
    repository: String,
    digest: String,
    tags: Vec<String>,
    action: &'static str,
    rule: String,
    reason: String,
}
