//! What a run has come to: which documents of its shares are there, and why others are not.

use chrono::{DateTime, Utc};
use demurrage_contract::documents::{
    CollectedDocument, CostedDocument, EvaluatedDocument, FailedDocument, FoundDocument, FoundSegment,
    FoundShare, RunDocument, names,
};
use demurrage_contract::{ComputeInput, EvaluateInput, Failure, Invocation, RunId, WorkLine};
use demurrage_store::{Documents, StoreError};

/// Shares whose documents are held at a time.
const SHARES_AT_A_TIME: usize = 256;
/// What is said where no function said anything.
const WITHOUT_A_WORD: &str = "there is no outcome and no error: the function was killed, or ran out of time or memory; its log says more";

/// Looks for the documents of all shares of a run.
pub(crate) fn all(
    documents: &Documents,
    run: &RunDocument,
    ended_at: DateTime<Utc>,
) -> Result<FoundDocument, Failure> {
    let numbers: Vec<u32> = (0..run.shares).collect();
    let mut shares = Vec::new();
    for numbers in numbers.chunks(SHARES_AT_A_TIME) {
        let firsts: Vec<String> = numbers.iter().map(|&share| names::collected(share, 0)).collect();
        let firsts: Vec<Option<CollectedDocument>> = documents.read_all(&firsts)?;
        let evaluated: Vec<String> = numbers.iter().map(|&share| names::evaluated(share, 0, 0)).collect();
        let evaluated: Vec<Option<EvaluatedDocument>> = documents.read_all(&evaluated)?;
        let costed: Vec<String> = numbers.iter().map(|&share| names::costed(share, 0, 0)).collect();
        let costed: Vec<Option<CostedDocument>> = documents.read_all(&costed)?;
        let done = evaluated.into_iter().zip(costed);
        for ((&share, first), done) in numbers.iter().zip(firsts).zip(done) {
            shares.push(one(documents, &run.run, share, first, done)?);
        }
    }
    Ok(FoundDocument { ended_at, shares })
}

fn one(
    documents: &Documents,
    run: &RunId,
    share: u32,
    first: Option<CollectedDocument>,
    first_done: (Option<EvaluatedDocument>, Option<CostedDocument>),
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
        let (first_evaluated, first_costed) = match first_done.take() {
            Some(done) => done,
            None => (
                documents.read(&names::evaluated(share, number, 0))?,
                documents.read(&names::costed(share, number, 0))?,
            ),
        };
        let (evaluated, unevaluated) =
            chain(first_evaluated.map(|one: EvaluatedDocument| Stop::of(one.next)), |from| {
                let document: Option<EvaluatedDocument> =
                    documents.read(&names::evaluated(share, number, from))?;
                Ok(document.map(|document| Stop::of(document.next)))
            })?;
        let (costed, uncosted) = chain(first_costed.map(|one: CostedDocument| Stop::of(one.next)), |from| {
            let document: Option<CostedDocument> = documents.read(&names::costed(share, number, from))?;
            Ok(document.map(|document| Stop::of(document.next)))
        })?;
        if let Some(from) = unevaluated {
            let input = EvaluateInput { run: run.clone(), share, segment: number, from };
            let why = format!("it was read, and not evaluated: {}", cause(documents, &input.name())?);
            found.cause.get_or_insert(why);
        }
        if let Some(from) = uncosted {
            let input = ComputeInput { run: run.clone(), share, segment: number, from };
            let why = format!("it was read, and not priced: {}", cause(documents, &input.name())?);
            found.cause.get_or_insert(why);
        }
        let is_whole = unevaluated.is_none() && uncosted.is_none();
        let segment = FoundSegment { evaluated, costed, is_whole };
        found.segments.push(segment);
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

fn collecting(run: &RunId, share: u32, segment: u32) -> WorkLine {
    WorkLine {
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
