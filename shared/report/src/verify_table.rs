//! ECR's own previews beside ours, for people.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use demurrage_core::lifecycle::{Fate, Outcome, Switch, Switches, Verification};

use crate::amount::count;
use crate::table;

/// Disagreements of a repository that are shown before the rest is counted.
const DISAGREEMENTS_SHOWN: usize = 20;

/// A repository that ECR was asked about.
#[derive(Debug, Clone)]
pub struct VerifiedRepository {
    /// The twelve-digit account, where known.
    pub registry_id: Option<String>,
    /// The region.
    pub region: String,
    /// The name.
    pub name: String,
    /// When ECR was asked, by its own clock.
    pub asked_at: DateTime<Utc>,
    /// When its answer was found complete, by the same clock. Ages were compared at a moment between both.
    pub answered_at: DateTime<Utc>,
    /// The text of the policy, as ECR gave it back.
    pub policy_text: String,
    /// How many images it has.
    pub images: usize,
    /// What came of comparing.
    pub verification: Verification,
}

/// A row for each repository, what all of them tell of the settings, and each disagreement.
pub fn verify_table(repositories: &[VerifiedRepository], width: Option<u16>) -> String {
    let mut rows =
        table::table(&["repository", "region", "images", "listed by ECR", "ours", "reproduced by"]);
    for repository in repositories {
        let differ = repository.verification.disagreements.len();
        rows.add_row(vec![
            repository.name.clone(),
            repository.region.clone(),
            repository.images.to_string(),
            repository.verification.listed.to_string(),
            if differ == 0 { "the same".to_owned() } else { format!("{} differ", count(differ, "image")) },
            settings_sentence(&repository.verification.reproducing),
        ]);
    }
    let mut text = table::fitted_with_names(rows, &[0, 4, 5], &[1], width);
    if let Some(common) = common(repositories) {
        let _ = writeln!(text, "\nall together: {}", settings_sentence(&common));
    }
    for repository in repositories {
        text.push_str(&disagreements(repository, width));
    }
    text
}

/// The settings that reproduce every preview; nothing where nothing was compared, which tells of no setting.
pub(crate) fn common(repositories: &[VerifiedRepository]) -> Option<Vec<Switches>> {
    if repositories.is_empty() {
        return None;
    }
    let all_reproduced = |switches: &Switches| {
        repositories.iter().all(|repository| repository.verification.reproducing.contains(switches))
    };
    Some(Switches::all().into_iter().filter(all_reproduced).collect())
}

/// Which settings these are, as a fragment: what they have in common, where they are told by that.
pub fn settings_sentence(reproducing: &[Switches]) -> String {
    if reproducing.is_empty() {
        return "none of the settings".to_owned();
    }
    let mut fixed = Vec::new();
    let mut combinations = 1;
    for switch in Switch::ALL {
        let values: BTreeSet<&str> = reproducing.iter().map(|s| s.value_name(switch)).collect();
        combinations *= values.len();
        if let (1, Some(value)) = (values.len(), values.first()) {
            fixed.push(format!("{}={value}", switch.name()));
        }
    }
    if combinations != reproducing.len() {
        // Not any value of one switch with any of another: only a list says which.
        let all: Vec<String> = reproducing.iter().map(|s| spelled(*s)).collect();
        return all.join(" or ");
    }
    if fixed.is_empty() { "any setting".to_owned() } else { fixed.join(", ") }
}

fn spelled(switches: Switches) -> String {
    let pairs: Vec<String> = Switch::ALL
        .into_iter()
        .map(|switch| format!("{}={}", switch.name(), switches.value_name(switch)))
        .collect();
    format!("({})", pairs.join(", "))
}

fn disagreements(repository: &VerifiedRepository, width: Option<u16>) -> String {
    let all = &repository.verification.disagreements;
    if all.is_empty() {
        return String::new();
    }
    let mut rows = table::table(&["image", "ours", "ECR"]);
    for disagreement in all.iter().take(DISAGREEMENTS_SHOWN) {
        rows.add_row(vec![disagreement.digest.short(), fate(disagreement.ours), fate(disagreement.theirs)]);
    }
    let mut text =
        format!("\n{}:\n\n{}", repository.name, table::fitted_with_names(rows, &[1, 2], &[0], width));
    if DISAGREEMENTS_SHOWN < all.len() {
        let _ = writeln!(text, "  … and {}", count(all.len() - DISAGREEMENTS_SHOWN, "other image"));
    }
    text
}

fn fate(fate: Option<Fate>) -> String {
    match fate {
        None | Some((Outcome::Keep, _)) => "stays".to_owned(),
        Some((Outcome::Archive, priority)) => format!("archived by rule {priority}"),
        Some((Outcome::Expire, priority)) => format!("expires by rule {priority}"),
    }
}

#[cfg(test)]
mod tests {
    use demurrage_core::lifecycle::{IndexChildren, Referrers, Switches};

    use super::{settings_sentence, verify_table};

    #[test]
    fn where_nothing_was_compared_nothing_is_said_of_the_settings() {
        assert!(!verify_table(&[], None).contains("all together"));
        assert_eq!(crate::verify_json(&[])["reproduced_by"], serde_json::Value::Null);
    }

    #[test]
    fn settings_are_told_by_what_they_have_in_common() {
        let all = Switches::all();
        assert_eq!(settings_sentence(&all), "any setting");
        assert_eq!(settings_sentence(&[]), "none of the settings");
        let ignored: Vec<Switches> =
            all.into_iter().filter(|s| s.index_children == IndexChildren::Ignored).collect();
        assert_eq!(settings_sentence(&ignored), "index_children=ignored");
    }

    #[test]
    fn settings_that_hang_together_are_listed() {
        let both = Switches {
            index_children: IndexChildren::Counted,
            referrers: Referrers::Image,
            ..Switches::default()
        };
        assert_eq!(
            settings_sentence(&[Switches::default(), both]),
            "(index_children=ignored, referrers=follow, restored_age=activated, age=instant) or \
             (index_children=counted, referrers=image, restored_age=activated, age=instant)"
        );
    }
}
