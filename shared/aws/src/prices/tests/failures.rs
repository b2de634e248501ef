//! Servers that do not answer as they should.

use demurrage_core::cost::{RegionPrices, Tiers};

use super::super::{FileError, INDEX_BYTES_MAX, OFFER_BYTES_MAX, PriceWarning, PricesError, refresh};
use super::shelf::{Answer, OfferFile, Shelf};
use super::{ecr_of, flat, region, said, today};

/// What the file of eu-west-2 is answered with: what is said of it, while eu-west-1 keeps its price.
async fn with(answer: Answer) -> FileError {
    let shelf = Shelf::new()
        .with("AmazonECR", "eu-west-1", &ecr_of("eu-west-1", "EU-"))
        .with("AWSDataTransfer", "eu-west-1", &OfferFile::new())
        .answering("AmazonECR", "eu-west-2", answer);
    of_eu_west_2(shelf).await
}

async fn of_eu_west_2(shelf: Shelf) -> FileError {
    let regions = [region("eu-west-1"), region("eu-west-2")];
    let read = refresh(&shelf.serve().await, &regions, today()).await.unwrap();
    assert_eq!(read.list.prices(regions[0]).storage, flat("0.1"));
    assert_eq!(read.list.prices(regions[1]).storage, Tiers::unknown());
    let error = read.warnings.into_iter().find_map(|warning| match warning {
        PriceWarning::File { region, offer: "AmazonECR", error } if region == regions[1] => Some(error),
        _ => None,
    });
    error.expect("it is said")
}

#[tokio::test]
async fn a_region_whose_file_is_not_there_has_no_price_and_the_others_have() {
    let error = with(Answer::Status(404)).await;
    assert!(matches!(error, FileError::Status { status: 404, .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_given_up() {
    let error = with(Answer::Status(503)).await;
    assert!(matches!(error, FileError::Status { status: 503, .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_fails_once_is_asked_again() {
    let index = r#"{"regions": {"eu-west-1": {"currentVersionUrl": "/f"}}}"#;
    let path = "/offers/v1.0/aws/AmazonECR/current/region_index.json";
    let shelf = Shelf::new()
        .with("AmazonECR", "eu-west-1", &ecr_of("eu-west-1", "EU-"))
        .at(path, Answer::AfterAFailure(index.to_owned()))
        .at("/f", Answer::Status(404));
    let failed = refresh(&shelf.serve().await, &[region("eu-west-1")], today()).await;
    assert!(matches!(failed, Err(PricesError::Nothing { .. })), "the list of regions was read: {failed:?}");
}

#[tokio::test]
async fn a_file_that_is_not_json_or_has_another_shape_is_said() {
    for text in ["", "<html>", r#"{"products": []}"#, r#"{"products": {"A": 1}}"#] {
        let error = with(Answer::Text(text.to_owned())).await;
        assert!(matches!(error, FileError::Shape { .. }), "{text}: {error}");
    }
}

#[tokio::test]
async fn json_that_nests_without_end_is_skipped_or_refused() {
    let depth = 100_000;
    let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let read = format!(r#"{{"products": {{"A": {{"attributes": {{"usagetype": {nested}}}}}}}}}"#);
    let error = with(Answer::Text(read)).await;
    assert!(matches!(error, FileError::Shape { .. }), "{error}");

    let skipped = Answer::Text(format!(r#"{{"novel": {nested}}}"#));
    let shelf = Shelf::new().with("AmazonECR", "eu-west-1", &ecr_of("eu-west-1", "EU-")).answering(
        "AmazonECR",
        "eu-west-2",
        skipped,
    );
    let regions = [region("eu-west-1"), region("eu-west-2")];
    let read = refresh(&shelf.serve().await, &regions, today()).await.unwrap();
    assert_eq!(read.list.prices(regions[0]).storage, flat("0.1"));
    let warning = "eu-west-2 has no price of storage: nothing is offered";
    assert!(said(&read).iter().any(|other| other == warning), "{:?}", read.warnings);
}

#[tokio::test]
async fn a_file_is_read_up_to_a_limit_and_no_further() {
    for answer in [
        Answer::Streamed { bytes: OFFER_BYTES_MAX + 1 },
        Answer::Announced { bytes: OFFER_BYTES_MAX + 1 },
        Answer::Announced { bytes: usize::MAX / 4 },
    ] {
        let error = with(answer).await;
        assert!(matches!(error, FileError::TooLong { bytes_max: OFFER_BYTES_MAX, .. }), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_said() {
    let error = with(Answer::Announced { bytes: 1 << 20 }).await;
    assert!(matches!(error, FileError::Connection { .. }), "{error}");
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let error = with(Answer::Elsewhere("/elsewhere")).await;
    assert!(matches!(error, FileError::Status { status: 302, .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_is_listed_on_another_server_is_not_asked_for() {
    for path in
        ["https://example.com/index.json", "//example.com/index.json", "index.json", "", "/a?b", "/\\a", "@a"]
    {
        let shelf = Shelf::new().with("AmazonECR", "eu-west-1", &ecr_of("eu-west-1", "EU-")).listed_at(
            "AmazonECR",
            "eu-west-2",
            path,
        );
        let error = of_eu_west_2(shelf).await;
        assert_eq!(error, FileError::Path { path: path.to_owned() });
    }
}

#[tokio::test]
async fn a_region_that_is_not_listed_has_no_price_but_those_that_it_had_of_its_network() {
    let shelf = Shelf::new().with("AmazonECR", "eu-west-1", &ecr_of("eu-west-1", "EU-"));
    let regions = [region("eu-west-1"), region("eu-west-2")];
    let read = refresh(&shelf.serve().await, &regions, today()).await.unwrap();
    let prices = read.list.prices(regions[1]);
    let unknown = RegionPrices::unknown(regions[1]);
    assert_eq!((prices.storage, prices.archive), (unknown.storage, unknown.archive));
    assert_eq!((prices.internet, prices.other_region_gb), (unknown.internet, unknown.other_region_gb));
    let warnings = [
        "eu-west-1 has no price of archive storage: nothing is offered",
        "eu-west-1 has no price of retrieval from the archive: nothing is offered",
        "eu-west-1 has no prices of AWSDataTransfer: the price list has no file for it",
        "eu-west-2 has no prices of AmazonECR: the price list has no file for it",
        "eu-west-2 has no prices of AWSDataTransfer: the price list has no file for it",
        "ECR Public has no price of storage: nothing is offered",
        "the price list does not say how much is free to the internet: it is taken to be 100 GB",
    ];
    assert_eq!(said(&read), warnings);
}

#[tokio::test]
async fn where_no_region_has_a_price_there_is_no_list() {
    let url = Shelf::new().serve().await;
    let PricesError::Nothing { first } = refresh(&url, &[region("eu-west-1")], today()).await.unwrap_err()
    else {
        panic!("nothing was read");
    };
    assert_eq!(first, "eu-west-1 has no prices of AmazonECR: the price list has no file for it");
    let PricesError::Nothing { first } = refresh(&url, &[], today()).await.unwrap_err() else {
        panic!("nothing was read");
    };
    assert_eq!(first, "no region was asked for");
}

#[tokio::test]
async fn a_list_of_regions_that_cannot_be_read_is_an_error() {
    for offer in ["AmazonECR", "AWSDataTransfer"] {
        let path = format!("/offers/v1.0/aws/{offer}/current/region_index.json");
        for answer in [
            Answer::Status(403),
            Answer::Text("[]".to_owned()),
            Answer::Streamed { bytes: INDEX_BYTES_MAX + 1 },
        ] {
            let url = Shelf::new().at(&path, answer).serve().await;
            let failed = refresh(&url, &[region("eu-west-1")], today()).await;
            assert!(matches!(failed, Err(PricesError::Index { .. })), "{failed:?}");
        }
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_named() {
    for address in ["", "pricing.us-east-1.amazonaws.com", "ftp://a", "https://a/?b", "https://a/#b"] {
        let failed = refresh(address, &[region("eu-west-1")], today()).await.unwrap_err();
        let PricesError::Index { error: FileError::Address { url, .. }, .. } = failed else {
            panic!("{failed}");
        };
        assert_eq!(url, address);
    }
}

#[tokio::test]
async fn an_address_with_a_password_is_refused_and_the_password_not_repeated() {
    let failed =
        refresh("https://name:secret@example.com", &[region("eu-west-1")], today()).await.unwrap_err();
    let message = failed.to_string();
    assert!(message.contains("`example.com`") && !message.contains("secret"), "{message}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failed = refresh(&address, &[region("eu-west-1")], today()).await.unwrap_err();
    assert!(matches!(failed, PricesError::Index { error: FileError::Connection { .. }, .. }), "{failed}");
}

#[tokio::test]
async fn an_address_may_end_with_a_slash() {
    let shelf = Shelf::new().with("AmazonECR", "eu-west-1", &ecr_of("eu-west-1", "EU-"));
    let url = format!("{}/", shelf.serve().await);
    let read = refresh(&url, &[region("eu-west-1")], today()).await.unwrap();
    assert_eq!(read.list.prices(region("eu-west-1")).storage, flat("0.1"));
}
