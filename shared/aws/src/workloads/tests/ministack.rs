//! Workloads as somebody else's server has them: ECS, Lambda and `EventBridge` that are not ours.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_ecs::types::ContainerDefinition;
use aws_sdk_lambda::types::{FunctionCode, PackageType};
use demurrage_core::in_use::{SourceState, UseSource};

use super::server::REGION;
use super::{image, now, state};
use crate::workloads::{KnownFunctionVersions, WorkloadOptions, read_workloads};
use crate::{Server, Session, SessionOptions};

/// How long the server may take to start on a busy machine.
const START_SECONDS_MAX: u64 = 60;

/// A server that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn start(python: &std::ffi::OsStr) -> (Process, Session) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port();
    let child = Command::new(python)
        .args(["-m", "ministack"])
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Python starts");
    let mut process = Process(child);
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert_eq!(process.0.try_wait().unwrap(), None, "the server ended");
        assert!(begun.elapsed() < Duration::from_secs(START_SECONDS_MAX), "the server does not answer");
        tokio::task::yield_now().await;
    }
    let at = Server { url: format!("http://127.0.0.1:{port}"), access_key_id: "test".to_owned() };
    let options = SessionOptions { at: Some(at), ..SessionOptions::default() };
    let session = Session::open(REGION, options).await.unwrap();
    (process, session)
}

async fn register(ecs: &aws_sdk_ecs::Client, family: &str, tag: &str) -> String {
    let container =
        ContainerDefinition::builder().name("app").image(image(&format!("{family}:{tag}"))).memory(128);
    let register = ecs.register_task_definition().family(family).container_definitions(container.build());
    let registered = register.send().await.unwrap();
    registered.task_definition.and_then(|it| it.task_definition_arn).unwrap()
}

/// A task by itself, a service that wants no task, a rule, and revisions of a family that nothing names.
async fn make_workloads(session: &Session) {
    let ecs = aws_sdk_ecs::Client::new(session.config());
    let cluster = ecs.create_cluster().cluster_name("prod").send().await.unwrap();
    let cluster = cluster.cluster.and_then(|cluster| cluster.cluster_arn).unwrap();
    let batch = register(&ecs, "batch", "1").await;
    ecs.run_task().cluster(&cluster).task_definition(batch).send().await.unwrap();
    let web = register(&ecs, "web", "1").await;
    let service =
        ecs.create_service().cluster(&cluster).service_name("web").task_definition(web).desired_count(0);
    service.send().await.unwrap();
    for tag in ["2", "3", "4", "5"] {
        register(&ecs, "web", tag).await;
    }

    let events = aws_sdk_eventbridge::Client::new(session.config());
    let night = events.put_rule().name("nightly").schedule_expression("rate(1 day)");
    night.send().await.unwrap();
    let report = register(&ecs, "report", "1").await;
    let of_ecs =
        aws_sdk_eventbridge::types::EcsParameters::builder().task_definition_arn(report).build().unwrap();
    let target = aws_sdk_eventbridge::types::Target::builder().id("t").arn(cluster).ecs_parameters(of_ecs);
    events.put_targets().rule("nightly").targets(target.build().unwrap()).send().await.unwrap();

    let lambda = aws_sdk_lambda::Client::new(session.config());
    let code = FunctionCode::builder().image_uri(image("checkout:live")).build();
    let create =
        lambda.create_function().function_name("checkout").package_type(PackageType::Image).code(code);
    create.role("arn:aws:iam::123456789012:role/checkout").publish(true).send().await.unwrap();
}

/// Runs where `DEMURRAGE_PYTHON` names a Python that has `ministack`: the gate sees to that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_server_runs_is_in_use() {
    let Some(python) = std::env::var_os("DEMURRAGE_PYTHON") else {
        assert!(std::env::var_os("CI").is_none(), "the gate names a Python with ministack");
        return;
    };
    let (_process, session) = start(&python).await;
    make_workloads(&session).await;
    let options = WorkloadOptions::default();
    let read = read_workloads(&session, &options, &KnownFunctionVersions::default(), now()).await;
    assert_eq!(state(&read, UseSource::Ecs), SourceState::Read);
    assert_eq!(state(&read, UseSource::Lambda), SourceState::Read);
    assert!(matches!(state(&read, UseSource::Inspector), SourceState::NotEnabled(_)), "it is off at first");
    let tells = |reference: &str, told: &str| {
        let mut uses = read.record.uses.iter();
        let is_it =
            uses.any(|it| it.reference == image(reference).parse().unwrap() && it.evidence.contains(told));
        assert!(is_it, "{reference}, {told}: {:#?}", read.record.uses);
    };
    tells("batch:1", "task `");
    tells("batch:1", "container `app`, named by tasks in cluster `prod`");
    tells("web:1", "deployment of service `web` in cluster `prod`");
    for tag in ["3", "4", "5"] {
        tells(&format!("web:{tag}"), "one of the newest 3 active revisions of `web`");
    }
    tells("report:1", "rule `nightly` of event bus `default`");
    tells("checkout:live", "`$LATEST` of function `checkout`");
    tells("checkout:live", "version 1 of function `checkout`");
    let second = image("web:2").parse().unwrap();
    assert!(!read.record.uses.iter().any(|it| it.reference == second), "an old revision that nothing names");
    assert!(read.record.uses.iter().all(|it| it.reference.digest.is_some() || it.since.is_some()));
}
