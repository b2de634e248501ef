//! A server with two repositories, and a client of the few lines of HTTP that the tests need.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use fake_ecr::{Options, RepositoryRecord, Server};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "ap-northeast-2";

/// A running server, and a token for it.
pub(crate) struct Registry {
    pub(crate) server: Server,
    /// The password of the user `AWS`.
    pub(crate) token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Registry {
    /// With the repositories `team/app`, whose tags move, and `team/fixed`, whose tags do not.
    pub(crate) fn start() -> Self {
        let options = Options { listen: "127.0.0.1:0".parse().unwrap(), ..Options::default() };
        let server = Server::start(options).unwrap();
        let mut registry = Self { server, token: String::new() };
        registry.add("team/app", "MUTABLE");
        registry.add("team/fixed", "IMMUTABLE");
        let data = &registry.call("GetAuthorizationToken", "{}")["authorizationData"][0];
        let token = STANDARD.decode(data["authorizationToken"].as_str().unwrap()).unwrap();
        registry.token = String::from_utf8(token).unwrap().strip_prefix("AWS:").unwrap().to_owned();
        registry
    }

    /// Makes an empty repository.
    pub(crate) fn add(&self, name: &str, mutability: &str) {
        let record = RepositoryRecord {
            name: name.to_owned(),
            created_at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            mutability: mutability.to_owned(),
            exclusion_filters: Vec::new(),
            scan_on_push: false,
            encryption_type: "AES256".to_owned(),
            kms_key: None,
            lifecycle_policy: None,
            lifecycle_evaluated_at: None,
            repository_policy: None,
            resource_tags: BTreeMap::new(),
        };
        self.server.registry().load_repository(ACCOUNT, REGION, record, Vec::new());
    }

    /// Where it listens, as registries are named: `127.0.0.1:4510`.
    pub(crate) fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// An operation of the JSON API.
    pub(crate) fn call(&self, operation: &str, body: &str) -> Value {
        let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        let credential =
            format!("AWS4-HMAC-SHA256 Credential=test/20261124/{REGION}/ecr/aws4_request, Signature=0");
        let headers = [
            ("x-amz-target", target.as_str()),
            ("authorization", &credential),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        let answer = self.send("POST", "/", &headers, body.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// A request by somebody who may come in.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let basic = format!("Basic {}", STANDARD.encode(format!("AWS:{}", self.token)));
        let mut headers = headers.to_vec();
        headers.push(("authorization", &basic));
        self.send(method, path, &headers, body)
    }

    /// A request with these headers alone.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.server.address()).unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.host());
        for (name, value) in headers {
            head = format!("{head}{name}: {value}\r\n");
        }
        head = format!("{head}content-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::read(&bytes)
    }

    /// Uploads a blob in one request; its digest.
    pub(crate) fn upload(&self, repository: &str, bytes: &[u8]) -> String {
        let digest = sha256(bytes);
        let path = format!("/v2/{repository}/blobs/uploads/?digest={}", digest.replace(':', "%3A"));
        assert_eq!(self.ask("POST", &path, &[], bytes).status, 201);
        digest
    }

    /// Pushes an image with this text as its only layer; the digest and the text of its manifest.
    pub(crate) fn push(&self, repository: &str, tag: &str, layer: &str) -> (String, String) {
        let config = self.upload(repository, b"{}");
        let digest = self.upload(repository, layer.as_bytes());
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{digest}","size":{}}}]}}"#,
            layer.len()
        );
        let answer = self.put(repository, tag, MANIFEST, &text);
        assert_eq!(answer.status, 201, "{}", answer.text());
        (sha256(text.as_bytes()), text)
    }

    /// Puts a manifest.
    pub(crate) fn put(&self, repository: &str, reference: &str, media_type: &str, text: &str) -> Answer {
        let path = format!("/v2/{repository}/manifests/{reference}");
        self.ask("PUT", &path, &[("content-type", media_type)], text.as_bytes())
    }
}

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_lowercase(), value.trim().to_owned())
        };
        Self { status, headers: lines.map(header).collect(), body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code and the message of the error that it is.
    pub(crate) fn error(&self) -> (String, String) {
        let error = &self.json()["errors"][0];
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    }
}

/// `sha256:` and 64 hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let hex = Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("sha256:{hex}")
}
