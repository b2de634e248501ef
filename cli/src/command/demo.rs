//! `demurrage demo`: a live registry to try the command on.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use demurrage_aws::collect::{CollectError, Extent, Progress, ScanFindings, Stop, collect_private};
use demurrage_aws::{Server as At, Session, SessionOptions, register_pull_time_exclusion};
use demurrage_config::Configuration;
use demurrage_core::RegistryKind;
use demurrage_report::{audit_summary, count, preview_summary, preview_table};
use demurrage_store::{InventoryEntry, Store};
use fake_ecr::{Clock, Options, Server, shop};

use super::audit::found;
use super::preview::pairs;
use super::previews::{Setting, attached, previews};
use super::report::{Asked, target, write};
use crate::args::{NowArgs, default_folder};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::learning::learn;
use crate::switch_args::SwitchArgs;
use crate::{runtime, talk, terminal};

/// Account and region of the registry that is made; the account is the one of the AWS documentation.
const ACCOUNT: &str = "123456789012";
const REGION: &str = "ap-northeast-2";
/// The access key with which the server knows this command, as a session of a role of its own.
const ACCESS_KEY_ID: &str = "AKIADEMURRAGEDEMO";
const PRINCIPAL: &str = "arn:aws:sts::123456789012:assumed-role/demurrage/demo";
/// Rows that are shown of each repository that is shown.
const ROWS_MAX: usize = 8;
/// Audits that are shown, the worst first.
const AUDITS_MAX: usize = 10;
/// Repositories of which images are shown, and why these.
const SHOWN: [(&str, &str); 3] = [
    ("shop/order-api", "Its author wrote a list, which means AND, and meant OR"),
    ("payments/fraud-detector", "Images that a higher rule protects fill the places of the rule after it"),
    ("shop/checkout-api", "A policy that does what it seems to"),
];

/// Make a realistic registry (40 repositories, about 12,000 images), collect it and preview it
///
/// A server that behaves as ECR does holds the registry, on this machine alone. It is collected through the
/// API, into a store of its own, and every attached policy is previewed. Nothing of yours is touched, no
/// credentials are used and nothing leaves the machine.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo")]
pub(crate) struct Demo {
    /// Folder for the store (`store`) and the same registry as files of the AWS CLI (`aws-cli`)
    /// [default: in the user's data folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Another registry for another number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    now: NowArgs,
    #[command(flatten)]
    switches: SwitchArgs,
}

pub(crate) fn run(arguments: &Demo) -> Result<Exit, Failure> {
    let dir = match &arguments.dir {
        Some(dir) => dir.clone(),
        None => default_folder("demo")?,
    };
    let now = arguments.now.now();
    let files = dir.join("aws-cli");
    shop::write_files(&files, now, arguments.seed).map_err(Failure::write(&files))?;
    let server = serve(now, arguments.seed)?;
    let store = Store::new(dir.join("store"));
    let entry = runtime::wait(collect(&server, &store))??;
    learn(&store, &entry);
    talk::say(format!(
        "collected {} with {} from a registry on this machine into {}",
        count(entry.repositories(), "repository"),
        count(entry.images(), "image"),
        store.shown()
    ));

    // What is shown is what was stored, not what was made.
    let repositories = store.read(&entry, |_| true)?.repositories;
    let attached = attached(&repositories);
    let setting = Setting { now, switches: arguments.switches.switches(), all_settings: false };
    let pairs = pairs(&repositories, &attached.policies, |_| RegistryKind::Private);
    let documents = previews(&pairs, setting, None);
    talk::data(&preview_summary(&documents, terminal::width()))?;
    for (name, why) in SHOWN {
        if let Some(document) = documents.iter().find(|document| document.repository.name == name) {
            talk::data(&format!("\n{why}:\n{}", preview_table(document, ROWS_MAX, terminal::width())))?;
        }
    }
    let found = found(&store, &entry, &Configuration::default().rules, now, setting.switches)?;
    let summary = audit_summary(&found, AUDITS_MAX, terminal::width());
    talk::data(&format!(
        "\nWhat its settings do not keep of what teams promise (`demurrage audit`):\n\n{summary}"
    ))?;
    talk::data(&next_steps(&dir, &documents))?;
    talk::data(&report(&dir, &store, entry, setting)?)?;
    Ok(Exit::Done)
}

/// A server on this machine that holds the registry; its clock stands still at `now`.
fn serve(now: DateTime<Utc>, seed: u64) -> Result<Server, Failure> {
    let server = Server::start(Options::default())
        .map_err(|error| Failure::aws(format!("no server can be started on this machine: {error}"), ""))?;
    let fake = server.registry();
    fake.set_clock(Clock::Fixed(now));
    fake.add_principal(ACCESS_KEY_ID, ACCOUNT, PRINCIPAL);
    shop::load(fake, ACCOUNT, REGION, now, seed);
    Ok(server)
}

/// What `demurrage collect` does where the exclusion was registered before. This server honours one at once.
async fn collect(server: &Server, store: &Store) -> Result<InventoryEntry, Failure> {
    let at = At { url: server.url(), access_key_id: ACCESS_KEY_ID.to_owned() };
    let options = SessionOptions {
        calls_per_second: std::num::NonZeroU32::new(1_000),
        at: Some(at),
        ..SessionOptions::default()
    };
    let asked = |error: &dyn std::fmt::Display| Failure::aws(format!("the demonstration: {error}"), "");
    let session = Session::open(REGION, options).await.map_err(|error| asked(&error))?;
    let ecr = session.ecr(REGION);
    register_pull_time_exclusion(&ecr, &session, None).await.map_err(|error| asked(&error))?;
    let (progress, stop) = (Progress::default(), Stop::default());
    let extent = Extent { scan_findings: ScanFindings::OfTheNewest, ..Extent::default() };
    let collected = collect_private(&session, &ecr, store, extent, &progress, &stop).await;
    match collected {
        Ok(collected) => Ok(collected.entry),
        Err(CollectError::Store(error)) => Err(Failure::Store(error)),
        Err(error @ (CollectError::Call(_) | CollectError::Interrupted | CollectError::Broken)) => {
            Err(asked(&error))
        }
    }
}

/// Writes the report of the registry into the folder; says where it is.
fn report(dir: &Path, store: &Store, entry: InventoryEntry, setting: Setting) -> Result<String, Failure> {
    let target = target(&dir.join("report.html"))?;
    let asked = Asked {
        store,
        entries: vec![entry],
        configuration: &Configuration::default(),
        in_use: &InUseArgs { in_use: Vec::new() },
        bill: &[],
        past: 0,
        now: setting.now,
        switches: setting.switches,
    };
    let said = write(&target, &asked.page()?.page)?;
    Ok(format!("\nOne page of all of it, for a browser: {said}\n"))
}

/// What to try next, with an image that is there.
fn next_steps(dir: &Path, documents: &[demurrage_report::PreviewDocument<'_>]) -> String {
    let document = documents.iter().find(|document| document.repository.name == "shop/order-api");
    let tag = document.and_then(|document| {
        let mut images =
            document.preview.acted_on.iter().filter_map(|&at| document.repository.images.get(at as usize));
        images.find_map(|image| image.tags.first())
    });
    let image = tag.map_or_else(|| "shop/order-api".to_owned(), |tag| format!("shop/order-api:{tag}"));
    let store = dir.join("store");
    let store = store.display();
    let policy = dir.join("aws-cli/repositories/shop/checkout-api/get-lifecycle-policy.json");
    format!(
        "\nTry next:\n  \
         demurrage explain {image} --store {store}\n  \
         demurrage lint --store {store}\n  \
         demurrage audit --store {store} --repository 'shop/*'\n  \
         demurrage preview --store {store} --repository 'shop/*'\n  \
         demurrage cost --store {store}\n  \
         demurrage compare attached {} --store {store} --repository shop/order-api\n\
         For your own registry (reads only; `demurrage collect --help` says what it leaves alone):\n  \
         demurrage collect --region ap-northeast-2\n\
         or without giving this program any credentials:\n  \
         demurrage import --print-script > export-registry.sh\n",
        policy.display()
    )
}
