//! An event to what the ledger learns, and to findings.
//!
//! Whatever fails is an error: Lambda tries the event again, and keeps it in the dead-letter queue at last. The ledger
//! answers a repetition in the same way, so what an attempt did not come to tell the next one does. A finding is
//! raised once by a process, and once more where another process gets the same event: it may come twice, and is never
//! lost.

use chrono::{TimeDelta, Utc};
use demurrage_aws::ledger::Learned;
use demurrage_aws::publish::{Gauge, GaugeError};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::audit::Rules;
use demurrage_core::ledger::{EcrAction, EcrEvent, EventImage, EventRepository, ImageAction};
use demurrage_core::metric::Dimensions;
use demurrage_serve::{Call, log_registry, of_call, of_ledger};
use demurrage_store::Store;
use tracing::{info, warn};

use crate::edge::Edge;
use crate::finding::{Finding, What};
use crate::notice::{digests, notice};
use crate::tag_moved::moved;
use crate::{budget, source};

/// Percent of the time after which an event is given up, so that it is said why.
const ANSWER_PERCENT: u32 = 90;
/// The age of an event at which its figure gets a later time: `CloudWatch` takes those of two weeks.
///
/// Source: `CloudWatch` API reference, `PutMetricData`, read 2026-11-24.
const FIGURE_AGE_MAX: TimeDelta = TimeDelta::days(13);
/// The audit whose accepted risks hold for tags that moved.
const TAG_MOVED: &str = "tag-moved";

pub(crate) async fn handle(store: &Store, edge: &Edge, event: &str, call: &Call) -> Result<(), Failure> {
    let event = source::as_of_ecr(event, edge.settings.event_source.as_deref());
    let event = EcrEvent::parse(&event)
        .map_err(|error| Failure::new(FailureKind::BadInput, format!("the event cannot be read: {error}")))?;
    match &event.what {
        EcrAction::Unknown { detail_type, action } => {
            info!(
                event = event.id,
                detail_type, action, "an event of a kind that is not known: acknowledged"
            );
            return Ok(());
        }
        EcrAction::Unsuccessful { detail_type, result } => {
            info!(event = event.id, detail_type, result, "what an event tells of did not succeed");
            return Ok(());
        }
        EcrAction::Image { .. }
        | EcrAction::Referrer { .. }
        | EcrAction::Replicated { .. }
        | EcrAction::PulledThrough { .. } => {}
    }
    let Some(repository) = event.repository() else { return Ok(()) };
    log_registry(&repository.account, &repository.region);
    let acting = act(store, edge, &event, repository);
    match tokio::time::timeout_at(call.after_percent(ANSWER_PERCENT), acting).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::new(FailureKind::Unavailable, "AWS did not answer before the time was up")),
    }
}

async fn act(
    store: &Store,
    edge: &Edge,
    event: &EcrEvent,
    repository: &EventRepository,
) -> Result<(), Failure> {
    let learned = edge.ledger.learn_event(event).await.map_err(|error| of_ledger(&error))?;
    for learned in &learned {
        let tag = learned.tag.as_str();
        info!(event = event.id, repository = repository.name, tag, lesson = ?learned.what, "learnt");
    }
    if edge.has_told(&event.id) {
        info!(event = event.id, "the event came before, and was told");
        return Ok(());
    }
    let rules = edge.rules(store)?;
    let mut findings = moves(edge, &rules, event, repository, &learned).await;
    findings.extend(beyond_budget(edge, &rules, event).await?);
    for finding in &findings {
        raise(edge, finding).await?;
    }
    edge.tells(&event.id);
    Ok(())
}

/// Tags that moved against the promise.
async fn moves(
    edge: &Edge,
    rules: &Rules,
    event: &EcrEvent,
    repository: &EventRepository,
    learned: &[Learned],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(promise) = rules.promise(&repository.name) else { return findings };
    let pushed = tagged_push(event).map(|image| image.digest);
    for learned in learned.iter().filter(|learned| !promise.lets_move(learned.tag.as_str())) {
        let Some(moved) = moved(learned, pushed) else { continue };
        let EventRepository { account, region, name } = repository;
        if rules.accepts(TAG_MOVED, Some(account), region, Some(name), Utc::now()) {
            info!(event = event.id, repository = name, tag = learned.tag.as_str(), "a move that is accepted");
            continue;
        }
        findings.push(Finding {
            repository: repository.clone(),
            tag: learned.tag.clone(),
            at: event.at,
            event_id: event.id.clone(),
            what: What::TagMoved { moved, setting: edge.mutability(repository).await },
        });
    }
    findings
}

/// The image that was pushed, where it got a tag.
fn tagged_push(event: &EcrEvent) -> Option<&EventImage> {
    match &event.what {
        EcrAction::Image { image, action: ImageAction::Push } if image.tag.is_some() => Some(image),
        EcrAction::Image { .. }
        | EcrAction::Referrer { .. }
        | EcrAction::Replicated { .. }
        | EcrAction::PulledThrough { .. }
        | EcrAction::Unsuccessful { .. }
        | EcrAction::Unknown { .. } => None,
    }
}

/// An image that is beyond its budget. It is judged when it gets a tag: parts of an index come before that.
async fn beyond_budget(edge: &Edge, rules: &Rules, event: &EcrEvent) -> Result<Option<Finding>, Failure> {
    let Some(image) = tagged_push(event) else { return Ok(None) };
    let Some(tag) = &image.tag else { return Ok(None) };
    let Some(budget) = rules.budget(&image.repository.name) else { return Ok(None) };
    let judged = budget::judge(edge, budget, image).await.map_err(|error| of_call(&error))?;
    let Some(verdict) = judged else {
        info!(event = event.id, repository = image.repository.name, "the image is not there any more");
        return Ok(None);
    };
    let EventRepository { account, region, .. } = &image.repository;
    if !verdict.unjudged.is_empty() && edge.is_first_unread(account, region) {
        let why = verdict.unjudged.join("; ");
        warn!(
            event = event.id,
            repository = image.repository.name,
            "budgets are not judged whole in {region} of account {account}, which is said this once: {why}"
        );
    }
    Ok((!verdict.overruns.is_empty()).then(|| Finding {
        repository: image.repository.clone(),
        tag: tag.clone(),
        at: event.at,
        event_id: event.id.clone(),
        what: What::Budget { digest: image.digest, overruns: verdict.overruns },
    }))
}

/// Says it: a line of the log, a figure, a notice.
async fn raise(edge: &Edge, finding: &Finding) -> Result<(), Failure> {
    let EventRepository { account, region, name } = &finding.repository;
    let notice = notice(finding);
    log(finding, &notice.subject);
    let gauges: Result<Vec<Gauge>, GaugeError> = finding
        .metrics()
        .iter()
        .map(|&metric| match metric.dimensions() {
            Dimensions::Registry => Gauge::new(metric, &[account, region], 1),
            Dimensions::Deployment => Gauge::new(metric, &[&edge.settings.deployment], 1),
        })
        .collect();
    let gauges = gauges.map_err(|error| Failure::new(FailureKind::BadInput, error.to_string()))?;
    let at = finding.at.max(Utc::now() - FIGURE_AGE_MAX);
    edge.publisher.put_gauges(at, &gauges).await.map_err(|error| of_call(&error))?;
    if let Some(topic_arn) = &edge.settings.topic_arn {
        let sent = edge.publisher.notify(topic_arn, &notice.subject, &notice.text).await;
        sent.map_err(|error| of_call(&error))
    } else {
        info!(repository = name, "there is no topic that the finding could go to");
        Ok(())
    }
}

fn log(finding: &Finding, sentence: &str) {
    let (repository, tag) = (&finding.repository.name, finding.tag.as_str());
    let (id, event, at) = (finding.id(), &finding.event_id, finding.at.to_rfc3339());
    match &finding.what {
        What::TagMoved { moved, .. } => {
            let (from, to) = (digests(&moved.from), digests(&moved.to));
            warn!(finding = id, repository, tag, from, to, at, event, "{sentence}");
        }
        What::Budget { digest, overruns } => {
            let beyond = overruns.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            let image = digest.to_string();
            warn!(finding = id, repository, tag, image, beyond, at, event, "{sentence}");
        }
    }
}
