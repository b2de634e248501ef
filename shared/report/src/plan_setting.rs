//! A setting that a plan changes, in words.

use demurrage_core::TagMutability;
use demurrage_core::plan::{Setting, SettingAction};

use crate::image_name::visible;

/// The name of a setting as parts of plans have it.
pub(crate) const fn setting_name(action: &SettingAction) -> &'static str {
    match action.setting {
        Setting::TagMutability { .. } => "tag_mutability",
        Setting::LifecyclePolicy { .. } => "lifecycle_policy",
        Setting::ScanOnPush { .. } => "scan_on_push",
    }
}

/// What it is and what it is to be: `MUTABLE`, `IMMUTABLE`.
pub(crate) fn ends(action: &SettingAction) -> (String, String) {
    match &action.setting {
        Setting::TagMutability { from, to } => (mutability(from), mutability(to)),
        Setting::LifecyclePolicy { from, .. } => {
            let from = if from.is_some() { "another policy" } else { "none" };
            (from.to_owned(), "the policy of the plan".to_owned())
        }
        Setting::ScanOnPush { from, to } => {
            (from.map_or("unknown", on_off).to_owned(), on_off(*to).to_owned())
        }
    }
}

/// The change in the words of a sentence: `scan on push from off to on`.
pub(crate) fn change_words(action: &SettingAction) -> String {
    let (from, to) = ends(action);
    format!("{} from {from} to {to}", setting_name(action).replace('_', " "))
}

fn mutability(setting: &TagMutability) -> String {
    let filters: Vec<String> =
        setting.exclusion_filters.iter().map(|filter| visible(&filter.filter)).collect();
    let mode = visible(&setting.mode);
    if filters.is_empty() { mode } else { format!("{mode} ({})", filters.join(", ")) }
}

const fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
