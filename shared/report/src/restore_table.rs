//! A restoration, for people.

use std::fmt::Write;

use crate::amount::count;
use crate::image_name::of_tags;
use crate::restore_report::{RestoreReport, RestoredImage, RestoredRepository};
use crate::restore_sentence::{pushed_out_sentence, way_sentence};
use crate::table;

/// A table for each repository, and what else there is to say about it.
///
/// `width` is that of the terminal.
pub fn restore_table(report: &RestoreReport, width: Option<u16>) -> String {
    let texts: Vec<String> = report.repositories.iter().map(|it| repository_text(it, width)).collect();
    texts.join("\n")
}

fn repository_text(repository: &RestoredRepository, width: Option<u16>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}: {}\n", repository.repository, count(repository.images.len(), "image"));
    if let Some(refused) = &repository.refused {
        let _ = writeln!(text, "nothing can be done here: {refused}");
        return text;
    }
    let mut rows = table::table(&["image", "back", "had tags", "what"]);
    for image in &repository.images {
        let back =
            if image.outcome.as_ref().is_some_and(|outcome| outcome.is_back) { "yes" } else { back(image) };
        rows.add_row(vec![image.digest().short(), back.to_owned(), of_tags(&image.had_tags), what(image)]);
    }
    text.push_str(&table::fitted(rows, &[2, 3], width));
    let notes = repository.pushed_out.iter().map(pushed_out_sentence).chain(repository.notes.iter().cloned());
    for note in notes {
        let _ = writeln!(text, "\n! {note}");
    }
    text
}

/// Whether an image of which nothing was tried is there, or can be.
const fn back(image: &RestoredImage) -> &'static str {
    use demurrage_core::journal::Way;
    match (&image.restoration.way, image.outcome.is_some()) {
        (Way::Impossible(_), _) | (Way::Put | Way::Tags | Way::Activate, true) => "no",
        (Way::Put | Way::Tags | Way::Activate, false) => "possible",
        (Way::Nothing, _) => "there",
    }
}

fn what(image: &RestoredImage) -> String {
    match &image.outcome {
        Some(outcome) if !outcome.failures.is_empty() => outcome.failures.join("; "),
        Some(_) | None => way_sentence(&image.restoration),
    }
}
