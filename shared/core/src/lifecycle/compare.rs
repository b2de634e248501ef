//! Two policies over one inventory: whose fate changes.

use chrono::{DateTime, Utc};

use super::{Decision, Outcome, Policy, Reason, Relations, Switches, evaluate};
use crate::Image;

/// An image that two policies treat differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The place of the image in the list of images.
    pub image: u32,
    /// The decision of the old policy.
    pub old: Decision,
    /// The decision of the new policy.
    pub new: Decision,
}

impl Change {
    /// Whether the new policy does something worse to the image (keep < archive < expire).
    pub fn is_worse(&self) -> bool {
        self.old.outcome < self.new.outcome
    }
}

/// Every image whose outcome differs between the policies, in the order of `images`. No policy keeps all.
pub fn compare(
    old: Option<&Policy>,
    new: Option<&Policy>,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Change> {
    let decide = |policy: Option<&Policy>| match policy {
        Some(policy) => evaluate(policy, images, relations, now, switches),
        None => {
            vec![Decision { outcome: Outcome::Keep, rule: None, reason: Reason::NotSelected }; images.len()]
        }
    };
    (0..u32::MAX)
        .zip(decide(old).into_iter().zip(decide(new)))
        .map(|(image, (old, new))| Change { image, old, new })
        .filter(|change| change.old.outcome != change.new.outcome)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Change, Decision, Outcome, Reason};

    #[test]
    fn worse_means_a_greater_loss_and_not_an_equal_one() {
        let decision = |outcome| Decision { outcome, rule: None, reason: Reason::NotSelected };
        let is_worse = |old, new| Change { image: 0, old: decision(old), new: decision(new) }.is_worse();
        let fates = [Outcome::Keep, Outcome::Archive, Outcome::Expire];
        for (place, &old) in fates.iter().enumerate() {
            for (other, &new) in fates.iter().enumerate() {
                assert_eq!(is_worse(old, new), place < other, "{old:?} to {new:?}");
            }
        }
    }
}
