//! Pulls that `CloudWatch` has counted: asked for once, kept in the store, and shared by assumptions.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use ciborium::Value as Cbor;
use serde_json::{Value, json};

use crate::cost::{image, repository};
use crate::server::{ACCOUNT, Live, REGION};
use crate::support::Run;

const NOW: &str = "2026-11-01T09:30:00Z";
const MIB: u64 = 1 << 20;

/// A server of figures: the pulls of each repository on one day, or a fault.
struct CloudWatch {
    url: String,
    /// The names of repositories of each question.
    questions: Arc<Mutex<Vec<Vec<String>>>>,
}

#[derive(Clone)]
enum Figures {
    /// By name; a repository that is not here has none, and one without a number has only a part of its days.
    Of(BTreeMap<&'static str, Option<f64>>),
    Denied,
}

impl CloudWatch {
    fn start(figures: Figures) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let questions = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::clone(&questions);
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let mut reader = BufReader::new(connection.try_clone().expect("a connection"));
                let question: Cbor = ciborium::from_reader(&*body(&mut reader)).expect("CBOR");
                let queries = member(&question, "MetricDataQueries").as_array().expect("a list").clone();
                asked.lock().expect("a list").push(queries.iter().map(name).collect());
                let (status, answer) = answer(&figures, &queries);
                let mut bytes = Vec::new();
                ciborium::into_writer(&answer, &mut bytes).expect("CBOR");
                let head = format!(
                    "HTTP/1.1 {status}\r\nsmithy-protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\n\
                     Connection: close\r\nContent-Length: {}\r\n\r\n",
                    bytes.len()
                );
                let _ = connection.write_all(&[head.into_bytes(), bytes].concat());
            }
        });
        Self { url, questions }
    }

    fn questions(&self) -> Vec<Vec<String>> {
        self.questions.lock().expect("a list").clone()
    }
}

fn body(reader: &mut impl BufRead) -> Vec<u8> {
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| 2 < read) {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    body
}

fn answer(figures: &Figures, queries: &[Cbor]) -> (&'static str, Cbor) {
    let figures = match figures {
        Figures::Of(figures) => figures,
        Figures::Denied => {
            let code = text("com.amazonaws.cloudwatch#AccessDenied");
            return ("403 Forbidden", map(vec![("__type", code), ("message", text("not you"))]));
        }
    };
    let result = |query: &Cbor| {
        let figure = figures.get(&*name(query));
        let values: Vec<Cbor> = figure.iter().filter_map(|figure| figure.map(Cbor::Float)).collect();
        let days = values.iter().map(|_| Cbor::Tag(1, Box::new(Cbor::Integer(1_793_404_800.into()))));
        let status = if figure == Some(&None) { "PartialData" } else { "Complete" };
        map(vec![
            ("Id", member(query, "Id").clone()),
            ("StatusCode", text(status)),
            ("Timestamps", Cbor::Array(days.collect())),
            ("Values", Cbor::Array(values)),
        ])
    };
    ("200 OK", map(vec![("MetricDataResults", Cbor::Array(queries.iter().map(result).collect()))]))
}

fn name(query: &Cbor) -> String {
    let dimensions = member(member(member(query, "MetricStat"), "Metric"), "Dimensions");
    let dimension = dimensions.as_array().and_then(|all| all.first()).expect("a dimension");
    member(dimension, "Value").as_text().expect("a text").to_owned()
}

fn member<'a>(map: &'a Cbor, name: &str) -> &'a Cbor {
    let members = map.as_map().expect("a map");
    let found = members.iter().find(|(key, _)| key.as_text() == Some(name));
    &found.unwrap_or_else(|| panic!("no `{name}` in {map:?}")).1
}

fn map(members: Vec<(&str, Cbor)>) -> Cbor {
    Cbor::Map(members.into_iter().map(|(name, value)| (text(name), value)).collect())
}

fn text(text: &str) -> Cbor {
    Cbor::Text(text.to_owned())
}

/// Three repositories with an image of one GB each.
fn live() -> Live {
    let live = Live::empty();
    for name in ["shop/app", "shop/web", "tools"] {
        let images = vec![image("v1", &[(1, 1024 * MIB - 1_000)], 10)];
        live.fake().load_repository(ACCOUNT, REGION, repository(name, None), images);
    }
    live.collect("").expect(0);
    live
}

fn count_with(live: &Live, cloudwatch: &CloudWatch, more: &str) -> Run {
    let mut command = live.command(&format!("cost --now {NOW} --count-pulls{more}"));
    let output = command.env("AWS_ENDPOINT_URL_CLOUDWATCH", &cloudwatch.url).output();
    Run::of(&output.expect("the command starts"))
}

fn cost(live: &Live, more: &str) -> Value {
    live.folder.run(&format!("cost --now {NOW} --format json{more}")).expect(0).json()
}

fn figures(pairs: &[(&'static str, Option<f64>)]) -> Figures {
    Figures::Of(pairs.iter().copied().collect())
}

#[test]
fn counted_pulls_are_kept_shown_and_priced_as_nothing_without_an_assumption() {
    let live = live();
    let before = cost(&live, "");
    assert_eq!(before.get("pulls_counted"), None);
    let cloudwatch = CloudWatch::start(figures(&[("shop/app", Some(400.0)), ("tools", Some(3.0))]));
    let run = count_with(&live, &cloudwatch, " --repository shop/*").expect(0);
    assert!(
        run.stderr.contains("pulls of 3 repositories counted between 2026-10-02 and 2026-11-01"),
        "{}",
        run.stderr
    );
    // All of the registry is counted, whatever is asked about.
    assert_eq!(cloudwatch.questions(), [["shop/app", "shop/web", "tools"]]);
    let after = cost(&live, "");
    assert_eq!(
        after["pulls_counted"],
        json!([{"account": ACCOUNT, "region": REGION, "since": "2026-10-02T00:00:00+00:00",
            "until": "2026-11-01T00:00:00+00:00", "pulls": 403, "repositories": [
                {"name": "shop/app", "pulls": 400}, {"name": "shop/web", "pulls": 0}, {"name": "tools", "pulls": 3}]}])
    );
    let mut without = after.clone();
    without.as_object_mut().expect("a document").remove("pulls_counted");
    assert_eq!(without, before, "nothing else changes");
    // From then on nobody is asked.
    assert_eq!(cloudwatch.questions().len(), 1);
    let table = live.folder.run(&format!("cost --now {NOW} --repository shop/*")).expect(0).stdout;
    let said = "CloudWatch counted 400 pulls of 2 repositories in 123456789012 ap-northeast-2 between 2026-10-02 and \
        2026-11-01: where they went is not known, so they are priced as nothing";
    assert!(table.contains(said), "{table}");
    let mut kept: Vec<_> = std::fs::read_dir(live.folder.path("store/pulls"))
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    kept.sort();
    assert_eq!(kept, ["123456789012-ap-northeast-2-2026-11-01.json", "123456789012-ap-northeast-2.json"]);
}

#[test]
fn an_assumption_without_a_number_shares_the_counted_pulls_of_each_repository() {
    let live = live();
    live.folder.write(
        "assumed.toml",
        "[[pulls]]\nrepository = \"shop/*\"\nto = \"us-east-1\"\nshare = \"0.25\"\n\n\
         [[pulls]]\nrepository = \"shop/*\"\nto = \"us-west-2\"\nshare = 0.5\n\n\
         [[pulls]]\nrepository = \"shop/app\"\nto = \"internet\"\nper_month = 7\n\n\
         [[pulls]]\nrepository = \"shop/app\"\nto = \"eu-west-1\"\n",
    );
    // Before anything is counted, the figures are unknown.
    let run =
        live.folder.run(&format!("cost --now {NOW} --format json --assumptions assumed.toml")).expect(0);
    assert!(run.stderr.contains("the pulls of 2 repositories were not counted"), "{}", run.stderr);
    assert!(run.stderr.contains("`--count-pulls` asks CloudWatch"), "{}", run.stderr);
    let unknown = &run.json()["pulls"][0];
    assert_eq!(
        (&unknown["pulls_per_month"], &unknown["transfer_usd_per_month"], &unknown["pulls_from"]),
        (&Value::Null, &Value::Null, &json!("cloudwatch"))
    );
    let cloudwatch = CloudWatch::start(figures(&[("shop/app", Some(402.0))]));
    let run = count_with(&live, &cloudwatch, " --format json --assumptions assumed.toml").expect(0);
    assert!(!run.stderr.contains("not counted"), "{}", run.stderr);
    let answer = run.json();
    let rows: Vec<Value> = answer["pulls"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let keys = ["name", "to", "pulls_per_month", "transfer_usd_per_month", "basis", "pulls_from"];
            keys.iter().map(|key| row[*key].clone()).collect()
        })
        .collect();
    // A quarter of 402 pulls is 100.5, and a GB from Seoul to another region costs 0.08.
    assert_eq!(
        rows,
        [
            json!(["shop/app", "eu-west-1", 402, "32.1600000000", "assumed", "cloudwatch"]),
            json!(["shop/app", "us-east-1", 101, "8.0800000000", "assumed", "cloudwatch"]),
            json!(["shop/app", "us-west-2", 201, "16.0800000000", "assumed", "cloudwatch"]),
            json!(["shop/app", "internet", 7, "0.0000000000", "assumed", "assumption"]),
            json!(["shop/web", "us-east-1", 0, "0.0000000000", "assumed", "cloudwatch"]),
            json!(["shop/web", "us-west-2", 0, "0.0000000000", "assumed", "cloudwatch"]),
        ]
    );
    let table = live.folder.run(&format!("cost --now {NOW} --assumptions assumed.toml --by pulls")).expect(0);
    insta::assert_snapshot!("cost_pulls", table.stdout);
    let rows =
        live.folder.run(&format!("cost --now {NOW} --assumptions assumed.toml --by pulls --format csv"));
    assert_eq!(rows.expect(0).stdout.lines().count(), 7);
}

#[test]
fn a_repository_of_which_not_all_came_is_named_and_its_figures_are_unknown() {
    let live = live();
    live.folder.write("assumed.toml", "[[pulls]]\nrepository = \"*\"\nto = \"us-east-1\"\n");
    let cloudwatch = CloudWatch::start(figures(&[("shop/app", None), ("tools", Some(1.0))]));
    let run = count_with(&live, &cloudwatch, " --format json --assumptions assumed.toml").expect(4);
    assert!(
        run.stderr.contains("pulls of 1 repository were not counted; the first is `shop/app`"),
        "{}",
        run.stderr
    );
    let answer = run.json();
    let pulls: Vec<&Value> =
        answer["pulls"].as_array().expect("rows").iter().map(|row| &row["pulls_per_month"]).collect();
    assert_eq!(pulls, [&Value::Null, &json!(0), &json!(1)]);
}

#[test]
fn without_the_permission_nothing_is_kept_and_the_mend_is_said() {
    let live = live();
    let run = count_with(&live, &CloudWatch::start(Figures::Denied), "").expect(3);
    assert!(run.stderr.contains("allow `cloudwatch:GetMetricData` to the principal"), "{}", run.stderr);
    assert!(!live.folder.path("store/pulls").exists());
}

#[test]
fn a_registry_of_another_account_is_left_out_and_named() {
    let live = live();
    live.fake().add_principal("AKIAOTHER", "999999999999", "arn:aws:iam::999999999999:user/finops");
    let cloudwatch = CloudWatch::start(figures(&[]));
    let mut command = live.command(&format!("cost --now {NOW} --count-pulls"));
    command.env("AWS_ENDPOINT_URL_CLOUDWATCH", &cloudwatch.url).env("AWS_ACCESS_KEY_ID", "AKIAOTHER");
    let run = Run::of(&command.output().expect("the command starts")).expect(4);
    assert!(run.stderr.contains("the credentials are of account 999999999999"), "{}", run.stderr);
    assert_eq!(cloudwatch.questions().len(), 0);
}

#[test]
fn options_that_ask_for_nothing_and_shares_that_are_none_are_bad_input() {
    let live = live();
    live.folder.write("assumed.toml", "[[pulls]]\nrepository = \"*\"\nto = \"us-east-1\"\nper_month = 1\n");
    for (arguments, said) in [
        ("cost --role-arn arn:aws:iam::123456789012:role/x", "is about asking AWS"),
        ("cost --by pulls", "no pulls are known"),
        ("cost --assumptions assumed.toml --format csv", "add `--by pulls`"),
        ("cost --count-pulls --now 2100-01-01", "`--now` is in the future"),
    ] {
        let run = live.folder.run(arguments).expect(2);
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
    }
    for (member, said) in [
        ("share = \"1.5\"", "`1.5` is not a share"),
        ("share = -0.5", "`-0.5` is not a share"),
        ("share = [1]", "`share` is a decimal, and no array"),
        ("share = 1\nper_month = 2", "`share` is one of counted pulls"),
        ("per_month = -1", "`per_month` is less than 0"),
    ] {
        live.folder
            .write("assumed.toml", format!("[[pulls]]\nrepository = \"*\"\nto = \"us-east-1\"\n{member}\n"));
        let run = live.folder.run("cost --assumptions assumed.toml").expect(2);
        assert!(run.stderr.contains(said), "{member}: {}", run.stderr);
    }
}

#[test]
fn stored_counts_that_are_none_are_named_and_end_with_2() {
    let live = live();
    live.folder.write("store/pulls/123456789012-ap-northeast-2.json", "{}");
    let run = live.folder.run("cost").expect(2);
    assert!(
        run.stderr.contains("123456789012-ap-northeast-2.json") && run.stderr.contains("--count-pulls"),
        "{}",
        run.stderr
    );
}
