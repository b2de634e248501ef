//! The policy of a repository or of a registry, and what each of its grants reaches.

use crate::access::{
    AccessPolicy, AccountId, ActionClass, Doubt, Grant, Reach, Resources, StatementRef, grants, reach,
};
use crate::audit::settings::parse_policy;
use crate::audit::{Flaw, Outcome, RegistryUnder, RepositoryUnder, Setting};
use crate::{Fact, RegistryKind};

/// Whose policy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A repository.
    Repository,
    /// The registry.
    Registry,
}

impl Owner {
    /// What the policy is called.
    pub(super) const fn policy_name(self) -> &'static str {
        match self {
            Self::Repository => "the repository policy",
            Self::Registry => "the registry policy",
        }
    }
}

/// A grant with how far it reaches.
pub(super) struct Judged<'a> {
    pub(super) owner: Owner,
    pub(super) grant: &'a Grant,
    pub(super) reach: Reach,
}

/// Asks about each grant of the policy of this repository.
pub(super) fn of_repository(under: &RepositoryUnder<'_>, judge: fn(&Judged<'_>) -> Option<Flaw>) -> Outcome {
    let owner = Owner::Repository;
    if under.registry.kind == RegistryKind::Public {
        return match under.repository.repository_policy {
            Fact::Absent => Outcome::Clean,
            Fact::NotEvaluated => Outcome::NotEvaluated(format!("{} was not read", owner.policy_name())),
            Fact::Present(_) => Outcome::NotEvaluated(
                "policies of ECR Public, whose actions are others, are not judged".to_owned(),
            ),
        };
    }
    let account = under.registry.account.or(under.repository.registry_id.as_deref());
    let policy = Setting::of(&under.repository.repository_policy, owner.policy_name(), parse_policy);
    of_policy(owner, &policy, account, under.registry, judge)
}

/// Asks about each grant of the policy of this registry.
pub(super) fn of_registry(under: &RegistryUnder<'_>, judge: fn(&Judged<'_>) -> Option<Flaw>) -> Outcome {
    if under.kind == RegistryKind::Public {
        // Registries of ECR Public have no policy.
        return Outcome::Clean;
    }
    of_policy(Owner::Registry, &under.settings.policy, under.account, under, judge)
}

fn of_policy(
    owner: Owner,
    policy: &Setting<AccessPolicy>,
    account: Option<&str>,
    registry: &RegistryUnder<'_>,
    judge: fn(&Judged<'_>) -> Option<Flaw>,
) -> Outcome {
    let policy = match policy {
        Setting::Unknown(reason) => return Outcome::NotEvaluated(reason.clone()),
        Setting::Absent => return Outcome::Clean,
        Setting::Is(policy) => policy,
    };
    let Some(account) = account.and_then(|account| AccountId::parse(account).ok()) else {
        return Outcome::NotEvaluated("the account of the registry is not known".to_owned());
    };
    let grants = grants(policy, &account);
    let judged = grants.iter().map(|grant| Judged {
        owner,
        grant,
        reach: reach(grant, &account, &registry.rules.access),
    });
    Outcome::of(judged.filter_map(|judged| judge(&judged)).collect())
}

/// At most so many actions are named in the evidence of a grant.
const ACTIONS_NAMED: usize = 6;

impl Judged<'_> {
    /// What is granted and by which statement, such as `reading, writing by statement 1 (`Push`) of …`.
    pub(super) fn granted(&self) -> String {
        let classes: Vec<&str> = self.grant.actions.classes().into_iter().map(ActionClass::name).collect();
        let what = if classes.is_empty() { "what is not known here".to_owned() } else { classes.join(", ") };
        format!("{what} by {} of {}", statement(&self.grant.statement), self.owner.policy_name())
    }

    /// The flaw with what it was seen by.
    pub(super) fn with_evidence(&self, flaw: Flaw) -> Flaw {
        let grant = self.grant;
        let mut flaw = flaw
            .with("statement", statement(&grant.statement))
            .with("principal", grant.who.to_string())
            .with("actions", self.actions());
        if let Resources::Only(resources) | Resources::Except(resources) = &grant.resources {
            let name =
                if matches!(grant.resources, Resources::Only(_)) { "resource" } else { "not-resource" };
            flaw = resources.iter().fold(flaw, |flaw, resource| flaw.with(name, resource));
        }
        for idle in &grant.idle_conditions {
            let text = format!("`{}` of `{}` {}", idle.operator, idle.key, idle.why.reason());
            flaw = flaw.with("condition-without-effect", text);
        }
        for doubt in grant.doubts.iter().filter_map(doubt_text) {
            flaw = flaw.with("doubt", doubt);
        }
        let denied = grant.denied_in_part_by.iter();
        denied.fold(flaw, |flaw, by| flaw.with("denied-in-part-by", statement(by)))
    }

    fn actions(&self) -> String {
        let actions = &self.grant.actions;
        let beyond = actions.beyond.iter().map(String::as_str);
        let all: Vec<&str> = beyond.chain(actions.known.iter().map(|action| action.name())).collect();
        let named: Vec<&str> = all.iter().copied().take(ACTIONS_NAMED).collect();
        match all.len().saturating_sub(ACTIONS_NAMED) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }
}

/// Such as `statement 1 (`Push`)`, counted as people count.
fn statement(place: &StatementRef) -> String {
    let number = place.index.saturating_add(1);
    match &place.sid {
        Some(sid) => format!("statement {number} (`{sid}`)"),
        None => format!("statement {number}"),
    }
}

/// What is in doubt; nothing of a statement that denies a part, which is evidence of its own.
fn doubt_text(doubt: &Doubt) -> Option<String> {
    Some(match doubt {
        Doubt::PrincipalWildcard(text) => format!("a principal takes no wildcard: `{text}`"),
        Doubt::PrincipalUnrecognised(text) => format!("ECR knows no such principal: `{text}`"),
        Doubt::IdentityProvider(text) => {
            format!("whether ECR takes an identity provider is not documented: `{text}`")
        }
        Doubt::ConditionNotJudged { operator, key } => {
            format!("`{operator}` of `{key}` may hold somebody back")
        }
        Doubt::ValueNotJudged(value) => format!("whom `{value}` lets through is not known"),
        Doubt::DeniedInPart(_) => return None,
    })
}
