//! The id of an AWS account.

use std::fmt;
use std::str::FromStr;

/// The id of an AWS account: twelve digits.
///
/// ```
/// # use demurrage_core::access::AccountId;
/// assert!(AccountId::parse("123456789012").is_ok());
/// assert!(AccountId::parse("1234-5678-9012").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    // INVARIANT: twelve ASCII digits.
    digits: Box<str>,
}

impl AccountId {
    /// Reads an id.
    ///
    /// # Errors
    /// When the text is not twelve digits; hyphens, as people write them, are none.
    pub fn parse(text: &str) -> Result<Self, AccountIdError> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self { digits: text.into() });
        }
        Err(AccountIdError { text: text.to_owned() })
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.digits
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.digits)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)
    }
}

/// A text is no id of an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no account: the id of an account has twelve digits")]
pub struct AccountIdError {
    /// What was written.
    pub text: String,
}
