//! A finding as a notice: a subject and a plain text of a few lines.
//!
//! Names come from whoever can push. They are shown in one line each, and nothing but visible ASCII of them.

use std::fmt::Write;

use demurrage_core::{Digest, TagMutability};

use crate::edge::Known;
use crate::finding::{Finding, What};

/// Longest subject, in characters.
///
/// Source: SNS API reference, "Publish", read 2026-11-24: "less than 100 characters long".
const SUBJECT_CHARS_MAX: usize = 99;
/// Characters of a name or of a reason that are shown.
const CHARS_MAX: usize = 300;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// A notice about a finding.
pub(crate) fn notice(finding: &Finding) -> Notice {
    let (tag, name) = (plain(finding.tag.as_str()), plain(&finding.repository.name));
    let (subject, head) = match &finding.what {
        What::TagMoved { .. } => (
            format!("Demurrage: tag {tag} of {name} moved"),
            "A tag moved that has to mean the same build for good.",
        ),
        What::Budget { .. } => (
            format!("Demurrage: {name}:{tag} is beyond its budget"),
            "An image was pushed that is beyond the budget of its repository.",
        ),
    };
    let mut text = format!("{head}\n\n");
    for (name, value) in [
        ("account", plain(&finding.repository.account)),
        ("region", plain(&finding.repository.region)),
        ("repository", name),
        ("tag", tag),
    ] {
        line(&mut text, name, &value);
    }
    let advice = match &finding.what {
        What::TagMoved { moved, setting } => {
            line(&mut text, "from", &digests(&moved.from));
            line(&mut text, "to", &digests(&moved.to));
            line(&mut text, "how", moved.how.sentence());
            line(&mut text, "setting", &setting_line(finding, setting));
            to_do(setting, finding)
        }
        What::Budget { digest, overruns } => {
            line(&mut text, "image", &digest.to_string());
            for overrun in overruns {
                line(&mut text, "beyond", &overrun.to_string());
            }
            "Look at what made the image so, or change the budget in demurrage.toml. The image is there, and can be \
             pulled."
                .to_owned()
        }
    };
    line(&mut text, "when", &finding.at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    line(&mut text, "event", &plain(&finding.event_id));
    let _ = write!(text, "\nWhat to do: {advice}\n");
    Notice { subject: subject.chars().take(SUBJECT_CHARS_MAX).collect(), text }
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:<12}{value}");
}

/// Digests in one line.
pub(crate) fn digests(digests: &[Digest]) -> String {
    digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn setting_line(finding: &Finding, setting: &Known<TagMutability>) -> String {
    match setting {
        Known::Not(reason) => format!("not known: {}", plain(reason)),
        Known::Is(setting) => {
            let filters: Vec<String> =
                setting.exclusion_filters.iter().map(|filter| plain(&filter.filter)).collect();
            let but =
                if filters.is_empty() { String::new() } else { format!(" but for {}", filters.join(", ")) };
            let lets = match setting.freedom() {
                Ok(freedom) if freedom.lets_move(finding.tag.as_str()) => "it lets this tag move",
                Ok(_) => "it does not let this tag move",
                Err(_) => "this version does not know it",
            };
            format!("{}{but}: {lets}", plain(&setting.mode))
        }
    }
}

fn to_do(setting: &Known<TagMutability>, finding: &Finding) -> String {
    let find = "Find out who pushed it (CloudTrail has PutImage of that time), and which build runs where: whoever \
                deploys by this tag gets the new one.";
    let freedom = match setting {
        Known::Is(setting) => setting.freedom().ok(),
        Known::Not(_) => None,
    };
    let mend = match freedom.map(|freedom| freedom.lets_move(finding.tag.as_str())) {
        Some(true) => {
            "Then set IMMUTABLE, or IMMUTABLE_WITH_EXCLUSION with filters for the tags that may move, so that ECR \
             refuses the next one."
        }
        Some(false) => {
            "The setting forbids it now: it was switched off for a while, or the tag was deleted first. Look at who \
             may delete images and change the setting."
        }
        None => "Then look at the setting of the repository.",
    };
    format!("{find} {mend}")
}

/// A text in one line of visible ASCII, and not too long.
fn plain(text: &str) -> String {
    let mut chars = text.chars();
    let ascii = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
    let mut shown: String = chars.by_ref().take(CHARS_MAX).map(ascii).collect();
    if chars.next().is_some() {
        shown.push_str("...");
    }
    shown.replace("://", ": //")
}

#[cfg(test)]
mod tests {
    use demurrage_core::ledger::EventRepository;
    use demurrage_core::{Digest, ExclusionFilter, Tag, TagMutability};

    use super::notice;
    use crate::edge::Known;
    use crate::finding::{Finding, What};
    use crate::tag_moved::{How, Move};

    fn digest(letter: char) -> Digest {
        format!("sha256:{}", letter.to_string().repeat(64)).parse().unwrap()
    }

    fn moved(setting: Known<TagMutability>) -> Finding {
        Finding {
            repository: EventRepository {
                account: "123456789012".to_owned(),
                region: "ap-northeast-2".to_owned(),
                name: "team/app".to_owned(),
            },
            tag: Tag::as_given("1.4.2"),
            at: "2026-11-24T12:00:00Z".parse().unwrap(),
            event_id: "13cde686-328b-6117-af20-0e5566167482".to_owned(),
            what: What::TagMoved {
                moved: Move { from: vec![digest('a')], to: vec![digest('b')], how: How::Pushed },
                setting,
            },
        }
    }

    #[test]
    fn a_notice_says_where_what_when_and_what_to_do() {
        let setting = TagMutability { mode: "MUTABLE".to_owned(), exclusion_filters: Vec::new() };
        let notice = notice(&moved(Known::Is(setting)));
        assert_eq!(notice.subject, "Demurrage: tag 1.4.2 of team/app moved");
        let wanted = format!(
            "A tag moved that has to mean the same build for good.

account     123456789012
region      ap-northeast-2
repository  team/app
tag         1.4.2
from        {}
to          {}
how         It was pushed to another image
setting     MUTABLE: it lets this tag move
when        2026-11-24 12:00:00 UTC
event       13cde686-328b-6117-af20-0e5566167482

What to do: Find out who pushed it (CloudTrail has PutImage of that time), and which build runs where: whoever deploys \
by this tag gets the new one. Then set IMMUTABLE, or IMMUTABLE_WITH_EXCLUSION with filters for the tags that may move, \
so that ECR refuses the next one.
",
            digest('a'),
            digest('b')
        );
        assert_eq!(notice.text, wanted);
    }

    #[test]
    fn what_the_setting_does_about_the_tag_is_said_and_so_is_that_it_is_not_known() {
        let filter = ExclusionFilter { filter_type: "WILDCARD".to_owned(), filter: "dev-*".to_owned() };
        let setting =
            TagMutability { mode: "IMMUTABLE_WITH_EXCLUSION".to_owned(), exclusion_filters: vec![filter] };
        let text = notice(&moved(Known::Is(setting))).text;
        let wanted = "setting     IMMUTABLE_WITH_EXCLUSION but for dev-*: it does not let this tag move\n";
        assert!(text.contains(wanted), "{text}");
        let text = notice(&moved(Known::Not("the registry cannot be read".to_owned()))).text;
        assert!(text.contains("setting     not known: the registry cannot be read\n"), "{text}");
    }

    #[test]
    fn hostile_names_neither_break_a_line_nor_link_nor_make_the_subject_too_long() {
        let mut finding = moved(Known::Not("https://evil.example\r\nX: y".to_owned()));
        finding.repository.name = format!("a\r\nBcc: you\u{202e}{}", "b".repeat(400));
        finding.tag = Tag::as_given("\u{1b}[31mred");
        finding.event_id = "1\n2".to_owned();
        let lines = notice(&moved(Known::Not("x".to_owned()))).text.lines().count();
        let notice = notice(&finding);
        assert_eq!(notice.text.lines().count(), lines);
        assert!(notice.subject.len() <= 99 && notice.subject.bytes().all(|byte| (32..127).contains(&byte)));
        assert!(notice.text.bytes().all(|byte| byte == b'\n' || (32..127).contains(&byte)));
        assert!(!notice.text.contains("://"));
    }
}
