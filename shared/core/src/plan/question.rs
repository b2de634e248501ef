//! The making of a plan, repository by repository.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Choice, Considered, DeletesElsewhere, EarlierChoices, Mode, PlanRules, PolicyText, Refusal, Refused,
    RepositoryAddress, RepositoryDecision, RepositoryEffect, Request, choice_of_policy, choice_of_retention,
    decide_repository, refuse,
};
use crate::in_use::KnownUses;
use crate::ledger::RepositoryLedger;
use crate::lifecycle::{Relations, Switches};
use crate::plan::Hold;
use crate::retention::RetentionRules;
use crate::{Fact, RegistryFacts, RegistryKind, Replication, Repository};

/// Which rules choose.
#[derive(Debug, Clone, Copy)]
pub enum Rulebook<'a> {
    /// A lifecycle policy that is attached nowhere.
    Policy {
        /// What it is called in plans, such as the name of its file.
        name: &'a str,
        /// The policy.
        policy: PolicyText<'a>,
        /// What is taken to be so where AWS does not say.
        switches: Switches,
    },
    /// The retention rules of the configuration.
    Retention(&'a RetentionRules),
}

/// What a plan is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The time that it is decided for.
    pub now: DateTime<Utc>,
    /// What may be done with it.
    pub mode: Mode,
    /// Which rules choose.
    pub rulebook: Rulebook<'a>,
    /// What a team says about plans.
    pub rules: &'a PlanRules,
    /// What is known to be in use.
    pub uses: &'a KnownUses,
    /// How long ago that may have been read.
    pub use_max_age: TimeDelta,
    /// The holds.
    pub holds: &'a [Hold],
}

/// One registry under a question: what is the same for all of its repositories.
#[derive(Debug, Clone)]
pub struct RegistryQuestion<'a> {
    question: Question<'a>,
    account: Option<&'a str>,
    region: &'a str,
    taken_at: DateTime<Utc>,
    facts: &'a RegistryFacts,
    use_gaps: Vec<String>,
    not_in_use: String,
    /// Accounts of which it is known what they use.
    read_accounts: BTreeSet<String>,
    holds: Vec<Hold>,
    replication: Option<Replication>,
}

/// What came of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepositoryOutcome {
    /// No rule is about it.
    NotAsked,
    /// Nothing is planned.
    Refused(Refusal, Refused),
    /// It is decided; perhaps nothing is done.
    Decided(Box<RepositoryDecision>, RepositoryEffect),
}

impl<'a> RegistryQuestion<'a> {
    /// A private registry under a question, by the inventory that was taken at this time.
    pub fn of(
        question: Question<'a>,
        account: Option<&'a str>,
        region: &'a str,
        taken_at: DateTime<Utc>,
        facts: &'a RegistryFacts,
    ) -> Self {
        let coverage = &question.uses.coverage;
        let gaps = coverage.gaps(account, region, question.now, question.use_max_age);
        let asked = coverage.asked(account, region);
        let is_of_here = |hold: &&Hold| hold.is_about(account, Some(region), &hold.repository);
        Self {
            use_gaps: gaps.iter().map(|gap| format!("{gap}: {}", gap.help())).collect(),
            not_in_use: if asked.is_empty() {
                "nobody was asked: the rules ask for no source of uses".to_owned()
            } else {
                format!("{asked}: no use")
            },
            read_accounts: coverage.read_accounts(question.now, question.use_max_age),
            holds: question.holds.iter().filter(is_of_here).cloned().collect(),
            replication: match &facts.description {
                Fact::Present(answer) => Replication::parse(answer).ok(),
                Fact::Absent => Some(Replication::default()),
                Fact::NotEvaluated => None,
            },
            question,
            account,
            region,
            taken_at,
            facts,
        }
    }

    /// Where a repository of this registry is.
    pub fn address(&self, name: &str) -> RepositoryAddress {
        RepositoryAddress {
            account: self.account.map(str::to_owned),
            region: self.region.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Decides one repository. `ledger` is what is known of its tags, or why what is known cannot be read: then nothing is
    /// planned where something runs that names an image by its tag and says since when. `earlier` is what an earlier plan chose in it: in mode
    /// enforce only that goes, and without it nothing does.
    pub fn decide(
        &self,
        repository: &Repository,
        ledger: Result<Option<&RepositoryLedger>, &str>,
        earlier: Option<&EarlierChoices>,
    ) -> RepositoryOutcome {
        let policy = match self.question.rulebook {
            Rulebook::Policy { policy, .. } => Some(policy),
            Rulebook::Retention(rules) if !rules.are_about(&repository.name) => {
                return RepositoryOutcome::NotAsked;
            }
            Rulebook::Retention(_) => None,
        };
        let address = self.address(&repository.name);
        if let Some(refused) = refuse(repository, &self.request(policy)) {
            let refusal = Refusal { repository: address, reason: refused.to_string() };
            return RepositoryOutcome::Refused(refusal, refused);
        }
        let asks = || self.question.uses.graph.asks_for_ledger(RegistryKind::Private, &repository.name);
        let ledger = match ledger {
            Ok(ledger) => ledger,
            Err(cause) if asks() => {
                let refused = Refused::TagsThenUnknown(cause.to_owned());
                let refusal = Refusal { repository: address, reason: refused.to_string() };
                return RepositoryOutcome::Refused(refusal, refused);
            }
            Err(_) => None,
        };
        let (decision, effect) = self.decided(&address, repository, ledger, earlier);
        RepositoryOutcome::Decided(Box::new(decision), effect)
    }

    fn decided(
        &self,
        address: &RepositoryAddress,
        repository: &Repository,
        ledger: Option<&RepositoryLedger>,
        earlier: Option<&EarlierChoices>,
    ) -> (RepositoryDecision, RepositoryEffect) {
        let question = &self.question;
        let relations = Relations::of(&repository.images);
        let graph = &question.uses.graph;
        let in_use = graph.of_repository_at(RegistryKind::Private, repository, &relations, ledger);
        let chosen: Vec<Option<Choice>> = match question.rulebook {
            Rulebook::Policy { name, policy, switches } => {
                choice_of_policy(name, policy.policy, repository, &relations, question.now, switches)
            }
            Rulebook::Retention(rules) => {
                choice_of_retention(rules, repository, &relations, &in_use, ledger, question.now)
            }
        };
        let nothing = EarlierChoices::default();
        let decision = decide_repository(&Considered {
            address,
            repository,
            relations: &relations,
            chosen: &chosen,
            in_use: &in_use,
            uses: graph.uses(),
            not_in_use: &self.not_in_use,
            guards: &question.rules.guards,
            holds: &self.holds,
            earlier: match question.mode {
                Mode::Enforce => Some(earlier.unwrap_or(&nothing)),
                Mode::Observe | Mode::Approve => None,
            },
            now: question.now,
        });
        let effect = RepositoryEffect::of(&decision.plan, self.deletes_elsewhere(&repository.name));
        (decision, effect)
    }

    fn request(&self, policy: Option<PolicyText<'a>>) -> Request<'_> {
        Request {
            now: self.question.now,
            taken_at: self.taken_at,
            inventory_max_age: self.question.rules.inventory_max_age,
            mode: self.question.mode,
            policy,
            use_gaps: &self.use_gaps,
            other_readers: self.question.rules.other_readers,
            read_accounts: &self.read_accounts,
            account: self.account,
            registry_policy: &self.facts.policy,
        }
    }

    fn deletes_elsewhere(&self, name: &str) -> DeletesElsewhere {
        let Some(replication) = &self.replication else { return DeletesElsewhere::Unknown };
        let to = replication.may_delete_in(name);
        if to.is_empty() {
            return DeletesElsewhere::No;
        }
        DeletesElsewhere::In(to.iter().map(|to| format!("{}/{}", to.registry_id, to.region)).collect())
    }
}
