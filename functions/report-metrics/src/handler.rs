//! A run to its inventories, its summary, its metrics and its notice.
//!
//! What was there when the run was first put together is put down before anything else, and everything follows
//! from that: a call that comes again writes the same. That the notice was sent is put down last; then nothing is
//! done any more. Where a call ends between the two, the notice is sent again.

use chrono::Utc;
use demurrage_aws::publish::Publisher;
use demurrage_contract::documents::{
    FoundDocument, PlannedRegistry, RunDocument, UnreadRegistry, names, prices,
};
use demurrage_contract::{Failure, FailureKind, ReportInput, ReportOutput, Status};
use demurrage_core::RegistryFacts;
use demurrage_core::audit::Rules;
use demurrage_core::cost::PriceList;
use demurrage_report::{
    RunAbout, RunPrices, RunStatus, RunSummary, UnreadRegistry as Unread, run_summary_json, run_summary_mail,
    run_summary_markdown,
};
use demurrage_serve::{Assembled, Call, assemble, found, of_call, rules_of_run};
use demurrage_store::{Documents, Put, Store};
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::audits::Judged;
use crate::fold::Folded;
use crate::pricing::{self, Replicating};
use crate::{athena, fold, gauges, of_settings, planned, wholes};

/// Percent of the time after which no other registry is put together.
const BEGIN_PERCENT: u32 = 70;

/// What a deployment sets.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Its name.
    pub(crate) deployment: String,
    /// Where notices go.
    pub(crate) topic_arn: Option<String>,
    /// The principals that read manifests, as ARNs.
    pub(crate) readers: Vec<String>,
}

pub(crate) async fn handle(
    store: &Store,
    publisher: &Publisher,
    settings: &Settings,
    input: &ReportInput,
    call: &Call,
) -> Result<ReportOutput, Failure> {
    let documents = store.documents(&[names::RUNS, input.run.as_str()])?;
    if let Some(output) = block_in_place(|| documents.read::<ReportOutput>(names::NOTIFIED))? {
        return Ok(output);
    }
    let (_, key) = documents.object(names::SUMMARY);
    let output = |status, more| ReportOutput { run: input.run.clone(), status, summary: key.clone(), more };
    let Some((run, summary)) = block_in_place(|| put_together(store, &documents, settings, input, call))?
    else {
        return Ok(output(Status::Partial, true));
    };
    block_in_place(|| write(&documents, &summary))?;
    let gauges = gauges::of(&summary)?;
    publisher.put_gauges(run.started_at, &gauges).await.map_err(|error| of_call(&error))?;
    // Settings are looked at every hour: what is found in them is told by its metrics.
    let told = settings.topic_arn.as_ref().filter(|_| summary.about == RunAbout::Everything);
    if let Some(topic_arn) = told {
        let mail = run_summary_mail(&summary);
        let sent = publisher.notify(topic_arn, &mail.subject, &mail.text).await;
        sent.map_err(|error| of_call(&error))?;
    }
    let status = Status::of(summary.status() == RunStatus::Partial);
    let output = output(status, false);
    info!(metrics = gauges.len(), status = summary.status().name(), "reported");
    Ok(block_in_place(|| documents.agree(names::NOTIFIED, output))?)
}

/// Adds everything up and puts the inventories there; nothing where the time is up before that is done.
fn put_together(
    store: &Store,
    documents: &Documents,
    settings: &Settings,
    input: &ReportInput,
    call: &Call,
) -> Result<Option<(RunDocument, RunSummary)>, Failure> {
    let run: Option<RunDocument> = documents.read(names::RUN)?;
    let run = run.ok_or_else(|| {
        Failure::new(
            FailureKind::BadInput,
            format!("there is no run `{}`, or it was never planned", input.run),
        )
    })?;
    let found = found(documents, &run, Utc::now())?;
    let mut problems = fold::Problems::default();
    let putting = Putting {
        store,
        documents,
        run: &run,
        found: &found,
        prices: prices(documents)?,
        rules: rules(store, documents, &mut problems)?,
        readers: &settings.readers,
        attempt: &call.attempt,
    };
    let mut summary = RunSummary {
        run: run.run.to_string(),
        deployment: settings.deployment.clone(),
        started_at: run.started_at,
        ended_at: found.ended_at,
        registries: Vec::new(),
        unread_registries: run.unread.iter().map(unread).collect(),
        failed_shares: Vec::new(),
        problems: Vec::new(),
        problems_more: 0,
        prices: RunPrices::of(&putting.prices, run.started_at),
        about: if run.settings_only { RunAbout::Settings } else { RunAbout::Everything },
        accounts_inactive: run.accounts_inactive,
        plan: planned::plan(store, input.plan.as_deref(), &mut problems),
    };
    let mut has_assembled = false;
    for planned in &run.registries {
        if has_assembled && call.is_gone(BEGIN_PERCENT) {
            return Ok(None);
        }
        let (folded, assembled) = match summary.about {
            RunAbout::Everything => putting.registry(planned)?,
            RunAbout::Settings => (putting.settings(planned)?, Assembled::Before),
        };
        // What was there takes no time: a call that only finds it goes on.
        has_assembled |= assembled == Assembled::Now;
        for failed in &folded.failed {
            warn!(account = failed.account, region = failed.region, share = failed.share, "{}", failed.cause);
        }
        problems.add(folded.problems.sentences, folded.problems.more);
        summary.failed_shares.extend(folded.failed);
        summary.registries.push(folded.summary);
    }
    summary.problems = problems.sentences;
    summary.problems_more = problems.more;
    Ok(Some((run, summary)))
}

/// What is the same for all registries of a run.
struct Putting<'a> {
    store: &'a Store,
    documents: &'a Documents,
    run: &'a RunDocument,
    found: &'a FoundDocument,
    prices: PriceList,
    /// None where they cannot be used.
    rules: Option<Rules>,
    readers: &'a [String],
    attempt: &'a str,
}

impl Putting<'_> {
    /// Adds up one registry, and puts its inventory together.
    fn registry(&self, planned: &PlannedRegistry) -> Result<(Folded, Assembled), Failure> {
        let mut folded = fold::registry(self.documents, planned, self.found)?;
        // Without a share the figures would look as if its images were gone.
        if folded.failed.is_empty() {
            let replicating = Replicating::of(&RegistryFacts::from(&folded.registry.facts));
            folded.summary.costs = pricing::costs(&folded.costed, &planned.region, &self.prices, replicating);
        }
        let is_whole = folded.failed.is_empty();
        self.judge(&mut folded, is_whole)?;
        folded.summary.whole = wholes::whole(self.documents, &planned.account, &planned.region)?;
        let (entry, assembled) = assemble(self.store, self.documents, planned, self.found, self.attempt)?;
        let day = self.run.started_at;
        athena::list(self.store, &entry, &planned.account, &planned.region, day)?;
        Ok((folded, assembled))
    }

    /// Adds up what was audited of the settings of one registry.
    fn settings(&self, planned: &PlannedRegistry) -> Result<Folded, Failure> {
        let mut folded = fold::registry(self.documents, planned, self.found)?;
        of_settings::add(self.documents, &mut folded)?;
        self.judge(&mut folded, false)?;
        Ok(folded)
    }

    /// Audits the registry itself, and ends what the audits say of it and its repositories.
    fn judge(&self, folded: &mut Folded, is_whole: bool) -> Result<(), Failure> {
        let Some(rules) = &self.rules else { return Ok(()) };
        let judged = Judged { now: self.run.started_at, readers: self.readers };
        folded.audits.registry(self.documents, &folded.registry, rules, &judged)?;
        let mut audits = folded.audits.end(self.documents)?;
        audits.is_whole = is_whole;
        folded.summary.audits = Some(audits);
        Ok(())
    }
}

/// The rules of the run. Where they cannot be used, no share was audited, and the rest of the run is reported all the
/// same.
fn rules(
    store: &Store,
    documents: &Documents,
    problems: &mut fold::Problems,
) -> Result<Option<Rules>, Failure> {
    match rules_of_run(store, documents) {
        Ok(rules) => Ok(Some(rules)),
        Err(failure) if failure.kind == FailureKind::BadInput => {
            problems.add([failure.message], 0);
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

fn unread(registry: &UnreadRegistry) -> Unread {
    Unread {
        account: registry.account.clone(),
        region: registry.region.clone(),
        cause: registry.problem.clone(),
    }
}

fn write(documents: &Documents, summary: &RunSummary) -> Result<(), Failure> {
    let json = serde_json::to_vec_pretty(&run_summary_json(summary)).map_err(|error| {
        Failure::new(FailureKind::Broken, format!("the summary could not be written: {error}"))
    })?;
    if documents.put_new(names::SUMMARY_JSON, &json)? == Put::AlreadyThere {
        info!("the summary was there already");
    }
    documents.put(names::SUMMARY, run_summary_markdown(summary).as_bytes())?;
    Ok(())
}
