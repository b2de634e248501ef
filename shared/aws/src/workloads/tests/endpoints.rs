//! Where the services are asked, as the environment says.

use std::process::Command;

use super::now;
use super::server::{REGION, World};
use crate::workloads::{KnownFunctionVersions, WorkloadOptions, read_workloads};
use crate::{Session, SessionOptions};

/// Each service, as the SDKs name it in the environment, and as IAM does.
const SERVICES: [(&str, &str); 6] = [
    ("ECS", "ecs"),
    ("EVENTBRIDGE", "events"),
    ("INSPECTOR2", "inspector2"),
    ("LAMBDA", "lambda"),
    ("SCHEDULER", "scheduler"),
    ("STS", "sts"),
];
const TEST: &str = "workloads::tests::endpoints::each_service_is_asked_where_its_own_variable_says";

/// Runs itself in an environment of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_service_is_asked_where_its_own_variable_says() {
    if std::env::var_os("AWS_ENDPOINT_URL_SCHEDULER").is_some() {
        let session = Session::open(REGION, SessionOptions::default()).await.unwrap();
        read_workloads(&session, &WorkloadOptions::default(), &KnownFunctionVersions::default(), now()).await;
        return;
    }
    let mut itself = Command::new(std::env::current_exe().unwrap());
    itself
        .args(["--exact", TEST])
        .env("AWS_ACCESS_KEY_ID", "AKIADEMURRAGE")
        .env("AWS_SECRET_ACCESS_KEY", "x");
    itself.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    let mut servers = Vec::new();
    for (variable, service) in SERVICES {
        let server = World::default().start().await;
        itself.env(format!("AWS_ENDPOINT_URL_{variable}"), &server.url);
        servers.push((service, server));
    }
    let output = tokio::task::spawn_blocking(move || itself.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    for (service, server) in servers {
        let asked = server.operations();
        let of_service = |operation: &String| operation.split_once(':').is_some_and(|(it, _)| it == service);
        assert!(!asked.is_empty() && asked.iter().all(of_service), "{service}: {asked:?}");
    }
}
