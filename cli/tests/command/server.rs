//! A server with a registry, and the command beside it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use chrono::{DateTime, Utc};
use fake_ecr::{Clock, Fake, Fault, FaultKind, FaultTimes, ImageRecord, Options, Server, generate};
use serde_json::{Value, json};

use crate::support::{Folder, Run};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "ap-northeast-2";
/// The key of a session of the role `/finops/Demurrage`.
pub(crate) const KEY: &str = "AKIADEMURRAGE";

/// A server with a generated registry, and a folder for the command.
pub(crate) struct Live {
    pub(crate) server: Server,
    pub(crate) folder: Folder,
    /// The repositories of the generated registry.
    pub(crate) names: Vec<String>,
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_491_200, 0).expect("a time")
}

impl Live {
    pub(crate) fn empty() -> Self {
        let server = Server::start(Options::default()).expect("the server starts");
        let fake = server.registry();
        fake.set_clock(Clock::Fixed(now()));
        fake.add_principal(KEY, ACCOUNT, "arn:aws:sts::123456789012:assumed-role/Demurrage/run");
        Self { server, folder: Folder::new(), names: Vec::new() }
    }

    pub(crate) fn generated(repositories: usize, images_per_repository: usize, seed: u64) -> Self {
        let mut live = Self::empty();
        let options = generate::Options { repositories, images_per_repository, seed, now: now() };
        let registry = generate::Registry::new(options);
        live.names = (0..registry.len()).map(|i| registry.name(i)).collect();
        live.names.sort();
        live.fake().attach_generated(ACCOUNT, REGION, registry);
        live
    }

    pub(crate) fn fake(&self) -> &Fake {
        self.server.registry()
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = self.folder.command();
        command.args(arguments.split(' '));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .env("AWS_ENDPOINT_URL", self.server.url())
            .env("AWS_ACCESS_KEY_ID", KEY)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Run {
        Run::of(&self.command(arguments).output().expect("the command starts"))
    }

    /// The same, which may ask ECR for nothing but these actions, as IAM names them.
    pub(crate) fn run_within(&self, actions: &[&str], arguments: &str) -> Run {
        let counted = || -> Vec<(String, u64)> {
            self.fake().calls().into_iter().map(|(key, count)| (key.operation, count.calls)).collect()
        };
        let before = counted();
        let run = self.run(arguments);
        for (operation, _) in counted().into_iter().filter(|one| !before.contains(one)) {
            let is_allowed = actions.contains(&&*format!("ecr:{operation}"));
            assert!(is_allowed || operation == "GetCallerIdentity", "{operation} is none of {actions:?}");
        }
        run
    }

    /// Registers the role as a pull-time exclusion, as somebody has done long ago.
    pub(crate) fn exclude(&self) {
        let arn = "arn:aws:iam::123456789012:role/finops/Demurrage";
        let answer = self.post("RegisterPullTimeUpdateExclusion", &json!({ "principalArn": arn }));
        assert!(answer.contains(arn), "{answer}");
    }

    /// Collects with manifests, the pace of a server that nobody else asks.
    pub(crate) fn collect(&self, more: &str) -> Run {
        self.exclude();
        self.run(&format!("collect --region {REGION} --calls-per-second 5000{more}"))
    }

    /// What the command keeps of what it asked AWS, in the order of their times: names and contents.
    pub(crate) fn evidence(&self) -> Vec<(String, Value)> {
        let Ok(documents) = std::fs::read_dir(self.folder.path("store/evidence")) else { return Vec::new() };
        let mut all: Vec<(String, Value)> = documents
            .flatten()
            .map(|document| {
                let text = std::fs::read_to_string(document.path()).expect("a text");
                (
                    document.file_name().to_string_lossy().into_owned(),
                    serde_json::from_str(&text).expect("JSON"),
                )
            })
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }

    /// How often an operation was called.
    pub(crate) fn calls(&self, operation: &str) -> u64 {
        self.fake().calls().iter().filter(|(key, _)| key.operation == operation).map(|(_, n)| n.calls).sum()
    }

    /// Every call of these operations is refused. The clock has to be right: the SDK takes a refusal from
    /// another time for a wrong signature.
    pub(crate) fn deny(&self, operations: &[&str]) {
        self.fake().set_clock(Clock::default());
        for operation in operations {
            self.fail(operation, FaultKind::AccessDenied, FaultTimes::Every(1));
        }
    }

    pub(crate) fn fail(&self, operation: &str, kind: FaultKind, times: FaultTimes) {
        let operation = operation.to_owned();
        self.fake().add_fault(Fault { operation, account: None, region: None, kind, times });
    }

    /// What the API answers to somebody else: one request of plain HTTP.
    pub(crate) fn post(&self, operation: &str, body: &Value) -> String {
        let body = body.to_string();
        let mut connection = TcpStream::connect(self.server.address()).expect("the server listens");
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.{operation}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={KEY}/20261101/{REGION}/ecr/aws4_request\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        answer
    }

    pub(crate) fn images(&self) -> Vec<ImageRecord> {
        self.names.iter().flat_map(|name| self.fake().images(ACCOUNT, REGION, name)).collect()
    }
}
