//! What ECR says of scans: in a listing of images, and of one image to who asks for it.
//!
//! Listings say nothing of the scans of new basic scanning (`AWS_NATIVE`), so that nothing there does not mean that
//! there was none. Source: ECR user guide, "Scan images for OS vulnerabilities", read 2026-11-23.

use std::collections::HashMap;

use aws_sdk_ecr::types::{FindingSeverity, ImageIdentifier, ImageScanFindingsSummary, ImageScanStatus};
use demurrage_core::{Digest, Image, Manifest, Repository, ScanStatus, ScanSummary};
use tokio::sync::oneshot;
use tokio::task::block_in_place;

use super::manifests::{self, Batch};
use super::memory::Recalled;
use super::reader::Terms;
use super::scanned;
use crate::CallError;
use crate::ecr_time::instant;

const OPERATION: &str = "DescribeImageScanFindings";

/// What a listing says of the scan of an image; nothing where it says neither how it stands nor when it was.
pub(super) fn listed(
    status: Option<&ImageScanStatus>,
    findings: Option<&ImageScanFindingsSummary>,
) -> Option<ScanSummary> {
    let mut scan = ScanSummary { status: status_of(status), ..ScanSummary::never() };
    if let Some(findings) = findings {
        scan.completed_at = instant(findings.image_scan_completed_at.as_ref());
        count(&mut scan, findings.finding_severity_counts.as_ref());
    }
    (!scan.is_never()).then_some(scan)
}

fn status_of(status: Option<&ImageScanStatus>) -> Option<ScanStatus> {
    status.and_then(|status| status.status.as_ref()).map(|status| ScanStatus::from_api(status.as_str()))
}

fn count(scan: &mut ScanSummary, counts: Option<&HashMap<FindingSeverity, i32>>) {
    for (severity, findings) in counts.into_iter().flatten() {
        // The API model has no count below 0.
        scan.severity_counts.add(severity.as_str(), u32::try_from(*findings).unwrap_or_default());
    }
}

/// The manifests that earlier inventories know, on their way from repository to repository in the order of names:
/// they can be looked up in that order alone, and whoever has listed its repository looks up one.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) coming: oneshot::Receiver<Recalled>,
    pub(super) next: oneshot::Sender<Recalled>,
}

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The manifest of the newest index, where nobody had read it: as a batch of its own.
    pub(super) index: Option<Batch>,
    /// Calls that were made about scans.
    pub(super) calls: u64,
}

/// Asks about the scans of the newest tagged image of a repository whose images are listed, and of its platforms;
/// what cannot be told is noted. `wanted` are the digests whose manifests are going to be read; one that is read
/// here is taken out of it.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(super) async fn ask(
    terms: &Terms,
    repository: &mut Repository,
    wanted: &mut Vec<Digest>,
    turn: Turn,
) -> Result<Asked, CallError> {
    let root = scanned::newest_root(&repository.images)
        .filter(|root| root.scan.is_none() || root.is_index())
        .map(|root| (root.digest, root.is_index()));
    // Where nobody hands it on, the run is over.
    let Ok(mut recalled) = turn.coming.await else { return Ok(Asked::default()) };
    let known = root.filter(|(_, is_index)| *is_index).and_then(|(digest, _)| {
        // What is damaged is named by who records the manifests, from the same files.
        block_in_place(|| recalled.manifest(&repository.name, digest, &mut Vec::new()))
    });
    let _ = turn.next.send(recalled);
    let Some((digest, is_index)) = root else { return Ok(Asked::default()) };
    if terms.times.read.is_over() {
        repository.notes.push("scan findings were not read: the time was up".to_owned());
        return Ok(Asked::default());
    }
    let mut asked = Asked::default();
    if let Some(place) = wanted.binary_search(&digest).ok().filter(|_| is_index) {
        wanted.remove(place);
        asked.index = Some(manifests::read(terms, &repository.name, &[digest]).await?);
    }
    let new = asked.index.iter().flat_map(|batch| &batch.manifests).map(|(_, manifest)| &**manifest).next();
    let manifest: Option<&Manifest> = new.or(known.as_ref());
    for digest in scanned::unknown(&repository.images, digest, manifest) {
        asked.calls += 1;
        match terms.times.list.call(OPERATION, of_image(terms, &repository.name, digest)).await {
            Ok(scan) => set(&mut repository.images, digest, scan),
            Err(error) if error.kind.ends_the_run() => return Err(error),
            // The image, or the repository, was deleted meanwhile.
            Err(error) if error.kind == crate::CallErrorKind::NotFound => {}
            Err(error) => {
                repository.notes.push(format!("scan findings were not read: {error}"));
                // What is refused for one image is for the others.
                break;
            }
        }
    }
    Ok(asked)
}

fn set(images: &mut [Image], digest: Digest, scan: ScanSummary) {
    let place = images.binary_search_by_key(&digest, |image| image.digest);
    if let Some(image) = place.ok().and_then(|place| images.get_mut(place)) {
        image.scan = Some(Box::new(scan));
    }
}

/// What is known of the scan of one image. Its findings are left out: the summary has all their numbers.
async fn of_image(terms: &Terms, repository_name: &str, digest: Digest) -> Result<ScanSummary, CallError> {
    let id = ImageIdentifier::builder().image_digest(digest.to_string()).build();
    let answer = terms.ecr.call(OPERATION, |client| {
        let call = client.describe_image_scan_findings().repository_name(repository_name);
        call.image_id(id.clone()).max_results(1).send()
    });
    let answer = match answer.await {
        Ok(answer) => answer,
        Err(error) if error.is("ScanNotFoundException") => return Ok(ScanSummary::never()),
        Err(error) => return Err(error),
    };
    let mut scan =
        ScanSummary { status: status_of(answer.image_scan_status.as_ref()), ..ScanSummary::never() };
    if let Some(findings) = &answer.image_scan_findings {
        scan.completed_at = instant(findings.image_scan_completed_at.as_ref());
        count(&mut scan, findings.finding_severity_counts.as_ref());
    }
    Ok(scan)
}
