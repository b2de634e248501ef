//! What denying statements take away from grants.
//!
//! Something is taken away only where the whole of it is denied for certain. A statement that denies everybody
//! but some narrows a grant to those. Every other one is named as evidence, with a doubt where it might deny all.

use super::judge::Judge;
use super::{
    AccountId, Admitted, ArnPattern, Condition, Doubt, Grant, GrantedActions, Grantee, NarrowedBy, Narrowing,
    Operator, Principal, PrincipalArn, Principals, Resources, Statement, grant,
};

/// Which of those to whom something is granted a statement is about.
enum Coverage<'p> {
    None,
    /// Some for certain, and not all.
    Some,
    /// All but, at most, these.
    AllBut(Vec<&'p Principal>),
}

/// What a denying statement does to the part of a grant that it is about.
enum Taken {
    All,
    AllBut(Narrowing),
    Some(Vec<Doubt>),
}

/// The grants that are left.
pub(super) fn apply(grants: Vec<Grant>, denying: &Statement, judge: &Judge<'_>) -> Vec<Grant> {
    grants.into_iter().flat_map(|grant| less(grant, denying, judge)).collect()
}

/// What is left of a grant: nothing, one, or two where a part of the actions is narrowed.
fn less(grant: Grant, denying: &Statement, judge: &Judge<'_>) -> Vec<Grant> {
    let coverage = coverage(&denying.principals, &grant.who);
    let (denied, rest) = grant.actions.split(&denying.actions);
    if denied.is_empty() {
        return vec![grant];
    }
    let with = |actions: GrantedActions| Grant { actions, ..grant.clone() };
    let mut left = Vec::new();
    match taken(&coverage, &grant, denying, judge) {
        None => return vec![grant],
        Some(Taken::All) => {}
        Some(Taken::AllBut(narrowing)) => {
            let mut narrowed = with(denied);
            narrowed.doubts.extend(grant::doubts_of_values(&narrowing));
            narrowed.narrowed_by.push(narrowing);
            left.push(narrowed);
        }
        Some(Taken::Some(doubts)) => {
            let mut in_part = grant;
            in_part.doubts.extend(doubts);
            in_part.denied_in_part_by.push(denying.place.clone());
            return vec![in_part];
        }
    }
    if !rest.is_empty() {
        left.push(with(rest));
    }
    left
}

/// What is taken from the callers of a grant; nothing where the statement is about none of them.
fn taken(coverage: &Coverage<'_>, grant: &Grant, denying: &Statement, judge: &Judge<'_>) -> Option<Taken> {
    let doubt = || vec![Doubt::DeniedInPart(denying.place.clone())];
    let spared = match coverage {
        Coverage::None => return None,
        Coverage::Some => return Some(Taken::Some(Vec::new())),
        Coverage::AllBut(spared) => spared,
    };
    let everywhere = covers_resources(&denying.resources, &grant.resources);
    let taken = match (&*denying.conditions, &**spared) {
        _ if !everywhere => Taken::Some(doubt()),
        ([], []) => Taken::All,
        ([], spared) => Taken::AllBut(Narrowing {
            by: NarrowedBy::NotPrincipal,
            admits: spared.iter().filter_map(|principal| admitted(principal)).collect(),
            statement: denying.place.clone(),
        }),
        ([only], []) => match judge.spared(only, denying) {
            Some(narrowing) => Taken::AllBut(narrowing),
            None if is_about_transport(only) => Taken::Some(Vec::new()),
            None => Taken::Some(doubt()),
        },
        _ => Taken::Some(doubt()),
    };
    Some(taken)
}

/// Whether a condition only asks for encrypted transport, which leaves everybody a way.
fn is_about_transport(condition: &Condition) -> bool {
    let denies_plain = condition.values.iter().all(|value| value.eq_ignore_ascii_case("false"));
    condition.operator == Operator::Bool && condition.is_about("aws:SecureTransport") && denies_plain
}

/// Whom a statement leaves out that spares this principal; nobody for one that is deleted.
fn admitted(spared: &Principal) -> Option<Admitted> {
    match spared {
        Principal::Account(account) => Some(Admitted::Account(account.clone())),
        Principal::Arn(arn) if !arn.has_wildcard() => match ArnPattern::literal(arn.as_str()) {
            Ok(pattern) => Some(Admitted::Arn(pattern)),
            Err(_) => Some(Admitted::Unbounded(arn.as_str().to_owned())),
        },
        Principal::Service(service) => Some(Admitted::Service(service.clone())),
        Principal::Deleted(_) => None,
        Principal::Everyone
        | Principal::Arn(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_)
        | Principal::Unrecognised(_) => Some(Admitted::Unbounded(spared.to_string())),
    }
}

/// Whether a denying statement is about all resources that a grant is about, for certain.
fn covers_resources(denied: &Resources, granted: &Resources) -> bool {
    match (denied, granted) {
        (Resources::Unstated, _) => true,
        (Resources::Only(denied), _) if denied.iter().any(|pattern| pattern == "*") => true,
        (Resources::Only(denied), Resources::Only(granted)) => {
            granted.iter().all(|granted| denied.iter().any(|denied| covers_resource(denied, granted)))
        }
        (Resources::Except(excepted), _) => excepted.is_empty(),
        (Resources::Only(_), Resources::Unstated | Resources::Except(_)) => false,
    }
}

fn covers_resource(denied: &str, granted: &str) -> bool {
    let includes =
        |denied: &ArnPattern| ArnPattern::parse(granted).is_ok_and(|granted| denied.includes(&granted));
    denied == granted || ArnPattern::parse(denied).is_ok_and(|denied| includes(&denied))
}

fn coverage<'p>(denied: &'p Principals, who: &Grantee) -> Coverage<'p> {
    match denied {
        Principals::Only(principals) => {
            let all = principals.iter().any(|principal| includes(principal, who));
            let some = principals.iter().any(|principal| overlaps(principal, who));
            match (all, some) {
                (true, _) => Coverage::AllBut(Vec::new()),
                (false, true) => Coverage::Some,
                (false, false) => Coverage::None,
            }
        }
        Principals::Except(spared) => {
            if spared.iter().any(|principal| includes(principal, who)) {
                return Coverage::None;
            }
            Coverage::AllBut(spared.iter().filter(|principal| overlaps(principal, who)).collect())
        }
    }
}

/// Whether a principal stands for everybody to whom something is granted.
fn includes(principal: &Principal, who: &Grantee) -> bool {
    match (principal, who) {
        (Principal::Everyone, _) => true,
        (Principal::Account(account), Grantee::Account(granted)) => account == granted,
        (Principal::Account(account), Grantee::PrincipalArn(arn)) => arn.account() == Some(account),
        (Principal::Arn(arn), Grantee::PrincipalArn(granted)) => arn == granted || is_role_of(arn, granted),
        (Principal::Service(service), Grantee::Service(granted)) => service == granted,
        (Principal::Federated(provider), Grantee::Federated(granted)) => provider == granted,
        (Principal::CanonicalUser(text) | Principal::Unrecognised(text), Grantee::Unrecognised(granted)) => {
            text == granted
        }
        (Principal::Deleted(id), Grantee::Deleted(granted)) => id == granted,
        (
            Principal::Account(_)
            | Principal::Arn(_)
            | Principal::Deleted(_)
            | Principal::Service(_)
            | Principal::Federated(_)
            | Principal::CanonicalUser(_)
            | Principal::Unrecognised(_),
            _,
        ) => false,
    }
}

/// Whether a principal may stand for some of those to whom something is granted.
fn overlaps(principal: &Principal, who: &Grantee) -> bool {
    if includes(principal, who) {
        return true;
    }
    // Who stands behind these is not known; who was signed in by a provider is a session of some role.
    let is_unknown = match principal {
        Principal::Federated(_) => !matches!(who, Grantee::Service(_)),
        Principal::CanonicalUser(_) | Principal::Unrecognised(_) => true,
        Principal::Deleted(_) => return false,
        Principal::Everyone | Principal::Account(_) | Principal::Arn(_) | Principal::Service(_) => false,
    };
    match (who, principal) {
        (Grantee::Anyone | Grantee::EveryoneBut(_) | Grantee::Unrecognised(_), _)
        | (Grantee::Federated(_), Principal::Account(_) | Principal::Arn(_)) => true,
        (Grantee::PrincipalArn(arn), Principal::Account(account))
        | (Grantee::Account(account), Principal::Arn(arn)) => is_of_account(arn, account),
        (Grantee::PrincipalArn(granted), Principal::Arn(arn)) => {
            arn.has_wildcard() || granted.has_wildcard() || is_role_of(granted, arn)
        }
        (Grantee::Service(granted), Principal::Service(service)) => {
            service.contains('*') || granted.contains('*')
        }
        (
            Grantee::Account(_)
            | Grantee::PrincipalArn(_)
            | Grantee::Service(_)
            | Grantee::Federated(_)
            | Grantee::Deleted(_),
            _,
        ) => is_unknown,
    }
}

fn is_of_account(arn: &PrincipalArn, account: &AccountId) -> bool {
    arn.account().is_none_or(|of| of == account)
}

fn is_role_of(role: &PrincipalArn, session: &PrincipalArn) -> bool {
    !role.has_wildcard() && role.is_role_of(session)
}
