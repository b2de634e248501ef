//! What a line of a bill charges for, or gives back.

/// The type of a line. Only usage is compared with inventories; the others are summed by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineType {
    /// Something was used.
    Usage,
    /// A discount: of the enterprise, the bundle, a private rate.
    Discount,
    /// A credit.
    Credit,
    /// Money that was given back.
    Refund,
    /// A tax.
    Tax,
    /// A correction of an earlier period (FOCUS, `ChargeClass`).
    Correction,
    /// A fee, an adjustment, or a type that this version does not know.
    Other,
}

impl LineType {
    /// The type of `line_item_line_item_type`.
    pub(crate) fn from_cur(name: &str) -> Self {
        match name {
            "Usage" => Self::Usage,
            "Credit" => Self::Credit,
            "Refund" => Self::Refund,
            "Tax" => Self::Tax,
            // `Discount`, `EdpDiscount`, `BundledDiscount`, `PrivateRateDiscount`, …; `DiscountedUsage` is none.
            name if name.ends_with("Discount") => Self::Discount,
            _ => Self::Other,
        }
    }

    /// The type of `ChargeCategory` and `ChargeClass`.
    pub(crate) fn from_focus(category: &str, class: Option<&str>) -> Self {
        match (category, class) {
            (_, Some("Correction")) => Self::Correction,
            ("Usage", _) => Self::Usage,
            ("Credit", _) => Self::Credit,
            ("Tax", _) => Self::Tax,
            _ => Self::Other,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Discount => "discount",
            Self::Credit => "credit",
            Self::Refund => "refund",
            Self::Tax => "tax",
            Self::Correction => "correction",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LineType;

    #[test]
    fn discounts_of_all_kinds_are_one_type_and_discounted_usage_is_none_of_them() {
        for name in ["EdpDiscount", "BundledDiscount", "PrivateRateDiscount", "Discount"] {
            assert_eq!(LineType::from_cur(name), LineType::Discount);
        }
        assert_eq!(LineType::from_cur("DiscountedUsage"), LineType::Other);
    }

    #[test]
    fn a_correction_is_no_usage_of_its_month() {
        assert_eq!(LineType::from_focus("Usage", Some("Correction")), LineType::Correction);
        assert_eq!(LineType::from_focus("Usage", None), LineType::Usage);
    }
}
