//! `demurrage stop`.

use crate::support::Folder;

#[test]
fn a_stop_holds_until_it_is_lifted_and_what_was_ordered_stays_in_the_store() {
    let folder = Folder::new();
    assert_eq!(folder.run("stop --show").expect(0).stdout, "nothing is stopped\n");
    folder.run("stop --lift").expect(5);
    folder.run_args(&["stop", "--reason", "incident 12"]).expect(0);
    let shown = folder.run("stop --show").expect(1).stdout;
    assert!(shown.starts_with("stopped: by ") && shown.ends_with(": incident 12\n"), "{shown}");
    folder.run("stop").expect(5);
    folder.run("stop --lift").expect(0);
    let shown = folder.run("stop --show --format json").expect(0).json();
    assert_eq!(shown["stopped"], false);
    let orders = std::fs::read_dir(folder.path("store/stops")).expect("a folder").count();
    assert_eq!(orders, 2);
    folder.run("stop --show --lift").expect(2);
}

#[test]
fn an_order_that_cannot_be_read_is_an_error_and_not_leave_to_go_on() {
    let folder = Folder::new();
    folder.write("store/stops/0000000001-order.json", "{");
    let run = folder.run("stop --show").expect(2);
    assert!(run.stderr.contains("0000000001-order.json` is damaged"), "{}", run.stderr);
}
