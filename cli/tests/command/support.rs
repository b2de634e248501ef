//! What the tests of the command share: running it in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

/// A folder of its own, removed at the end, in which the command runs.
pub(crate) struct Folder(tempfile::TempDir);

/// What a run left.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        fs::write(&path, content).expect("a file is written");
        path
    }

    pub(crate) fn write_json(&self, name: &str, content: &Value) -> PathBuf {
        self.write(name, content.to_string())
    }

    /// Runs `demurrage` here with these arguments, separated by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_args(&arguments.split(' ').collect::<Vec<_>>())
    }

    pub(crate) fn run_args(&self, arguments: &[&str]) -> Run {
        let output = self.command().args(arguments).output().expect("the command starts");
        Run::of(&output)
    }

    pub(crate) fn command(&self) -> Command {
        self.command_of(program())
    }

    pub(crate) fn command_of(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).env("DEMURRAGE_STORE", self.path("store")).env_remove("NO_COLOR");
        command
    }
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// Fails with everything that was said when the code is another.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_demurrage"))
}

/// The digest of 64 times this digit.
pub(crate) fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

/// An entry of `describe-images`.
pub(crate) fn image(digit: char, tags: &[&str], pushed: &str) -> Value {
    let mut image = json!({"registryId": "123456789012", "repositoryName": "team/app", "imageDigest": digest(digit),
        "imagePushedAt": pushed, "imageSizeInBytes": 1000, "imageStatus": "ACTIVE",
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json"});
    if !tags.is_empty() {
        image["imageTags"] = json!(tags);
    }
    image
}

/// The output of `describe-images`.
pub(crate) fn images(images: &[Value]) -> Value {
    json!({ "imageDetails": images })
}

/// A policy of one rule that keeps the newest images.
pub(crate) fn keep(count: u64) -> Value {
    json!({"rules": [{"rulePriority": 1, "description": "the newest are enough for everyone here",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count},
        "action": {"type": "expire"}}]})
}

/// A registry of two repositories as files of the AWS CLI, in `aws`.
pub(crate) fn registry(folder: &Folder) {
    folder.write_json("aws/describe-registry.json", &json!({"registryId": "123456789012"}));
    let repository = |name: &str| json!({"repositoryName": name, "registryId": "123456789012", "imageTagMutability": "MUTABLE"});
    folder.write_json(
        "aws/describe-repositories.json",
        &json!({"repositories": [repository("team/app"), repository("team/web")]}),
    );
    let list =
        images(&[image('a', &["v1"], "2026-01-01T00:00:00Z"), image('b', &["v2"], "2026-02-01T00:00:00Z")]);
    folder.write_json("aws/repositories/team/app/describe-images.json", &list);
    let mut other = image('c', &["w1"], "2026-01-01T00:00:00Z");
    other["repositoryName"] = json!("team/web");
    folder.write_json("aws/repositories/team/web/describe-images.json", &images(&[other]));
    folder.write_json(
        "aws/repositories/team/app/get-lifecycle-policy.json",
        &json!({"repositoryName": "team/app", "lifecyclePolicyText": keep(1).to_string()}),
    );
}
