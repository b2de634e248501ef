//! Requests to a repository: who sends them, from where, and what IAM knows of them.

use std::collections::BTreeMap;

pub(crate) const OWNER: &str = "111111111111";
/// Is on the allow list, if there is one.
pub(crate) const FRIEND: &str = "222222222222";
/// Is in the organisation [`ORG`].
pub(crate) const COUSIN: &str = "333333333333";
/// Is in the organisation [`OTHER_ORG`].
pub(crate) const RIVAL: &str = "444444444444";
/// Is in no organisation.
pub(crate) const LONER: &str = "555555555555";
/// No policy names it, nor anything that belongs to it.
pub(crate) const STRANGER: &str = "999999999999";

pub(crate) const ORG: &str = "o-aaaaaaaaaa";
pub(crate) const OTHER_ORG: &str = "o-bbbbbbbbbb";
const STRANGE_ORG: &str = "o-zzzzzzzzzz";

pub(crate) const RESOURCE: &str = "arn:aws:ecr:eu-west-1:111111111111:repository/team/app";
pub(crate) const OTHER_RESOURCE: &str = "arn:aws:ecr:eu-west-1:111111111111:repository/other";

/// Who sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    Principal {
        account: &'static str,
        org: Option<&'static str>,
        /// The user or the session.
        arn: String,
        /// The role of a session.
        role: Option<String>,
        user_id: &'static str,
        /// The provider that signed a session in.
        provider: Option<String>,
    },
    Service {
        name: &'static str,
        account: &'static str,
        org: Option<&'static str>,
        arn: String,
    },
}

/// From where a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Internet(&'static str),
    Endpoint { id: &'static str, vpc: &'static str, account: &'static str, org: Option<&'static str> },
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) caller: Caller,
    pub(crate) origin: Origin,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
}

fn org_of(account: &str) -> Option<&'static str> {
    match account {
        OWNER | COUSIN => Some(ORG),
        RIVAL => Some(OTHER_ORG),
        STRANGER => Some(STRANGE_ORG),
        _ => None,
    }
}

fn user(account: &'static str, org: Option<&'static str>, name: &str, user_id: &'static str) -> Caller {
    let arn = format!("arn:aws:iam::{account}:user/{name}");
    Caller::Principal { account, org, arn, role: None, user_id, provider: None }
}

fn session(account: &'static str, path: &str, role: &str, provider: Option<&str>) -> Caller {
    Caller::Principal {
        account,
        org: org_of(account),
        arn: format!("arn:aws:sts::{account}:assumed-role/{role}/run"),
        role: Some(format!("arn:aws:iam::{account}:role/{path}{role}")),
        user_id: "AROAAAAAAAAAAAAAAAAAA:run",
        provider: provider.map(str::to_owned),
    }
}

fn service(name: &'static str, account: &'static str) -> Caller {
    let arn = format!("arn:aws:lambda:eu-west-1:{account}:function:f");
    Caller::Service { name, account, org: org_of(account), arn }
}

/// Callers, one of each kind and account that a generated policy may tell apart.
pub(crate) fn callers() -> Vec<Caller> {
    let mut callers = strangers();
    for account in [OWNER, FRIEND, COUSIN, RIVAL, LONER] {
        callers.push(user(account, org_of(account), "bob", "AIDABBBBBBBBBBBBBBBBB"));
        callers.push(session(account, "", "ci", None));
    }
    for account in [OWNER, FRIEND, RIVAL] {
        callers.push(service("lambda.amazonaws.com", account));
        callers.push(service("codebuild.amazonaws.com", account));
    }
    let saml = format!("arn:aws:iam::{RIVAL}:saml-provider/corp");
    callers.push(session(RIVAL, "", "signed-in", Some(&saml)));
    callers.push(session(LONER, "", "signed-in", Some("accounts.google.com")));
    // A path may hold colons, and with them what looks like another account.
    callers.push(session(LONER, &format!(":{FRIEND}:role/"), "ci", None));
    callers.push(session(LONER, &format!(":iam::{FRIEND}:role/"), "ci", None));
    callers
}

/// Callers whom no policy names.
pub(crate) fn strangers() -> Vec<Caller> {
    vec![
        Caller::Anonymous,
        user(STRANGER, org_of(STRANGER), "eve", "AIDAEEEEEEEEEEEEEEEEE"),
        user(STRANGER, None, "eve", "AIDAEEEEEEEEEEEEEEEEE"),
        session(STRANGER, "", "ci", None),
        service("lightsail.amazonaws.com", STRANGER),
    ]
}

pub(crate) fn origins() -> Vec<Origin> {
    let mut origins = strange_origins();
    origins.extend([
        Origin::Internet("203.0.113.7"),
        Origin::Internet("2001:db8::7"),
        Origin::Endpoint { id: "vpce-11111111", vpc: "vpc-11111111", account: OWNER, org: Some(ORG) },
    ]);
    origins
}

/// Networks that no policy names.
pub(crate) fn strange_origins() -> Vec<Origin> {
    vec![
        Origin::Internet("198.51.100.99"),
        Origin::Internet("98.51.100.99"),
        Origin::Internet("2a00:9999::9"),
        Origin::Endpoint {
            id: "vpce-99999999",
            vpc: "vpc-99999999",
            account: STRANGER,
            org: org_of(STRANGER),
        },
    ]
}

impl Request {
    /// The keys of the request, in lowercase, with their values. An absent key is not there.
    pub(crate) fn context(&self) -> BTreeMap<String, Vec<String>> {
        let mut context = BTreeMap::new();
        let mut put = |key: &str, value: &str| {
            context.insert(key.to_lowercase(), vec![value.to_owned()]);
        };
        put("aws:SecureTransport", "true");
        put("aws:ViaAWSService", "false");
        put("aws:ResourceAccount", OWNER);
        put("aws:ResourceOrgID", ORG);
        put("ecr:ResourceTag/env", "prod");
        match self.origin {
            Origin::Internet(address) => put("aws:SourceIp", address),
            Origin::Endpoint { id, vpc, account, org } => {
                put("aws:SourceVpce", id);
                put("aws:SourceVpc", vpc);
                put("aws:VpcSourceIp", "10.0.0.7");
                put("aws:VpceAccount", account);
                if let Some(org) = org {
                    put("aws:VpceOrgID", org);
                    put("aws:VpceOrgPaths", &format!("{org}/r-1/ou-1/"));
                }
            }
        }
        match &self.caller {
            Caller::Anonymous => put("aws:PrincipalType", "Anonymous"),
            Caller::Principal { account, org, arn, role, user_id, .. } => {
                put("aws:PrincipalIsAWSService", "false");
                put("aws:PrincipalAccount", account);
                put("aws:PrincipalArn", role.as_deref().unwrap_or(arn));
                put("aws:userid", user_id);
                put("aws:PrincipalTag/team", "x");
                if let Some(org) = org {
                    put("aws:PrincipalOrgID", org);
                    put("aws:PrincipalOrgPaths", &format!("{org}/r-1/ou-1/"));
                }
            }
            Caller::Service { name, account, org, arn } => {
                put("aws:PrincipalIsAWSService", "true");
                put("aws:PrincipalServiceName", name);
                put("aws:PrincipalServiceNamesList", name);
                put("aws:SourceAccount", account);
                put("aws:SourceArn", arn);
                if let Some(org) = org {
                    put("aws:SourceOrgID", org);
                    put("aws:SourceOrgPaths", &format!("{org}/r-1/ou-1/"));
                }
            }
        }
        context
    }
}
