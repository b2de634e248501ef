//! Events in the form of `EventBridge`, as lines of a file, as HTTP posts, or kept for a test.
//!
//! For: pushes, deletes, changes of the storage class and replication. Assumes: whoever reads them takes them
//! as hints, as AWS delivers them at best effort. Leaves out: scans, pull-through caches.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::wire::{hash, iso};

/// How many events are kept for whoever asks the server for them.
const KEPT: usize = 10_000;

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventTarget {
    /// Appended to this file, one line each.
    File(PathBuf),
    /// Posted to this URL, which is plain `http://`, one request each.
    Post(String),
}

/// The events of the server.
#[derive(Debug, Default)]
pub(crate) struct Events {
    target: Option<Sink>,
    kept: VecDeque<Value>,
    made: u64,
}

/// Where events go, opened.
#[derive(Debug)]
enum Sink {
    File(File),
    Post(Sender<String>),
}

/// What happened, for an event.
#[derive(Debug)]
pub(crate) struct Happened<'a> {
    /// `ECR Image Action`, …
    pub(crate) detail_type: &'a str,
    /// The account that it happened in.
    pub(crate) account: &'a str,
    /// The region that it happened in.
    pub(crate) region: &'a str,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// `resources`.
    pub(crate) resources: Vec<String>,
    /// `detail`.
    pub(crate) detail: Map<String, Value>,
}

impl Events {
    /// Sends to this target from now on; a thread of its own posts, so that nobody waits for it.
    pub(crate) fn send_to(&mut self, target: EventTarget) -> std::io::Result<()> {
        self.target = Some(match target {
            EventTarget::File(path) => Sink::File(OpenOptions::new().create(true).append(true).open(path)?),
            EventTarget::Post(url) => {
                let (sender, receiver) = channel::<String>();
                std::thread::spawn(move || {
                    while let Ok(body) = receiver.recv() {
                        // Best effort, as AWS has it: an event that cannot be delivered is lost.
                        let _ = post(&url, &body);
                    }
                });
                Sink::Post(sender)
            }
        });
        Ok(())
    }

    /// Makes an event.
    pub(crate) fn make(&mut self, happened: &Happened<'_>) {
        self.made += 1;
        let id = hash(&format!("event {}", self.made));
        let event = json!({
            "version": "0",
            "id": format!("{:08x}-{:04x}-4000-8000-{:012x}", id >> 32, id & 0xffff, self.made),
            "detail-type": happened.detail_type,
            "source": "aws.ecr",
            "account": happened.account,
            "time": iso(happened.at),
            "region": happened.region,
            "resources": happened.resources,
            "detail": happened.detail,
        });
        // Here too: an event that cannot be written is lost.
        match &mut self.target {
            Some(Sink::File(file)) => drop(file.write_all(format!("{event}\n").as_bytes())),
            Some(Sink::Post(sender)) => drop(sender.send(event.to_string())),
            None => {}
        }
        self.kept.push_back(event);
        if KEPT < self.kept.len() {
            self.kept.pop_front();
        }
    }

    /// The last events, oldest first.
    pub(crate) fn kept(&self) -> Vec<Value> {
        self.kept.iter().cloned().collect()
    }
}

/// Posts a body to a plain HTTP URL.
fn post(url: &str, body: &str) -> std::io::Result<()> {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = [0_u8; 256];
    stream.read(&mut answer).map(drop)
}
