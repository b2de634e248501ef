//! The price list over HTTP, against a server with files that were made for it.
//!
//! The files have the layout of the real ones, and prices and numbers of products of their own.

mod failures;
mod shelf;
mod traps;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use demurrage_core::cost::{Price, PriceList, PriceOrigin, Region, Tier, Tiers};
use rust_decimal::Decimal;

use super::{PriceWarning, Refreshed, refresh};
use shelf::{OfferFile, Shelf, between, ecr, free_everywhere, to_internet};

fn region(code: &str) -> Region {
    Region::parse(code).unwrap()
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

fn known(price: &str) -> Price {
    Price::Known(Decimal::from_str_exact(price).unwrap())
}

fn tiers(tiers: &[(Option<u64>, &str)]) -> Tiers {
    let tier = |(up_to_gb, price): &(Option<u64>, &str)| Tier { up_to_gb: *up_to_gb, price: known(price) };
    Tiers::new(tiers.iter().map(tier).collect()).unwrap()
}

fn flat(price: &str) -> Tiers {
    Tiers::flat(known(price))
}

/// What is read of this region from a shelf that has only it.
async fn read(code: &str, ecr: OfferFile, transfer: OfferFile) -> Refreshed {
    let shelf = Shelf::new().with("AmazonECR", code, &ecr).with("AWSDataTransfer", code, &transfer);
    refresh(&shelf.serve().await, &[region(code)], today()).await.unwrap()
}

/// A file of ECR with a price for the standard class.
fn ecr_of(code: &str, prefix: &str) -> OfferFile {
    let usage_type = format!("{prefix}TimedStorage-ByteHrs");
    OfferFile::new().sells("STORAGE", ecr(code, &usage_type), "GB-Mo", &[("0", "Inf", "0.1000000000")])
}

/// The warnings about prices, but for those of transfer to regions that the file does not name.
fn said(refreshed: &Refreshed) -> Vec<String> {
    let is_about_a_pair = |warning: &&PriceWarning| {
        warning.to_string().contains("price of transfer to ") && !warning.to_string().contains("the internet")
    };
    refreshed.warnings.iter().filter(|warning| !is_about_a_pair(warning)).map(ToString::to_string).collect()
}

#[tokio::test]
async fn all_prices_of_a_region_are_read_to_the_last_digit() {
    let ecr_file = OfferFile::new()
        .sells("A", ecr("eu-west-1", "EU-TimedStorage-ByteHrs"), "GB-Mo", &[("0", "Inf", "0.1000000001")])
        .sells(
            "B",
            ecr("eu-west-1", "EU-TimedStorage-Archive-ByteHrs"),
            "GB-Mo",
            &[("0", "153600", "0.1000000000"), ("153600", "Inf", "0.0700000000")],
        )
        .sells("C", ecr("eu-west-1", "EU-Retrieval-Archive"), "GB", &[("0", "Inf", "0.0300000000")]);
    let transfer = OfferFile::new()
        .sells(
            "D",
            to_internet("eu-west-1", "EU-DataTransfer-Out-Bytes"),
            "GB",
            &[("0", "10240", "0.0900000000"), ("10240", "Inf", "0.0850000000")],
        )
        .sells("E", between("eu-west-1", "us-east-1", "EU-USE1-AWS-Out-Bytes"), "GB", &[("0", "Inf", "0.02")])
        .sells("F", free_everywhere(), "GB", &[("0", "100", "0.0000000000")]);
    let public = OfferFile::new().sells(
        "G",
        ecr("us-east-1", "USE1-TimedStorage-ByteHrs"),
        "GB-Mo",
        &[("0", "50", "0.0000000000"), ("50", "Inf", "0.1000000000")],
    );
    let shelf = Shelf::new()
        .with("AmazonECR", "eu-west-1", &ecr_file)
        .with("AWSDataTransfer", "eu-west-1", &transfer)
        .with("AmazonECRPublic", "us-east-1", &public);
    let url = shelf.serve().await;
    let Refreshed { list, warnings } = refresh(&url, &[region("eu-west-1")], today()).await.unwrap();

    assert_eq!(list.date, today());
    assert_eq!(list.internet_free_gb, 100);
    assert_eq!(list.public_storage, tiers(&[(Some(50), "0"), (None, "0.1")]));
    assert_eq!(list.regions.keys().copied().collect::<Vec<_>>(), [region("eu-west-1")]);
    let prices = list.prices(region("eu-west-1"));
    assert_eq!(prices.storage, flat("0.1000000001"));
    assert_eq!(prices.archive, tiers(&[(Some(153_600), "0.1"), (None, "0.07")]));
    assert_eq!(prices.archive_origin, PriceOrigin::Listed);
    assert_eq!(prices.retrieval_gb, known("0.03"));
    assert_eq!(prices.internet, tiers(&[(Some(10_240), "0.09"), (None, "0.085")]));
    assert_eq!(prices.to_region(region("us-east-1")), known("0.02"));
    assert_eq!(prices.to_region(region("us-east-2")), Price::Unknown, "it is not in the file");
    assert!(
        warnings
            .iter()
            .all(|warning| warning.to_string().starts_with("eu-west-1 has no price of transfer to "))
    );
    assert!(!warnings.is_empty());
}

#[tokio::test]
async fn nat_gateways_and_endpoints_keep_the_prices_that_they_had_and_the_source_says_so() {
    let Refreshed { list, .. } = read("eu-west-1", ecr_of("eu-west-1", "EU-"), OfferFile::new()).await;
    let embedded = PriceList::embedded();
    let (now, before) = (list.prices(region("eu-west-1")), embedded.prices(region("eu-west-1")));
    assert_eq!(
        (now.nat_gb, now.nat_hour, now.endpoint_hour, &now.endpoint_gb),
        (before.nat_gb, before.nat_hour, before.endpoint_hour, &before.endpoint_gb)
    );
    assert_ne!(now.nat_gb, Price::Unknown);
    let said = format!("NAT gateways and endpoints as of {}", embedded.date);
    assert!(list.source.ends_with(&said), "{}", list.source);
}

#[tokio::test]
async fn the_price_to_most_regions_is_the_usual_one_and_the_others_are_exceptions() {
    let mut transfer = OfferFile::new();
    let prices = [
        ("us-east-2", "USE2", "0.01"),
        ("eu-west-1", "EU", "0.02"),
        ("eu-west-2", "EUW2", "0.02"),
        ("sa-east-1", "SAE1", "0.02"),
    ];
    for (to, prefix, price) in prices {
        let product = between("us-east-1", to, &format!("USE1-{prefix}-AWS-Out-Bytes"));
        transfer = transfer.sells(to, product, "GB", &[("0", "Inf", price)]);
    }
    let Refreshed { list, .. } = read("us-east-1", ecr_of("us-east-1", ""), transfer).await;
    let prices = list.prices(region("us-east-1"));
    assert_eq!(prices.other_region_gb, known("0.02"));
    assert_eq!(prices.to_region(region("us-east-2")), known("0.01"));
    let known_exceptions: BTreeMap<Region, Price> =
        prices.exceptions.into_iter().filter(|(_, price)| *price != Price::Unknown).collect();
    assert_eq!(known_exceptions, BTreeMap::from([(region("us-east-2"), known("0.01"))]));
}

#[tokio::test]
async fn a_list_that_was_read_is_the_same_after_it_was_stored() {
    let transfer = OfferFile::new()
        .sells(
            "A",
            between("us-east-1", "us-east-2", "USE1-USE2-AWS-Out-Bytes"),
            "GB",
            &[("0", "Inf", "0.01")],
        )
        .sells("B", between("us-east-1", "eu-west-1", "USE1-EU-AWS-Out-Bytes"), "GB", &[("0", "Inf", "0.02")])
        .sells(
            "C",
            between("us-east-1", "eu-west-2", "USE1-EUW2-AWS-Out-Bytes"),
            "GB",
            &[("0", "Inf", "0.02")],
        );
    let Refreshed { list, .. } = read("us-east-1", ecr_of("us-east-1", ""), transfer).await;
    assert_eq!(PriceList::from_json(&list.to_json()).unwrap(), list);
}
