//! Who reads manifests in an account: the principals of a deployment, of which those of other accounts are one pattern.
//!
//! A deployment names them as ARNs. What has `*` for its account is the role of that name in every account but those of
//! which a principal is named.

/// The principals that read manifests in this account, in the order in which they are named.
pub fn readers_in(account: &str, named: &[String]) -> Vec<String> {
    let own: Vec<String> = named.iter().filter(|arn| account_of(arn) == Some(account)).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    named
        .iter()
        .filter(|arn| account_of(arn) == Some("*"))
        .map(|arn| arn.replacen(":*:", &format!(":{account}:"), 1))
        .collect()
}

/// The account of an ARN: `arn:PARTITION:iam::ACCOUNT:…`.
fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

#[cfg(test)]
mod tests {
    use super::readers_in;

    const HUB: &str = "123456789012";

    fn named(arns: &[&str]) -> Vec<String> {
        arns.iter().map(|arn| (*arn).to_owned()).collect()
    }

    #[test]
    fn in_the_own_account_the_function_reads_by_its_own_role_and_elsewhere_by_the_one_there() {
        let all = named(&[
            "arn:aws:iam::123456789012:role/demurrage-CollectInventoryRole-A1B2",
            "arn:aws:iam::*:role/demurrage-read",
        ]);
        assert_eq!(
            readers_in(HUB, &all),
            named(&["arn:aws:iam::123456789012:role/demurrage-CollectInventoryRole-A1B2"])
        );
        assert_eq!(
            readers_in("210987654321", &all),
            named(&["arn:aws:iam::210987654321:role/demurrage-read"])
        );
    }

    #[test]
    fn where_other_accounts_are_not_read_nobody_reads_there() {
        let own = named(&["arn:aws:iam::123456789012:role/reader"]);
        assert_eq!(readers_in(HUB, &own), own);
        assert_eq!(readers_in("210987654321", &own), named(&[]));
        assert_eq!(readers_in(HUB, &[]), named(&[]));
    }

    #[test]
    fn a_star_in_a_name_is_no_account() {
        let odd = named(&["arn:aws:iam::123456789012:role/*", "no-arn"]);
        assert_eq!(readers_in("210987654321", &odd), named(&[]));
    }
}
