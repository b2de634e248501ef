//! How the repositories of a plan are divided into parts.

use super::{PART_ACTIONS, PartSummary, PlanHash, RepositoryPlan};

/// The parts of these repositories, which are in order: whole repositories, closed at so many actions. There is one part at
/// least.
pub fn parts(repositories: &[RepositoryPlan]) -> Vec<&[RepositoryPlan]> {
    let mut parts = Vec::new();
    let mut rest = repositories;
    while !rest.is_empty() || parts.is_empty() {
        let mut actions = 0;
        let fits = |repository: &&RepositoryPlan| {
            let is_open = actions < PART_ACTIONS;
            actions += repository.actions.len();
            is_open
        };
        let (part, left) = rest.split_at(rest.iter().take_while(fits).count());
        parts.push(part);
        rest = left;
    }
    parts
}

impl PartSummary {
    /// What the part at this place comes to, of which the text has this hash.
    pub fn of(place: usize, hash: PlanHash, repositories: &[RepositoryPlan]) -> Self {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let actions = || repositories.iter().flat_map(|repository| &repository.actions);
        let images = || actions().filter_map(|action| action.image());
        Self {
            file: format!("part-{place:05}.jsonl"),
            hash,
            repositories: number(
                repositories.iter().filter(|repository| !repository.actions.is_empty()).count(),
            ),
            actions: number(actions().count()),
            images: number(images().count()),
            bytes_freed: images().map(|action| action.bytes_freed).fold(0, u64::saturating_add),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parts;
    use crate::plan::{Action, PART_ACTIONS, RepositoryAddress, RepositoryPlan, Setting, SettingAction};

    fn repository(name: &str, actions: usize) -> RepositoryPlan {
        let action = Action::Setting(SettingAction {
            setting: Setting::ScanOnPush { from: None, to: true },
            rule: String::new(),
            reason: String::new(),
        });
        RepositoryPlan {
            repository: RepositoryAddress { account: None, region: "r".to_owned(), name: name.to_owned() },
            images_listed: 0,
            actions: vec![action; actions],
        }
    }

    #[test]
    fn a_part_is_closed_when_it_is_full_and_tears_no_repository() {
        let sizes = |given: &[usize]| -> Vec<usize> {
            let repositories: Vec<_> = given.iter().map(|&actions| repository("a", actions)).collect();
            parts(&repositories).iter().map(|part| part.len()).collect()
        };
        assert_eq!(sizes(&[]), [0]);
        assert_eq!(sizes(&[0, 0]), [2]);
        assert_eq!(sizes(&[PART_ACTIONS - 1, 2, 1]), [2, 1]);
        assert_eq!(sizes(&[PART_ACTIONS, 0, 1]), [1, 2]);
        assert_eq!(sizes(&[3 * PART_ACTIONS]), [1]);
    }
}
