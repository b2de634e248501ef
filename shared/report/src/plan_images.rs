//! The images of a plan, repository by repository: as much as a part has of one is held, and no more.

use std::fmt::Write;

use demurrage_core::plan::{Action, ImageAction, RepositoryPlan};

use crate::amount::{bytes, count};
use crate::image_name::{of_tags, visible};
use crate::plan_setting::change_words;
use crate::run_summary::code;
use crate::table;

/// What a plan does in one repository, image by image, for people. `width` is that of the terminal.
pub fn plan_images_table(plan: &RepositoryPlan, width: Option<u16>) -> String {
    let mut text = format!("{}: {}\n\n", visible(&plan.repository.to_string()), heading(plan));
    let mut rows = table::table(&["image", "tags", "action", "pushed", "why", "frees"]);
    for action in images(plan) {
        rows.add_row([
            action.digest.short(),
            of_tags(&action.tags),
            action.kind.name().to_owned(),
            pushed(action),
            visible(&why(action)),
            bytes(action.bytes_freed),
        ]);
    }
    if !rows.is_empty() {
        text.push_str(&table::fitted(rows, &[1, 4], width));
    }
    for setting in plan.actions.iter().filter_map(Action::setting) {
        let line = format!("{} ({}: {})", change_words(setting), setting.rule, setting.reason);
        text.push_str(&crate::wrapped::wrapped(&visible(&line), width));
    }
    text.push('\n');
    text
}

/// The same as Markdown that is folded. Texts that anybody may have written stand in code spans.
pub fn plan_images_markdown(plan: &RepositoryPlan) -> String {
    // Within the tags of HTML a code span is none, and a name of a repository has no character that means anything there.
    let name: String = plan.repository.to_string().chars().filter(|c| !"<>&`".contains(*c)).collect();
    let mut text = format!("<details><summary>{}: {}</summary>\n\n", visible(&name), heading(plan));
    if images(plan).next().is_some() {
        text.push_str("| image | tags | action | pushed | why | frees |\n|---|---|---|---|---|--:|\n");
    }
    for action in images(plan) {
        let tags = if action.tags.is_empty() { "—".to_owned() } else { code(&of_tags(&action.tags)) };
        let _ = writeln!(
            text,
            "| {} | {tags} | {} | {} | {} | {} |",
            code(&action.digest.short()),
            action.kind,
            pushed(action),
            code(&why(action)),
            bytes(action.bytes_freed),
        );
    }
    for setting in plan.actions.iter().filter_map(Action::setting) {
        let _ = writeln!(
            text,
            "\n- {}, by {}: {}",
            code(&change_words(setting)),
            code(&setting.rule),
            code(&setting.reason)
        );
    }
    text.push_str("\n</details>\n\n");
    text
}

fn images(plan: &RepositoryPlan) -> impl Iterator<Item = &ImageAction> {
    plan.actions.iter().filter_map(Action::image)
}

fn heading(plan: &RepositoryPlan) -> String {
    let (images, settings) = (images(plan).count(), plan.actions.iter().filter_map(Action::setting).count());
    match (images, settings) {
        (0, settings) => count(settings, "setting"),
        (images, 0) => count(images, "image"),
        (images, settings) => format!("{}, {}", count(images, "image"), count(settings, "setting")),
    }
}

fn pushed(action: &ImageAction) -> String {
    action.pushed_at.map_or_else(|| "unknown".to_owned(), |at| at.format("%Y-%m-%d").to_string())
}

fn why(action: &ImageAction) -> String {
    format!("{}: {}", action.rule, action.reason)
}
