//! What a run has come to: which documents of its shares are there, and why others are not.

use chrono::{DateTime, Utc};
use demurrage_contract::documents::{
    CollectedDocument, EvaluatedDocument, FailedDocument, FoundDocument, FoundSegment, FoundShare,
    RunDocument, names,
};
use demurrage_contract::{EvaluateInput, Failure, Invocation, RunId, WorkLine};
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
        for ((&share, first), evaluated) in numbers.iter().zip(firsts).zip(evaluated) {
            shares.push(one(documents, &run.run, share, first, evaluated)?);
        }
    }
    Ok(FoundDocument { ended_at, shares })
}

fn one(
    documents: &Documents,
    run: &RunId,
    share: u32,
    first: Option<CollectedDocument>,
    mut first_evaluated: Option<EvaluatedDocument>,
) -> Result<FoundShare, Failure> {
    let mut found = FoundShare { segments: Vec::new(), is_whole: false, cause: None };
    let mut collected = first;
    loop {
        let number = u32::try_from(found.segments.len()).unwrap_or(u32::MAX);
        let Some(document) = collected else {
            // What came first is the reason for what comes after it.
            if found.cause.is_none() {
                found.cause = Some(cause(documents, &collecting(run, share, number).name())?);
            }
            return Ok(found);
        };
        let first_evaluated = match first_evaluated.take() {
            Some(evaluated) => Some(evaluated),
            None => documents.read(&names::evaluated(share, number, 0))?,
        };
        let segment = evaluated(documents, share, number, first_evaluated)?;
        if !segment.is_whole {
            let from = segment_end(documents, share, number, &segment)?;
            let input = EvaluateInput { run: run.clone(), share, segment: number, from };
            let why = format!("it was read, and not evaluated: {}", cause(documents, &input.name())?);
            found.cause.get_or_insert(why);
        }
        found.segments.push(segment);
        if document.next.is_none() {
            found.is_whole = true;
            return Ok(found);
        }
        collected = documents.read(&names::collected(share, number + 1))?;
    }
}

/// From where on a segment was evaluated. `first` is the document that begins with it.
fn evaluated(
    documents: &Documents,
    share: u32,
    segment: u32,
    first: Option<EvaluatedDocument>,
) -> Result<FoundSegment, StoreError> {
    let mut found = FoundSegment { evaluated: Vec::new(), is_whole: false };
    let (mut from, mut next) = (0, first);
    while let Some(document) = next {
        found.evaluated.push(from);
        match document.next {
            Some(later) if from < later => {
                from = later;
                next = documents.read(&names::evaluated(share, segment, from))?;
            }
            Some(_) => break,
            None => {
                found.is_whole = true;
                break;
            }
        }
    }
    Ok(found)
}

/// The repository from which on a segment was not evaluated.
fn segment_end(
    documents: &Documents,
    share: u32,
    segment: u32,
    found: &FoundSegment,
) -> Result<u32, StoreError> {
    let Some(&last) = found.evaluated.last() else { return Ok(0) };
    let document: Option<EvaluatedDocument> = documents.read(&names::evaluated(share, segment, last))?;
    Ok(document.and_then(|document| document.next).unwrap_or_default())
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
