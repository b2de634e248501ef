//! Where not everything was read, the JSON that is kept says so, and the exit code.

use serde_json::{Value, json};

use crate::server::Live;
use crate::support::{Folder, image, images, keep, registry};

/// Two images, and more that were not asked for.
fn cut_off() -> Value {
    let mut list = images(&[image('a', &["v1"], "2026-01-01"), image('b', &["v2"], "2026-01-02")]);
    list["nextToken"] = json!("more");
    list
}

/// A folder with the files `whole.json`, `cut-off.json`, `one.json` and `five.json`.
fn files() -> Folder {
    let folder = Folder::new();
    let mut whole = cut_off();
    whole.as_object_mut().expect("an object").remove("nextToken");
    folder.write_json("whole.json", &whole);
    folder.write_json("cut-off.json", &cut_off());
    folder.write_json("one.json", &keep(1));
    folder.write_json("five.json", &keep(5));
    folder
}

#[test]
fn a_preview_of_a_cut_off_listing_is_marked_and_incomplete() {
    let folder = files();
    let run = "preview --policy one.json --now 2026-11-01 --format json --images";
    let document = folder.run(&format!("{run} cut-off.json")).expect(4).json();
    assert_eq!(
        (&document["listing"], &document["status"]),
        (&json!("CUT_OFF"), &json!("INCOMPLETE")),
        "{document}"
    );
    let document = folder.run(&format!("{run} whole.json")).expect(0).json();
    assert_eq!((document.get("listing"), &document["status"]), (None, &json!("COMPLETE")), "{document}");
}

#[test]
fn an_explanation_over_a_cut_off_listing_is_marked() {
    let folder = files();
    let run = "explain team/app --policy one.json --now 2026-11-01 --format json --images";
    let listings = |document: &Value| -> Vec<Option<Value>> {
        let rows = document.as_array().expect("an array").iter();
        rows.map(|row| row.get("listing").cloned()).collect()
    };
    let document = folder.run(&format!("{run} cut-off.json")).expect(4).json();
    assert_eq!(listings(&document), [Some(json!("CUT_OFF")), Some(json!("CUT_OFF"))]);
    let document = folder.run(&format!("{run} whole.json")).expect(0).json();
    assert_eq!(listings(&document), [None, None]);
}

#[test]
fn a_comparison_over_a_cut_off_listing_is_marked_also_where_nothing_changes() {
    let folder = files();
    let run = |policies: &str, images: &str, code: i32| {
        let options = "--now 2026-11-01 --format json --images";
        folder.run(&format!("compare {policies} {options} {images}.json")).expect(code).json()
    };
    assert_eq!(run("five.json one.json", "cut-off", 4)[0]["listing"], "CUT_OFF");
    assert_eq!(run("five.json one.json", "whole", 1)[0].get("listing"), None);
    let same = run("one.json one.json", "cut-off", 4);
    assert_eq!((&same[0]["listing"], &same[0]["changes"]), (&json!("CUT_OFF"), &json!([])), "{same}");
    assert_eq!(run("one.json one.json", "whole", 0), json!([]));
}

#[test]
fn lint_names_the_repositories_that_it_knows_in_part() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2").expect(0);
    let document = folder.run("lint --now 2026-11-01 --format json").json();
    assert_eq!(document[0].get("incomplete_repositories"), None, "{document}");
    folder.write_json("aws/repositories/team/app/describe-images.json", &cut_off());
    folder.run("import aws --region ap-northeast-2").expect(4);
    let document = folder.run("lint --now 2026-11-01 --format json").expect(4).json();
    assert_eq!(
        document[0]["incomplete_repositories"],
        json!([{"repository_name": "team/app", "listing": "CUT_OFF"}]),
        "{document}"
    );
}

#[test]
fn lint_of_policies_that_were_not_read_does_not_say_that_all_is_well() {
    let live = Live::generated(6, 10, 5);
    live.deny(&["GetLifecyclePolicy"]);
    live.collect("").expect(4);
    let run = live.folder.run("lint").expect(4);
    assert!(run.stderr.contains("6 repositories whose lifecycle policy was not read"), "{}", run.stderr);
}
