//! `--in-use`: what is in use and would go is said, counted and ends with 1.

use serde_json::json;

use crate::support::{Folder, digest, image, images, keep, registry};

const REGISTRY: &str = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com";

fn imported() -> Folder {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-01T00:00:00Z").expect(0);
    folder
}

#[test]
fn a_preview_says_which_of_the_images_that_go_are_in_use_and_by_what() {
    let folder = imported();
    folder.write("running.txt", format!("# pods\n\n{REGISTRY}/team/app:v1   # team/app in prod\n"));
    let run = folder
        .run("preview --repository team/app --now 2026-11-01 --in-use running.txt --format json")
        .expect(1);
    let document = &run.json()[0];
    assert_eq!(document["summary"], json!({"expiringImageTotalCount": 1, "inUseImageTotalCount": 1}));
    let reference = "123456789012/ap-northeast-2/team/app:v1";
    let evidence = format!("{REGISTRY}/team/app:v1 (running.txt:3)");
    assert_eq!(
        document["previewResults"][0]["inUse"],
        json!({"how": "IN_USE", "uses": [{"reference": reference, "evidence": evidence}]})
    );
    let table = folder.run("preview --repository team/app --now 2026-11-01 --in-use running.txt").expect(1);
    assert!(table.stdout.contains("of those that go, 1 in use"), "{}", table.stdout);
    assert!(table.stderr.contains("1 image would expire"), "{}", table.stderr);
    assert!(table.stderr.contains("1 of them in use"), "{}", table.stderr);
}

#[test]
fn what_is_in_use_and_stays_is_no_finding() {
    let folder = imported();
    folder.write("running.txt", format!("{REGISTRY}/team/app@{}\nteam/web:w1\n", digest('b')));
    let run = folder.run("preview --now 2026-11-01 --in-use running.txt").expect(0);
    assert!(!run.stderr.contains("warning"), "team/web has no policy, and its use is known: {}", run.stderr);
}

#[test]
fn a_use_that_is_of_no_image_is_said_because_it_keeps_nothing() {
    let folder = imported();
    folder.write("running.txt", "team/app:v9\n");
    let run = folder.run("preview --now 2026-11-01 --in-use running.txt").expect(0);
    assert!(run.stderr.contains("1 reference in use of no image here"), "{}", run.stderr);
    assert!(run.stderr.contains("team/app:v9 (running.txt:1)"), "{}", run.stderr);
}

#[test]
fn a_line_that_is_no_reference_ends_the_command_before_anything_is_said() {
    let folder = imported();
    folder.write("running.txt", "team/app:v1\nteam/app v2\n");
    let run = folder.run("preview --in-use running.txt").expect(2);
    assert!(run.stderr.contains("`running.txt`: line 2: `team/app v2` is no reference"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    folder.run("compare none attached --in-use missing.txt").expect(2);
}

#[test]
fn a_comparison_says_how_many_of_those_that_fare_worse_are_in_use() {
    let folder = Folder::new();
    folder.write_json("old.json", &keep(2));
    folder.write_json("new.json", &keep(1));
    let list = [image('a', &["v1"], "2026-01-01"), image('b', &["v2"], "2026-01-02")];
    folder.write_json("images.json", &images(&list));
    folder.write("running.txt", format!("{}\n", digest('a')));
    let arguments = "compare old.json new.json --images images.json --now 2026-11-01 --in-use running.txt";
    let run = folder.run(arguments).expect(1);
    assert!(run.stdout.contains("1 image fares worse (1 in use), 0 images better"), "{}", run.stdout);
    let json = folder.run(&format!("{arguments} --format json")).expect(1).json();
    assert_eq!(json[0]["changes"][0]["in_use"]["how"], "IN_USE");
}
