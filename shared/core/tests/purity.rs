//! The core stays pure: its manifest names no crate that could reach the world, its sources no way to.
//!
//! Reads the text of both, line by line, and lists every breach at once. It assumes `rustfmt` (one statement
//! does not share a line with another) and leaves out comments, and what macros of other crates expand to:
//! `clippy.toml` beside the manifest sees the calls themselves.

#![expect(clippy::disallowed_methods, reason = "this test reads the sources of the core; the core does not")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The crates that the core may use: none of them does input or output as the workspace configures it.
const ALLOWED: [&str; 8] =
    ["chrono", "jsonc-parser", "regex", "rust_decimal", "rustc-hash", "serde", "serde_json", "thiserror"];

/// What no line of the core may hold, and why.
const FORBIDDEN: [(&str, &str); 11] = [
    ("std::fs", "the core reads and writes no files"),
    ("std::net", "the core opens no connections"),
    ("std::env", "the core reads no environment"),
    ("std::process", "the core starts and ends no process"),
    ("std::thread", "the core is sequential"),
    ("SystemTime", "the core is told what time it is"),
    ("Instant::now", "the core is told what time it is"),
    ("Utc::now", "the core is told what time it is"),
    ("print!", "the core prints nothing"),
    ("println!", "the core prints nothing"),
    ("#[allow", "a lint is silenced by `#[expect]`, with a reason"),
];

/// Types of `std::net` that are values and open nothing: a line that imports them alone is no breach.
const ADDRESSES: [&str; 3] = ["IpAddr", "Ipv4Addr", "Ipv6Addr"];

/// The modules of `std` that a grouped import (`use std::{…}`) may not name either.
const FORBIDDEN_MODULES: [&str; 5] = ["fs", "net", "env", "process", "thread"];

/// The breaches in the text of a manifest, each with its line.
fn manifest_breaches(manifest: &str) -> Vec<(usize, String)> {
    let mut breaches = Vec::new();
    let mut listing = false;
    for (line, number) in manifest.lines().map(str::trim).zip(1..) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            listing = section == "dependencies";
            let is_of_the_core = section.contains("dependencies") && !section.starts_with("dev-dependencies");
            if is_of_the_core && !listing {
                breaches
                    .push((number, format!("dependencies stand in `[dependencies]`, not in `[{section}]`")));
            }
        } else if listing && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if !ALLOWED.contains(&name) || line.contains("package") {
                breaches.push((number, format!("`{name}` is not a dependency that the core may have")));
            }
        }
    }
    breaches
}

/// The breaches in the text of a source file, each with its line.
fn source_breaches(source: &str) -> Vec<(usize, String)> {
    let mut breaches = Vec::new();
    let mut importing = false;
    for (line, number) in source.lines().map(str::trim).zip(1..) {
        if line.starts_with("//") || imports_only_addresses(line) {
            continue;
        }
        for (text, why) in FORBIDDEN {
            if line.contains(text) {
                breaches.push((number, format!("`{text}`: {why}")));
            }
        }
        importing |= line.contains("use std::{");
        for module in FORBIDDEN_MODULES {
            let is_named = line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == module);
            if importing && is_named {
                breaches.push((number, format!("`{module}` of `std` is imported")));
            }
        }
        importing &= !line.contains(';');
    }
    breaches
}

/// Whether a line is the import of types that are addresses, and of nothing else.
fn imports_only_addresses(line: &str) -> bool {
    let names = line.strip_prefix("use std::net::").and_then(|rest| rest.strip_suffix(';'));
    names.is_some_and(|names| {
        let mut words = names.split([',', ' ', '{', '}']).filter(|word| !word.is_empty());
        words.all(|word| ADDRESSES.contains(&word))
    })
}

/// Every Rust file below a folder, in the order of their paths.
fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[test]
fn the_core_depends_only_on_what_is_allowed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = fs::read_to_string(&path).expect("the manifest can be read");
    let breaches: Vec<String> = manifest_breaches(&manifest)
        .into_iter()
        .map(|(line, breach)| format!("{}:{line}: {breach}", path.display()))
        .collect();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn the_sources_of_the_core_reach_nothing_outside() {
    let files =
        rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("the sources are there");
    assert!(!files.is_empty(), "there are sources to look at");
    let mut breaches = Vec::new();
    for path in files {
        let source = fs::read_to_string(&path).expect("a source can be read");
        for (line, breach) in source_breaches(&source) {
            breaches.push(format!("{}:{line}: {breach}", path.display()));
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn every_way_out_of_a_source_is_seen() {
    let source = "\
use std::fs;
use std::{
    collections::BTreeMap,
    env,
};
use std::net::{IpAddr, Ipv4Addr};
use std::net::{IpAddr, TcpStream};
use std::net::*;
/// `std::net` in a comment is no breach.
fn now() -> std::time::SystemTime {
    eprintln!(\"{}\", offset);
}
";
    let lines: Vec<usize> = source_breaches(source).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [1, 4, 7, 8, 10, 11]);
}

#[test]
fn every_way_to_a_forbidden_crate_is_seen() {
    let manifest = "\
[dependencies]
chrono.workspace = true
# a comment
tokio = \"1\"
serde = { package = \"hyper\", version = \"1\" }

[dependencies.reqwest]
version = \"1\"

[target.'cfg(unix)'.dependencies]
nix = \"1\"

[build-dependencies]
cc = \"1\"

[dev-dependencies]
proptest.workspace = true
";
    let lines: Vec<usize> = manifest_breaches(manifest).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [4, 5, 7, 10, 13]);
}
