//! How much fits into the page: the largest repositories keep their images and curves, as far as there is room.

use std::ops::AddAssign;

use serde::Serialize;

use super::document::{Document, ImageRow};
use super::rest::with_rows;

/// Images of a repository that are shown, the most that fit.
const IMAGES: [usize; 6] = [60, 40, 25, 15, 10, IMAGES_LEAST];
const IMAGES_LEAST: usize = 5;

/// The JSON of a document, safe to stand in a script element, with at most this many bytes: of it as much as fits. What is
/// left out is counted in it.
pub(super) fn fitted(mut document: Document, bytes_max: usize) -> Result<String, serde_json::Error> {
    let details: Vec<_> = document.repositories.iter_mut().map(|row| row.detail.take()).collect();
    let sweeps = std::mem::take(&mut document.sweeps);
    let mut used = length(&document)?;
    while bytes_max < used && 1 < document.repositories.len() {
        shorten(&mut document);
        used = length(&document)?;
    }
    // A third of the room for curves.
    let room = bytes_max.saturating_sub(used) / 3;
    let mut of_curves = 0;
    for sweep in sweeps {
        of_curves += length(&sweep)? + 1;
        if room < of_curves {
            break;
        }
        document.sweeps.push(sweep);
    }
    let room = bytes_max.saturating_sub(length(&document)?);
    let kept = document.repositories.len();
    let mut lengths = [0_usize; IMAGES.len()];
    for detail in details.iter().take(kept).flatten() {
        for (sum, images) in lengths.iter_mut().zip(IMAGES) {
            sum.add_assign(detail_length(&detail.images, images)?);
        }
    }
    let images = IMAGES.into_iter().zip(lengths).find(|(_, length)| *length <= room);
    let images = images.map_or(IMAGES_LEAST, |(images, _)| images);
    document.detail_images_max = images;
    let mut of_details = 0;
    for (row, detail) in document.repositories.iter_mut().zip(details) {
        let Some(mut detail) = detail else { continue };
        of_details += detail_length(&detail.images, images)?;
        if room < of_details {
            document.details_left_out += 1;
            continue;
        }
        detail.left_out += detail.images.len().saturating_sub(images);
        detail.images.truncate(images);
        row.detail = Some(detail);
    }
    Ok(embedded(&serde_json::to_string(&document)?))
}

/// The smaller half of what has a line of its own gets none.
fn shorten(document: &mut Document) {
    let keep = document.repositories.len() / 2;
    let small = document.repositories.split_off(keep);
    document.rest_repositories += small.len();
    document.rest = with_rows(std::mem::take(&mut document.rest), &small);
    document.next.truncate(document.next.len() / 2);
    document.promises.truncate(document.promises.len() / 2);
    document.moved_tags.truncate(document.moved_tags.len() / 2);
    document.findings.truncate(document.findings.len() / 2);
    document.aws_deleted.truncate(document.aws_deleted.len() / 2);
}

/// What a detail of so many images takes, with the words around it.
fn detail_length(images: &[ImageRow], number: usize) -> Result<usize, serde_json::Error> {
    const AROUND: usize = 60;
    Ok(AROUND + images.get(..number).map_or_else(|| length(&images), |images| length(&images))?)
}

fn length(part: &impl Serialize) -> Result<usize, serde_json::Error> {
    Ok(embedded(&serde_json::to_string(part)?).len())
}

/// JSON that cannot end the element it stands in, whatever names and sentences it holds.
pub(super) fn embedded(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
