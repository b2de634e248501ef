//! `demurrage approve`: one execution for a plan, by its hash, and none for a plan that may not be applied.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;
use std::{fs, thread};

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::in_use::SourceState;
use demurrage_core::instant;
use demurrage_store::{Deployment, Store};
use serde_json::{Value, json};

use crate::plan::{add_inventory, add_use, repository};
use crate::support::{Folder, Run, keep};

const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:demurrage-apply";

/// What the server was asked to do, and what it has: a part of AWS.
#[derive(Default)]
struct Aws {
    /// By name: the input, when it was started, and whether it runs.
    executions: BTreeMap<String, (String, f64, bool)>,
    /// Operations in their order, without those about who asks.
    asked: Vec<&'static str>,
    /// So many questions for an execution are answered as if there were none.
    is_blind: u32,
    /// The state machine is gone.
    is_gone: bool,
}

impl Aws {
    /// What Step Functions answers: the code, and the document.
    fn answer(&mut self, operation: &'static str, body: &Value) -> (u16, Value) {
        self.asked.push(operation);
        let error =
            |code: &str| (400, json!({"__type": format!("com.amazonaws.states#{code}"), "message": "no"}));
        let arn = |name: &str| format!("{}:{name}", MACHINE.replace(":stateMachine:", ":execution:"));
        if operation == "DescribeExecution" {
            let asked = body["executionArn"].as_str().expect("an ARN");
            let name = asked.rsplit(':').next().expect("a name");
            assert_eq!(asked, arn(name));
            if 0 < self.is_blind {
                self.is_blind -= 1;
                return error("ExecutionDoesNotExist");
            }
            return match self.executions.get(name) {
                None => error("ExecutionDoesNotExist"),
                Some((input, at, runs)) => {
                    let mut found = json!({"executionArn": asked, "stateMachineArn": MACHINE, "name": name, "input": input,
                        "status": if *runs { "RUNNING" } else { "FAILED" }, "startDate": at});
                    if !runs {
                        found["stopDate"] = json!(at + 60.0);
                    }
                    (200, found)
                }
            };
        }
        if self.is_gone {
            return error("StateMachineDoesNotExist");
        }
        assert_eq!(body["stateMachineArn"], MACHINE);
        let text = |key: &str| body[key].as_str().expect("a text").to_owned();
        let (name, input) = (text("name"), text("input"));
        let at = 1_790_000_000.25;
        match self.executions.get(&name) {
            Some((there, started, true)) if *there == input => {
                (200, json!({"executionArn": arn(&name), "startDate": started}))
            }
            Some(_) => error("ExecutionAlreadyExists"),
            None => {
                self.executions.insert(name.clone(), (input, at, true));
                (200, json!({"executionArn": arn(&name), "startDate": at}))
            }
        }
    }
}

/// A server of Step Functions and of who asks, which is somebody of this account.
fn serve(aws: &Arc<Mutex<Aws>>, account: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let aws = Arc::clone(aws);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let aws = Arc::clone(&aws);
            thread::spawn(move || answer(stream, &aws, account));
        }
    });
    format!("http://{address}")
}

fn answer(mut stream: TcpStream, aws: &Mutex<Aws>, account: &str) {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    let (head, body) = loop {
        let Ok(read @ 1..) = stream.read(&mut buffer) else { return };
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if length.unwrap_or(0) <= body.len() {
            break (head, body.to_owned());
        }
    };
    assert!(head.contains("authorization: aws4-hmac-sha256"), "each request is signed: {head}");
    let (code, kind, text) = if head.contains("x-amz-target: awsstepfunctions.") {
        let operation = if head.contains(".startexecution") { "StartExecution" } else { "DescribeExecution" };
        let document = serde_json::from_str(&body).expect("JSON");
        let (code, answer) = aws.lock().expect("the server").answer(operation, &document);
        (code, "application/x-amz-json-1.0", answer.to_string())
    } else {
        assert!(body.contains("Action=GetCallerIdentity"), "{body}");
        let text = format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Arn>arn:aws:iam::{account}:user/kim</Arn><UserId>AIDA</UserId><Account>{account}</Account>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        (200, "text/xml", text)
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
}

/// A store with plans, and the server.
struct World {
    folder: Folder,
    aws: Arc<Mutex<Aws>>,
    url: String,
}

impl World {
    /// One whose plans were made so many hours ago.
    fn of(hours_ago: i64, account: &'static str) -> Self {
        let folder = Folder::new();
        let at: DateTime<Utc> = DateTime::<Utc>::from(SystemTime::now()) - TimeDelta::hours(hours_ago);
        let mut repository = repository("shop/cart");
        for (image, age_days) in repository.images.iter_mut().zip((1..30).rev()) {
            image.pushed_at = Some(at - TimeDelta::days(age_days));
        }
        folder.write_json("policy.json", &keep(2));
        folder.write("made_at", instant::format(at));
        add_inventory(&folder, vec![repository], &instant::format(at));
        add_use(&folder, &instant::format(at), &SourceState::Read);
        let deployment = Deployment { apply_state_machine: MACHINE.to_owned() };
        Store::new(folder.path("store")).put_deployment(&deployment).expect("it is stored");
        let aws = Arc::new(Mutex::new(Aws::default()));
        let url = serve(&aws, account);
        Self { folder, aws, url }
    }

    fn new() -> Self {
        Self::of(0, "123456789012")
    }

    /// The hash of a plan that is made now.
    fn plan(&self, more: &str) -> String {
        let at = fs::read_to_string(self.folder.path("made_at")).expect("a time");
        let run = self.folder.run(&format!("plan --policy policy.json --now {at} --format json{more}"));
        assert!(run.code < 2, "{}", run.stderr);
        let plan = run.json();
        assert!(plan["actions"].as_u64().is_some_and(|actions| 0 < actions), "{plan}");
        plan["hash"].as_str().expect("a hash").to_owned()
    }

    fn approve(&self, hash: &str, more: &str) -> Run {
        let mut command = self.folder.command();
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command.args(format!("approve {hash}{more}").split(' '));
        command
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", "AKIADEMURRAGE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        Run::of(&command.output().expect("the command starts"))
    }

    fn aws(&self) -> std::sync::MutexGuard<'_, Aws> {
        self.aws.lock().expect("the server")
    }

    /// The operations that were asked for since the last question.
    fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.aws().asked)
    }
}

#[test]
fn a_plan_is_started_once_under_its_hash_and_who_comes_second_is_told_when() {
    let world = World::new();
    let hash = world.plan("");
    let run = world.approve(&hash, " --yes --format json").expect(0);
    assert_eq!(world.asked(), ["DescribeExecution", "StartExecution"]);
    let (input, _, _) = world.aws().executions[&hash].clone();
    let input: Value = serde_json::from_str(&input).expect("JSON");
    assert_eq!(input, json!({"hash": hash, "mode": "approve"}));
    let started = run.json();
    assert_eq!((&started["started"], &started["state_machine"]), (&json!(true), &json!(MACHINE)));
    assert_eq!(started["started_at"], "2026-09-21T14:13:20.250+00:00");
    let report = started["report"].as_str().expect("a place");
    assert!(report.ends_with(&format!("journals/{hash}/report.json")), "{report}");
    assert!(run.stderr.contains("changes 6 images in 1 repository"), "{}", run.stderr);
    assert!(run.stderr.contains("arn:aws:iam::123456789012:user/kim"), "{}", run.stderr);

    let short: String = hash.chars().take(12).collect();
    let again = world.approve(&short, " --yes").expect(1);
    assert_eq!(
        world.asked(),
        ["DescribeExecution"],
        "it runs, and AWS would take a second start for the first"
    );
    let said = format!("the plan {short} was started before at 2026-09-21 14:13 UTC, and is running:\n");
    assert!(again.stdout.starts_with(&said), "{}", again.stdout);
    world.aws().executions.get_mut(&hash).expect("it is there").2 = false;
    let over = world.approve(&hash, " --yes").expect(1);
    assert!(over.stdout.contains("and is failed, ended at 2026-09-21 14:14 UTC"), "{}", over.stdout);
    assert_eq!(world.asked(), ["DescribeExecution"]);
}

#[test]
fn who_loses_a_race_is_told_when_the_other_one_started_it() {
    let world = World::new();
    let hash = world.plan("");
    world.aws().executions.insert(hash.clone(), ("{}".to_owned(), 1_790_000_000.0, true));
    world.aws().is_blind = 1;
    let run = world.approve(&hash, " --yes --format json").expect(1);
    assert_eq!(world.asked(), ["DescribeExecution", "StartExecution", "DescribeExecution"]);
    let document = run.json();
    assert_eq!((&document["started"], &document["status"]), (&json!(false), &json!("RUNNING")));
    assert_eq!(world.aws().executions[&hash].0, "{}", "the other one's");
}

#[test]
fn a_plan_that_may_not_be_applied_is_refused_before_its_name_is_given_away() {
    let world = World::new();
    let observed = world.plan(" --mode observe");
    let run = world.approve(&observed, " --yes").expect(2);
    assert!(run.stderr.contains("only looked at"), "{}", run.stderr);
    let hash = world.plan("");
    let run = world.approve(&hash, "").expect(2);
    assert!(run.stderr.contains("no terminal"), "{}", run.stderr);
    world.folder.run("stop --reason incident").expect(0);
    let run = world.approve(&hash, " --yes").expect(2);
    assert!(run.stderr.contains("everything is stopped") && run.stderr.contains("--lift"), "{}", run.stderr);
    world.folder.run("stop --lift").expect(0);
    let run = world.approve(&hash, " --yes --state-machine demurrage-apply").expect(2);
    assert!(run.stderr.contains("not the ARN of a state machine"), "{}", run.stderr);
    world.approve(&"0".repeat(64), " --yes").expect(2);
    let part = world.folder.path(&format!("store/plans/{hash}/part-00000.jsonl"));
    let text = fs::read_to_string(&part).expect("a part");
    fs::write(&part, text.replacen("v4", "v5", 1)).expect("it is written");
    world.approve(&hash, " --yes").expect(2);

    let late = World::of(48, "123456789012");
    let run = late.approve(&late.plan(""), " --yes").expect(2);
    assert!(run.stderr.contains("the plan expired on"), "{}", run.stderr);
    for world in [world, late] {
        assert_eq!(world.asked(), Vec::<&str>::new());
    }
}

#[test]
fn credentials_of_another_account_and_a_machine_that_is_gone_are_said_with_what_mends_it() {
    let elsewhere = World::of(0, "210987654321");
    let hash = elsewhere.plan("");
    let run = elsewhere.approve(&hash, " --yes").expect(2);
    assert!(
        run.stderr.contains("account 123456789012, and these credentials are of 210987654321"),
        "{}",
        run.stderr
    );
    assert!(elsewhere.asked().is_empty());
    let world = World::new();
    let hash = world.plan("");
    world.aws().is_gone = true;
    let run = world.approve(&hash, " --yes").expect(3);
    assert!(
        run.stderr.contains("StateMachineDoesNotExist") && run.stderr.contains("hint: "),
        "{}",
        run.stderr
    );
    fs::remove_file(world.folder.path("store/deployment.json")).expect("it is removed");
    let run = world.approve(&hash, " --yes").expect(2);
    assert!(run.stderr.contains("no deployment of the service writes the store"), "{}", run.stderr);
    world.aws().is_gone = false;
    world.approve(&hash, &format!(" --yes --state-machine {MACHINE}")).expect(0);
}
