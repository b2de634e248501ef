//! A test in the `Condition` of a statement: an operator, a key and values.
//!
//! Source: IAM user guide, "Condition operators" and "Set operators for multivalued context keys", read 2026-11-23.
//! AWS writes operators in one way; they are read in any case of letters here, as keys are.

use std::fmt;

/// One key under one operator. A statement applies where all of its conditions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How the values are compared.
    pub operator: Operator,
    /// How several values of the request count.
    pub quantifier: Quantifier,
    /// What a request without the key means.
    pub absence: Absence,
    /// The key as it was written; its case has no meaning.
    pub key: String,
    /// The values, of which one has to match, or with a negated operator none.
    pub values: Vec<String>,
}

impl Condition {
    /// The operator with its qualifiers, as AWS writes it.
    pub fn operator_name(&self) -> String {
        let exists = match self.absence {
            Absence::Decides => "",
            Absence::Holds => "IfExists",
        };
        format!("{}{}{exists}", self.quantifier.prefix(), self.operator.name())
    }

    /// Whether the key is this one.
    pub(super) fn is_about(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator_name(), self.key)
    }
}

/// How several values of a request count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// There is one value.
    Plain,
    /// `ForAnyValue:`, of which one is enough; none is not.
    ForAnyValue,
    /// `ForAllValues:`, which holds also where there is none.
    ForAllValues,
}

impl Quantifier {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::ForAnyValue => "ForAnyValue:",
            Self::ForAllValues => "ForAllValues:",
        }
    }
}

/// What a request without the key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Absence {
    /// A positive operator fails, a negated one holds.
    Decides,
    /// `…IfExists`: the condition holds.
    Holds,
}

macro_rules! operators {
    ($($(#[$doc:meta])* $variant:ident;)*) => {
        /// How a condition compares.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operator { $($(#[$doc])* $variant,)* }

        impl Operator {
            /// Every operator.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name, as AWS writes it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }
        }
    };
}

operators! {
    /// The same text.
    StringEquals;
    /// Another text.
    StringNotEquals;
    /// The same text but for the case of letters.
    StringEqualsIgnoreCase;
    /// Another text also without regard to the case of letters.
    StringNotEqualsIgnoreCase;
    /// A pattern with `*` and `?`.
    StringLike;
    /// No such pattern.
    StringNotLike;
    /// The same number.
    NumericEquals;
    /// Another number.
    NumericNotEquals;
    /// A smaller number.
    NumericLessThan;
    /// At most this number.
    NumericLessThanEquals;
    /// A greater number.
    NumericGreaterThan;
    /// At least this number.
    NumericGreaterThanEquals;
    /// The same time.
    DateEquals;
    /// Another time.
    DateNotEquals;
    /// Before.
    DateLessThan;
    /// Before or at.
    DateLessThanEquals;
    /// After.
    DateGreaterThan;
    /// After or at.
    DateGreaterThanEquals;
    /// `true` or `false`.
    Bool;
    /// The same bytes, in Base64.
    BinaryEquals;
    /// In one of the ranges of addresses.
    IpAddress;
    /// In none of them.
    NotIpAddress;
    /// A pattern in each part of an ARN: the same as `ArnLike`.
    ArnEquals;
    /// No such pattern.
    ArnNotEquals;
    /// A pattern in each part of an ARN.
    ArnLike;
    /// No such pattern.
    ArnNotLike;
    /// Whether the key is absent.
    Null;
}

impl Operator {
    /// The operator that holds where this negated one does not, for a request with the key; nothing for a
    /// positive one.
    pub const fn negates(self) -> Option<Self> {
        match self {
            Self::StringNotEquals => Some(Self::StringEquals),
            Self::StringNotEqualsIgnoreCase => Some(Self::StringEqualsIgnoreCase),
            Self::StringNotLike => Some(Self::StringLike),
            Self::NumericNotEquals => Some(Self::NumericEquals),
            Self::DateNotEquals => Some(Self::DateEquals),
            Self::NotIpAddress => Some(Self::IpAddress),
            Self::ArnNotEquals => Some(Self::ArnEquals),
            Self::ArnNotLike => Some(Self::ArnLike),
            Self::StringEquals
            | Self::StringEqualsIgnoreCase
            | Self::StringLike
            | Self::NumericEquals
            | Self::NumericLessThan
            | Self::NumericLessThanEquals
            | Self::NumericGreaterThan
            | Self::NumericGreaterThanEquals
            | Self::DateEquals
            | Self::DateLessThan
            | Self::DateLessThanEquals
            | Self::DateGreaterThan
            | Self::DateGreaterThanEquals
            | Self::Bool
            | Self::BinaryEquals
            | Self::IpAddress
            | Self::ArnEquals
            | Self::ArnLike
            | Self::Null => None,
        }
    }
}

/// The parts of an operator with its qualifiers; nothing where AWS knows no such operator.
pub(super) fn read_operator(written: &str) -> Option<(Quantifier, Operator, Absence)> {
    let qualified = [Quantifier::ForAnyValue, Quantifier::ForAllValues].into_iter().find_map(|quantifier| {
        strip_prefix_ignoring_case(written, quantifier.prefix()).map(|rest| (quantifier, rest))
    });
    let (quantifier, rest) = qualified.unwrap_or((Quantifier::Plain, written));
    let named =
        |name: &str| Operator::ALL.iter().copied().find(|known| known.name().eq_ignore_ascii_case(name));
    if let Some(operator) = named(rest) {
        return Some((quantifier, operator, Absence::Decides));
    }
    let (name, suffix) = rest.split_at_checked(rest.len().checked_sub("IfExists".len())?)?;
    let operator = named(name).filter(|operator| *operator != Operator::Null)?;
    suffix.eq_ignore_ascii_case("IfExists").then_some((quantifier, operator, Absence::Holds))
}

fn strip_prefix_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::{Absence, Operator, Quantifier, read_operator};

    #[test]
    fn every_operator_is_read_with_and_without_its_qualifiers() {
        for operator in Operator::ALL.iter().copied() {
            let name = operator.name();
            assert_eq!(read_operator(name), Some((Quantifier::Plain, operator, Absence::Decides)));
            let exists =
                (operator != Operator::Null).then_some((Quantifier::ForAnyValue, operator, Absence::Holds));
            assert_eq!(read_operator(&format!("ForAnyValue:{name}IfExists")), exists);
            assert_eq!(
                read_operator(&format!("forallvalues:{}", name.to_lowercase())),
                Some((Quantifier::ForAllValues, operator, Absence::Decides))
            );
        }
        for unknown in ["", "IfExists", "StringSame", "ForSomeValues:StringLike", "StringLikeIfexistsö"] {
            assert_eq!(read_operator(unknown), None);
        }
    }
}
