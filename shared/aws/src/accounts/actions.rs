//! The calls by which other accounts are found and reached, as IAM names them.

/// The calls of [`super::AccountSessions`], but for the one that needs no permission: `sts:GetCallerIdentity`.
pub const ASSUME_ACTIONS: [&str; 1] = ["sts:AssumeRole"];

/// The calls of [`super::organization_accounts`]: the first for all of an organization, the others for units of it.
pub const ORGANIZATION_ACTIONS: [&str; 3] = [
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
];
