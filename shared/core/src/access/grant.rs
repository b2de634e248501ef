//! Who may do what by a policy: its statements, put together.
//!
//! A grant is what one statement gives to one of those it names, less what other statements take away for
//! certain. What only might be taken away stays, as a doubt or as evidence: the answer may be "may be", and is
//! never clean for want of knowledge.
//!
//! It leaves out whether conditions contradict one another, and policies of the callers' own account, of
//! organisations and of VPC endpoints: all of that can only take away more.

use std::fmt;

use super::judge::{Judge, Judged};
use super::{
    AccessPolicy, AccountId, Admitted, Effect, GrantedActions, Narrowing, Principal, PrincipalArn,
    Principals, Resources, Statement, StatementRef, deny,
};

/// What one statement grants to one of those it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub who: Grantee,
    /// To do what; never nothing.
    pub actions: GrantedActions,
    /// On which resources.
    pub resources: Resources,
    /// What narrows who it is: a caller has to get through all of these.
    pub narrowed_by: Vec<Narrowing>,
    /// Conditions that hold nobody back, and why.
    pub idle_conditions: Vec<IdleCondition>,
    /// Why it may grant less than it seems, beside what `resources` leave out.
    pub doubts: Vec<Doubt>,
    /// Statements that take a part of it away.
    pub denied_in_part_by: Vec<StatementRef>,
    /// The statement that grants it.
    pub statement: StatementRef,
}

impl Grant {
    /// How sure it is that somebody of those named gets something.
    pub fn certainty(&self) -> Certainty {
        let may_be_on_nothing = match &self.resources {
            // Perhaps there is nothing but what is left out.
            Resources::Except(excepted) => !excepted.is_empty(),
            Resources::Unstated | Resources::Only(_) => false,
        };
        if self.doubts.is_empty() && !may_be_on_nothing { Certainty::Certain } else { Certainty::MayBe }
    }
}

/// To whom something is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    /// Everybody who can send a request, of whatever account. In a private registry that takes credentials of
    /// some account, but not of a particular one.
    Anyone,
    /// All principals of an account, as far as its own policies let them.
    Account(AccountId),
    /// A user, a role or a session.
    PrincipalArn(PrincipalArn),
    /// An AWS service.
    Service(String),
    /// Whoever was signed in by an identity provider.
    Federated(String),
    /// Everybody but these: an `Allow` with `NotPrincipal`.
    EveryoneBut(Vec<Principal>),
    /// A user or a role that was deleted: nobody any more.
    Deleted(String),
    /// Somebody whom ECR does not know, such as a canonical user of S3.
    Unrecognised(String),
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("*"),
            Self::Account(account) => write!(f, "{account}"),
            Self::PrincipalArn(arn) => write!(f, "{arn}"),
            Self::Service(text) | Self::Federated(text) | Self::Deleted(text) | Self::Unrecognised(text) => {
                f.write_str(text)
            }
            Self::EveryoneBut(principals) => {
                f.write_str("* but ")?;
                principals.iter().enumerate().try_for_each(|(position, principal)| {
                    write!(f, "{}{principal}", if position == 0 { "" } else { ", " })
                })
            }
        }
    }
}

/// A condition that holds nobody back whom the statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleCondition {
    /// Its operator, with qualifiers.
    pub operator: String,
    /// Its key, as it was written.
    pub key: String,
    /// Why.
    pub why: WhyIdle,
}

/// Why a condition holds nobody back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhyIdle {
    /// It leaves out those who match, and lets everybody else through, also those without the key.
    Negated,
    /// `…IfExists` lets callers through that lack the key, as anonymous ones do.
    IfExists,
    /// `ForAllValues:` lets callers through that lack the key.
    ForAllValues,
    /// `Null` asks only whether the key is there.
    Presence,
    /// A value matches everybody: `*`, `0.0.0.0/0`.
    MatchesEverybody,
    /// Every caller can arrange what the key says: a tag, a name, a header.
    UpToTheCaller,
}

impl WhyIdle {
    /// Why, as a fragment that fits after the condition.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Negated => "leaves out some, and lets everybody else through",
            Self::IfExists => "lets callers through that lack the key",
            Self::ForAllValues => "holds also where the request has no such key",
            Self::Presence => "asks only whether the key is there",
            Self::MatchesEverybody => "matches everybody",
            Self::UpToTheCaller => "is met by every caller who wants to",
        }
    }
}

/// Why a grant may be less than it seems.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The principal holds a wildcard, which IAM does not take for one: it may grant nothing, or more.
    PrincipalWildcard(String),
    /// The principal is none that ECR knows.
    PrincipalUnrecognised(String),
    /// A provider of identities that everybody can sign in with; whether ECR takes it is not documented.
    IdentityProvider(String),
    /// A condition that is not judged here: it may hold somebody back.
    ConditionNotJudged {
        /// Its operator, with qualifiers.
        operator: String,
        /// Its key, as it was written.
        key: String,
    },
    /// A value of a condition with a wildcard or a variable: whom it lets through is not known.
    ValueNotJudged(String),
    /// Another statement denies it under conditions, or on some resources: perhaps all of it.
    DeniedInPart(StatementRef),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrincipalWildcard(text) => {
                write!(f, "`{text}` holds a wildcard, which IAM does not take for one in a principal")
            }
            Self::PrincipalUnrecognised(text) => write!(f, "`{text}` is no principal that ECR knows"),
            Self::IdentityProvider(text) => {
                write!(
                    f,
                    "whether ECR takes the identity provider `{text}` for a principal is not documented"
                )
            }
            Self::ConditionNotJudged { operator, key } => {
                write!(f, "`{operator}` of `{key}` may hold some back")
            }
            Self::ValueNotJudged(text) => write!(f, "whom `{text}` lets through is not known"),
            Self::DeniedInPart(statement) => {
                write!(f, "statement {} may deny it", statement.index)?;
                statement.sid.as_ref().map_or(Ok(()), |sid| write!(f, " (`{sid}`)"))
            }
        }
    }
}

/// How sure an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// It is so.
    Certain,
    /// It may be so.
    MayBe,
}

/// Who may do what by a policy of this account, in the order of its statements and of whom they name.
///
/// ```
/// # use demurrage_core::access::{AccessPolicy, AccountId, Grantee, grants};
/// let policy = AccessPolicy::parse(r#"{"Version": "2012-10-17", "Statement": [
///   {"Effect": "Allow", "Principal": "*", "Action": "ecr:Batch*"},
///   {"Effect": "Deny", "Principal": "*", "Action": ["ecr:*Delete*", "ecr:*Upstream*"]}]}"#)?;
/// let owner = AccountId::parse("123456789012")?;
/// let grants = grants(&policy, &owner);
/// assert_eq!(grants[0].who, Grantee::Anyone);
/// let actions: Vec<_> = grants[0].actions.known.iter().map(|action| action.name()).collect();
/// assert_eq!(actions, [
///     "ecr:BatchCheckLayerAvailability",
///     "ecr:BatchGetImage",
///     "ecr:BatchGetRepositoryScanningConfiguration",
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn grants(policy: &AccessPolicy, owner: &AccountId) -> Vec<Grant> {
    let judge = Judge { version: policy.version, owner };
    let of_effect = |effect| policy.statements.iter().filter(move |statement| statement.effect == effect);
    let given = of_effect(Effect::Allow).flat_map(|statement| given(statement, &judge)).collect();
    of_effect(Effect::Deny).fold(given, |grants, statement| deny::apply(grants, statement, &judge))
}

/// What one statement gives, before anything is taken away.
fn given(statement: &Statement, judge: &Judge<'_>) -> Vec<Grant> {
    let actions = GrantedActions::of(&statement.actions);
    if actions.is_empty() || statement.resources == Resources::Only(Vec::new()) {
        return Vec::new();
    }
    let who = match &statement.principals {
        Principals::Only(principals) => principals.iter().map(grantee).collect(),
        // Everybody but everybody is nobody.
        Principals::Except(principals) if principals.contains(&Principal::Everyone) => Vec::new(),
        Principals::Except(principals) => vec![Grantee::EveryoneBut(principals.clone())],
    };
    let conditions =
        statement.conditions.iter().map(|condition| (condition, judge.judge(condition, statement)));
    let (mut narrowed_by, mut idle_conditions, mut unjudged) = (Vec::new(), Vec::new(), Vec::new());
    for (condition, judged) in conditions {
        match judged {
            Judged::Narrows(narrowing) => narrowed_by.push(narrowing),
            Judged::Idle(idle) => idle_conditions.push(idle),
            Judged::Unknown => unjudged.push(Doubt::ConditionNotJudged {
                operator: condition.operator_name(),
                key: condition.key.clone(),
            }),
        }
    }
    let grant = |who: Grantee| Grant {
        doubts: doubt_about(&who)
            .into_iter()
            .chain(unjudged.iter().cloned())
            .chain(narrowed_by.iter().flat_map(doubts_of_values))
            .collect(),
        who,
        actions: actions.clone(),
        resources: statement.resources.clone(),
        narrowed_by: narrowed_by.clone(),
        idle_conditions: idle_conditions.clone(),
        denied_in_part_by: Vec::new(),
        statement: statement.place.clone(),
    };
    who.into_iter().map(grant).collect()
}

fn grantee(principal: &Principal) -> Grantee {
    match principal {
        Principal::Everyone => Grantee::Anyone,
        Principal::Account(account) => Grantee::Account(account.clone()),
        Principal::Arn(arn) => Grantee::PrincipalArn(arn.clone()),
        Principal::Deleted(id) => Grantee::Deleted(id.clone()),
        Principal::Service(service) => Grantee::Service(service.clone()),
        Principal::Federated(provider) => Grantee::Federated(provider.clone()),
        Principal::CanonicalUser(text) | Principal::Unrecognised(text) => Grantee::Unrecognised(text.clone()),
    }
}

fn doubt_about(who: &Grantee) -> Option<Doubt> {
    match who {
        Grantee::PrincipalArn(arn) if arn.has_wildcard() => {
            Some(Doubt::PrincipalWildcard(arn.as_str().to_owned()))
        }
        Grantee::Unrecognised(text) => Some(Doubt::PrincipalUnrecognised(text.clone())),
        Grantee::Federated(provider) => Some(Doubt::IdentityProvider(provider.clone())),
        Grantee::Anyone
        | Grantee::Account(_)
        | Grantee::PrincipalArn(_)
        | Grantee::Service(_)
        | Grantee::EveryoneBut(_)
        | Grantee::Deleted(_) => None,
    }
}

pub(super) fn doubts_of_values(narrowing: &Narrowing) -> impl Iterator<Item = Doubt> {
    narrowing.admits.iter().filter_map(|admitted| match admitted {
        Admitted::Unbounded(value) => Some(Doubt::ValueNotJudged(value.clone())),
        Admitted::Account(_)
        | Admitted::Arn(_)
        | Admitted::Organization(_)
        | Admitted::Service(_)
        | Admitted::AnyService
        | Admitted::UserId(_)
        | Admitted::Network(_) => None,
    })
}
