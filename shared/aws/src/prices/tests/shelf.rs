//! A server with files of the price list on it, and the files.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde_json::{Map, Value, json};

/// A range: where it begins and ends, and the price, as the file has them.
pub(super) type Range<'a> = (&'a str, &'a str, &'a str);

/// The file of one offer in one region.
pub(super) struct OfferFile {
    products: Map<String, Value>,
    terms: Map<String, Value>,
}

impl OfferFile {
    pub(super) fn new() -> Self {
        Self { products: Map::new(), terms: Map::new() }
    }

    /// With a product of these attributes, and its standard term.
    pub(super) fn sells(self, sku: &str, attributes: Value, unit: &str, ranges: &[Range<'_>]) -> Self {
        self.product(sku, attributes).term(sku, "JRTCKXETXF", "USD", unit, ranges)
    }

    /// With a product that has no term yet.
    pub(super) fn product(mut self, sku: &str, attributes: Value) -> Self {
        let mut product = Map::new();
        product.insert("sku".to_owned(), json!(sku));
        product.insert("productFamily".to_owned(), json!("novel"));
        product.insert("attributes".to_owned(), attributes);
        self.products.insert(sku.to_owned(), Value::Object(product));
        self
    }

    /// With a term of a product. Ranges stand in the file in the order given.
    pub(super) fn term(
        mut self,
        sku: &str,
        code: &str,
        currency: &str,
        unit: &str,
        ranges: &[Range<'_>],
    ) -> Self {
        let mut dimensions = Map::new();
        for (place, (begin, end, price)) in ranges.iter().enumerate() {
            let rate_code = format!("{sku}.{code}.{place}");
            let dimension = json!({
                "rateCode": rate_code, "description": "$9.99 per GB - first 1 TB", "beginRange": begin,
                "endRange": end, "unit": unit, "pricePerUnit": {currency: price}, "appliesTo": [],
            });
            dimensions.insert(rate_code, dimension);
        }
        let term = json!({
            "offerTermCode": code, "sku": sku, "effectiveDate": "2026-09-01T00:00:00Z",
            "priceDimensions": dimensions, "termAttributes": {},
        });
        let terms = self.terms.entry(sku).or_insert_with(|| json!({}));
        terms.as_object_mut().unwrap().insert(format!("{sku}.{code}"), term);
        self
    }

    fn text(&self) -> String {
        json!({
            "formatVersion": "v1.0", "version": "20260911000000", "publicationDate": "2026-09-11T00:00:00Z",
            "products": self.products, "terms": {"OnDemand": self.terms}, "attributesList": {},
        })
        .to_string()
    }
}

/// The attributes of a product of ECR. Its place is called by a name that is no other region's.
pub(super) fn ecr(region: &str, usage_type: &str) -> Value {
    json!({
        "servicecode": "AmazonECR", "location": "EU (Ireland)", "locationType": "AWS Region",
        "usagetype": usage_type, "operation": "", "regionCode": region, "novel": "attribute",
    })
}

/// The attributes of transfer to the internet.
pub(super) fn to_internet(region: &str, usage_type: &str) -> Value {
    json!({
        "servicecode": "AWSDataTransfer", "transferType": "AWS Outbound", "fromLocation": "EU (Ireland)",
        "fromLocationType": "AWS Region", "toLocation": "External", "toLocationType": "Other",
        "usagetype": usage_type, "operation": "", "fromRegionCode": region, "toRegionCode": "",
    })
}

/// The attributes of transfer from one region to another.
pub(super) fn between(from: &str, to: &str, usage_type: &str) -> Value {
    json!({
        "servicecode": "AWSDataTransfer", "transferType": "InterRegion Outbound", "fromLocation": "Europe (Spain)",
        "fromLocationType": "AWS Region", "toLocation": "EU (Ireland)", "toLocationType": "AWS Region",
        "usagetype": usage_type, "operation": "", "fromRegionCode": from, "toRegionCode": to,
    })
}

/// The attributes of the free amount to the internet, which the file of every region has.
pub(super) fn free_everywhere() -> Value {
    json!({
        "servicecode": "AWSDataTransfer", "transferType": "AWS Outbound", "fromLocation": "Global",
        "fromLocationType": "Other", "toLocation": "External", "toLocationType": "Other",
        "usagetype": "Global-DataTransfer-Out-Bytes", "operation": "", "regionCode": "", "fromRegionCode": "",
    })
}

/// How a path is answered.
#[derive(Clone)]
pub(super) enum Answer {
    /// With this text.
    Text(String),
    /// With this status and nothing.
    Status(u16),
    /// With this text from the second time on, and a failure before.
    AfterAFailure(String),
    /// With so many bytes, which are not announced.
    Streamed { bytes: usize },
    /// With an announcement of so many bytes, and few of them.
    Announced { bytes: usize },
    /// With a redirection to this path.
    Elsewhere(&'static str),
}

/// What lies on the server.
pub(super) struct Shelf {
    /// By offer, then by region: the path of the file.
    indexes: BTreeMap<&'static str, BTreeMap<String, String>>,
    answers: BTreeMap<String, Answer>,
}

impl Shelf {
    /// One with all offers, and no file of any region.
    pub(super) fn new() -> Self {
        let offers = ["AmazonECR", "AmazonECRPublic", "AWSDataTransfer"];
        Self { indexes: offers.map(|offer| (offer, BTreeMap::new())).into(), answers: BTreeMap::new() }
    }

    /// With this file of an offer in a region.
    pub(super) fn with(self, offer: &str, region: &str, file: &OfferFile) -> Self {
        self.answering(offer, region, Answer::Text(file.text()))
    }

    /// With something else where the file of an offer in a region would be.
    pub(super) fn answering(mut self, offer: &str, region: &str, answer: Answer) -> Self {
        let path = format!("/offers/v1.0/aws/{offer}/20260911000000/{region}/index.json");
        self.answers.insert(path.clone(), answer);
        self.listed_at(offer, region, &path)
    }

    /// With the file of an offer in a region listed at this path.
    pub(super) fn listed_at(mut self, offer: &str, region: &str, path: &str) -> Self {
        let regions = self.indexes.get_mut(offer).unwrap();
        regions.insert(region.to_owned(), path.to_owned());
        self
    }

    /// With something else at this path.
    pub(super) fn at(mut self, path: &str, answer: Answer) -> Self {
        self.answers.insert(path.to_owned(), answer);
        self
    }

    /// Listens: the address.
    pub(super) async fn serve(mut self) -> String {
        for (offer, regions) in &self.indexes {
            let entries: Map<String, Value> = regions
                .iter()
                .map(|(region, path)| {
                    (region.clone(), json!({"regionCode": region, "currentVersionUrl": path}))
                })
                .collect();
            let path = format!("/offers/v1.0/aws/{offer}/current/region_index.json");
            let text = json!({"formatVersion": "v1.0", "regions": entries}).to_string();
            self.answers.entry(path).or_insert(Answer::Text(text));
        }
        let answers = self.answers.into_iter().map(|(path, answer)| (path, (answer, AtomicUsize::new(0))));
        let state: Answers = Arc::new(answers.collect());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}

/// By path: the answer, and how often it was asked for.
type Answers = Arc<BTreeMap<String, (Answer, AtomicUsize)>>;

async fn answer(State(answers): State<Answers>, uri: Uri) -> Response {
    let Some((answer, asked)) = answers.get(uri.path()) else { return StatusCode::NOT_FOUND.into_response() };
    let is_first = asked.fetch_add(1, Ordering::Relaxed) == 0;
    match answer.clone() {
        Answer::AfterAFailure(_) if is_first => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::Text(text) | Answer::AfterAFailure(text) => text.into_response(),
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Streamed { bytes } => streamed(bytes).into_response(),
        Answer::Announced { bytes } => {
            ([(header::CONTENT_LENGTH, bytes.to_string())], breaking_off()).into_response()
        }
        Answer::Elsewhere(path) => (StatusCode::FOUND, [(header::LOCATION, path)]).into_response(),
    }
}

/// So many spaces, in pieces, of which nobody says how many there will be.
fn streamed(bytes: usize) -> Body {
    const PIECE: &[u8] = &[b' '; 1 << 16];
    let pieces = (0..bytes.div_ceil(PIECE.len())).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(PIECE)));
    Body::from_stream(futures::stream::iter(pieces))
}

/// A piece, and then no more. In between it waits once, so that the piece goes out.
fn breaking_off() -> Body {
    let piece = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b" "))]);
    let end = futures::stream::once(async {
        tokio::task::yield_now().await;
        Err(std::io::Error::other("broken off on purpose"))
    });
    Body::from_stream(piece.chain(end))
}
