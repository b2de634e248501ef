//! Whether a condition of a grant holds callers back, and whom it lets through.
//!
//! Everything here errs to letting through. A condition counts only if it fails for requests without its key,
//! asks for a match, and asks for a value that somebody owns: an account, an organisation, a network.

use std::collections::BTreeSet;

use super::address_range::{AddressRange, hold_nobody_back};
use super::glob::{Glob, has_wildcard};
use super::narrowing::{KeyKind, is_up_to_the_caller};
use super::principal::is_unique_id;
use super::{
    Absence, AccountId, Admitted, ArnPattern, CallerKey, Condition, IdleCondition, NarrowedBy, Narrowing,
    Network, Operator, PolicyVersion, Quantifier, Statement, WhyIdle,
};

/// What a condition does to the set of callers.
pub(super) enum Judged {
    /// It lets only some through.
    Narrows(Narrowing),
    /// It holds nobody back.
    Idle(IdleCondition),
    /// Not known; it may hold somebody back.
    Unknown,
}

/// What the meaning of a condition depends on.
pub(super) struct Judge<'p> {
    pub(super) version: PolicyVersion,
    pub(super) owner: &'p AccountId,
}

/// What a value lets through.
enum Value {
    Admits(Admitted),
    /// Everybody who could meet the condition at all.
    Everybody,
}

/// How the values of a key are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// Character by character.
    Exact,
    /// The same without regard to the case of letters.
    IgnoringCase,
    /// As one pattern.
    Pattern,
    /// As a pattern in each part of an ARN.
    Arn,
}

impl Judge<'_> {
    /// What one condition of a statement does.
    pub(super) fn judge(&self, condition: &Condition, statement: &Statement) -> Judged {
        let idle = |why| {
            let (operator, key) = (condition.operator_name(), condition.key.clone());
            Judged::Idle(IdleCondition { operator, key, why })
        };
        let Some(key) = CallerKey::named(&condition.key) else {
            let up_to_caller = is_up_to_the_caller(&condition.key);
            return if up_to_caller { idle(WhyIdle::UpToTheCaller) } else { Judged::Unknown };
        };
        let narrows = |admits| {
            Judged::Narrows(Narrowing {
                by: NarrowedBy::Key(key),
                admits,
                statement: statement.place.clone(),
            })
        };
        let demands_presence = demands_presence(condition);
        if demands_presence && key.is_of_services() && is_idle_but_for_presence(condition) {
            return narrows(vec![Admitted::AnyService]);
        }
        if condition.operator == Operator::Null {
            return if demands_presence { idle(WhyIdle::Presence) } else { Judged::Unknown };
        }
        if let Some(operator) = condition.operator.negates() {
            let leaves_out_everybody = self.admitted(key, operator, &condition.values) == Some(None);
            return if leaves_out_everybody { Judged::Unknown } else { idle(WhyIdle::Negated) };
        }
        if let Some(why) = holds_without_key(condition, statement) {
            return idle(why);
        }
        match self.admitted(key, condition.operator, &condition.values) {
            None => Judged::Unknown,
            Some(Some(admits)) => narrows(admits),
            Some(None) if key.is_of_services() => narrows(vec![Admitted::AnyService]),
            Some(None) => idle(WhyIdle::MatchesEverybody),
        }
    }

    /// Whom a denying statement lets through by its only condition: a negated one, so that it denies all others.
    /// Nothing where that cannot be said.
    pub(super) fn spared(&self, condition: &Condition, statement: &Statement) -> Option<Narrowing> {
        let operator = condition.operator.negates()?;
        let key = CallerKey::named(&condition.key)?;
        let denies_others = match condition.quantifier {
            Quantifier::Plain => !key.is_multivalued(),
            Quantifier::ForAllValues => true,
            // It spares whoever has no value.
            Quantifier::ForAnyValue => false,
        };
        if !denies_others {
            return None;
        }
        let quantifier = Quantifier::Plain;
        let absence = Absence::Decides;
        let positive = Condition { operator, quantifier, absence, ..condition.clone() };
        match self.judge(&positive, statement) {
            Judged::Narrows(narrowing) => Some(narrowing),
            Judged::Idle(_) | Judged::Unknown => None,
        }
    }

    /// Whom the values of a positive condition let through; `Some(None)` everybody, `None` not known.
    #[expect(clippy::option_option, reason = "not known and nobody left out are two answers, used once")]
    fn admitted(
        &self,
        key: CallerKey,
        operator: Operator,
        values: &[String],
    ) -> Option<Option<Vec<Admitted>>> {
        if key.kind() == KeyKind::IsService {
            let is_flag = matches!(operator, Operator::Bool | Operator::StringEquals);
            let only_services = values.iter().all(|value| value.eq_ignore_ascii_case("true"));
            return is_flag.then(|| only_services.then(|| vec![Admitted::AnyService]));
        }
        if key.kind() == KeyKind::Address {
            return (operator == Operator::IpAddress).then(|| addresses(key, values));
        }
        let comparison = comparison(key, operator)?;
        let mut admits = Vec::new();
        for value in values {
            match self.value(key, comparison, value) {
                Value::Admits(admitted) => admits.push(admitted),
                Value::Everybody => return Some(None),
            }
        }
        Some(Some(admits))
    }

    fn value(&self, key: CallerKey, comparison: Comparison, value: &str) -> Value {
        if self.version == PolicyVersion::V2012 && value.contains("${") {
            return Value::Admits(self.variable(key, value));
        }
        let folded = fold(key, comparison, value);
        let value = &*folded;
        match key.kind() {
            KeyKind::Account => account(value, comparison),
            KeyKind::Organization => id(value, comparison, "o-*", Admitted::Organization),
            KeyKind::OrganizationPath => organization_path(value, comparison),
            KeyKind::Arn => arn(value, comparison),
            KeyKind::UserId => user_id(value, comparison),
            KeyKind::Service => id(value, comparison, "*", Admitted::Service),
            KeyKind::Endpoint(any) => {
                id(value, comparison, any, |value| Admitted::Network(Network { key, value }))
            }
            KeyKind::IsService | KeyKind::Address => Value::Admits(Admitted::Unbounded(value.to_owned())),
        }
    }

    /// A value with a variable: known only where it stands for the owner.
    fn variable(&self, key: CallerKey, value: &str) -> Admitted {
        let is = |variable: &str| value.eq_ignore_ascii_case(variable);
        match key.kind() {
            KeyKind::Account if is("${aws:ResourceAccount}") => Admitted::Account(self.owner.clone()),
            KeyKind::Organization if is("${aws:ResourceOrgID}") => {
                Admitted::Organization("${aws:ResourceOrgID}".to_owned())
            }
            KeyKind::Account
            | KeyKind::Organization
            | KeyKind::OrganizationPath
            | KeyKind::Arn
            | KeyKind::UserId
            | KeyKind::Service
            | KeyKind::IsService
            | KeyKind::Endpoint(_)
            | KeyKind::Address => Admitted::Unbounded(value.to_owned()),
        }
    }
}

/// Why a condition holds for requests that lack its key; nothing where it does not.
fn holds_without_key(condition: &Condition, statement: &Statement) -> Option<WhyIdle> {
    let demanded: BTreeSet<_> = statement
        .conditions
        .iter()
        .filter(|other| demands_presence(other))
        .map(|other| other.key.to_ascii_lowercase())
        .collect();
    if demanded.contains(&condition.key.to_ascii_lowercase()) {
        return None;
    }
    match (condition.absence, condition.quantifier) {
        (Absence::Holds, _) => Some(WhyIdle::IfExists),
        (Absence::Decides, Quantifier::ForAllValues) => Some(WhyIdle::ForAllValues),
        (Absence::Decides, Quantifier::Plain | Quantifier::ForAnyValue) => None,
    }
}

/// Whether this condition lets only requests with its key through: a `Null` of `false`, or a comparison that fails
/// without the key.
fn demands_presence(condition: &Condition) -> bool {
    if condition.operator == Operator::Null {
        let all_false = condition.values.iter().all(|value| value.eq_ignore_ascii_case("false"));
        return condition.quantifier == Quantifier::Plain && !condition.values.is_empty() && all_false;
    }
    let fails_without_key = match condition.quantifier {
        Quantifier::Plain => condition.operator.negates().is_none(),
        Quantifier::ForAnyValue => true,
        Quantifier::ForAllValues => false,
    };
    fails_without_key && condition.absence == Absence::Decides
}

/// Whether the values of a condition say nothing of who calls.
fn is_idle_but_for_presence(condition: &Condition) -> bool {
    condition.operator == Operator::Null || condition.operator.negates().is_some()
}

fn comparison(key: CallerKey, operator: Operator) -> Option<Comparison> {
    let for_arns = key.kind() == KeyKind::Arn || key == CallerKey::SourceVpcArn;
    let arn = for_arns.then_some(Comparison::Arn);
    let comparisons = [
        (Operator::StringEquals, Some(Comparison::Exact)),
        (Operator::StringEqualsIgnoreCase, Some(Comparison::IgnoringCase)),
        (Operator::StringLike, Some(Comparison::Pattern)),
        (Operator::ArnEquals, arn),
        (Operator::ArnLike, arn),
    ];
    comparisons.into_iter().find(|(known, _)| *known == operator)?.1
}

/// The value in the case of letters in which AWS writes such ids, where case has no meaning.
fn fold(key: CallerKey, comparison: Comparison, value: &str) -> String {
    match (comparison, key.kind()) {
        (Comparison::IgnoringCase, KeyKind::UserId) => value.to_ascii_uppercase(),
        (Comparison::IgnoringCase, _) => value.to_ascii_lowercase(),
        (Comparison::Exact | Comparison::Pattern | Comparison::Arn, _) => value.to_owned(),
    }
}

/// The value as a pattern, where wildcards are wildcards.
fn pattern(value: &str, comparison: Comparison) -> Option<Glob> {
    let is_pattern = matches!(comparison, Comparison::Pattern | Comparison::Arn) && has_wildcard(value);
    is_pattern.then(|| Glob::new(value))
}

fn unbounded(value: &str) -> Value {
    Value::Admits(Admitted::Unbounded(value.to_owned()))
}

fn account(value: &str, comparison: Comparison) -> Value {
    if let Ok(account) = AccountId::parse(value) {
        return Value::Admits(Admitted::Account(account));
    }
    let any = Glob::new("????????????");
    let is_any = pattern(value, comparison).is_some_and(|pattern| pattern.includes(&any));
    if is_any { Value::Everybody } else { unbounded(value) }
}

/// An id that belongs to somebody, such as `o-a1b2c3d4e5`; `any` is the pattern of all such ids.
fn id(value: &str, comparison: Comparison, any: &str, admitted: impl Fn(String) -> Admitted) -> Value {
    match pattern(value, comparison) {
        None => Value::Admits(admitted(value.to_owned())),
        Some(pattern) if pattern.includes(&Glob::new(any)) => Value::Everybody,
        Some(_) => unbounded(value),
    }
}

/// A path such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`: it begins with the organisation.
fn organization_path(value: &str, comparison: Comparison) -> Value {
    let organization = value.split('/').next().unwrap_or_default();
    match pattern(value, comparison) {
        Some(pattern) if pattern.includes(&Glob::new("o-*/*")) => Value::Everybody,
        Some(_) if has_wildcard(organization) => unbounded(value),
        Some(_) | None => Value::Admits(Admitted::Organization(organization.to_owned())),
    }
}

/// An ARN, of which the account has to be written out.
fn arn(value: &str, comparison: Comparison) -> Value {
    let read = match comparison {
        Comparison::Exact | Comparison::IgnoringCase => ArnPattern::literal(value),
        Comparison::Pattern | Comparison::Arn => ArnPattern::parse(value),
    };
    let Ok(pattern) = read else {
        let is_everything = self::pattern(value, comparison).is_some_and(|pattern| pattern.is_everything());
        return if is_everything { Value::Everybody } else { unbounded(value) };
    };
    // As one pattern, a `*` before the account also takes colons, and with them an account of one's own.
    let shifts = comparison == Comparison::Pattern && value.splitn(6, ':').take(5).any(has_wildcard);
    match pattern.account() {
        Some(_) if shifts => unbounded(value),
        // Names differ in their case only from those of the same account.
        Some(account) if comparison == Comparison::IgnoringCase => Value::Admits(Admitted::Account(account)),
        Some(_) => Value::Admits(Admitted::Arn(pattern)),
        None if pattern.is_of_any_account() => Value::Everybody,
        None if pattern.is_literal() => Value::Admits(Admitted::Arn(pattern)),
        None => unbounded(value),
    }
}

/// The unique id of a caller: of a user, of a role and a session's name, or of an account for its root.
fn user_id(value: &str, comparison: Comparison) -> Value {
    let id = value.split(':').next().unwrap_or_default();
    if let Ok(account) = AccountId::parse(value) {
        return Value::Admits(Admitted::Account(account));
    }
    if is_unique_id(id) {
        return Value::Admits(Admitted::UserId(id.to_owned()));
    }
    let is_everything = pattern(value, comparison).is_some_and(|pattern| pattern.is_everything());
    if is_everything { Value::Everybody } else { unbounded(value) }
}

/// Whom ranges of addresses let through; nothing where they are so wide that it is everybody.
fn addresses(key: CallerKey, values: &[String]) -> Option<Vec<Admitted>> {
    let ranges: Vec<_> = values.iter().filter_map(|value| AddressRange::parse(value)).collect();
    if hold_nobody_back(&ranges) {
        return None;
    }
    let admitted = |value: &String| match AddressRange::parse(value) {
        Some(_) => Admitted::Network(Network { key, value: value.clone() }),
        None => Admitted::Unbounded(value.clone()),
    };
    Some(values.iter().map(admitted).collect())
}
