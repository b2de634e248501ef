//! Generated policies: every form that the reader tells apart, with values at its limits.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::request::{COUSIN, FRIEND, LONER, ORG, OTHER_ORG, OTHER_RESOURCE, OWNER, RESOURCE, RIVAL};

/// Which conditions a policy may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    All,
    /// At most one in a statement, so that none contradict one another; and none that a caller can meet who wants
    /// to, for the requests of the test do not try.
    OneNotUpToTheCaller,
}

pub(crate) fn policy(keys: Keys) -> impl Strategy<Value = Value> {
    let statements = prop::collection::vec(statement(keys), 1..5);
    (version(), statements).prop_map(|(version, statements)| {
        let mut policy = json!({ "Statement": statements });
        if let Some(version) = version {
            policy["Version"] = json!(version);
        }
        policy
    })
}

fn version() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![4 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)]
}

fn statement(keys: Keys) -> impl Strategy<Value = Value> {
    let effect = prop_oneof![3 => Just("Allow"), 2 => Just("Deny")];
    let plain =
        |member: &'static str, not: &'static str, weight| prop_oneof![weight => Just(member), 1 => Just(not)];
    let resource = prop_oneof![
        4 => Just(None),
        1 => Just(Some(("Resource", json!("*")))),
        1 => select(resources()).prop_map(|resource| Some(("Resource", json!(resource)))),
        1 => select(resources()).prop_map(|resource| Some(("NotResource", json!([resource])))),
    ];
    (
        effect,
        (plain("Principal", "NotPrincipal", 3), principals()),
        (plain("Action", "NotAction", 4), actions()),
        resource,
        conditions(keys),
    )
        .prop_map(|(effect, (principal, principals), (action, actions), resource, conditions)| {
            let mut statement = json!({ "Effect": effect, principal: principals, action: actions });
            if let Some((member, resource)) = resource {
                statement[member] = resource;
            }
            if !conditions.is_empty() {
                statement["Condition"] = Value::Object(conditions);
            }
            statement
        })
}

fn resources() -> Vec<String> {
    let patterns =
        [RESOURCE, OTHER_RESOURCE, "arn:aws:ecr:*:111111111111:repository/team/*", "arn:aws:ecr:*:*:*"];
    patterns.map(str::to_owned).to_vec()
}

/// One value alone or several as a list.
fn alone_or_list(values: &[String]) -> impl Strategy<Value = Value> + use<> {
    prop_oneof![
        2 => select(values.to_vec()).prop_map(Value::from),
        1 => prop::sample::subsequence(values.to_vec(), 0..=3.min(values.len())).prop_map(Value::from),
    ]
}

fn principals() -> impl Strategy<Value = Value> {
    let kind = |name: &'static str, values: Vec<String>| {
        alone_or_list(&values).prop_map(move |values| (name, values))
    };
    let kinds = prop_oneof![
        6 => kind("AWS", aws_principals()),
        2 => kind("Service", texts(&["lambda.amazonaws.com", "codebuild.amazonaws.com", "*"])),
        1 => kind("Federated", vec![
            "accounts.google.com".to_owned(),
            format!("arn:aws:iam::{RIVAL}:saml-provider/corp"),
        ]),
    ];
    let object = prop::collection::vec(kinds, 1..3).prop_map(|kinds| {
        Value::Object(kinds.into_iter().map(|(name, values)| (name.to_owned(), values)).collect())
    });
    prop_oneof![3 => Just(json!("*")), 5 => object]
}

fn aws_principals() -> Vec<String> {
    let mut principals =
        texts(&["*", "AIDAABCDEFGHIJKLMNOPQ", "arn:aws:iam::*:root", "arn:aws:iam::1*:role/ci"]);
    for account in [OWNER, FRIEND, COUSIN, RIVAL, LONER] {
        principals.extend([
            account.to_owned(),
            format!("arn:aws-cn:iam::{account}:root"),
            format!("arn:aws:iam::{account}:role/ci"),
        ]);
    }
    principals.extend([
        format!("arn:aws:iam::{RIVAL}:user/bob"),
        format!("arn:aws:sts::{RIVAL}:assumed-role/ci/run"),
        format!("arn:aws:iam::{RIVAL}:role/*"),
    ]);
    principals
}

fn actions() -> impl Strategy<Value = Value> {
    alone_or_list(&texts(&[
        "*",
        "ecr:*",
        "ECR:batchGETimage",
        "ecr:*Get*",
        "ecr:Put?mage",
        "ecr:PutImage",
        "ecr:Future*",
        "ecr:FutureThing",
        "s3:GetObject",
    ]))
}

fn conditions(keys: Keys) -> impl Strategy<Value = Map<String, Value>> {
    let count = if keys == Keys::All { 1..4 } else { 1..2 };
    let some = prop::collection::vec(condition(keys), count).prop_map(|conditions| {
        let mut map = Map::new();
        for (operator, key, values) in conditions {
            let keys = map.entry(operator).or_insert_with(|| json!({}));
            let is_there = |keys: &Value| {
                keys.as_object().is_some_and(|keys| keys.keys().any(|known| known.eq_ignore_ascii_case(&key)))
            };
            if !is_there(keys) {
                keys[key] = values;
            }
        }
        map
    });
    prop_oneof![1 => Just(Map::new()), 2 => some]
}

/// An operator, a key, and values that such a key may have.
fn condition(keys: Keys) -> impl Strategy<Value = (String, String, Value)> {
    let null = select(caller_keys()).prop_flat_map(|(key, _)| {
        let values = prop_oneof![3 => Just(json!("false")), 1 => Just(json!(true)), 1 => Just(json!(["true", "false"]))];
        values.prop_map(move |values| ("Null".to_owned(), key.to_owned(), values))
    });
    let caller = select(caller_keys()).prop_flat_map(|(key, values)| compared(key, &values));
    let other = select(vec![
        ("Bool", "aws:SecureTransport", json!("false")),
        ("Bool", "aws:SecureTransport", json!(true)),
        ("StringEquals", "aws:PrincipalTag/team", json!("x")),
        ("StringNotLike", "aws:PrincipalTag/team", json!("y*")),
        ("StringEquals", "ecr:ResourceTag/env", json!("prod")),
        ("StringEquals", "aws:PrincipalAccount", json!("${aws:ResourceAccount}")),
        ("StringEquals", "aws:PrincipalOrgID", json!("${aws:ResourceOrgID}")),
        ("StringNotEquals", "aws:PrincipalOrgID", json!("${aws:ResourceOrgID}")),
        ("StringLike", "aws:SourceAccount", json!("${aws:SourceAccount}")),
        ("Bool", "aws:PrincipalIsAWSService", json!("true")),
        ("BoolIfExists", "aws:PrincipalIsAWSService", json!("false")),
    ])
    .prop_filter("a key that is up to the caller", move |(_, key, _)| {
        keys == Keys::All || !(key.contains("Tag/") || key.contains("Transport"))
    })
    .prop_map(|(operator, key, values)| (operator.to_owned(), key.to_owned(), values));
    prop_oneof![8 => caller, 2 => null, 2 => other]
}

fn compared(key: &'static str, values: &[String]) -> impl Strategy<Value = (String, String, Value)> + use<> {
    let operators = if key == "aws:SourceIp" {
        vec!["IpAddress", "NotIpAddress"]
    } else if key.ends_with("Arn") {
        vec!["ArnLike", "ArnEquals", "StringLike", "StringEquals", "ArnNotLike", "StringNotLike"]
    } else {
        vec!["StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike"]
    };
    let set = prop_oneof![4 => Just(""), 1 => Just("ForAnyValue:"), 1 => Just("ForAllValues:")];
    let exists = prop_oneof![4 => Just(""), 1 => Just("IfExists")];
    let spelling = prop_oneof![3 => Just(key.to_owned()), 1 => Just(key.to_uppercase())];
    (set, select(operators), exists, spelling, alone_or_list(values))
        .prop_map(|(set, operator, exists, key, values)| (format!("{set}{operator}{exists}"), key, values))
}

fn caller_keys() -> Vec<(&'static str, Vec<String>)> {
    let accounts = texts(&[OWNER, FRIEND, RIVAL, "2222*", "*", "????????????"]);
    let organizations = texts(&[ORG, OTHER_ORG, "o-a*", "o-*"]);
    let paths =
        vec![format!("{ORG}/*"), format!("{OTHER_ORG}/r-1/ou-1/"), "o-a*/r-1/*".to_owned(), "*".to_owned()];
    let principals = vec![
        format!("arn:aws:iam::{FRIEND}:role/ci"),
        format!("arn:aws:iam::{FRIEND}:*"),
        format!("arn:aws:iam::{RIVAL}:role/c?"),
        format!("arn:*:{FRIEND}:role/ci"),
        format!("arn:aws*:iam::{FRIEND}:role/ci"),
        "arn:aws:iam::*:role/ci".to_owned(),
        "*".to_owned(),
    ];
    let functions = vec![
        format!("arn:aws:lambda:*:{OWNER}:function:*"),
        format!("arn:aws:lambda:eu-west-1:{RIVAL}:function:f"),
        "arn:aws:lambda:*:*:function:*".to_owned(),
        "*".to_owned(),
    ];
    vec![
        ("aws:PrincipalAccount", accounts.clone()),
        ("aws:SourceAccount", accounts.clone()),
        ("aws:VpceAccount", accounts),
        ("aws:PrincipalOrgID", organizations.clone()),
        ("aws:SourceOrgID", organizations.clone()),
        ("aws:VpceOrgID", organizations),
        ("aws:PrincipalOrgPaths", paths.clone()),
        ("aws:SourceOrgPaths", paths),
        ("aws:PrincipalArn", principals),
        ("aws:SourceArn", functions),
        ("aws:userid", texts(&["AROAAAAAAAAAAAAAAAAAA:*", "AIDABBBBBBBBBBBBBBBBB", "*:run", "*"])),
        ("aws:PrincipalServiceName", texts(&["lambda.amazonaws.com", "*.amazonaws.com"])),
        ("aws:SourceVpce", texts(&["vpce-11111111", "vpce-1*", "vpce-*"])),
        ("aws:SourceVpc", texts(&["vpc-11111111", "vpc-*"])),
        (
            "aws:SourceIp",
            texts(&[
                "203.0.113.0/24",
                "203.0.113.7",
                "2001:db8::/32",
                "0.0.0.0/1",
                "128.0.0.0/1",
                "::/0",
                "10.0.0.0/8",
            ]),
        ),
    ]
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
