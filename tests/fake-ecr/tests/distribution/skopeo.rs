//! skopeo, which nobody here wrote, pushes, copies, looks and lists.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::client::{ACCOUNT, REGION, Registry, sha256};
use crate::layout::{self, Layout};

/// What skopeo said: on stdout where it went well, else on stderr.
fn skopeo(arguments: &[&str]) -> Result<Vec<u8>, String> {
    let home = TempDir::new().unwrap();
    let output = Command::new("skopeo")
        .arg("--insecure-policy")
        .args(arguments)
        // What it remembers of blobs in other registries is not to be found here.
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .env("TMPDIR", home.path())
        .output()
        .unwrap_or_else(|error| panic!("skopeo cannot be run ({error}); install it: apt-get install skopeo"));
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

struct Fixture {
    registry: Registry,
    folder: TempDir,
    credentials: String,
}

impl Fixture {
    fn new() -> Self {
        let registry = Registry::start();
        let credentials = format!("AWS:{}", registry.token);
        Self { registry, folder: TempDir::new().unwrap(), credentials }
    }

    fn write(&self, content: &str) -> Layout {
        let folder = self.folder.path().join(content);
        layout::write(&folder, "built", content)
    }

    fn image(&self, name: &str) -> String {
        format!("docker://{}/{name}", self.registry.host())
    }

    /// Pushes the layout of this content with all its platforms.
    fn push(&self, content: &str, name: &str) -> Result<Vec<u8>, String> {
        let source = format!("oci:{}:built", self.folder.path().join(content).display());
        let image = self.image(name);
        let credentials = self.credentials.as_str();
        let all = ["copy", "--all", "--dest-tls-verify=false", "--dest-creds", credentials, &source, &image];
        skopeo(&all)
    }

    fn copy(&self, from: &str, to: &str) -> Result<Vec<u8>, String> {
        let (from, to) = (self.image(from), self.image(to));
        let credentials = self.credentials.as_str();
        let tls = ["copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"];
        let [command, all, source, destination] = tls;
        skopeo(&[
            command,
            all,
            source,
            destination,
            "--src-creds",
            credentials,
            "--dest-creds",
            credentials,
            &from,
            &to,
        ])
    }

    /// Asks about an image or a repository.
    fn ask(&self, arguments: &[&str], name: &str) -> Vec<u8> {
        let image = self.image(name);
        let mut all = arguments.to_vec();
        all.extend(["--tls-verify=false", "--creds", &self.credentials, &image]);
        skopeo(&all).unwrap()
    }

    fn digests(&self, repository: &str) -> Vec<String> {
        let images = self.registry.server.registry().images(ACCOUNT, REGION, repository);
        images.into_iter().map(|image| image.digest).collect()
    }
}

fn sorted(layout: &Layout) -> Vec<String> {
    let [first, second] = layout.children.clone();
    let mut digests = vec![first, second, sha256(layout.index.as_bytes())];
    digests.sort();
    digests
}

#[test]
fn an_image_for_two_platforms_arrives_as_it_was_built() {
    let fixture = Fixture::new();
    let layout = fixture.write("one");
    fixture.push("one", "team/app:v1").unwrap();
    assert_eq!(fixture.digests("team/app"), sorted(&layout));
    let images = fixture.registry.server.registry().images(ACCOUNT, REGION, "team/app");
    let index = images.iter().find(|image| !image.children.is_empty()).unwrap();
    assert_eq!((&index.tags, &index.children), (&vec!["v1".to_owned()], &layout.children.to_vec()));
    let tags: Vec<Value> = fixture
        .registry
        .server
        .registry()
        .events()
        .into_iter()
        .map(|event| event["detail"]["image-tag"].clone())
        .collect();
    assert_eq!(tags, [Value::Null, Value::Null, "v1".into()]);
}

#[test]
fn it_is_shown_whole_and_by_architecture() {
    let fixture = Fixture::new();
    let layout = fixture.write("one");
    fixture.push("one", "team/app:v1").unwrap();
    assert_eq!(fixture.ask(&["inspect", "--raw"], "team/app:v1"), layout.index.into_bytes());
    for architecture in ["amd64", "arm64"] {
        let chosen = ["--override-os", "linux", "--override-arch", architecture, "inspect"];
        let shown: Value = serde_json::from_slice(&fixture.ask(&chosen, "team/app:v1")).unwrap();
        assert_eq!(shown["Architecture"], architecture);
        assert_eq!(shown["RepoTags"], serde_json::json!(["v1"]));
    }
}

#[test]
fn copying_between_repositories_keeps_digests_and_counts_as_pulling() {
    let fixture = Fixture::new();
    let layout = fixture.write("one");
    fixture.push("one", "team/app:v1").unwrap();
    fixture.copy("team/app:v1", "team/fixed:v1").unwrap();
    assert_eq!(fixture.digests("team/fixed"), sorted(&layout));
    let registry = fixture.registry.server.registry();
    let pulled = |repository: &str| {
        registry.images(ACCOUNT, REGION, repository).iter().filter(|image| image.pulled_at.is_some()).count()
    };
    assert_eq!((pulled("team/app"), pulled("team/fixed")), (3, 0));
}

#[test]
fn copying_is_the_same_where_blobs_are_mounted() {
    let fixture = Fixture::new();
    let layout = fixture.write("one");
    fixture.registry.call("PutAccountSetting", r#"{"name":"BLOB_MOUNTING","value":"ENABLED"}"#);
    fixture.push("one", "team/app:v1").unwrap();
    fixture.copy("team/app:v1", "team/fixed:v1").unwrap();
    assert_eq!(fixture.digests("team/fixed"), sorted(&layout));
}

#[test]
fn tags_are_listed_over_all_pages() {
    let fixture = Fixture::new();
    let (_, text) = fixture.registry.push("team/app", "t000", "layer");
    for number in 1..150 {
        fixture.registry.put("team/app", &format!("t{number:03}"), crate::client::MANIFEST, &text);
    }
    let listed: Value = serde_json::from_slice(&fixture.ask(&["list-tags"], "team/app")).unwrap();
    let expected: Vec<String> = (0..150).map(|number| format!("t{number:03}")).collect();
    assert_eq!(listed["Tags"], serde_json::json!(expected));
}

#[test]
fn a_fixed_tag_and_a_repository_that_is_not_there_are_refused_in_words() {
    let fixture = Fixture::new();
    fixture.write("one");
    fixture.write("two");
    fixture.push("one", "team/fixed:v1").unwrap();
    let refused = fixture.push("two", "team/fixed:v1").unwrap_err();
    assert!(refused.contains("cannot be overwritten because the repository is immutable"), "{refused}");
    let nowhere = fixture.push("one", "team/none:v1").unwrap_err();
    assert!(nowhere.contains("The repository with name 'team/none' does not exist"), "{nowhere}");
    let fixture = Fixture { credentials: "AWS:nothing".to_owned(), ..fixture };
    assert!(fixture.push("one", "team/app:v1").is_err());
}
