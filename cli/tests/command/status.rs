//! `demurrage status`: what a store has, and what to do next.

use crate::support::Folder;

#[test]
fn an_empty_store_says_how_to_begin() {
    let folder = Folder::new();
    let run = folder.run("status").expect(5);
    assert!(run.stdout.contains("no inventories\n"), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("next: the store knows no registry yet:\n  demurrage collect\n"),
        "{}",
        run.stdout
    );
    let json = folder.run("status --format json").expect(5).json();
    assert_eq!(json["registries"], serde_json::json!([]));
    assert_eq!(json["next"]["command"], "demurrage collect");
}

#[test]
fn ages_stops_and_what_nobody_asked_are_in_it() {
    let folder = Folder::new();
    folder.run("demo --dir demo --now 2026-11-24").expect(0);
    let status = |options: &str| folder.run(&format!("status --store demo/store {options}")).expect(0);
    let now = "--now 2026-11-24T03:00:00Z";
    let text = status(now).stdout;
    assert!(text.contains("3 hours ago"), "{text}");
    assert!(text.contains("use: nobody asked yet what is in use\n"), "{text}");
    assert!(text.contains("  not known: "), "{text}");
    assert!(text.ends_with("  demurrage use\n"), "{text}");
    let old = status("--now 2026-11-26").stdout;
    assert!(old.contains("is 2 days old"), "{old}");
    folder.run_args(&["stop", "--store", "demo/store", "--reason", "incident 12"]).expect(0);
    let json = status(&format!("{now} --format json")).json();
    assert_eq!(json["stop"]["reason"], "incident 12");
    assert_eq!(json["registries"][0]["repositories"], 40);
    assert_eq!(json["next"]["command"], "demurrage stop --lift --reason TEXT");
}

#[test]
fn an_inventory_that_cannot_be_read_is_named_and_hides_nothing_else() {
    let folder = Folder::new();
    folder.run("demo --dir demo --now 2026-11-24").expect(0);
    folder.write("demo/store/inventories/20261123T000000Z-0000/inventory.json", "{");
    let text = folder.run("status --store demo/store --now 2026-11-24").expect(0).stdout;
    assert!(text.contains("not readable: "), "{text}");
    assert!(text.contains("demurrage"), "{text}");
}
