//! What a condition leaves of the callers whom a statement names.
//!
//! Source: IAM user guide, "AWS global condition context keys", availability of each key, read 2026-11-23.

use std::fmt;

use super::{AccountId, ArnPattern, StatementRef};

/// A condition that lets only some callers through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    /// By what.
    pub by: NarrowedBy,
    /// Whom it lets through: callers of one of these kinds, and nobody where there is none.
    pub admits: Vec<Admitted>,
    /// The statement that says so: that of the grant, or one that denies everybody else.
    pub statement: StatementRef,
}

/// By what the callers are narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NarrowedBy {
    /// By a key of the request.
    Key(CallerKey),
    /// By a `Deny` with `NotPrincipal`, which spares only some.
    NotPrincipal,
}

impl NarrowedBy {
    /// The name of the key, or of the member of the policy.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key(key) => key.name(),
            Self::NotPrincipal => "NotPrincipal",
        }
    }
}

/// Callers whom a narrowing lets through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Admitted {
    /// Those of an account, or services that act for it.
    Account(AccountId),
    /// Those whose ARN matches, or services that act for such a resource.
    Arn(ArnPattern),
    /// Those of an organisation, or services that act for one of its accounts. `${aws:ResourceOrgID}`: the
    /// organisation of the owner.
    Organization(String),
    /// One AWS service.
    Service(String),
    /// Any AWS service, on behalf of anybody.
    AnyService,
    /// The user or role session of this unique id.
    UserId(String),
    /// Whoever comes from this network.
    Network(Network),
    /// Whom this value lets through is not known: it holds a wildcard or a variable.
    Unbounded(String),
}

impl fmt::Display for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "{account}"),
            Self::Arn(pattern) => write!(f, "{pattern}"),
            Self::AnyService => f.write_str("any AWS service"),
            Self::Network(network) => f.write_str(&network.value),
            Self::Organization(text) | Self::Service(text) | Self::UserId(text) | Self::Unbounded(text) => {
                f.write_str(text)
            }
        }
    }
}

/// A network that requests come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// What is compared: an address, an endpoint, a VPC.
    pub key: CallerKey,
    /// Its address range or id.
    pub value: String,
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key.name(), self.value)
    }
}

/// What kind of values a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Account,
    Organization,
    OrganizationPath,
    Arn,
    UserId,
    Service,
    /// `true` or `false`
    IsService,
    /// The id of an endpoint, of a VPC or of whom it belongs to, with the pattern of all such ids.
    Endpoint(&'static str),
    Address,
}

macro_rules! caller_keys {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:expr;)*) => {
        /// A key of the request that says who calls, or from where.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CallerKey { $($(#[$doc])* $variant,)* }

        impl CallerKey {
            /// Every key.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name, as AWS writes it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            pub(super) const fn kind(self) -> KeyKind {
                match self { $(Self::$variant => $kind,)* }
            }
        }
    };
}

caller_keys! {
    /// The account of the caller.
    PrincipalAccount = "aws:PrincipalAccount", KeyKind::Account;
    /// The organisation of the caller's account.
    PrincipalOrgId = "aws:PrincipalOrgID", KeyKind::Organization;
    /// The place of the caller's account in its organisation.
    PrincipalOrgPaths = "aws:PrincipalOrgPaths", KeyKind::OrganizationPath;
    /// The user or role that calls.
    PrincipalArn = "aws:PrincipalArn", KeyKind::Arn;
    /// The unique id of the caller.
    UserId = "aws:userid", KeyKind::UserId;
    /// The service that calls.
    PrincipalServiceName = "aws:PrincipalServiceName", KeyKind::Service;
    /// All names of the service that calls.
    PrincipalServiceNamesList = "aws:PrincipalServiceNamesList", KeyKind::Service;
    /// Whether a service calls.
    PrincipalIsAwsService = "aws:PrincipalIsAWSService", KeyKind::IsService;
    /// The account of the resource for which a service calls.
    SourceAccount = "aws:SourceAccount", KeyKind::Account;
    /// The resource for which a service calls.
    SourceArn = "aws:SourceArn", KeyKind::Arn;
    /// The organisation of the resource for which a service calls.
    SourceOrgId = "aws:SourceOrgID", KeyKind::Organization;
    /// The place in its organisation of the account for which a service calls.
    SourceOrgPaths = "aws:SourceOrgPaths", KeyKind::OrganizationPath;
    /// The address of the caller; absent where the request comes through a VPC endpoint.
    SourceIp = "aws:SourceIp", KeyKind::Address;
    /// The VPC endpoint through which the request comes.
    SourceVpce = "aws:SourceVpce", KeyKind::Endpoint("vpce-*");
    /// The VPC from which the request comes.
    SourceVpc = "aws:SourceVpc", KeyKind::Endpoint("vpc-*");
    /// The VPC from which the request comes, as an ARN.
    SourceVpcArn = "aws:SourceVpcArn", KeyKind::Endpoint("arn:*");
    /// The account of the VPC endpoint.
    VpceAccount = "aws:VpceAccount", KeyKind::Endpoint("????????????");
    /// The organisation of the VPC endpoint's account.
    VpceOrgId = "aws:VpceOrgID", KeyKind::Endpoint("o-*");
    /// The place in its organisation of the VPC endpoint's account.
    VpceOrgPaths = "aws:VpceOrgPaths", KeyKind::Endpoint("o-*");
}

impl CallerKey {
    /// The key of this name, in any case of letters.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name().eq_ignore_ascii_case(name))
    }

    /// Whether only requests of AWS services have the key.
    pub(super) const fn is_of_services(self) -> bool {
        match self {
            Self::PrincipalServiceName
            | Self::PrincipalServiceNamesList
            | Self::SourceAccount
            | Self::SourceArn
            | Self::SourceOrgId
            | Self::SourceOrgPaths => true,
            Self::PrincipalAccount
            | Self::PrincipalOrgId
            | Self::PrincipalOrgPaths
            | Self::PrincipalArn
            | Self::UserId
            | Self::PrincipalIsAwsService
            | Self::SourceIp
            | Self::SourceVpce
            | Self::SourceVpc
            | Self::SourceVpcArn
            | Self::VpceAccount
            | Self::VpceOrgId
            | Self::VpceOrgPaths => false,
        }
    }

    /// Whether a request may have several values.
    pub(super) const fn is_multivalued(self) -> bool {
        match self {
            Self::PrincipalOrgPaths
            | Self::PrincipalServiceNamesList
            | Self::SourceOrgPaths
            | Self::VpceOrgPaths => true,
            Self::PrincipalAccount
            | Self::PrincipalOrgId
            | Self::PrincipalArn
            | Self::UserId
            | Self::PrincipalServiceName
            | Self::PrincipalIsAwsService
            | Self::SourceAccount
            | Self::SourceArn
            | Self::SourceOrgId
            | Self::SourceIp
            | Self::SourceVpce
            | Self::SourceVpc
            | Self::SourceVpcArn
            | Self::VpceAccount
            | Self::VpceOrgId => false,
        }
    }
}

/// Keys that say something of a caller that anybody can arrange: who meets the condition is up to the caller.
///
/// A name ending with `/` stands for all keys that begin with it. Among them is `aws:VpcSourceIp`: an address
/// inside of any VPC, which its owner chooses.
const UP_TO_THE_CALLER: [&str; 15] = [
    "aws:SecureTransport",
    "aws:PrincipalType",
    "aws:PrincipalTag/",
    "aws:RequestTag/",
    "aws:TagKeys",
    "aws:username",
    "aws:UserAgent",
    "aws:Referer",
    "aws:ViaAWSService",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:VpcSourceIp",
];

/// Whether every caller can arrange what this key says.
pub(super) fn is_up_to_the_caller(key: &str) -> bool {
    UP_TO_THE_CALLER.iter().any(|known| {
        let length = if known.ends_with('/') { known.len() } else { key.len() };
        key.get(..length).is_some_and(|start| start.eq_ignore_ascii_case(known))
    })
}
