//! What went from repositories between two inventories, for people.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use demurrage_core::lifecycle::{Cause, Gone, Outcome, Switch, Unexplained, Untold, Verdict};

use crate::amount::count;
use crate::{image_name, table};

/// A repository from which something went.
#[derive(Debug, Clone)]
pub struct GoneRepository {
    /// The twelve-digit account, where known.
    pub registry_id: Option<String>,
    /// The region.
    pub region: String,
    /// The name.
    pub name: String,
    /// When the earlier inventory was taken.
    pub since: DateTime<Utc>,
    /// When the later one was taken.
    pub until: DateTime<Utc>,
    /// Whether the repository itself is gone.
    pub is_gone: bool,
    /// What went, by digest.
    pub gone: Vec<Gone>,
}

/// A table for each repository from which something went, unexplained images first, explained ones last.
pub fn gone_table(repositories: &[GoneRepository]) -> String {
    repositories.iter().map(repository_text).collect()
}

fn repository_text(repository: &GoneRepository) -> String {
    let deleted = repository.gone.iter().filter(|gone| gone.outcome == Outcome::Expire).count();
    let archived = repository.gone.len() - deleted;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} ({}): {} deleted, {} archived between {} and {}{}\n",
        repository.name,
        repository.region,
        count(deleted, "image"),
        archived,
        repository.since.format("%Y-%m-%d %H:%M"),
        repository.until.format("%Y-%m-%d %H:%M UTC"),
        if repository.is_gone { "; the repository itself is gone" } else { "" },
    );
    let mut rows = table::table(&["image", "tags", "pushed (UTC)", "what", "why"]);
    let mut unexplained_first: Vec<&Gone> = repository.gone.iter().collect();
    let order = |verdict: &Verdict| match verdict {
        Verdict::Unexplained(_) => 0,
        Verdict::OnlyUnder { .. } => 1,
        Verdict::CannotBeTold(_) => 2,
        Verdict::SubjectGone(_) => 3,
        Verdict::Explained(_) => 4,
    };
    unexplained_first.sort_by_key(|gone| (order(&gone.verdict), gone.image.pushed_at, gone.image.digest));
    for gone in unexplained_first {
        let pushed = gone.image.pushed_at;
        rows.add_row(vec![
            gone.image.digest.short(),
            image_name::tags(&gone.image),
            pushed.map_or_else(|| "unknown".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string()),
            if gone.outcome == Outcome::Expire { "deleted" } else { "archived" }.to_owned(),
            verdict_sentence(&gone.verdict),
        ]);
    }
    text.push_str(&table::text(rows, &[]));
    text.push('\n');
    text
}

/// What explains that an image went, or why nothing does, as a fragment.
pub(crate) fn verdict_sentence(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Explained(cause) => cause_sentence(cause),
        Verdict::SubjectGone(subject) => {
            format!(
                "its subject {} was gone before, and ECR removes such referrers by itself",
                subject.short()
            )
        }
        Verdict::OnlyUnder { cause, changed } => {
            let settings = setting_names(cause, changed).join(", ");
            format!("not explained: {}, only under {settings}", cause_sentence(cause))
        }
        Verdict::CannotBeTold(untold) => format!("cannot be told: {}", untold_sentence(*untold)),
        Verdict::Unexplained(Unexplained::NoPolicy) => "nothing explains it: there is no policy".to_owned(),
        Verdict::Unexplained(Unexplained::NoRule) => {
            "nothing explains it: no rule of the policy takes it".to_owned()
        }
    }
}

fn cause_sentence(cause: &Cause) -> String {
    let mut text = format!("rule {}", cause.priority);
    if let Some(subject) = cause.subject {
        let _ = write!(text, ", with its subject {}", subject.short());
    }
    if 1 < cause.round {
        let _ = write!(text, ", in run {} after what held it had gone", cause.round);
    }
    text
}

fn untold_sentence(untold: Untold) -> String {
    match untold {
        Untold::UnreadIndexes(indexes) => {
            format!("the children of {} are unknown", count(indexes, "index"))
        }
        Untold::PolicyNotRead => "the policy was not read".to_owned(),
        Untold::PolicyNotAccepted => "the policy is not one that ECR accepts".to_owned(),
    }
}

/// The settings that are not those that were asked for, as options spell them.
pub(crate) fn setting_names(cause: &Cause, changed: &[Switch]) -> Vec<String> {
    changed.iter().map(|switch| format!("{}={}", switch.name(), cause.switches.value_name(*switch))).collect()
}

#[cfg(test)]
mod tests {
    use demurrage_core::instant;
    use demurrage_core::lifecycle::{
        AgeUnit, Cause, Gone, Outcome, Switch, Switches, Unexplained, Untold, Verdict,
    };
    use demurrage_core::{Digest, Image, Tag};

    use super::{GoneRepository, gone_table};
    use crate::{LeftOut, gone_json};

    fn gone(number: u8, outcome: Outcome, verdict: Verdict) -> Gone {
        let mut image = Image::new(Digest::from_bytes([number; 32]));
        image.tags.push(Tag::as_given(&format!("v{number}")));
        image.pushed_at = instant::parse(&format!("2026-10-{number:02}T09:00:00Z"));
        Gone { image, outcome, verdict }
    }

    fn cause(switches: Switches) -> Cause {
        Cause { priority: 5, round: 1, subject: None, switches }
    }

    /// One image for each thing that there is to say.
    fn repository() -> GoneRepository {
        let whole_days = Switches { age: AgeUnit::WholeDays, ..Switches::default() };
        let child = Cause { round: 2, ..cause(Switches::default()) };
        let referrer = Cause { subject: Some(Digest::from_bytes([1; 32])), ..cause(Switches::default()) };
        let only_under = Verdict::OnlyUnder { cause: cause(whole_days), changed: vec![Switch::Age] };
        let verdicts = [
            (Outcome::Expire, Verdict::Explained(cause(Switches::default()))),
            (Outcome::Archive, Verdict::Explained(child)),
            (Outcome::Expire, Verdict::Explained(referrer)),
            (Outcome::Expire, Verdict::CannotBeTold(Untold::UnreadIndexes(1))),
            (Outcome::Expire, Verdict::CannotBeTold(Untold::PolicyNotRead)),
            (Outcome::Expire, Verdict::CannotBeTold(Untold::PolicyNotAccepted)),
            (Outcome::Expire, only_under),
            (Outcome::Expire, Verdict::Unexplained(Unexplained::NoPolicy)),
            (Outcome::Archive, Verdict::Unexplained(Unexplained::NoRule)),
            (Outcome::Expire, Verdict::SubjectGone(Digest::from_bytes([99; 32]))),
        ];
        GoneRepository {
            registry_id: Some("123456789012".to_owned()),
            region: "ap-northeast-2".to_owned(),
            name: "team/app".to_owned(),
            since: instant::parse("2026-10-31T09:00:00Z").unwrap(),
            until: instant::parse("2026-11-01T09:00:00Z").unwrap(),
            is_gone: false,
            gone: (1..)
                .zip(verdicts)
                .map(|(number, (outcome, verdict))| gone(number, outcome, verdict))
                .collect(),
        }
    }

    #[test]
    fn what_nothing_explains_stands_first_and_what_is_explained_last() {
        insta::assert_snapshot!("gone", gone_table(&[repository()]));
    }

    #[test]
    fn programs_are_told_each_verdict_and_what_was_left_out() {
        let left_out = LeftOut {
            registry_id: None,
            region: "ap-northeast-2".to_owned(),
            name: "team/web".to_owned(),
            reason: "not all of its images are in the later inventory".to_owned(),
        };
        let text = serde_json::to_string_pretty(&gone_json(&[repository()], &[left_out])).unwrap();
        insta::assert_snapshot!("gone_json", text);
    }
}
