//! `demurrage import` and what other commands see of the store.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use demurrage_core::{Fact, ScanStatus, ScanSummary, SeverityCounts, instant};

use crate::support::{Folder, image, images, keep, registry};
use serde_json::json;

fn newest_inventory(folder: &Folder) -> PathBuf {
    let mut folders: Vec<PathBuf> = fs::read_dir(folder.path("store/inventories"))
        .expect("a store")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders.pop().expect("an inventory")
}

#[test]
fn an_import_is_previewed_by_its_attached_policies() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2").expect(0);
    let run = folder.run("preview --now 2026-11-01 --format json").expect(0);
    let documents = run.json();
    assert_eq!(documents.as_array().map(Vec::len), Some(1), "an array, of the repository with a policy");
    assert_eq!(documents[0]["repositoryName"], "team/app");
    assert_eq!(documents[0]["summary"]["expiringImageTotalCount"], 1);
    assert!(run.stderr.contains("1 repository whose lifecycle policy was not read"), "{}", run.stderr);
    folder.write_json("policy.json", &keep(1));
    let run = folder
        .run("preview --policy policy.json --repository team/w* --now 2026-11-01 --format json")
        .expect(0);
    assert_eq!(run.json()[0]["repositoryName"], "team/web");
    assert_eq!(run.json()[0]["summary"]["expiringImageTotalCount"], 0);
}

#[test]
fn no_policy_is_told_apart_from_a_policy_that_was_not_read() {
    let folder = Folder::new();
    registry(&folder);
    folder.write_json(
        "aws/repositories/team/web/get-lifecycle-policy.json",
        &json!({"__type": "LifecyclePolicyNotFoundException"}),
    );
    folder.run("import aws --region ap-northeast-2").expect(0);
    let run = folder.run("preview --now 2026-11-01 --format json").expect(0);
    assert!(run.stderr.contains("1 repository without a lifecycle policy"), "{}", run.stderr);
}

#[test]
fn one_bad_repository_is_recorded_and_the_rest_is_imported() {
    let folder = Folder::new();
    registry(&folder);
    folder.write("aws/repositories/team/web/describe-images.json", "{\"imageDetails\": [");
    let run = folder.run("import aws --region ap-northeast-2").expect(4);
    assert!(run.stderr.contains("team/web"), "{}", run.stderr);
    let run = folder.run("preview --now 2026-11-01 --format json").expect(4);
    assert_eq!(run.json()[0]["summary"]["expiringImageTotalCount"], 1);
    assert!(run.stderr.contains("team/web: its images could not be read"), "{}", run.stderr);
    folder.run("preview --repository team/app --now 2026-11-01 --format json").expect(0);
    // What could not be read is not shown as if it were empty.
    folder.write_json("policy.json", &keep(1));
    let run = folder.run("preview --policy policy.json --repository team/web --format json").expect(4);
    assert_eq!(run.json(), json!([]));
    folder.run("explain team/web --policy policy.json").expect(2);
}

#[test]
fn a_list_of_repositories_that_is_cut_off_stays_so_in_the_store() {
    let folder = Folder::new();
    registry(&folder);
    let list = json!({"repositories": [{"repositoryName": "team/app"}], "NextToken": "more"});
    folder.write_json("aws/describe-repositories.json", &list);
    folder.run("import aws --region ap-northeast-2").expect(4);
    let run = folder.run("preview --now 2026-11-01 --format json").expect(4);
    assert!(run.stderr.contains("there are more"), "{}", run.stderr);
}

#[test]
fn the_script_makes_a_folder_that_can_be_imported() {
    let folder = Folder::new();
    folder.write("export.sh", folder.run("import --print-script").expect(0).stdout);
    // An `aws` that answers as the AWS CLI does: one repository with an index, one without.
    folder.write(
        "bin/aws",
        "#!/usr/bin/env bash\n\
         case \"$*\" in\n\
         *describe-repositories*) echo '{\"repositories\": [{\"repositoryName\": \"a/one\", \"repositoryArn\": \"arn1\"}, {\"repositoryName\": \"two\", \"repositoryArn\": \"arn2\"}]}' ;;\n\
         *describe-images*a/one*imageStatus=ANY*) echo \"{\\\"imageDetails\\\": [{\\\"repositoryName\\\": \\\"a/one\\\", \\\"imageDigest\\\": \\\"sha256:$(printf '%064d' 1)\\\", \\\"imageManifestMediaType\\\": \\\"application/vnd.oci.image.index.v1+json\\\"}]}\" ;;\n\
         *describe-images*two*imageStatus=ANY*) echo '{\"imageDetails\": []}' ;;\n\
         *batch-get-image*a/one*imageDigest=sha256:*) echo \"{\\\"images\\\": [{\\\"imageId\\\": {\\\"imageDigest\\\": \\\"sha256:$(printf '%064d' 1)\\\"}, \\\"imageManifest\\\": \\\"{\\\\\\\"manifests\\\\\\\": []}\\\"}]}\" ;;\n\
         *get-lifecycle-policy*) echo 'An error occurred (LifecyclePolicyNotFoundException)' >&2; exit 254 ;;\n\
         *get-repository-policy*) echo 'An error occurred (RepositoryPolicyNotFoundException)' >&2; exit 254 ;;\n\
         *get-registry-policy*) echo 'An error occurred (RegistryPolicyNotFoundException)' >&2; exit 254 ;;\n\
         *list-tags*) echo '{\"tags\": []}' ;;\n\
         *batch-get-image*) echo 'no image ids' >&2; exit 252 ;;\n\
         *) echo '{}' ;;\n\
         esac\n",
    );
    let script = "chmod +x bin/aws; export PATH=$PWD/bin:$PATH; bash export.sh made";
    let run = folder.command_of("bash").args(["-c", script]).output().expect("bash starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let run = folder.run("import made --region ap-northeast-2").expect(0);
    assert!(run.stderr.contains("2 repositories with 1 image"), "{}", run.stderr);
    let run = folder.run("preview").expect(0);
    assert!(run.stderr.contains("2 repositories without a lifecycle policy"), "{}", run.stderr);
    assert!(!run.stderr.contains("no manifest"), "{}", run.stderr);
    let again = folder.command_of("bash").args(["-c", script]).output().expect("bash starts");
    assert_eq!(again.status.code(), Some(2), "an older export is not mixed with a new one");
}

#[test]
fn a_bad_policy_file_leaves_the_images_of_its_repository() {
    let folder = Folder::new();
    registry(&folder);
    folder.write("aws/repositories/team/app/get-lifecycle-policy.json", "{");
    folder.run("import aws --region ap-northeast-2").expect(4);
    folder.write_json("policy.json", &keep(1));
    let run = folder
        .run("preview --policy policy.json --repository team/app --now 2026-11-01 --format json")
        .expect(0);
    assert_eq!(run.json()[0]["summary"]["expiringImageTotalCount"], 1);
}

#[test]
fn a_registry_of_which_nothing_can_be_read_is_refused() {
    let folder = Folder::new();
    registry(&folder);
    for name in ["app", "web"] {
        folder.write(&format!("aws/repositories/team/{name}/describe-images.json"), "not JSON");
    }
    folder.run("import aws --region ap-northeast-2").expect(2);
    assert!(!folder.path("store").exists());
}

#[test]
fn the_newest_inventory_of_each_registry_is_used() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2 --now 2026-03-02").expect(0);
    let more = [
        image('a', &["v1"], "2026-01-01"),
        image('b', &["v2"], "2026-02-01"),
        image('d', &["v3"], "2026-03-01"),
    ];
    folder.write_json("aws/repositories/team/app/describe-images.json", &images(&more));
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-03-03").expect(0);
    let run = folder.run("preview --now 2026-11-01 --format json").expect(0);
    assert_eq!(run.json()[0]["summary"]["expiringImageTotalCount"], 2);
    folder.run("import aws --region us-east-1 --taken-at 2026-03-01").expect(0);
    let run = folder.run("preview --now 2026-11-01 --format json").expect(0);
    assert_eq!(run.json().as_array().map(Vec::len), Some(2), "one of each region");
    let run = folder.run("preview --region us-east-1 --now 2026-11-01 --format json").expect(0);
    assert_eq!(run.json().as_array().map(Vec::len), Some(1));
    let run = folder.run("explain team/app:v1 --now 2026-11-01").expect(2);
    assert!(run.stderr.contains("--region"), "{}", run.stderr);
}

#[test]
fn damaged_and_newer_files_are_refused_and_left_as_they_are() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2").expect(0);
    let inventory = newest_inventory(&folder);
    for file in ["images.parquet", "repositories.parquet", "descriptors.parquet"] {
        let path = inventory.join(file);
        let good = fs::read(&path).expect("a file");
        for damage in [Vec::new(), good[..good.len() / 2].to_vec(), flipped(&good)] {
            fs::write(&path, &damage).expect("a file is written");
            let run = folder.run("preview --now 2026-11-01 --format json").expect(2);
            assert!(run.stderr.contains("damaged") && run.stderr.contains(file), "{}", run.stderr);
            assert_eq!(fs::read(&path).expect("a file"), damage);
        }
        fs::write(&path, &good).expect("a file is written");
    }
    folder.run("preview --now 2026-11-01 --format json").expect(0);
    let path = inventory.join("inventory.json");
    let text =
        fs::read_to_string(&path).expect("a file").replace("\"format_version\": 2", "\"format_version\": 4");
    fs::write(&path, text).expect("a file is written");
    let run = folder.run("preview --now 2026-11-01").expect(2);
    assert!(run.stderr.contains("format version 4"), "{}", run.stderr);
}

/// One byte in the middle changed.
fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0x40;
    bytes
}

#[test]
fn an_import_that_is_killed_leaves_the_last_good_inventory() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-03-01").expect(0);
    let before = folder.run("preview --now 2026-11-01 --format json").expect(0).stdout;
    // Killed at many moments: none of them shows.
    let many: Vec<_> = (0..3000_u32)
        .map(|n| {
            let mut one = image('a', &["v"], "2026-01-01");
            one["imageDigest"] = json!(format!("sha256:{n:064x}"));
            one
        })
        .collect();
    folder.write_json("aws/repositories/team/app/describe-images.json", &images(&many));
    for delay_ms in [1, 5, 10, 15, 20, 25, 30, 40, 50] {
        let mut child = folder
            .command()
            .args(["import", "aws", "--region", "ap-northeast-2", "--taken-at", "2026-02-01"])
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        std::thread::sleep(std::time::Duration::from_millis(delay_ms));
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        assert_eq!(folder.run("preview --now 2026-11-01 --format json").expect(0).stdout, before);
    }
    // A folder as a crash leaves it, newer than all others.
    let unfinished = folder.path("store/inventories/20990101T000000Z-0000");
    fs::create_dir(&unfinished).expect("a folder is made");
    fs::write(unfinished.join("images.parquet"), b"PAR1").expect("a file is written");
    fs::write(unfinished.join("inventory.json.part"), b"{").expect("a file is written");
    assert_eq!(folder.run("preview --now 2026-11-01 --format json").expect(0).stdout, before);
}

/// Runs where `DEMURRAGE_PYTHON` names a Python that has `duckdb`: the gate sees to that.
#[test]
fn duckdb_reads_the_parquet_files_as_they_are() {
    let Some(python) = std::env::var_os("DEMURRAGE_PYTHON") else {
        assert!(std::env::var_os("CI").is_none(), "the gate names a Python with duckdb");
        return;
    };
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2").expect(0);
    let script = "import duckdb, sys\n\
        folder = sys.argv[1]\n\
        rows = duckdb.sql(f\"select repository_name, count(*), epoch_us(min(image_pushed_at)), sum(image_size_bytes), \
        count(*) filter (where list_contains(image_tags, 'v1')) \
        from read_parquet('{folder}/images.parquet') group by 1 order by 1\").fetchall()\n\
        print(rows[0][0], rows[0][1], rows[0][2], rows[0][3], rows[0][4])\n\
        print(duckdb.sql(f\"select value from parquet_kv_metadata('{folder}/images.parquet') \
        where key = 'format_version'::blob\").fetchall()[0][0].decode())\n\
        print(duckdb.sql(f\"select count(*) from read_parquet('{folder}/repositories.parquet')\").fetchall()[0][0])\n";
    let output = Command::new(python)
        .args(["-c", script, &newest_inventory(&folder).display().to_string()])
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        text,
        "team/app 2 1767225600000000 2000 1\n2\n2\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_script_that_makes_the_files_is_bash_and_asks_for_archived_images() {
    let folder = Folder::new();
    let run = folder.run("import --print-script").expect(0);
    folder.write("export.sh", &run.stdout);
    let checked =
        Command::new("bash").args(["-n"]).arg(folder.path("export.sh")).status().expect("bash starts");
    assert!(checked.success());
    assert!(run.stdout.contains("--filter imageStatus=ANY") && run.stdout.contains("--accepted-media-types"));
}

#[test]
fn what_files_say_of_scans_templates_and_caches_is_in_the_store() {
    let folder = Folder::new();
    registry(&folder);
    let mut scanned = image('a', &["v1"], "2026-01-01T00:00:00Z");
    scanned["imageScanStatus"] = json!({"status": "ACTIVE", "description": "Continuous scan is selected"});
    scanned["imageScanFindingsSummary"] = json!({
        "imageScanCompletedAt": "2026-01-01T09:02:03.500000+09:00",
        "vulnerabilitySourceUpdatedAt": 1_767_225_600.0,
        "findingSeverityCounts": {"CRITICAL": 1, "HIGH": 20, "UNTRIAGED": 3},
    });
    let mut pending = image('b', &["v2"], "2026-02-01T00:00:00Z");
    pending["imageScanStatus"] = json!({"status": "PENDING"});
    let mut silent = image('c', &[], "2026-02-01T00:00:00Z");
    silent["imageScanFindingsSummary"] = json!({});
    folder.write_json("aws/repositories/team/app/describe-images.json", &images(&[scanned, pending, silent]));
    let templates =
        json!({"registryId": "123456789012", "repositoryCreationTemplates": [{"prefix": "ROOT"}]});
    folder.write_json("aws/describe-repository-creation-templates.json", &templates);
    folder.run("import aws --region ap-northeast-2").expect(0);

    let store = demurrage_store::Store::new(folder.path("store"));
    let [entry] = store.newest().expect("a store").try_into().expect("one inventory");
    let inventory = store.read(&entry, |name| name == "team/app").expect("an inventory");
    let kept = inventory.registry.creation_templates.present().expect("templates");
    assert_eq!(serde_json::from_str::<serde_json::Value>(kept).expect("JSON"), templates);
    assert_eq!(inventory.registry.pull_through_cache_rules, Fact::NotEvaluated, "there is no such file");
    let app = inventory.repositories.first().expect("a repository");
    let scans: Vec<Option<ScanSummary>> =
        app.images.iter().map(|image| image.scan.as_deref().cloned()).collect();
    let active = ScanSummary {
        status: Some(ScanStatus::Active),
        completed_at: instant::parse("2026-01-01T00:02:03.5Z"),
        severity_counts: SeverityCounts { critical: 1, high: 20, undefined: 3, ..SeverityCounts::default() },
    };
    let pending = ScanSummary { status: Some(ScanStatus::Pending), ..ScanSummary::never() };
    assert_eq!(scans, [Some(active), Some(pending), None]);
}
