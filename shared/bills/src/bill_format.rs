//! The formats of bills, told apart by their columns, and where each column is.

use std::fmt;

use crate::BillError;
use crate::field::Field;

/// The table that a bill was exported from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BillFormat {
    /// `COST_AND_USAGE_REPORT`.
    Cur2,
    /// `FOCUS_1_0_AWS`.
    Focus10,
    /// `FOCUS_1_2_AWS`.
    Focus12,
}

impl fmt::Display for BillFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cur2 => "CUR 2.0",
            Self::Focus10 => "FOCUS 1.0",
            Self::Focus12 => "FOCUS 1.2",
        })
    }
}

/// Columns that FOCUS has since 1.1 or 1.2, of which an export of 1.2 has at least one.
const SINCE_FOCUS_1_2: [&str; 4] = ["invoiceid", "pricingcurrency", "billingaccounttype", "skumeter"];

/// A format, and at which position of the file each field stands.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) format: BillFormat,
    positions: [Option<usize>; Field::ALL.len()],
}

impl Layout {
    /// The layout of a file with these columns, whose names are compared without regard to case.
    pub(crate) fn of(columns: &[String]) -> Result<Self, BillError> {
        let names: Vec<String> =
            columns.iter().map(|name| name.trim().trim_start_matches('\u{feff}').to_lowercase()).collect();
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let format = if has("line_item_product_code") || has("line_item_line_item_type") {
            BillFormat::Cur2
        } else if has("billedcost") || has("chargecategory") {
            if SINCE_FOCUS_1_2.into_iter().any(has) { BillFormat::Focus12 } else { BillFormat::Focus10 }
        } else if names.iter().any(|name| name.starts_with("lineitem/")) {
            return Err(BillError::Legacy);
        } else {
            return Err(BillError::NoBill);
        };
        let position = |field: Field| {
            let wanted = field.column(format)?.to_lowercase();
            names.iter().position(|name| *name == wanted)
        };
        let layout = Self { format, positions: Field::ALL.map(position) };
        let missing = Field::ALL.into_iter().filter(|field| field.is_needed(format));
        let columns: Vec<&'static str> = missing
            .filter(|field| layout.position(*field).is_none())
            .filter_map(|field| field.column(format))
            .collect();
        if columns.is_empty() { Ok(layout) } else { Err(BillError::MissingColumns { format, columns }) }
    }

    /// At which position of the file a field stands.
    pub(crate) fn position(&self, field: Field) -> Option<usize> {
        self.positions.get(field as usize).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::{BillFormat, Layout};
    use crate::BillError;
    use crate::field::Field;

    fn columns(format: BillFormat) -> Vec<String> {
        Field::ALL.into_iter().filter_map(|field| field.column(format)).map(str::to_owned).collect()
    }

    #[test]
    fn each_format_is_known_by_its_columns_in_any_case() {
        let cur = Layout::of(&columns(BillFormat::Cur2)).unwrap();
        assert_eq!(cur.format, BillFormat::Cur2);
        let lower: Vec<String> =
            columns(BillFormat::Focus10).into_iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(Layout::of(&lower).unwrap().format, BillFormat::Focus10);
        let mut newer = columns(BillFormat::Focus12);
        newer.push("InvoiceId".to_owned());
        assert_eq!(Layout::of(&newer).unwrap().format, BillFormat::Focus12);
    }

    #[test]
    fn what_is_missing_is_named_and_what_is_no_bill_is_refused() {
        let mut some = columns(BillFormat::Cur2);
        some.retain(|name| name != "line_item_usage_amount");
        let error = Layout::of(&some).unwrap_err();
        assert_eq!(error.to_string(), "lacks the column `line_item_usage_amount` of CUR 2.0");
        let other = ["id".to_owned(), "name".to_owned()];
        assert!(matches!(Layout::of(&other), Err(BillError::NoBill)));
        let legacy = ["identity/LineItemId".to_owned(), "lineItem/UsageType".to_owned()];
        assert!(matches!(Layout::of(&legacy), Err(BillError::Legacy)));
    }
}
