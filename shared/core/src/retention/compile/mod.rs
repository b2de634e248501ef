//! What of retention rules ECR can do by itself, as a lifecycle policy, and what is left for plans.
//!
//! A rule is handed over only where the policy takes nothing that the rules keep. Rules are translated where that should
//! be so, with a rule of a higher priority around everything that a `keep` may mean; then both are run over repositories,
//! real and made up, and what takes more is dropped. ECR knows no use, and none of the guards of plans: a `keep` by use
//! leaves nothing for it.

mod candidates;
mod generated;
mod policy_text;
mod prove;
mod shelter;
mod splitmix;

use self::candidates::Candidates;
use super::RetentionRules;
use crate::lifecycle::{Policy, Rule};
use crate::{Digest, Wildcard};

pub use generated::{GENERATED_REPOSITORIES, generated_repository};
pub use policy_text::policy_text;
pub use prove::{Contradiction, Known, Where, holds_over};

/// What of the rules of one repository ECR can do, and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The rules of the policy, in the order of their priorities; empty where nothing is handed over.
    pub rules: Vec<NativeRule>,
    /// The clauses of `expire` that are not, or not wholly, handed over, in their order.
    pub left: Vec<LeftOver>,
}

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeRule {
    /// The rule.
    pub rule: Rule,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a rule of a policy is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// It keeps images from the rules after it.
    Shield,
    /// It does what a clause of `expire` says, or part of it: the rule and the clause by their places.
    Acts {
        /// The rule.
        rule: u32,
        /// The clause of its `expire`.
        clause: u32,
    },
}

/// A clause of `expire` of which plans have something left to do, by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOver {
    /// The rule.
    pub rule: u32,
    /// The clause of its `expire`.
    pub clause: u32,
    /// Whether part of it is handed over.
    pub is_in_part: bool,
    /// Why.
    pub why: WhyLeft,
}

/// Why a clause is not, or not wholly, handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyLeft {
    /// ECR takes no tags off.
    Untag,
    /// ECR looks at one tag, and the rules at all of them.
    OtherTags,
    /// ECR cannot ask for this condition: its name in a configuration.
    Condition(&'static str),
    /// ECR cannot tell what this clause of `keep` keeps: the rule and the clause by their places.
    Unsheltered {
        /// The rule.
        rule: u32,
        /// The clause of its `keep`.
        clause: u32,
    },
    /// All that it could take is protected, or a `keep` may mean it.
    Shielded,
    /// One rule of a policy is about these images already.
    Taken,
    /// What is archived first is deleted by plans, who know whether it is still chosen.
    DeletesLater,
    /// What a `keep` may mean is shielded as a whole, days are whole ones, and what ECR cannot see stays.
    Milder,
    /// It takes what the rules keep.
    Takes(Box<Contradiction>),
    /// ECR would not accept the policy.
    NotAccepted(String),
}

/// Translates the rules of a repository, and drops what takes more than they do over `known` repositories and over
/// [`GENERATED_REPOSITORIES`] that are made up.
///
/// `protected` are tags that plans never let go. `known` are about this repository's rules whatever their name is.
pub fn compile(
    rules: &RetentionRules,
    repository: &str,
    protected: &[Wildcard],
    known: &[Known<'_>],
) -> Compiled {
    let mut candidates = candidates::candidates(rules, repository, protected);
    loop {
        let compiled = candidates.compiled();
        match prove::first_contradiction(rules, repository, &compiled, known) {
            Some((rule, clause, contradiction)) => {
                candidates.drop(rule, clause, WhyLeft::Takes(Box::new(contradiction)));
            }
            None => return accepted(rules, candidates, compiled),
        }
    }
}

/// The policy, or nothing of it where ECR would refuse it: it has too many rules, or a pattern that is too long.
fn accepted(rules: &RetentionRules, mut candidates: Candidates, compiled: Compiled) -> Compiled {
    if compiled.rules.is_empty() {
        return compiled;
    }
    let Err(rejection) = Policy::parse(&policy_text(rules, &compiled.rules)) else { return compiled };
    candidates.drop_all(&WhyLeft::NotAccepted(rejection.to_string()));
    candidates.compiled()
}

/// The image of a contradiction, shortly.
impl std::fmt::Display for Contradiction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match self.action {
            crate::lifecycle::Action::Expire => "delete",
            crate::lifecycle::Action::Archive => "archive",
        };
        let short: fn(&Digest) -> String = Digest::short;
        match &self.at {
            Where::Generated(number) => {
                write!(f, "in made-up repository {number} it would {verb} {}", short(&self.digest))?;
            }
            Where::Known(name) => write!(f, "in {name} it would {verb} {}", short(&self.digest))?,
        }
        write!(f, ", and the rules do not: {}", self.because)
    }
}

#[cfg(test)]
mod tests;
