//! `demurrage use`: what is in use, read into the store and shown.

pub(in crate::command) mod account;
mod clusters;
mod shown;

use clap::Args;
use demurrage_core::in_use::{ReadSource, SourceRecord, SourceState, UseRecord, UseSource, newest_sources};
use demurrage_report::{use_json, use_table};
use demurrage_store::Store;

use self::clusters::ClusterFile;
use super::import::region;
use crate::args::{Format, NowArgs, StoreArgs, worse};
use crate::aws_args::AwsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::in_use_args::{InUseArgs, ReferencesFile};
use crate::rules_file::RulesArgs;
use crate::{talk, terminal};

/// Read what is in use, keep it in the store, and show it
///
/// Asks Amazon ECS, AWS Lambda and Amazon Inspector of the account what runs and what may be started again, and reads lists
/// of Kubernetes clusters. Each reading is a record in the store. With the inventories of the store it says which images
/// are in use, and by what. Nothing is changed in AWS.
///
/// Exit code 4: a source could not be read, or not all of it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  demurrage use --region ap-northeast-2\n  \
    kubectl get pods,replicasets,deployments,statefulsets,daemonsets,cronjobs,jobs -A -o json |\n    \
    demurrage use --kubernetes prod=-")]
pub(crate) struct UseArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Region to ask; repeatable [default: those of the store's inventories of the account; none where only
    /// `--kubernetes` or `--in-use` is given]
    #[arg(long, value_name = "REGION", value_parser = region)]
    region: Vec<String>,
    /// The list of a cluster: what `kubectl get pods,replicasets,deployments,statefulsets,daemonsets,cronjobs,jobs -A
    /// -o json` prints, as a file, as `s3://bucket/key`, or `-` for stdin; repeatable. It is as old as the file
    #[arg(long, value_name = "NAME=FILE", value_parser = clusters::named)]
    kubernetes: Vec<ClusterFile>,
    /// Do not ask Inspector
    #[arg(long)]
    no_inspector: bool,
    #[command(flatten)]
    in_use: InUseArgs,
    /// Only show what the store knows, and read nothing
    #[arg(long, visible_alias = "offline", conflicts_with_all = ["region", "kubernetes", "in_use", "no_inspector"])]
    show: bool,
    #[command(flatten)]
    rules: RulesArgs,
    #[command(flatten)]
    now: NowArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

impl UseArgs {
    /// Whether AWS is asked: where a region is named, or nothing else is read.
    fn asks_aws(&self) -> bool {
        let is_alone = self.kubernetes.is_empty() && self.in_use.in_use.is_empty();
        !self.show && (!self.region.is_empty() || is_alone)
    }
}

pub(crate) fn run(arguments: &UseArgs) -> Result<Exit, Failure> {
    if let Some(option) = arguments.aws.given().filter(|_| !arguments.asks_aws()) {
        return Err(Failure::usage(
            format!("`{option}` is about asking AWS, and nothing is asked"),
            "add `--region REGION`, or leave it out",
        ));
    }
    let configuration = arguments.rules.configuration()?.configuration.in_use;
    let store = arguments.store.open()?;
    let now = arguments.now.now();
    let mut reading = Reading { store: &store, stored: Vec::new(), read: Vec::new() };
    if !arguments.show {
        // What is wrong with a file ends the command before anything is stored.
        let references = references(arguments, now)?;
        let lists = clusters::given(&arguments.kubernetes, now)?;
        for record in references.into_iter().chain(lists) {
            reading.keep(&record)?;
        }
        let named: Vec<&str> = arguments.kubernetes.iter().map(|it| it.cluster.as_str()).collect();
        for (stored, record) in store.read_cluster_lists(&named)? {
            reading.kept(stored, record);
        }
    }
    if arguments.asks_aws() {
        let options = demurrage_aws::workloads::WorkloadOptions {
            task_definition_revisions: configuration.task_definition_revisions,
            lambda_versions_back: configuration.lambda_versions_back,
            inspector: configuration.inspector && !arguments.no_inspector,
        };
        account::read(&mut reading, &arguments.aws, &arguments.region, &options, &configuration.rules, now)?;
    }
    let Reading { stored, read, .. } = reading;
    let shown = shown::Shown::of(&store, &configuration.rules, now)?;
    // What was read just now is judged by itself; from the store alone, everything is.
    let judged = if arguments.show { shown.sources.clone() } else { newest_sources(&read) };
    let report = shown.report(&store, stored, now)?;
    match arguments.format {
        Format::Table => talk::data(&use_table(&report, terminal::width()))?,
        Format::Json => talk::json(&use_json(&report))?,
    }
    for gap in &report.gaps {
        talk::hint(&gap.help());
    }
    shown.say_unsaid(&store)?;
    if arguments.show && report.sources.is_empty() {
        talk::say("the store knows nothing of use; `demurrage use --region REGION` reads it");
        return Ok(Exit::NothingToDo);
    }
    Ok(worse(judged.iter().any(ReadSource::is_failed), false))
}

/// What is read and kept.
struct Reading<'a> {
    store: &'a Store,
    /// The places of the records.
    stored: Vec<String>,
    read: Vec<UseRecord>,
}

impl Reading<'_> {
    /// Puts a record into the store.
    fn keep(&mut self, record: &UseRecord) -> Result<(), Failure> {
        let stored = self.store.add_use(record)?;
        self.kept(stored, record.clone());
        Ok(())
    }

    /// Takes down a record that lies in the store, and says on stderr what was not read.
    fn kept(&mut self, stored: String, record: UseRecord) {
        self.stored.push(stored);
        for read in newest_sources([&record]) {
            if let SourceState::Failed(cause) = &read.state {
                talk::warn(format!("{} was not read: {cause}", read.scope));
            }
        }
        self.read.push(record);
    }
}

/// A record of each file of references.
fn references(arguments: &UseArgs, now: chrono::DateTime<chrono::Utc>) -> Result<Vec<UseRecord>, Failure> {
    let record = |file: ReferencesFile| UseRecord {
        account: None,
        region: None,
        turn: 0,
        read_at: now,
        sources: vec![SourceRecord {
            source: UseSource::References,
            name: Some(file.name),
            state: SourceState::Read,
        }],
        uses: file.uses,
    };
    Ok(arguments.in_use.files()?.into_iter().map(record).collect())
}
