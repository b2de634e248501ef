//! `demurrage use`: what sources say is kept and shown, what they did not say is told, and previews go by it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use demurrage_core::instant;
use serde_json::{Value, json};

use crate::server::{ACCOUNT, Live, REGION};
use crate::support::{Folder, Run, digest, image, images, keep, registry};

const REGISTRY: &str = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com";

/// A store with an inventory of `team/app` (`v1`, `v2`) and `team/web` (`w1`).
fn imported() -> Folder {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-01T00:00:00Z").expect(0);
    folder
}

/// A list of a cluster with a pod that runs this image, and a deployment that names it by the tag.
fn list(repository: &str, tag: &str, running: &str, deployed_at: &str) -> String {
    let named = format!("{REGISTRY}/{repository}:{tag}");
    let container = json!([{"name": "app", "image": named}]);
    let metadata = |name: &str| json!({"namespace": "shop", "name": name, "creationTimestamp": deployed_at});
    let pod = json!({"kind": "Pod", "metadata": metadata("cart-7d9"), "spec": {"containers": container},
        "status": {"startTime": deployed_at, "containerStatuses": [
            {"name": "app", "image": named, "imageID": format!("{REGISTRY}/{repository}@{running}")}]}});
    let deployment = json!({"kind": "Deployment", "metadata": metadata("cart"),
        "spec": {"template": {"spec": {"containers": container}}}});
    json!({"items": [pod, deployment], "kind": "List", "metadata": {"resourceVersion": ""}}).to_string()
}

fn source<'a>(document: &'a Value, name: &str) -> &'a Value {
    let sources = document["sources"].as_array().expect("sources");
    sources.iter().find(|source| source["source"] == name).unwrap_or_else(|| panic!("{document}"))
}

/// Runs `use` with this on its standard input.
fn piped(folder: &Folder, arguments: &str, text: &str) -> Run {
    let mut command = folder.command();
    command.args(arguments.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    child.stdin.take().expect("its input").write_all(text.as_bytes()).expect("it reads");
    Run::of(&child.wait_with_output().expect("it ends"))
}

#[test]
fn a_cluster_is_read_without_aws_and_its_images_are_shown_with_who_uses_them() {
    let folder = imported();
    let text = list("team/app", "v1", &digest('b'), "2026-10-01T00:00:00Z");
    let run = piped(&folder, "use --kubernetes prod=- --format json", &text).expect(0);
    let document = run.json();
    assert_eq!(source(&document, "kubernetes")["state"], "READ");
    assert_eq!(source(&document, "kubernetes")["name"], "prod");
    assert_eq!(document["records"].as_array().expect("records").len(), 1);
    let [repository] = &document["repositories"].as_array().expect("repositories")[..] else {
        panic!("{document}")
    };
    assert_eq!(repository["repository_name"], "team/app");
    let used: Vec<(&Value, &Value)> = repository["images"]
        .as_array()
        .expect("images")
        .iter()
        .map(|image| (&image["image_digest"], &image["uses"][0]["evidence"]))
        .collect();
    assert_eq!(
        used[0],
        (&json!(digest('a')), &json!("pod shop/cart-7d9 (container app) and 1 other in prod"))
    );
    assert_eq!(used[1], (&json!(digest('b')), &json!("pod shop/cart-7d9 (container app) in prod")));
    let gaps: Vec<&Value> =
        document["gaps"].as_array().expect("gaps").iter().map(|gap| &gap["message"]).collect();
    assert_eq!(
        gaps,
        [
            "ECS of 123456789012 ap-northeast-2 was never read",
            "Lambda of 123456789012 ap-northeast-2 was never read"
        ]
    );

    let shown = folder.run("use --show").expect(0);
    assert!(shown.stdout.contains("2 of 2 images in use"), "{}", shown.stdout);
    assert!(shown.stdout.contains("not known: ECS of 123456789012"), "{}", shown.stdout);
    assert!(shown.stderr.contains("hint: run `demurrage use --region ap-northeast-2`"), "{}", shown.stderr);
}

#[test]
fn a_store_that_knows_nothing_of_use_says_so() {
    let folder = imported();
    let run = folder.run("use --show").expect(5);
    assert!(run.stdout.starts_with("no source of uses was read"), "{}", run.stdout);
    folder.run("use --show --region eu-west-1").expect(2);
    folder.run("use --kubernetes prod --show").expect(2);
    folder.run("use --kubernetes =list.json").expect(2);
    folder.run("use --kubernetes prod=missing.json").expect(2);
    let run = folder.run("use --in-use missing.txt --role-arn arn:aws:iam::123456789012:role/x").expect(2);
    assert!(run.stderr.contains("`--role-arn` is about asking AWS"), "{}", run.stderr);
}

#[test]
fn a_list_is_as_old_as_its_file() {
    let folder = imported();
    let path = folder.write("list.json", list("team/app", "v1", &digest('b'), "2026-10-01T00:00:00Z"));
    let old = SystemTime::from(instant::parse("2026-11-01").expect("a time"));
    std::fs::File::options().write(true).open(path).expect("the file").set_modified(old).expect("its time");
    let document =
        folder.run("use --kubernetes prod=list.json --now 2026-11-05 --format json").expect(0).json();
    assert_eq!(source(&document, "kubernetes")["read_at"], "2026-11-01T00:00:00Z");
    let too_old = |gap: &Value| gap["name"] == "prod" && gap["why"] == "TOO_OLD";
    assert!(document["gaps"].as_array().expect("gaps").iter().any(too_old), "{document}");
}

#[test]
fn a_list_that_cannot_be_read_is_a_source_that_failed_and_the_last_one_still_counts() {
    let folder = imported();
    let text = list("team/app", "v1", &digest('b'), "2026-10-01T00:00:00Z");
    piped(&folder, "use --kubernetes prod=- --now 2026-11-01T00:00:00Z", &text).expect(0);
    let cut = text.get(..text.len() - 20).expect("most of it");
    let run =
        piped(&folder, "use --kubernetes prod=- --now 2026-11-01T01:00:00Z --format json", cut).expect(4);
    assert!(
        run.stderr.contains("warning: Kubernetes cluster `prod` was not read: `-`: line 1"),
        "{}",
        run.stderr
    );
    let document = run.json();
    assert_eq!(source(&document, "kubernetes")["state"], "FAILED");
    assert_eq!(document["repositories"][0]["images"].as_array().expect("images").len(), 2);
    folder.run("use --show --now 2026-11-01T01:00:00Z").expect(4);
    let run = piped(&folder, "use --kubernetes prod=- --now 2026-11-01T02:00:00Z", &text).expect(0);
    assert!(!run.stdout.contains("FAILED"), "{}", run.stdout);
}

#[test]
fn a_file_that_is_no_list_is_a_mistake_and_leaves_nothing_behind() {
    let folder = imported();
    for (text, cause) in [
        ("apiVersion: v1\nkind: List\n", "line 1"),
        ("{\"colour\": \"blue\"}", "neither a list nor an object of Kubernetes"),
        ("[1, 2]", "line 1"),
    ] {
        let run = piped(&folder, "use --kubernetes prod=-", text).expect(2);
        assert!(run.stderr.contains(cause) && run.stderr.contains("kubectl get pods"), "{}", run.stderr);
    }
    folder.run("use --show").expect(5);
    // `kubectl` that printed nothing says that nothing is known of the cluster.
    piped(&folder, "use --kubernetes prod=-", "").expect(4);
    folder.run("use --show").expect(4);
}

#[test]
fn a_list_that_lies_in_the_store_is_read_once_for_each_time_that_it_is_put_there() {
    let folder = imported();
    folder.write("running.txt", "# none\n");
    folder.write("store/clusters/prod.json", list("team/app", "v1", &digest('b'), "2026-10-01T00:00:00Z"));
    let first = folder.run("use --in-use running.txt --format json").expect(0).json();
    assert_eq!(source(&first, "kubernetes")["name"], "prod");
    assert_eq!(first["records"].as_array().expect("records").len(), 2, "the cluster, and the references");
    let again = folder.run("use --in-use running.txt --format json").expect(0).json();
    assert_eq!(again["records"].as_array().expect("records").len(), 1, "only the references");
    assert_eq!(again["repositories"], first["repositories"]);
}

#[test]
fn what_only_the_team_can_know_is_asked_for_until_the_configuration_says_it() {
    let folder = imported();
    let silent = folder.run("use --show").expect(5);
    let of_regions = "nobody asks what pulls from other regions of 123456789012 than ap-northeast-2";
    let of_clusters = "nobody asks EKS, and no cluster of Kubernetes was read";
    assert!(silent.stderr.contains(of_regions) && silent.stderr.contains(of_clusters), "{}", silent.stderr);
    assert!(silent.stderr.contains("`[in_use] clusters = []`"), "{}", silent.stderr);
    folder.write_json("policy.json", &keep(1));
    let planned = folder.run("plan --policy policy.json --now 2026-11-01");
    assert!(
        planned.stderr.contains(of_regions) && planned.stderr.contains(of_clusters),
        "{}",
        planned.stderr
    );
    let text = list("team/app", "v1", &digest('b'), "2026-10-01T00:00:00Z");
    let read = piped(&folder, "use --kubernetes prod=-", &text).expect(0);
    assert!(!read.stderr.contains(of_clusters), "a cluster was read: {}", read.stderr);
    folder.write("demurrage.toml", "[in_use]\nregions = []\nclusters = []\n");
    let spoken = folder.run("use --show").expect(0);
    assert!(!spoken.stderr.contains("nobody asks"), "{}", spoken.stderr);
}

#[test]
fn an_audit_counts_what_the_store_knows_and_says_what_of_it_is_not_known() {
    let folder = imported();
    let about_use = |folder: &Folder| -> (Value, Value) {
        let document = folder.run("audit --format json --now 2026-11-01T01:00:00Z").json();
        let of = |list: &Value| -> Value {
            let all = list.as_array().expect("a list").iter();
            all.filter(|one| one["audit"] == "lifecycle-expires-in-use").cloned().collect()
        };
        (of(&document["findings"]), of(&document["not_evaluated"]))
    };
    let (found, unknown) = about_use(&folder);
    assert_eq!((found, unknown.to_string().contains("was never read")), (json!([]), false), "{unknown:#}");
    let text = list("team/app", "v9", &digest('f'), "2026-10-01T00:00:00Z");
    piped(&folder, "use --kubernetes prod=-", &text).expect(0);
    let (found, unknown) = about_use(&folder);
    assert_eq!((found, unknown.to_string().contains("was never read")), (json!([]), true), "{unknown:#}");
    let text = list("team/app", "v1", &digest('b'), "2026-10-01T00:00:00Z");
    piped(&folder, "use --kubernetes prod=-", &text).expect(0);
    let (found, _) = about_use(&folder);
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");
    assert!(found.to_string().contains("pod shop/cart-7d9"), "{found:#}");
}

#[test]
fn references_are_kept_until_a_file_of_the_same_name_takes_their_place() {
    let folder = imported();
    folder.write("running.txt", format!("{REGISTRY}/team/app:v1\nteam/app:v9\n"));
    let run = folder.run("use --in-use running.txt").expect(0);
    assert!(run.stdout.contains("in use, and of no image of the store:"), "{}", run.stdout);
    assert!(run.stdout.contains("team/app:v9 (running.txt:2)"), "{}", run.stdout);
    let preview = "preview --repository team/app --now 2026-11-01 --with-use";
    folder.run(preview).expect(1);
    folder.write("running.txt", format!("{REGISTRY}/team/app:v2\n"));
    folder.run("use --in-use running.txt").expect(0);
    folder.run(preview).expect(0);
}

#[test]
fn a_preview_and_a_comparison_count_what_the_store_knows_where_they_are_asked_to() {
    let folder = imported();
    let text = list("team/app", "v1", &digest('a'), "2026-10-01T00:00:00Z");
    piped(&folder, "use --kubernetes prod=- --now 2026-11-01T00:00:00Z", &text).expect(0);
    let plain = "preview --repository team/app --now 2026-11-01 --format json";
    assert!(!folder.run(plain).expect(0).stdout.contains("inUse"), "nobody asked");
    let run = folder.run(&format!("{plain} --with-use")).expect(1);
    assert_eq!(run.json()[0]["previewResults"][0]["inUse"]["how"], "IN_USE");
    assert!(run.stderr.contains("what is in use is not all known: ECS of 123456789012"), "{}", run.stderr);
    let run = folder.run("compare none attached --repository team/app --now 2026-11-01 --with-use").expect(1);
    assert!(run.stdout.contains("1 image fares worse (1 in use)"), "{}", run.stdout);
    folder.write_json("images.json", &images(&[image('a', &["v1"], "2026-01-01")]));
    folder.run("compare none none --images images.json --with-use").expect(2);
}

#[test]
fn an_image_stays_that_a_tag_was_on_when_what_uses_it_was_deployed() {
    let folder = imported();
    // The tag moves from one image to the next after the deployment.
    let with_latest = |on: char, other: char| {
        let list =
            [image(on, &["latest"], "2026-01-01T00:00:00Z"), image(other, &[], "2026-01-02T00:00:00Z")];
        folder.write_json("aws/repositories/team/app/describe-images.json", &images(&list));
    };
    with_latest('a', 'b');
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-02T00:00:00Z").expect(0);
    with_latest('b', 'a');
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-09T00:00:00Z").expect(0);
    let deployed = |at: &str| {
        let text = list("team/app", "latest", &digest('f'), at);
        let read = piped(&folder, "use --kubernetes prod=- --format json", &text).expect(0).json();
        let images = read["repositories"][0]["images"].as_array().expect("images").clone();
        images
            .iter()
            .map(|image| image["image_digest"].as_str().expect("a digest").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(deployed("2026-11-02T00:10:00Z"), [digest('a'), digest('b')], "then and now");
    assert_eq!(deployed("2026-11-10T00:00:00Z"), [digest('b')]);
}

/// A server that answers for ECS, Lambda, `EventBridge` and its scheduler: one function, and nothing else.
fn workloads(image: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, image));
        }
    });
    format!("http://{address}")
}

fn answer(mut stream: TcpStream, image: &str) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    // Bodies are short, and come with their heads or right after.
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if length.unwrap_or(0) <= body.len() {
            break;
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let arn = "arn:aws:lambda:ap-northeast-2:123456789012:function:resize";
    let function =
        json!({"FunctionName": "resize", "FunctionArn": arn, "PackageType": "Image", "Version": "$LATEST"});
    let document = if text.contains("/versions") {
        json!({ "Versions": [function] })
    } else if text.contains("/aliases") {
        json!({ "Aliases": [] })
    } else if text.starts_with("GET /2015-03-31/functions/resize") || text.contains("functions/arn") {
        json!({"Configuration": function, "Code": {"ImageUri": image, "ResolvedImageUri": image}})
    } else if text.starts_with("GET /2015-03-31/functions") {
        json!({ "Functions": [function] })
    } else {
        json!({})
    };
    let body = document.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn run_with(live: &Live, server: &str, arguments: &str) -> Run {
    let mut command = live.command(arguments);
    for service in ["ECS", "LAMBDA", "EVENTBRIDGE", "SCHEDULER", "INSPECTOR2"] {
        command.env(format!("AWS_ENDPOINT_URL_{service}"), server);
    }
    Run::of(&command.output().expect("the command starts"))
}

#[test]
fn the_account_is_asked_in_the_regions_of_its_inventories_and_what_it_says_is_kept() {
    let live = Live::empty();
    registry(&live.folder);
    live.folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-01T00:00:00Z").expect(0);
    let image = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/team/app@sha256:\
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let server = workloads(image);
    let run = run_with(&live, &server, "use --no-inspector --format json").expect(0);
    let document = run.json();
    for name in ["ecs", "lambda"] {
        let source = source(&document, name);
        assert_eq!((&source["account"], &source["region"]), (&json!(ACCOUNT), &json!(REGION)));
        assert_eq!(source["state"], "READ", "{source}");
    }
    assert_eq!(document["gaps"], json!([]));
    assert_eq!(document["repositories"][0]["images"][0]["image_digest"], digest('a'));
    assert!(live.folder.path("store/functions/123456789012-ap-northeast-2.json").is_file());
    let shown = live.folder.run("use --show --format json").expect(0).json();
    assert_eq!(shown["repositories"], document["repositories"]);
}

#[test]
fn whom_it_asks_is_said_at_once_and_a_server_that_refuses_connections_is_given_up_soon() {
    let live = Live::empty();
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let began = Instant::now();
    let run = run_with(&live, &format!("http://{nobody}"), "use --region ap-northeast-2").expect(4);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(25), "{took:?}: {}", run.stderr);
    assert!(run.stderr.starts_with("asking AWS whose the credentials are"), "{}", run.stderr);
    assert!(run.stderr.contains("ap-northeast-2: asking ECS, Lambda and Inspector"), "{}", run.stderr);
    assert!(run.stdout.contains("FAILED"), "{}", run.stdout);
}

#[test]
fn sources_that_refuse_are_named_and_the_code_says_so() {
    let live = Live::empty();
    // The server of ECR knows none of these services.
    let run = live.run("use --region ap-northeast-2 --format json").expect(4);
    let document = run.json();
    assert_eq!(source(&document, "ecs")["state"], "FAILED");
    assert!(
        run.stderr.contains("warning: ECS of 123456789012 ap-northeast-2 was not read"),
        "{}",
        run.stderr
    );
    live.folder.run("use --show").expect(4);
}
