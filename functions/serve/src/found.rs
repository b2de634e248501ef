//! What a run has come to: which documents of its shares are there, and why others are not.

use chrono::{DateTime, Utc};
use demurrage_contract::documents::{
    CollectedDocument, FailedDocument, FoundDocument, FoundSegment, FoundShare, PlannedRegistry, RunDocument,
    UnreadUses, WorkloadsDocument, names,
};
use demurrage_contract::{
    AuditInput, ComputeInput, EvaluateInput, Failure, InventoryLine, Invocation, RunId, WorkloadsLine,
};
use demurrage_store::{Documents, StoreError};
use serde::Deserialize;

/// Shares whose documents are held at a time.
const SHARES_AT_A_TIME: usize = 256;
/// What is said where no function said anything.
const WITHOUT_A_WORD: &str = "there is no outcome and no error: the function was killed, or ran out of time or memory; its log says more";

/// What a run has come to: as it was when somebody first looked, so that every call that follows sees the same.
///
/// # Errors
/// When a document of the run cannot be read, or that cannot be put down.
pub fn found(documents: &Documents, run: &RunDocument, now: DateTime<Utc>) -> Result<FoundDocument, Failure> {
    match documents.read(names::FOUND)? {
        Some(found) => Ok(found),
        None => Ok(documents.agree(names::FOUND, all(documents, run, now)?)?),
    }
}

/// Looks for the documents of all shares of a run.
fn all(documents: &Documents, run: &RunDocument, ended_at: DateTime<Utc>) -> Result<FoundDocument, Failure> {
    let numbers: Vec<u32> = (0..run.shares).collect();
    let mut shares = Vec::new();
    for numbers in numbers.chunks(SHARES_AT_A_TIME) {
        let firsts: Vec<String> = numbers.iter().map(|&share| names::collected(share, 0)).collect();
        let firsts: Vec<Option<CollectedDocument>> = documents.read_all(&firsts)?;
        let mut done: Vec<FirstDone> = numbers.iter().map(|_| FirstDone::default()).collect();
        for step in Step::ALL {
            let names: Vec<String> = numbers.iter().map(|&share| step.document(share, 0, 0)).collect();
            for (first, stop) in done.iter_mut().zip(stops(documents, &names)?) {
                first.put(step, stop);
            }
        }
        for ((&share, first), done) in numbers.iter().zip(firsts).zip(done) {
            shares.push(one(documents, &run.run, share, first, done)?);
        }
    }
    Ok(FoundDocument { ended_at, shares, unread_uses: unread_uses(documents, run)? })
}

/// Where not everything is known that is in use.
fn unread_uses(documents: &Documents, run: &RunDocument) -> Result<Vec<UnreadUses>, Failure> {
    let of = |planned: &PlannedRegistry| names::workloads(&planned.account, &planned.region);
    let names: Vec<String> = run.registries.iter().map(of).collect();
    let found = documents.read_all::<WorkloadsDocument>(&names)?;
    let mut unread = Vec::new();
    // Without shares nothing was asked.
    let asked = if run.shares == 0 { 0 } else { run.registries.len() };
    for ((number, planned), read) in (0..).zip(&run.registries).zip(found).take(asked) {
        let causes = if let Some(read) = read {
            read.failures()
        } else {
            let (account, region) = (planned.account.clone(), planned.region.clone());
            let line = WorkloadsLine { run: run.run.clone(), registry: number, account, region };
            vec![cause(documents, &line.name())?]
        };
        if !causes.is_empty() {
            let (account, region) = (planned.account.clone(), planned.region.clone());
            unread.push(UnreadUses { account, region, causes });
        }
    }
    Ok(unread)
}

/// What is done with a segment after it was read.
#[derive(Debug, Clone, Copy)]
enum Step {
    Evaluate,
    Compute,
    Audit,
}

impl Step {
    const ALL: [Self; 3] = [Self::Evaluate, Self::Compute, Self::Audit];

    /// The document that begins with a repository.
    fn document(self, share: u32, segment: u32, from: u32) -> String {
        match self {
            Self::Evaluate => names::evaluated(share, segment, from),
            Self::Compute => names::costed(share, segment, from),
            Self::Audit => names::audited(share, segment, from),
        }
    }

    fn invocation(self, run: &RunId, share: u32, segment: u32, from: u32) -> String {
        let run = run.clone();
        match self {
            Self::Evaluate => EvaluateInput { run, share, segment, from }.name(),
            Self::Compute => ComputeInput { run, share, segment, from }.name(),
            Self::Audit => AuditInput { run, share, segment, from }.name(),
        }
    }

    /// What was not done.
    const fn undone(self) -> &'static str {
        match self {
            Self::Evaluate => "it was read, and not evaluated",
            Self::Compute => "it was read, and not priced",
            Self::Audit => "it was read, and not audited",
        }
    }
}

/// Where documents about some of a segment stop, as far as they are there.
fn stops(documents: &Documents, names: &[String]) -> Result<Vec<Option<Stop>>, StoreError> {
    let found = documents.read_all::<Part>(names)?;
    Ok(found.into_iter().map(|part| part.map(|part| Stop::of(part.next))).collect())
}

/// What every such document has.
#[derive(Debug, Deserialize)]
struct Part {
    next: Option<u32>,
}

/// The first document of each step, where it stops.
#[derive(Debug, Default)]
struct FirstDone {
    evaluated: Option<Stop>,
    costed: Option<Stop>,
    audited: Option<Stop>,
}

impl FirstDone {
    fn put(&mut self, step: Step, end: Option<Stop>) {
        match step {
            Step::Evaluate => self.evaluated = end,
            Step::Compute => self.costed = end,
            Step::Audit => self.audited = end,
        }
    }

    fn of(documents: &Documents, share: u32, segment: u32) -> Result<Self, StoreError> {
        let mut first = Self::default();
        for step in Step::ALL {
            first.put(step, stops(documents, &[step.document(share, segment, 0)])?.pop().flatten());
        }
        Ok(first)
    }
}

fn one(
    documents: &Documents,
    run: &RunId,
    share: u32,
    first: Option<CollectedDocument>,
    first_done: FirstDone,
) -> Result<FoundShare, Failure> {
    let mut found = FoundShare { segments: Vec::new(), is_whole: false, cause: None };
    let mut collected = first;
    let mut first_done = Some(first_done);
    loop {
        let number = u32::try_from(found.segments.len()).unwrap_or(u32::MAX);
        let Some(document) = collected else {
            // What came first is the reason for what comes after it.
            if found.cause.is_none() {
                found.cause = Some(cause(documents, &collecting(run, share, number).name())?);
            }
            return Ok(found);
        };
        let first = match first_done.take() {
            Some(done) => done,
            None => FirstDone::of(documents, share, number)?,
        };
        let mut done = |step: Step, first: Option<Stop>| {
            let (done, undone) = chain(first, |from| {
                let names = [step.document(share, number, from)];
                Ok(stops(documents, &names)?.pop().flatten())
            })?;
            if let Some(from) = undone {
                let why = cause(documents, &step.invocation(run, share, number, from))?;
                found.cause.get_or_insert(format!("{}: {why}", step.undone()));
            }
            Ok::<_, StoreError>((done, undone.is_none()))
        };
        let (evaluated, is_evaluated) = done(Step::Evaluate, first.evaluated)?;
        let (costed, is_costed) = done(Step::Compute, first.costed)?;
        let (audited, is_audited) = done(Step::Audit, first.audited)?;
        let is_whole = is_evaluated && is_costed && is_audited;
        found.segments.push(FoundSegment { evaluated, costed, audited, is_whole });
        if document.next.is_none() {
            found.is_whole = true;
            return Ok(found);
        }
        collected = documents.read(&names::collected(share, number + 1))?;
    }
}

/// Where a document about some of a segment stops.
#[derive(Debug, Clone, Copy)]
enum Stop {
    /// Before this repository.
    Before(u32),
    /// With the segment.
    End,
}

impl Stop {
    fn of(next: Option<u32>) -> Self {
        next.map_or(Self::End, Self::Before)
    }
}

/// From where on a segment was done, one document after another, and where that stops before its end. `next` reads the
/// document that begins with a repository.
fn chain(
    first: Option<Stop>,
    next: impl Fn(u32) -> Result<Option<Stop>, StoreError>,
) -> Result<(Vec<u32>, Option<u32>), StoreError> {
    let (mut done, mut from, mut document) = (Vec::new(), 0, first);
    while let Some(stop) = document {
        done.push(from);
        match stop {
            Stop::Before(later) if from < later => {
                from = later;
                document = next(from)?;
            }
            // One that leads nowhere is as good as none.
            Stop::Before(_) => break,
            Stop::End => return Ok((done, None)),
        }
    }
    Ok((done, Some(from)))
}

fn collecting(run: &RunId, share: u32, segment: u32) -> InventoryLine {
    InventoryLine {
        run: run.clone(),
        share,
        account: String::new(),
        region: String::new(),
        calls_per_second: 1.0,
        segment,
        from: 0,
    }
}

fn cause(documents: &Documents, invocation: &str) -> Result<String, StoreError> {
    let failed: Option<FailedDocument> = documents.read(&names::failed(invocation))?;
    Ok(failed.map_or_else(
        || WITHOUT_A_WORD.to_owned(),
        |failed| format!("{} ({})", failed.failure.message, failed.failure.kind.error_type()),
    ))
}
