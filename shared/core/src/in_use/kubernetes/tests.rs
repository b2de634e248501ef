//! What lists of clusters come to, as `kubectl` prints them and as they come broken.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{KUBERNETES_KINDS, KubernetesError, read_kubernetes};
use crate::in_use::{SourceState, UseRecord};

const DIGEST: &str = "sha256:00000000000000000000000000000000000000000000000000000000000000aa";
const CONFIG: &str = "sha256:00000000000000000000000000000000000000000000000000000000000000cc";

fn read_at() -> DateTime<Utc> {
    "2026-11-25T00:00:00Z".parse().unwrap()
}

fn read(text: &str) -> Result<UseRecord, KubernetesError> {
    read_kubernetes(text.as_bytes(), "prod", read_at())
}

fn list(items: &Value) -> String {
    // As `kubectl` sorts members: the kind of the list comes after its items.
    json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})
        .to_string()
}

fn named(kind: &str, name: &str, spec: &Value) -> Value {
    json!({"kind": kind, "metadata": {"namespace": "shop", "name": name, "creationTimestamp": "2026-10-01T00:00:00Z"}, "spec": spec})
}

fn template(image: &str) -> Value {
    json!({"template": {"spec": {"containers": [{"name": "app", "image": image}]}}})
}

/// References with their times of deployment, and evidence.
fn used(record: &UseRecord) -> Vec<(String, Option<String>, String)> {
    let since = |time: DateTime<Utc>| time.format("%Y-%m-%d").to_string();
    let row = |it: &crate::in_use::Use| (it.reference.pullable(), it.since.map(since), it.evidence.clone());
    record.uses.iter().map(row).collect()
}

fn references(text: &str) -> Vec<String> {
    used(&read(text).unwrap()).into_iter().map(|(reference, _, _)| reference).collect()
}

#[test]
fn what_runs_is_known_by_digest_and_what_was_asked_for_by_tag_as_of_the_start() {
    let mut pod =
        named("Pod", "cart-7d9", &json!({"containers": [{"name": "app", "image": "shop/cart:1.0"}]}));
    pod["status"] = json!({
        "startTime": "2026-11-20T00:00:00Z",
        "containerStatuses": [{"name": "app", "image": "shop/cart:1.0", "imageID": format!("docker-pullable://shop/cart@{DIGEST}")}],
    });
    let record = read(&list(&json!([pod]))).unwrap();
    let evidence = "pod shop/cart-7d9 (container app) in prod";
    assert_eq!(
        used(&record),
        [
            ("shop/cart:1.0".to_owned(), Some("2026-11-20".to_owned()), evidence.to_owned()),
            (format!("shop/cart@{DIGEST}"), None, evidence.to_owned()),
        ]
    );
    assert_eq!(record.sources[0].state, SourceState::Read);
    assert_eq!((record.account, record.sources[0].name.as_deref()), (None, Some("prod")));
}

#[test]
fn every_kind_is_read_with_what_does_not_run_now() {
    let kinds = [
        named(
            "ReplicaSet",
            "old",
            &json!({"replicas": 0, "template": {"spec": {"containers": [{"name": "app", "image": "a/rs:1"}]}}}),
        ),
        named("Deployment", "x", &template("a/deploy:1")),
        named("StatefulSet", "x", &template("a/sts:1")),
        named("DaemonSet", "x", &template("a/ds:1")),
        named("Job", "x", &template("a/job:1")),
        named("CronJob", "x", &json!({"suspend": true, "jobTemplate": {"spec": template("a/cron:1")}})),
        named("Rollout", "x", &template("a/rollout:1")),
        json!({"kind": "PodTemplate", "metadata": {"name": "x"}, "template": {"spec": {"containers": [{"name": "app", "image": "a/podtemplate:1"}]}}}),
        json!({"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"image": "a/none:1"}}),
        json!({"kind": "Issuer", "metadata": {"name": "x"}, "spec": {"template": "a text", "containers": 3}}),
    ];
    let mut ended = named("Pod", "done", &json!({"containers": [{"name": "app", "image": "a/pod:1"}]}));
    ended["status"] = json!({"phase": "Succeeded"});
    let all: Vec<Value> = kinds.into_iter().chain([ended]).collect();
    assert_eq!(
        references(&list(&json!(all))),
        [
            "a/cron:1",
            "a/deploy:1",
            "a/ds:1",
            "a/job:1",
            "a/pod:1",
            "a/podtemplate:1",
            "a/rollout:1",
            "a/rs:1",
            "a/sts:1"
        ]
    );
}

#[test]
fn every_place_of_a_pod_that_names_an_image_is_read() {
    let container = |image: &str| json!([{"name": "c", "image": image}]);
    let mut pod = named(
        "Pod",
        "p",
        &json!({
            "containers": container("a/main:1"), "initContainers": container("a/init:1"),
            "ephemeralContainers": container("a/debug:1"),
            "volumes": [{"name": "model", "image": {"reference": "a/model:1"}}, {"name": "tmp", "emptyDir": {}}],
        }),
    );
    let status = |name: &str| json!([{"name": "c", "image": "x", "imageID": format!("a/{name}@{DIGEST}")}]);
    pod["status"] = json!({
        "containerStatuses": status("s-main"), "initContainerStatuses": status("s-init"),
        "ephemeralContainerStatuses": status("s-debug"),
    });
    let expected: Vec<String> =
        ["debug:1", "init:1", "main:1", "model:1"].iter().map(|it| format!("a/{it}")).collect();
    let by_digest: Vec<String> =
        ["s-debug", "s-init", "s-main"].iter().map(|it| format!("a/{it}@{DIGEST}")).collect();
    assert_eq!(references(&list(&json!([pod]))), [expected, by_digest].concat());
}

#[test]
fn a_digest_alone_may_be_that_of_a_configuration_so_the_tag_counts_too() {
    let mut pod = named("Pod", "p", &json!({"containers": [{"name": "c", "image": "a/app:1"}]}));
    pod["status"] =
        json!({"containerStatuses": [{"name": "c", "image": "a/other-tag:2", "imageID": CONFIG}]});
    assert_eq!(references(&list(&json!([pod]))), ["a/app:1", "a/other-tag:2", CONFIG]);
}

#[test]
fn a_pod_that_has_not_pulled_yet_counts_by_what_it_asks_for() {
    let mut pod = named("Pod", "p", &json!({"containers": [{"name": "c", "image": "a/app:1"}]}));
    pod["status"] = json!({"containerStatuses": [{"name": "c", "image": "a/app:1", "imageID": ""}]});
    let record = read(&list(&json!([pod]))).unwrap();
    assert_eq!(used(&record)[0].1.as_deref(), Some("2026-10-01"), "it was made then");
    assert_eq!(record.uses.len(), 1);
}

#[test]
fn many_users_of_one_image_are_one_use_that_counts_them() {
    let deployed = |name: &str, day: &str| {
        let mut it = named("ReplicaSet", name, &template("a/app:1"));
        it["metadata"]["creationTimestamp"] = json!(format!("{day}T00:00:00Z"));
        it
    };
    let text =
        list(&json!([deployed("a", "2026-01-01"), deployed("b", "2026-01-01"), deployed("c", "2026-02-01")]));
    assert_eq!(
        used(&read(&text).unwrap()),
        [
            (
                "a/app:1".to_owned(),
                Some("2026-01-01".to_owned()),
                "replicaset shop/a (container app) and 1 other in prod".to_owned()
            ),
            (
                "a/app:1".to_owned(),
                Some("2026-02-01".to_owned()),
                "replicaset shop/c (container app) in prod".to_owned()
            ),
        ],
        "a tag of another time may be another image"
    );
}

#[test]
fn several_documents_single_objects_and_one_object_a_line_are_read_as_lists_are() {
    let (one, two) = (named("Job", "x", &template("a/one:1")), named("Job", "y", &template("a/two:1")));
    assert_eq!(references(&format!("{one}\n{two}\n")), ["a/one:1", "a/two:1"]);
    assert_eq!(
        references(&format!("\u{feff}{}{}", list(&json!([one])), list(&json!([two])))),
        ["a/one:1", "a/two:1"]
    );
    let items =
        json!([{"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "a/raw:1"}]}}]);
    assert_eq!(
        references(&json!({"kind": "PodList", "items": items}).to_string()),
        ["a/raw:1"],
        "without kinds"
    );
}

#[test]
fn what_is_cut_off_or_no_list_is_an_error_that_says_where() {
    let whole = list(&json!([named("Job", "x", &template("a/one:1"))]));
    for end in 1..whole.len() {
        let cut = read(whole.get(..end).unwrap_or_default());
        assert!(matches!(cut, Err(KubernetesError::Text { .. })), "{end}: {cut:?}");
    }
    assert_eq!(read(" \n"), Err(KubernetesError::Empty));
    assert_eq!(read("{}"), Err(KubernetesError::NoList { number: 1 }));
    assert!(matches!(read("[1]"), Err(KubernetesError::Text { line: 1, .. })));
    assert!(matches!(read("No resources found"), Err(KubernetesError::Text { line: 1, .. })));
    let odd = list(&json!([named("Deployment", "x", &json!({"replicas": 1}))]));
    assert_eq!(read(&odd).unwrap_err().to_string(), "deployment shop/x: it has no pod template");
    let odd =
        list(&json!([named("Deployment", "x", &json!({"template": {"spec": {"containers": "none"}}}))]));
    assert!(read(&odd).unwrap_err().to_string().starts_with("deployment shop/x: invalid type"), "{odd}");
}

#[test]
fn a_list_that_says_that_it_is_not_whole_makes_the_source_a_failed_one_and_its_uses_count() {
    let item = named("Job", "x", &template("a/one:1"));
    let part = json!({"kind": "List", "items": [item], "metadata": {"continue": "abc"}}).to_string();
    let with_errors = json!({"kind": "List", "items": [item], "errors": ["forbidden"]}).to_string();
    let status = json!({"kind": "Status", "status": "Failure", "message": "pods is forbidden"});
    for (text, cause) in [
        (part, "the list says that it goes on"),
        (with_errors, "the list has errors"),
        (format!("{}{status}", list(&json!([item]))), "answered an error: pods is forbidden"),
        (
            list(&json!([item, named("Job", "y", &template("a/two:"))])),
            "job shop/y (container app): `a/two:`",
        ),
    ] {
        let record = read(&text).unwrap();
        let SourceState::Failed(said) = &record.sources[0].state else { panic!("{text}") };
        assert!(said.contains(cause), "{said}");
        assert_eq!(record.uses.len(), 1);
    }
    let SourceState::Failed(said) = &read(&list(&json!([]))).unwrap().sources[0].state else { panic!() };
    assert!(said.contains("no object"), "{said}");
}

/// A list of one kind, as the API itself gives it: its kind comes first, and its items have none.
fn list_of(kind: &str, items: &Value) -> String {
    format!(r#"{{"kind": "{kind}List", "apiVersion": "v1", "metadata": {{}}, "items": {items}}}"#)
}

#[test]
fn lists_of_single_kinds_have_to_be_there_for_all_kinds() {
    let pod = json!([{"metadata": {"namespace": "shop", "name": "p"}, "spec": {"containers": [{"name": "c", "image": "a/pod:1"}]}}]);
    let mut lists: Vec<String> =
        KUBERNETES_KINDS.iter().skip(1).map(|(kind, _)| list_of(kind, &json!(null))).collect();
    lists.push(list_of("Pod", &pod));
    let record = read(&lists.join("\n")).unwrap();
    assert_eq!(record.sources[0].state, SourceState::Read);
    assert_eq!(used(&record)[0].2, "pod shop/p (container c) in prod");
    for missing in 0..lists.len() - 1 {
        let mut some = lists.clone();
        some.remove(missing);
        let SourceState::Failed(said) = &read(&some.join("")).unwrap().sources[0].state else { panic!() };
        assert_eq!(*said, format!("there is no list of `{}`", KUBERNETES_KINDS[missing + 1].1));
    }
    let odd = list_of("Deployment", &json!([{"metadata": {"name": "x"}, "spec": {}}]));
    assert_eq!(read(&odd).unwrap_err().to_string(), "deployment x: it has no pod template");
}

#[test]
fn what_no_runtime_takes_for_an_image_uses_none() {
    let items = json!([
        named("Job", "x", &template("a/app:${TAG}")),
        named("Job", "y", &template("")),
        named("Job", "z", &template("a/z:1"))
    ]);
    assert_eq!(references(&list(&items)), ["a/z:1"]);
}

fn incomplete(items: &Value) -> String {
    match read(&list(items)).unwrap().sources.remove(0).state {
        SourceState::Failed(said) => said,
        other @ (SourceState::Read | SourceState::NotEnabled(_)) => panic!("{other:?}"),
    }
}

#[test]
fn a_list_of_many_kinds_without_any_pod_is_not_whole_and_says_how_to_make_one() {
    let said = incomplete(&json!([named("Deployment", "x", &template("a/one:1"))]));
    assert_eq!(
        said,
        "the list has no pod, so what runs is not known; list all kinds: \
         `kubectl get pods,replicasets,deployments,statefulsets,daemonsets,cronjobs,jobs -A -o json`"
    );
}

#[test]
fn what_an_object_belongs_to_has_to_be_in_the_list() {
    let pod_of = |kind: &str| {
        let mut pod = named("Pod", "p", &json!({"containers": [{"name": "c", "image": "a/app:1"}]}));
        pod["metadata"]["ownerReferences"] = json!([{"apiVersion": "x", "kind": kind, "name": "o"}]);
        pod
    };
    let said = incomplete(&json!([pod_of("ReplicaSet")]));
    let asked = "pod shop/p belongs to a ReplicaSet, and there are no `replicasets` in the list; list all";
    assert!(said.starts_with(asked), "{said}");
    let mut set = named("ReplicaSet", "r", &template("a/app:1"));
    let both = json!([pod_of("ReplicaSet"), set]);
    assert_eq!(read(&list(&both)).unwrap().sources[0].state, SourceState::Read);
    set["metadata"]["ownerReferences"] = json!([{"kind": "Deployment"}]);
    assert!(incomplete(&json!([pod_of("ReplicaSet"), set])).contains("no `deployments`"));
    let of_a_node = json!([pod_of("Node")]);
    assert_eq!(
        read(&list(&of_a_node)).unwrap().sources[0].state,
        SourceState::Read,
        "no kind that is listed"
    );
}
