//! Every vector of `tests/vectors/access`: who may do what by a policy, how far it reaches, and why.

#![expect(clippy::disallowed_methods, reason = "a test that reads its data from files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use demurrage_core::Wildcard;
use demurrage_core::access::{
    AccessPolicy, AccountId, AllowedPrincipals, ArnPattern, Certainty, EcrAction, Grant, GrantedActions,
    Grantee, Reach, grants, reach,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "reason")]
    _reason: String,
    owner: String,
    #[serde(default)]
    allowed: GivenAllowed,
    /// The policy as it is, or its text as a string.
    policy: Box<RawValue>,
    grants: Option<Value>,
    error: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct GivenAllowed {
    accounts: Vec<String>,
    organizations: BTreeSet<String>,
    services: Vec<String>,
    principals: Vec<String>,
}

impl GivenAllowed {
    fn read(&self) -> Result<AllowedPrincipals, Box<dyn std::error::Error>> {
        Ok(AllowedPrincipals {
            accounts: self.accounts.iter().map(|text| AccountId::parse(text)).collect::<Result<_, _>>()?,
            organizations: self.organizations.clone(),
            services: self.services.iter().map(|text| Wildcard::new(text)).collect(),
            principals: self
                .principals
                .iter()
                .map(|text| ArnPattern::parse(text))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn who(who: &Grantee) -> String {
    match who {
        Grantee::Anyone => "anyone".to_owned(),
        Grantee::Account(_) => format!("account {who}"),
        Grantee::PrincipalArn(_) => format!("principal {who}"),
        Grantee::Service(_) => format!("service {who}"),
        Grantee::Federated(_) => format!("federated {who}"),
        Grantee::EveryoneBut(_) => format!("everyone but {}", who.to_string().trim_start_matches("* but ")),
        Grantee::Deleted(_) => format!("deleted {who}"),
        Grantee::Unrecognised(_) => format!("unrecognised {who}"),
    }
}

/// The known actions, by those that are left out where they are most.
fn actions(granted: &GrantedActions) -> Value {
    let left_out: BTreeSet<_> = EcrAction::ALL
        .iter()
        .filter(|action| !granted.known.contains(action))
        .map(|action| action.name())
        .collect();
    match left_out.len() {
        0 => json!("all"),
        _ if left_out.len() < granted.known.len() => json!({ "all_but": left_out }),
        _ => json!(granted.known.iter().map(|action| action.name()).collect::<Vec<_>>()),
    }
}

fn reached(reach: &Reach) -> Value {
    let all = |texts: Vec<String>| json!(texts);
    match reach {
        Reach::Nobody => json!("nobody"),
        Reach::Own => json!("own"),
        Reach::Allowed => json!("allowed"),
        Reach::OtherAccount { outsiders } => {
            json!({ "other_account": all(outsiders.iter().map(ToString::to_string).collect()) })
        }
        Reach::AnyoneFrom { networks } => {
            json!({ "anyone_from": all(networks.iter().map(ToString::to_string).collect()) })
        }
        Reach::Anyone => json!("anyone"),
    }
}

fn shown(grant: &Grant, reach: &Reach) -> Value {
    let mut shown = Map::new();
    shown.insert("statement".to_owned(), json!(grant.statement.index));
    shown.insert("who".to_owned(), json!(who(&grant.who)));
    shown.insert("actions".to_owned(), actions(&grant.actions));
    shown.insert("reach".to_owned(), reached(reach));
    // It stands there only where the doubts do not say it already.
    if grant.certainty() == Certainty::MayBe && grant.doubts.is_empty() {
        shown.insert("certainty".to_owned(), json!("may be"));
    }
    let mut list = |name: &str, texts: Vec<String>| {
        if !texts.is_empty() {
            shown.insert(name.to_owned(), json!(texts));
        }
    };
    list("beyond", grant.actions.beyond.iter().cloned().collect());
    let narrowed = grant.narrowed_by.iter().map(|narrowing| {
        let admits: Vec<_> = narrowing.admits.iter().map(ToString::to_string).collect();
        format!("{}: {}", narrowing.by.name(), admits.join(", "))
    });
    list("narrowed_by", narrowed.collect());
    let idle = grant
        .idle_conditions
        .iter()
        .map(|idle| format!("{} {} {}", idle.operator, idle.key, idle.why.reason()));
    list("idle_conditions", idle.collect());
    list("doubts", grant.doubts.iter().map(ToString::to_string).collect());
    list(
        "denied_in_part_by",
        grant.denied_in_part_by.iter().map(|statement| statement.index.to_string()).collect(),
    );
    Value::Object(shown)
}

/// What is wrong with one vector.
fn check(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let vector: Vector = serde_json::from_str(&fs::read_to_string(path)?)?;
    let owner = AccountId::parse(&vector.owner)?;
    let allowed = vector.allowed.read()?;
    let written = vector.policy.get();
    let text = if written.starts_with('"') { serde_json::from_str(written)? } else { written.to_owned() };
    let (found, expected) = match AccessPolicy::parse(&text) {
        Ok(policy) => {
            let grants = grants(&policy, &owner);
            let shown: Vec<_> =
                grants.iter().map(|grant| shown(grant, &reach(grant, &owner, &allowed))).collect();
            (Some(json!(shown)), vector.grants)
        }
        Err(error) => (Some(json!({ "what": error.to_string(), "help": error.help() })), vector.error),
    };
    if found == expected {
        return Ok(());
    }
    Err(format!("expected {:#}\nfound {:#}", json!(expected), json!(found)).into())
}

#[test]
fn every_vector_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/access");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("the vectors are there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    assert!(40 <= paths.len(), "{} vectors", paths.len());
    let wrong: Vec<_> = paths
        .iter()
        .filter_map(|path| check(path).err().map(|error| format!("{}: {error}", path.display())))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}
