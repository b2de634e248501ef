//! A client of one connection a call, which reads what comes and does not retry.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use chrono::{DateTime, Utc};
use fake_ecr::{Clock, Fake, Options, Server, digest};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const NOW: &str = "2026-11-23T10:00:00Z";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An answer, as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// A server whose clock stands still, and a caller of it.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) server: Server,
    pub(crate) key: String,
    pub(crate) region: String,
}

impl Client {
    /// A server that asks for no layers.
    pub(crate) fn new() -> Self {
        let server = Server::start(Options { clock: Clock::Fixed(at(NOW)), ..Options::default() }).unwrap();
        let client = Self { server, key: "AKIATEST".into(), region: REGION.into() };
        let settings = fake_ecr::Settings { layers_required: false, ..client.fake().settings() };
        client.fake().set_settings(settings);
        client
    }

    /// One with an empty repository `app`.
    pub(crate) fn with_app() -> Self {
        let client = Self::new();
        client.ok("CreateRepository", json!({ "repositoryName": "app" }));
        client
    }

    pub(crate) fn fake(&self) -> &Fake {
        self.server.registry()
    }

    pub(crate) fn call(&self, operation: &str, body: &Value) -> io::Result<Answer> {
        let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        self.target(&target, body)
    }

    pub(crate) fn target(&self, target: &str, body: &Value) -> io::Result<Answer> {
        let credential = format!("{}/20261123/{}/ecr/aws4_request", self.key, self.region);
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
        let headers = [("X-Amz-Target", target), ("Authorization", &authorization)];
        request(self.server.address(), "POST", "/", &headers, body.to_string().as_bytes())
    }

    #[expect(clippy::needless_pass_by_value, reason = "calls read better with the JSON in place")]
    /// What is answered to a call that is granted.
    pub(crate) fn ok(&self, operation: &str, body: Value) -> Value {
        let answer = self.call(operation, &body).unwrap();
        assert_eq!(answer.status, 200, "{operation} {body}: {}", answer.text());
        answer.json()
    }

    #[expect(clippy::needless_pass_by_value, reason = "calls read better with the JSON in place")]
    /// The name of the exception of a call that is refused.
    pub(crate) fn refused(&self, operation: &str, body: Value) -> String {
        let answer = self.call(operation, &body).unwrap();
        assert_eq!(answer.status, 400, "{operation} {body}: {}", answer.text());
        let name = answer.json()["__type"].as_str().unwrap().to_owned();
        let header = format!("x-amzn-errortype: {}", name.to_lowercase());
        assert!(answer.head.contains(&header), "{}", answer.head);
        name
    }

    pub(crate) fn admin(&self, method: &str, path: &str, body: &Value) -> Answer {
        request(self.server.address(), method, path, &[], body.to_string().as_bytes()).unwrap()
    }

    pub(crate) fn push(&self, text: &str, tag: Option<&str>) -> String {
        let mut body = json!({ "repositoryName": "app", "imageManifest": text });
        if let Some(tag) = tag {
            body["imageTag"] = tag.into();
        }
        let image = self.ok("PutImage", body);
        image["image"]["imageId"]["imageDigest"].as_str().unwrap().to_owned()
    }

    /// The images of `app`, whatever their status, with their tags.
    pub(crate) fn tags_by_digest(&self) -> Vec<(String, Vec<String>)> {
        let images = self.fake().images(ACCOUNT, &self.region, "app");
        images.into_iter().map(|image| (image.digest, image.tags)).collect()
    }
}

/// A manifest of one layer of this size; another seed, another digest.
pub(crate) fn manifest(seed: &str, layer_bytes: u64) -> String {
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": digest(seed.as_bytes()), "size": 10,
        },
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
            "digest": digest(format!("layer {seed}").as_bytes()), "size": layer_bytes,
        }],
    })
    .to_string()
}

/// An index of these children.
pub(crate) fn index(children: &[&str]) -> String {
    let child = |digest: &&str| json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 1 });
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": children.iter().map(child).collect::<Vec<_>>(),
    })
    .to_string()
}

/// An artifact that refers to this subject.
pub(crate) fn referrer(subject: &str, artifact_type: &str) -> String {
    let mut manifest: Value = serde_json::from_str(&manifest(artifact_type, 5)).unwrap();
    manifest["artifactType"] = artifact_type.into();
    manifest["subject"] = json!({ "digest": subject, "size": 1, "mediaType": "x" });
    manifest["annotations"] = json!({ "made": "for a test" });
    manifest.to_string()
}

pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: fake\r\nConnection: close\r\n")?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "Content-Length: {}\r\n\r\n", body.len())?;
    stream.write_all(body)?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received)?;
    let end = received.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    let body = received[end + 4..].to_vec();
    let head = String::from_utf8_lossy(&received[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    if length.is_some_and(|length| length.parse() != Ok(body.len())) {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    }
    Ok(Answer { status, head, body })
}
