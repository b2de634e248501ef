//! `demurrage demo`: a registry to try the command on.

use std::path::PathBuf;

use clap::Args;
use demurrage_report::{count, preview_summary, preview_table};
use demurrage_store::Store;
use fake_ecr::shop;

use super::preview::pairs;
use super::previews::{Setting, attached, previews};
use crate::args::{NowArgs, default_folder};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::switch_args::SwitchArgs;
use crate::{aws_cli, talk};

/// Region of the registry that is made.
const REGION: &str = "ap-northeast-2";
/// Rows that are shown of each repository that is shown.
const ROWS_MAX: usize = 8;
/// Repositories of which images are shown, and why these.
const SHOWN: [(&str, &str); 3] = [
    ("shop/order-api", "Its author wrote a list, which means AND, and meant OR"),
    ("payments/fraud-detector", "Images that a higher rule protects fill the places of the rule after it"),
    ("shop/checkout-api", "A policy that does what it seems to"),
];

/// Make a realistic registry (40 repositories, about 12,000 images), import it and preview it
///
/// The registry is written as files of the AWS CLI, imported into a store of its own, and every attached
/// policy is previewed. Nothing of yours is touched, and no network is used.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  demurrage demo --dir /tmp/demo")]
pub(crate) struct Demo {
    /// Folder for the files (`aws-cli`) and the store (`store`) [default: in the user's data folder]
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
    let written = shop::write_files(&files, now, arguments.seed).map_err(Failure::write(&files))?;
    talk::say(format!(
        "made a registry of {} with {} in {}",
        count(written.repositories, "repository"),
        count(written.images, "image"),
        files.display()
    ));
    let import = aws_cli::import(&files, REGION, now)?;
    let store = Store::new(dir.join("store"));
    let entry = store.add(&import.inventory)?;
    talk::say(format!("imported it into {store}"));

    // What is shown is what was stored, not what was written.
    let repositories = store.read(&entry, |_| true)?.repositories;
    let attached = attached(&repositories);
    let setting = Setting { now, switches: arguments.switches.switches(), all_settings: false };
    let documents = previews(&pairs(&repositories, &attached.policies), setting);
    talk::data(&preview_summary(&documents))?;
    for (name, why) in SHOWN {
        if let Some(document) = documents.iter().find(|document| document.repository.name == name) {
            talk::data(&format!("\n{why}:\n{}", preview_table(document, ROWS_MAX)))?;
        }
    }
    talk::data(&next_steps(&dir, &documents))?;
    Ok(Exit::Done)
}

/// What to try next, with an image that is there.
fn next_steps(dir: &std::path::Path, documents: &[demurrage_report::PreviewDocument<'_>]) -> String {
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
         demurrage preview --store {store} --repository 'shop/*'\n  \
         demurrage compare attached {} --store {store} --repository shop/order-api\n\
         For your own registry, without giving this program any credentials:\n  \
         demurrage import --print-script > export-registry.sh\n",
        policy.display()
    )
}
