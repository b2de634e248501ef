//! What is read of a row, and what its column is called in each format.
//!
//! Source: the table dictionaries of AWS Data Exports for CUR 2.0, FOCUS 1.0 and FOCUS 1.2, read 2026-11-23.

use crate::BillFormat;

/// One thing that is read of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    ServiceCode,
    ServiceName,
    LineType,
    ChargeClass,
    UsageType,
    Account,
    Start,
    End,
    Resource,
    Region,
    Amount,
    Unit,
    Cost,
    ListCost,
    RateCode,
    Currency,
}

impl Field {
    /// All of them, in the order of their declaration.
    pub(crate) const ALL: [Self; 16] = [
        Self::ServiceCode,
        Self::ServiceName,
        Self::LineType,
        Self::ChargeClass,
        Self::UsageType,
        Self::Account,
        Self::Start,
        Self::End,
        Self::Resource,
        Self::Region,
        Self::Amount,
        Self::Unit,
        Self::Cost,
        Self::ListCost,
        Self::RateCode,
        Self::Currency,
    ];

    /// The column of this field; nothing where the format has none.
    pub(crate) const fn column(self, format: BillFormat) -> Option<&'static str> {
        match format {
            BillFormat::Cur2 => self.cur_column(),
            BillFormat::Focus10 | BillFormat::Focus12 => Some(self.focus_column()),
        }
    }

    const fn cur_column(self) -> Option<&'static str> {
        Some(match self {
            // Not `product_servicecode`: of transfer it says AWSDataTransfer.
            Self::ServiceCode => "line_item_product_code",
            Self::ServiceName | Self::ChargeClass => return None,
            Self::LineType => "line_item_line_item_type",
            Self::UsageType => "line_item_usage_type",
            Self::Account => "line_item_usage_account_id",
            Self::Start => "line_item_usage_start_date",
            Self::End => "line_item_usage_end_date",
            Self::Resource => "line_item_resource_id",
            Self::Region => "product_region_code",
            Self::Amount => "line_item_usage_amount",
            Self::Unit => "pricing_unit",
            Self::Cost => "line_item_unblended_cost",
            // Not `pricing_public_on_demand_rate`, which shows the top tier.
            Self::ListCost => "pricing_public_on_demand_cost",
            Self::RateCode => "pricing_rate_code",
            Self::Currency => "line_item_currency_code",
        })
    }

    const fn focus_column(self) -> &'static str {
        match self {
            Self::ServiceCode => "x_ServiceCode",
            Self::ServiceName => "ServiceName",
            Self::LineType => "ChargeCategory",
            Self::ChargeClass => "ChargeClass",
            Self::UsageType => "x_UsageType",
            Self::Account => "SubAccountId",
            Self::Start => "ChargePeriodStart",
            Self::End => "ChargePeriodEnd",
            Self::Resource => "ResourceId",
            Self::Region => "RegionId",
            Self::Amount => "PricingQuantity",
            Self::Unit => "PricingUnit",
            Self::Cost => "BilledCost",
            Self::ListCost => "ListCost",
            Self::RateCode => "SkuPriceId",
            Self::Currency => "BillingCurrency",
        }
    }

    /// Whether a bill of this format can do without it.
    pub(crate) const fn is_needed(self, format: BillFormat) -> bool {
        match self {
            Self::ServiceCode => matches!(format, BillFormat::Cur2),
            Self::ServiceName => matches!(format, BillFormat::Focus10 | BillFormat::Focus12),
            Self::LineType | Self::UsageType | Self::Start | Self::Amount | Self::Cost => true,
            Self::ChargeClass
            | Self::Account
            | Self::End
            | Self::Resource
            | Self::Region
            | Self::Unit
            | Self::ListCost
            | Self::RateCode
            | Self::Currency => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Field;

    #[test]
    fn each_field_stands_at_its_own_position() {
        assert!(Field::ALL.into_iter().enumerate().all(|(position, field)| field as usize == position));
    }
}
