//! Whoever gets something by a policy is reached by a grant: grants and reaches against a literal evaluation.

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test and what it generates"
)]

#[path = "access/evaluator.rs"]
mod evaluator;
#[path = "access/policies.rs"]
mod policies;
#[path = "access/request.rs"]
mod request;

use demurrage_core::Wildcard;
use demurrage_core::access::{
    AccessPolicy, AccountId, AllowedPrincipals, ArnPattern, CallerKey, Certainty, EcrAction, Grant, Network,
    Outsider, Reach, grants, reach,
};
use evaluator::{PrincipalWildcards, arn_like, is_allowed, is_in_range, like};
use policies::Keys;
use proptest::prelude::*;
use request::{
    Caller, FRIEND, ORG, OTHER_RESOURCE, OWNER, Origin, RESOURCE, Request, callers, origins, strange_origins,
    strangers,
};
use serde_json::Value;

const ACTIONS: [&str; 4] = ["ecr:BatchGetImage", "ecr:PutImage", "ecr:DeleteRepository", "ecr:FutureThing"];

fn requests(callers: &[Caller], origins: &[Origin]) -> Vec<Request> {
    let mut requests = Vec::new();
    for caller in callers {
        for origin in origins.iter().copied() {
            for action in ACTIONS {
                for resource in [RESOURCE, OTHER_RESOURCE] {
                    requests.push(Request { caller: caller.clone(), origin, action, resource });
                }
            }
        }
    }
    requests
}

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap_or_else(|error| panic!("{error}"))
}

fn allowed() -> impl Strategy<Value = AllowedPrincipals> {
    let arns = [format!("arn:aws:iam::{FRIEND}:role/c*"), "arn:aws:iam::444444444444:role/ci".to_owned()];
    let arns = arns.map(|text| ArnPattern::parse(&text).unwrap_or_else(|error| panic!("{error}")));
    (
        prop::sample::subsequence(vec![account(FRIEND)], 0..=1),
        prop::sample::subsequence(vec![ORG.to_owned()], 0..=1),
        prop::sample::subsequence(vec![Wildcard::new("lambda.amazonaws.com"), Wildcard::new("*")], 0..=1),
        prop::sample::subsequence(arns.to_vec(), 0..=2),
    )
        .prop_map(|(accounts, organizations, services, principals)| AllowedPrincipals {
            accounts: accounts.into_iter().collect(),
            organizations: organizations.into_iter().collect(),
            services,
            principals,
        })
}

/// The names of a caller: its account, its organisation and its ARNs.
fn names(caller: &Caller) -> (Option<&str>, Option<&str>, Vec<&str>) {
    match caller {
        Caller::Anonymous => (None, None, Vec::new()),
        Caller::Principal { account, org, arn, role, .. } => {
            (Some(account), *org, [Some(&**arn), role.as_deref()].into_iter().flatten().collect())
        }
        Caller::Service { account, org, arn, .. } => (Some(account), *org, vec![arn]),
    }
}

fn is_owner(caller: &Caller) -> bool {
    names(caller).0 == Some(OWNER)
}

fn is_inside(caller: &Caller, allowed: &AllowedPrincipals) -> bool {
    let (account, org, arns) = names(caller);
    let is_service = |name: &str| allowed.services.iter().any(|pattern| like(&pattern.to_string(), name));
    is_owner(caller)
        || account.is_some_and(|id| allowed.accounts.iter().any(|allowed| allowed.as_str() == id))
        || org.is_some_and(|id| allowed.organizations.contains(id))
        || arns.iter().any(|arn| allowed.principals.iter().any(|pattern| arn_like(&pattern.to_string(), arn)))
        || matches!(caller, Caller::Service { name, .. } if is_service(name))
}

fn is_outsider(caller: &Caller, outsider: &Outsider) -> bool {
    let (account, org, arns) = names(caller);
    match outsider {
        Outsider::Account(id) => account == Some(id.as_str()),
        Outsider::Arn(pattern) => arns.iter().any(|arn| arn_like(pattern, arn)),
        Outsider::Organization(id) => org == Some(if id.starts_with('$') { ORG } else { id }),
        Outsider::Service(pattern) => matches!(caller, Caller::Service { name, .. } if like(pattern, name)),
        Outsider::UserId(id) => {
            matches!(caller, Caller::Principal { user_id, .. } if user_id.split(':').next() == Some(id))
        }
        Outsider::Unrecognised(_) => false,
    }
}

fn is_from(origin: Origin, network: &Network) -> bool {
    match (origin, network.key) {
        (Origin::Internet(address), CallerKey::SourceIp) => is_in_range(&network.value, address),
        (Origin::Endpoint { id, .. }, CallerKey::SourceVpce) => network.value == id,
        (Origin::Endpoint { vpc, .. }, CallerKey::SourceVpc) => network.value == vpc,
        (Origin::Endpoint { account, .. }, CallerKey::VpceAccount) => network.value == account,
        (Origin::Endpoint { org, .. }, CallerKey::VpceOrgId) => Some(&*network.value) == org,
        (_, _) => false,
    }
}

/// Whether this is among those whom a reach speaks of.
fn is_reached(request: &Request, reach: &Reach, allowed: &AllowedPrincipals) -> bool {
    let caller = &request.caller;
    match reach {
        Reach::Nobody => false,
        Reach::Own => is_owner(caller),
        Reach::Allowed => is_inside(caller, allowed),
        Reach::OtherAccount { outsiders } => {
            is_inside(caller, allowed) || outsiders.iter().any(|outsider| is_outsider(caller, outsider))
        }
        Reach::AnyoneFrom { networks } => networks.iter().any(|network| is_from(request.origin, network)),
        Reach::Anyone => true,
    }
}

fn grants_action(grant: &Grant, action: &str) -> bool {
    if let Some(action) = EcrAction::named(action) {
        return grant.actions.known.contains(&action);
    }
    grant.actions.beyond.iter().any(|pattern| like(&pattern.to_lowercase(), &action.to_lowercase()))
}

fn read(policy: &Value) -> AccessPolicy {
    AccessPolicy::parse(&policy.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

/// At least a thousand policies: what takes something away has to meet what is granted.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = default.cases.max(1_000);
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 4_000, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whoever_is_allowed_something_is_reached_by_a_grant(
        policy in policies::policy(Keys::All), allowed in allowed(),
    ) {
        let owner = account(OWNER);
        let grants = grants(&read(&policy), &owner);
        let reaches: Vec<_> = grants.iter().map(|grant| reach(grant, &owner, &allowed)).collect();
        for request in requests(&callers(), &origins()) {
            for wildcards in [PrincipalWildcards::AreText, PrincipalWildcards::Match] {
                if !is_allowed(&policy, &request, wildcards) {
                    continue;
                }
                let is_seen = grants.iter().zip(&reaches).any(|(grant, reach)| {
                    grants_action(grant, request.action) && is_reached(&request, reach, &allowed)
                });
                prop_assert!(is_seen, "{request:?} is allowed\n{policy:#}\n{grants:#?}\n{reaches:#?}");
            }
        }
    }

    #[test]
    fn what_is_certainly_open_to_anyone_is_open_to_a_stranger(policy in policies::policy(Keys::OneNotUpToTheCaller)) {
        let owner = account(OWNER);
        let allowed = AllowedPrincipals::default();
        let requests = requests(&strangers(), &strange_origins());
        for grant in grants(&read(&policy), &owner) {
            let is_open = reach(&grant, &owner, &allowed) == Reach::Anyone;
            // What a pattern could stand for beyond the known actions is not said to be granted for certain.
            let is_asked = |action| EcrAction::named(action).is_some() && grants_action(&grant, action);
            if !is_open || !ACTIONS.into_iter().any(is_asked) || grant.certainty() == Certainty::MayBe {
                continue;
            }
            let some_request = requests.iter().any(|request| {
                is_asked(request.action) && is_allowed(&policy, request, PrincipalWildcards::AreText)
            });
            prop_assert!(some_request, "nobody can\n{policy:#}\n{grant:#?}");
        }
    }
}
