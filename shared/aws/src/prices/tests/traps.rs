//! What a reader of the price list can trip over.

use demurrage_core::cost::{Price, Tiers};
use serde_json::json;

use super::shelf::{OfferFile, between, ecr, free_everywhere, to_internet};
use super::{ecr_of, flat, known, read, region, said, tiers};

#[tokio::test]
async fn tiers_are_in_order_whatever_their_order_in_the_file() {
    let transfer = OfferFile::new().sells(
        "A",
        to_internet("ap-northeast-1", "APN1-DataTransfer-Out-Bytes"),
        "GB",
        &[
            ("51200", "153600", "0.086"),
            ("153600", "Inf", "0.084"),
            ("0", "10240", "0.114"),
            ("10240", "51200", "0.089"),
        ],
    );
    let read = read("ap-northeast-1", ecr_of("ap-northeast-1", "APN1-"), transfer).await;
    let expected =
        tiers(&[(Some(10_240), "0.114"), (Some(51_200), "0.089"), (Some(153_600), "0.086"), (None, "0.084")]);
    assert_eq!(read.list.prices(region("ap-northeast-1")).internet, expected);
}

#[tokio::test]
async fn the_term_of_the_free_tier_is_no_price() {
    for code in ["A429C66SYZ", "ZZZZZZZZZZ"] {
        let file =
            ecr_of("eu-west-1", "EU-").term("STORAGE", code, "USD", "GB-Mo", &[("0", "Inf", "0.0000000000")]);
        let read = read("eu-west-1", file, OfferFile::new()).await;
        assert_eq!(read.list.prices(region("eu-west-1")).storage, flat("0.1"), "beside {code}");
    }
}

#[tokio::test]
async fn a_product_with_the_term_of_the_free_tier_alone_has_no_price() {
    let usage_type = "EU-DataTransfer-Out-Bytes";
    let transfer = OfferFile::new()
        .product("A", to_internet("eu-west-1", usage_type))
        .term("A", "A429C66SYZ", "USD", "GB", &[("0", "Inf", "0.0000000000")])
        .product("B", ecr("eu-west-1", "EU-novel"));
    let read = read("eu-west-1", ecr_of("eu-west-1", "EU-"), transfer).await;
    assert_eq!(read.list.prices(region("eu-west-1")).internet, Tiers::unknown());
    let warning = "eu-west-1 has no price of transfer to the internet: product A has no standard term";
    assert!(read.warnings.iter().any(|other| other.to_string() == warning), "{:?}", read.warnings);
}

#[tokio::test]
async fn the_free_amount_of_all_regions_is_no_price_to_the_internet() {
    for (code, usage_type) in
        [("us-east-1", "DataTransfer-Out-Bytes"), ("eu-west-1", "EU-DataTransfer-Out-Bytes")]
    {
        for term in ["JRTCKXETXF", "A429C66SYZ"] {
            let transfer = OfferFile::new()
                .product("A", free_everywhere())
                .term("A", term, "USD", "GB", &[("0", "120", "0.0000000000")])
                .sells("B", to_internet(code, usage_type), "GB", &[("0", "Inf", "0.0900000000")]);
            let prefix = usage_type.strip_suffix("DataTransfer-Out-Bytes").unwrap();
            let read = read(code, ecr_of(code, prefix), transfer).await;
            assert_eq!(read.list.prices(region(code)).internet, flat("0.09"));
            assert_eq!(read.list.internet_free_gb, 120, "it is read, too");
        }
    }
}

#[tokio::test]
async fn a_region_is_known_by_its_code_and_not_by_the_name_of_its_place() {
    let mut of_another = ecr("eu-south-2", "EU-TimedStorage-ByteHrs");
    of_another["location"] = json!("EU (Ireland)");
    let mut of_this = ecr("eu-west-1", "EU-TimedStorage-ByteHrs");
    of_this["location"] = json!("Europe (Spain)");
    let file = OfferFile::new().sells("A", of_another, "GB-Mo", &[("0", "Inf", "0.5")]).sells(
        "B",
        of_this,
        "GB-Mo",
        &[("0", "Inf", "0.1")],
    );
    let mut elsewhere = to_internet("eu-south-2", "EU-DataTransfer-Out-Bytes");
    elsewhere["regionCode"] = json!("eu-west-1");
    let transfer = OfferFile::new().sells("C", elsewhere, "GB", &[("0", "Inf", "0.09")]);
    let read = read("eu-west-1", file, transfer).await;
    let prices = read.list.prices(region("eu-west-1"));
    assert_eq!(prices.storage, flat("0.1"));
    assert_eq!(prices.internet, Tiers::unknown(), "it is from another region");
}

#[tokio::test]
async fn the_rows_of_both_storage_classes_and_of_signing_are_told_apart() {
    let file = OfferFile::new()
        .sells("A", ecr("eu-west-2", "EUW2-TimedStorage-Archive-ByteHrs"), "GB-Mo", &[("0", "Inf", "0.07")])
        .sells("B", ecr("eu-west-2", "EUW2-ManagedSigning-TimedStorage"), "Count", &[("0", "Inf", "0.001")])
        .sells("C", ecr("eu-west-2", "EUW2-NewTimedStorage-ByteHrs"), "GB-Mo", &[("0", "Inf", "0.3")])
        .sells("D", ecr("eu-west-2", "EUW2-TimedStorage-ByteHrs"), "GB-Mo", &[("0", "Inf", "0.1")])
        .sells("E", ecr("eu-west-2", "EUW2-TimedStorage-ByteHrs-Tier2"), "GB-Mo", &[("0", "Inf", "0.4")])
        .sells("F", ecr("eu-west-2", "EUW2-Early-Retrieval-Archive"), "GB", &[("0", "Inf", "0.9")])
        .sells("G", ecr("eu-west-2", "EUW2-Retrieval-Archive"), "GB", &[("0", "Inf", "0.03")]);
    let read = read("eu-west-2", file, OfferFile::new()).await;
    let prices = read.list.prices(region("eu-west-2"));
    assert_eq!(prices.storage, flat("0.1"));
    assert_eq!(prices.archive, flat("0.07"));
    assert_eq!(prices.retrieval_gb, known("0.03"));
}

#[tokio::test]
async fn a_row_by_another_unit_is_no_price() {
    let file = ecr_of("eu-west-1", "EU-").sells(
        "A",
        ecr("eu-west-1", "EU-TimedStorage-Archive-ByteHrs"),
        "Count",
        &[("0", "Inf", "0.07")],
    );
    let read = read("eu-west-1", file, OfferFile::new()).await;
    assert_eq!(read.list.prices(region("eu-west-1")).archive, Tiers::unknown());
    let warning = "eu-west-1 has no price of archive storage: product A is sold by `Count`";
    assert!(said(&read).iter().any(|other| other == warning), "{:?}", read.warnings);
}

#[tokio::test]
async fn us_east_1_has_a_prefix_for_the_archive_class_and_none_for_the_standard_one() {
    let file = ecr_of("us-east-1", "").sells(
        "A",
        ecr("us-east-1", "USE1-TimedStorage-Archive-ByteHrs"),
        "GB-Mo",
        &[("0", "Inf", "0.07")],
    );
    let transfer = OfferFile::new()
        .sells("B", to_internet("us-east-1", "DataTransfer-Out-Bytes"), "GB", &[("0", "Inf", "0.09")])
        .sells(
            "C",
            between("us-east-1", "eu-west-1", "USE1-EU-AWS-Out-Bytes"),
            "GB",
            &[("0", "Inf", "0.02")],
        );
    let read = read("us-east-1", file, transfer).await;
    let prices = read.list.prices(region("us-east-1"));
    assert_eq!(prices.storage, flat("0.1"));
    assert_eq!(prices.archive, flat("0.07"));
    assert_eq!(prices.internet, flat("0.09"));
    assert_eq!(prices.to_region(region("eu-west-1")), known("0.02"));
}

#[tokio::test]
async fn a_usage_type_without_a_prefix_is_of_no_other_region() {
    let file = ecr_of("eu-west-1", "EU-").sells(
        "A",
        ecr("eu-west-1", "TimedStorage-Archive-ByteHrs"),
        "GB-Mo",
        &[("0", "Inf", "0.07")],
    );
    let read = read("eu-west-1", file, OfferFile::new()).await;
    assert_eq!(read.list.prices(region("eu-west-1")).archive, Tiers::unknown());
}

#[tokio::test]
async fn prices_in_another_currency_are_unknown() {
    let usage_type = "CNN1-TimedStorage-ByteHrs";
    let china = OfferFile::new().product("A", ecr("cn-north-1", usage_type)).term(
        "A",
        "JRTCKXETXF",
        "CNY",
        "GB-Mo",
        &[("0", "Inf", "0.6900000000")],
    );
    let shelf = super::Shelf::new().with("AmazonECR", "cn-north-1", &china).with(
        "AmazonECR",
        "eu-west-1",
        &ecr_of("eu-west-1", "EU-"),
    );
    let regions = [region("cn-north-1"), region("eu-west-1")];
    let read = super::refresh(&shelf.serve().await, &regions, super::today()).await.unwrap();
    assert_eq!(read.list.prices(region("cn-north-1")).storage, Tiers::unknown());
    assert_eq!(read.list.prices(region("eu-west-1")).storage, flat("0.1"));
    let warning = "cn-north-1 has no price of storage: product A is priced in CNY, and only USD is read";
    assert!(said(&read).iter().any(|other| other == warning), "{:?}", read.warnings);
}

#[tokio::test]
async fn local_zones_and_operations_of_other_services_are_no_regions() {
    let mut zone = to_internet("us-west-2", "LAX1-DataTransfer-Out-Bytes");
    zone["fromLocationType"] = json!("AWS Local Zone");
    let mut prefixed_zone = to_internet("us-west-2", "USW2-DataTransfer-Out-Bytes");
    prefixed_zone["fromLocationType"] = json!("AWS Wavelength Zone");
    let mut operation = to_internet("us-west-2", "USW2-DataTransfer-Out-Bytes");
    operation["operation"] = json!("LoadBalancing");
    let mut to_zone = between("us-west-2", "us-west-1", "USW2-USW1-AWS-Out-Bytes");
    to_zone["toLocationType"] = json!("AWS Local Zone");
    let range = |price| [("0", "Inf", price)];
    let transfer = OfferFile::new()
        .sells("A", zone, "GB", &range("0.5"))
        .sells("B", prefixed_zone, "GB", &range("0.6"))
        .sells("C", operation, "GB", &range("0.7"))
        .sells("D", to_zone, "GB", &range("0.8"))
        .sells("E", between("us-west-2", "us-west-1", "USW2-LAX1-AWS-Out-Bytes"), "GB", &range("0.9"))
        .sells("F", to_internet("us-west-2", "USW2-DataTransfer-Out-Bytes"), "GB", &range("0.09"))
        .sells("G", between("us-west-2", "us-west-1", "USW2-USW1-AWS-Out-Bytes"), "GB", &range("0.02"));
    let read = read("us-west-2", ecr_of("us-west-2", "USW2-"), transfer).await;
    let prices = read.list.prices(region("us-west-2"));
    assert_eq!(prices.internet, flat("0.09"));
    assert_eq!(prices.to_region(region("us-west-1")), known("0.02"));
}

#[tokio::test]
async fn data_that_comes_in_is_not_data_that_goes_out() {
    let mut inbound = between("eu-west-1", "eu-west-2", "EU-EUW2-AWS-Out-Bytes");
    inbound["transferType"] = json!("InterRegion Inbound");
    let mut from_internet = to_internet("eu-west-1", "EU-DataTransfer-Out-Bytes");
    from_internet["transferType"] = json!("AWS Inbound");
    let transfer = OfferFile::new().sells("A", inbound, "GB", &[("0", "Inf", "0.0000000000")]).sells(
        "B",
        from_internet,
        "GB",
        &[("0", "Inf", "0.0000000000")],
    );
    let read = read("eu-west-1", ecr_of("eu-west-1", "EU-"), transfer).await;
    let prices = read.list.prices(region("eu-west-1"));
    assert_eq!(prices.to_region(region("eu-west-2")), Price::Unknown);
    assert_eq!(prices.internet, Tiers::unknown());
}

#[tokio::test]
async fn a_price_is_unknown_where_its_ranges_or_numbers_are_not_whole() {
    let broken: [&[super::shelf::Range<'_>]; 14] = [
        &[],
        &[("0", "100", "0.1")],
        &[("5", "Inf", "0.1")],
        &[("0", "100", "0.1"), ("200", "Inf", "0.1")],
        &[("0", "200", "0.1"), ("100", "Inf", "0.1")],
        &[("0", "Inf", "0.1"), ("0", "Inf", "0.2")],
        &[("0", "0", "0.1"), ("0", "Inf", "0.2")],
        &[("0", "inf", "0.1")],
        &[("-1", "Inf", "0.1")],
        &[("0", "Inf", "-0.1")],
        &[("0", "Inf", "1e-1")],
        &[("0", "Inf", "")],
        // Lists with these could not be read again.
        &[("0", "Inf", "1000000.5")],
        &[("0", "Inf", "0.12345678901234567")],
    ];
    for ranges in broken {
        let file = ecr_of("eu-west-1", "EU-").sells(
            "A",
            ecr("eu-west-1", "EU-TimedStorage-Archive-ByteHrs"),
            "GB-Mo",
            ranges,
        );
        let read = read("eu-west-1", file, OfferFile::new()).await;
        let prices = read.list.prices(region("eu-west-1"));
        assert_eq!(prices.archive, Tiers::unknown(), "{ranges:?}");
        assert_eq!(prices.storage, flat("0.1"), "another price stays");
        let is_said = |warning: &String| warning.starts_with("eu-west-1 has no price of archive storage: ");
        assert!(said(&read).iter().any(is_said), "{ranges:?}: {:?}", read.warnings);
    }
}

#[tokio::test]
async fn what_is_offered_twice_at_one_price_has_it_and_at_two_prices_has_none() {
    for (second, expected) in [("0.1", flat("0.1")), ("0.2", Tiers::unknown())] {
        let file = OfferFile::new()
            .sells("A", ecr("eu-west-1", "EU-TimedStorage-Archive-ByteHrs"), "GB-Mo", &[("0", "Inf", "0.10")])
            .sells(
                "B",
                ecr("eu-west-1", "EUW1-TimedStorage-Archive-ByteHrs"),
                "GB-Mo",
                &[("0", "Inf", second)],
            )
            .sells("C", ecr("eu-west-1", "EU-TimedStorage-ByteHrs"), "GB-Mo", &[("0", "Inf", "0.10")]);
        let read = read("eu-west-1", file, OfferFile::new()).await;
        assert_eq!(read.list.prices(region("eu-west-1")).archive, expected, "{second}");
    }
}

#[tokio::test]
async fn a_price_to_a_region_that_depends_on_how_much_there_is_is_unknown() {
    let transfer = OfferFile::new().sells(
        "A",
        between("eu-west-1", "eu-west-2", "EU-EUW2-AWS-Out-Bytes"),
        "GB",
        &[("0", "10", "0.02"), ("10", "Inf", "0.01")],
    );
    let read = read("eu-west-1", ecr_of("eu-west-1", "EU-"), transfer).await;
    assert_eq!(read.list.prices(region("eu-west-1")).to_region(region("eu-west-2")), Price::Unknown);
    let warning = "eu-west-1 has no price of transfer to eu-west-2: it depends on how much there is";
    assert!(read.warnings.iter().any(|other| other.to_string() == warning), "{:?}", read.warnings);
}
