//! Reading the text of a policy against its schema, one value at a time, each with its place.
//!
//! Every value that can be read is read, so that all that is wrong is said at once; a value that cannot be
//! read leaves a gap in the draft of its rule. What concerns several rules is in `policy_rules`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::text_place::{character_at, line_and_column, offset_of};
use super::{Action, Problem, ProblemId, StorageClass};
use crate::Wildcard;
use crate::tag::{TAG_CHARS_MAX, is_tag_char};

/// Characters of a policy (API model, shape `LifecyclePolicyText`, read 2026-11-23).
const TEXT_CHARS: std::ops::RangeInclusive<usize> = 100..=30_720;
/// Rules of a policy (service quotas, not adjustable; read 2026-11-23).
const RULES_MAX: usize = 50;
/// `*` in one pattern (user guide, lifecycle policy parameters; read 2026-11-23).
const WILDCARDS_MAX: usize = 4;
/// Days in the archive before a policy may delete (user guide, archive; read 2026-11-23).
const ARCHIVED_DAYS_MIN: u64 = 90;
/// Entries of one list; AWS documents no limit, other tools assume this one (read 2026-11-23).
const ENTRIES_EXPECTED_MAX: usize = 100;
/// The largest number of the API's integers.
const INTEGER_EXPECTED_MAX: u64 = 2_147_483_647;
/// A text this long is no policy: it is not read at all.
const TEXT_BYTES_READ_MAX: usize = 1 << 20;

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) at: Place,
}

/// A place in the text.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) pointer: String,
    pub(super) span: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagStatus {
    Tagged,
    Untagged,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CountType {
    ImageCountMoreThan,
    SinceImagePushed,
    SinceImagePulled,
    SinceImageTransitioned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    Patterns,
    Prefixes,
}

/// One rule as far as it could be read. `None`: absent, or not readable (which was reported).
#[derive(Debug, Clone, Default)]
pub(super) struct RuleDraft {
    pub(super) position: usize,
    pub(super) priority: Option<Located<u64>>,
    pub(super) description: Option<String>,
    pub(super) tag_status: Option<Located<TagStatus>>,
    pub(super) lists: Vec<(ListKind, Located<Vec<String>>)>,
    /// Standard where the key is absent; `None` where it is not readable.
    pub(super) storage_class: Option<StorageClass>,
    pub(super) count_type: Option<Located<CountType>>,
    pub(super) count_number: Option<u64>,
    pub(super) action: Option<Action>,
}

/// The text that is read, and what was found in it so far.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, problems: Vec::new() }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    pub(super) fn report(&mut self, id: ProblemId, at: &Place, message: String, help: &str) {
        self.report_as(id, at, message, help, None);
    }

    pub(super) fn report_as(
        &mut self,
        id: ProblemId,
        at: &Place,
        message: String,
        help: &str,
        ecr_message: Option<String>,
    ) {
        let (line, column) = line_and_column(self.text, at.span.start);
        self.problems.push(Problem {
            id,
            pointer: at.pointer.clone(),
            span: at.span.clone(),
            line,
            column,
            message,
            help: help.to_owned(),
            ecr_message,
        });
    }

    fn place(&self, pointer: &str, range: Range<usize>) -> Place {
        let inside = self.text.get(range.clone()).is_some();
        let span = if inside { range } else { character_at(self.text, range.start) };
        Place { pointer: pointer.to_owned(), span }
    }

    fn at(&self, value: &impl Ranged, pointer: &str) -> Place {
        self.place(pointer, value.start()..value.end())
    }

    /// The opening brace of an object: where what it lacks is reported.
    fn opening(&self, object: &Object<'_>, pointer: &str) -> Place {
        self.place(pointer, object.start()..object.start() + 1)
    }
}

/// The policy text inside the output of `aws ecr get-lifecycle-policy`; nothing where the text is no such
/// output.
pub(super) fn unwrap(text: &str) -> Result<Option<String>, Box<Problem>> {
    if TEXT_BYTES_READ_MAX < text.len() {
        return Ok(None);
    }
    let Ok(root) = parse(text) else { return Ok(None) };
    let Some(wrapped) = root.as_object().filter(|object| object.get("rules").is_none()) else {
        return Ok(None);
    };
    let Some(property) = wrapped.get("lifecyclePolicyText") else { return Ok(None) };
    if let Value::StringLit(inner) = &property.value {
        return Ok(Some(inner.value.clone().into_owned()));
    }
    let mut reader = Reader::new(text);
    let at = reader.at(&property.value, "/lifecyclePolicyText");
    wrong_type(&mut reader, &property.value, &at, "string");
    Err(reader.problems.pop().map_or_else(|| Box::new(unreadable(text)), Box::new))
}

/// Reads all rules, and reports everything that is wrong within one rule.
pub(super) fn read_rules(reader: &mut Reader<'_>) -> Vec<RuleDraft> {
    let chars = reader.text.chars().count();
    if !TEXT_CHARS.contains(&chars) {
        let at = reader.place("", 0..0);
        let message = format!("the text has {chars} characters");
        let help = "a lifecycle policy has 100 to 30,720 characters";
        reader.report(ProblemId::TextLength, &at, message, help);
    }
    if TEXT_BYTES_READ_MAX < reader.text.len() {
        return Vec::new();
    }
    let root = match parse(reader.text) {
        Ok(root) => root,
        Err(problem) => {
            reader.problems.push(*problem);
            return Vec::new();
        }
    };
    let Some(object) = root.as_object() else {
        let at = reader.at(&root, "");
        let message = format!("the text is {}, not an object", type_of(&root).0);
        reader.report_as(
            ProblemId::NotAnObject,
            &at,
            message,
            "write `{\"rules\": [ … ]}`",
            Some(allowed_type(&root, "object")),
        );
        return Vec::new();
    };
    read_root(reader, object)
}

fn read_root(reader: &mut Reader<'_>, root: &Object<'_>) -> Vec<RuleDraft> {
    let mut fields = Fields::read(reader, root, "", &["rules"]);
    let Some(rules) = fields.required(reader, "rules") else { return Vec::new() };
    let Some(rules) = array(reader, rules, "/rules") else { return Vec::new() };
    if RULES_MAX < rules.elements.len() {
        let at = reader.at(rules, "/rules");
        let message = format!("the policy has {} rules", rules.elements.len());
        reader.report(
            ProblemId::TooManyRules,
            &at,
            message,
            "a policy has at most 50 rules: merge some, or drop some",
        );
    }
    let mut drafts = Vec::new();
    for (position, rule) in rules.elements.iter().enumerate() {
        let pointer = format!("/rules/{position}");
        if let Some(rule) = object(reader, rule, &pointer) {
            drafts.push(RuleDraft { position, ..read_rule(reader, rule, &pointer) });
        }
    }
    drafts
}

fn read_rule(reader: &mut Reader<'_>, rule: &Object<'_>, pointer: &str) -> RuleDraft {
    let mut fields =
        Fields::read(reader, rule, pointer, &["rulePriority", "description", "selection", "action"]);
    let mut draft = RuleDraft::default();
    let at = format!("{pointer}/rulePriority");
    draft.priority = fields.required(reader, "rulePriority").and_then(|value| integer(reader, value, &at));
    if let Some(priority) = draft.priority.take_if(|priority| priority.value < 1) {
        too_low(reader, ProblemId::PriorityRange, &priority.at, "rulePriority", 1);
    }
    if let Some(description) = fields.optional("description") {
        draft.description = string(reader, description, &format!("{pointer}/description"));
    }
    let at = format!("{pointer}/selection");
    if let Some(selection) = fields.required(reader, "selection").and_then(|value| object(reader, value, &at))
    {
        read_selection(reader, selection, &at, &mut draft);
    }
    let at = format!("{pointer}/action");
    if let Some(action) = fields.required(reader, "action").and_then(|value| object(reader, value, &at)) {
        draft.action = read_action(reader, action, &at);
    }
    check_count_type(reader, &draft);
    draft
}

fn read_selection(reader: &mut Reader<'_>, selection: &Object<'_>, pointer: &str, draft: &mut RuleDraft) {
    const KEYS: [&str; 7] = [
        "tagStatus",
        "tagPatternList",
        "tagPrefixList",
        "storageClass",
        "countType",
        "countUnit",
        "countNumber",
    ];
    let mut fields = Fields::read(reader, selection, pointer, &KEYS);
    let status = [("tagged", TagStatus::Tagged), ("untagged", TagStatus::Untagged), ("any", TagStatus::Any)];
    draft.tag_status = fields
        .required(reader, "tagStatus")
        .and_then(|value| one_of(reader, value, &format!("{pointer}/tagStatus"), &status));
    read_lists(reader, &mut fields, selection, pointer, draft);
    let classes = [("standard", StorageClass::Standard), ("archive", StorageClass::Archive)];
    draft.storage_class = match fields.optional("storageClass") {
        None => Some(StorageClass::Standard),
        Some(value) => {
            one_of(reader, value, &format!("{pointer}/storageClass"), &classes).map(|class| class.value)
        }
    };
    read_count(reader, &mut fields, selection, pointer, draft);
}

fn read_lists(
    reader: &mut Reader<'_>,
    fields: &mut Fields<'_, '_>,
    selection: &Object<'_>,
    pointer: &str,
    draft: &mut RuleDraft,
) {
    let mut present = Vec::new();
    let mut unreadable = false;
    for (key, kind) in [("tagPatternList", ListKind::Patterns), ("tagPrefixList", ListKind::Prefixes)] {
        let Some(value) = fields.optional(key) else { continue };
        let pointer = format!("{pointer}/{key}");
        // A value that is no list is wrong by itself; nothing more is concluded from its presence.
        if let Value::Array(_) = value {
            present.push(reader.at(value, &pointer));
        } else {
            unreadable = true;
        }
        if let Some(list) = read_list(reader, value, &pointer, kind) {
            draft.lists.push((kind, list));
        }
    }
    match (draft.tag_status.as_ref().map(|status| status.value), &*present) {
        (Some(TagStatus::Tagged), []) if !unreadable => reader.report_as(
            ProblemId::TaggedWithoutList,
            &reader.opening(selection, pointer),
            "the rule selects tagged images and has no list of tags".to_owned(),
            "add `tagPatternList`, for all tagged images `[\"*\"]`",
            Some("Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.".to_owned()),
        ),
        (Some(TagStatus::Tagged), [_, _, ..]) => reader.report(
            ProblemId::TwoLists,
            &reader.opening(selection, pointer),
            "the rule has both `tagPatternList` and `tagPrefixList`".to_owned(),
            "keep one of them; a prefix `v` is the pattern `v*`",
        ),
        (Some(TagStatus::Untagged | TagStatus::Any), lists) => {
            for list in lists {
                let message = "a list of tags in a rule that does not select `tagged` images".to_owned();
                let help = "remove the list, or use `\"tagStatus\": \"tagged\"`";
                reader.report(ProblemId::ListWithoutTagged, list, message, help);
            }
        }
        (Some(TagStatus::Tagged), [] | [_]) | (None, _) => {}
    }
}

fn read_list(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    pointer: &str,
    kind: ListKind,
) -> Option<Located<Vec<String>>> {
    let list = array(reader, value, pointer)?;
    let at = reader.at(list, pointer);
    if ENTRIES_EXPECTED_MAX < list.elements.len() {
        let message = format!("the list has {} entries; AWS documents no limit", list.elements.len());
        reader.report(ProblemId::ListLong, &at, message, "use patterns with `*` instead of many entries");
    }
    let mut entries = Vec::new();
    for (position, element) in list.elements.iter().enumerate() {
        let pointer = format!("{pointer}/{position}");
        let Some(entry) = string(reader, element, &pointer) else { continue };
        check_entry(reader, &entry, &reader.at(element, &pointer), kind, entries.contains(&entry));
        entries.push(entry);
    }
    // A list with an entry that is no text is not known, so nothing is concluded from it.
    (entries.len() == list.elements.len()).then_some(Located { value: entries, at })
}

fn check_entry(reader: &mut Reader<'_>, entry: &str, at: &Place, kind: ListKind, repeated: bool) {
    if repeated {
        let message = format!("`{entry}` stands twice in the list");
        reader.report(ProblemId::EntryRepeated, at, message, "remove one of them");
    }
    if entry.is_empty() {
        let message = match kind {
            ListKind::Patterns => "the empty pattern matches no tag, so the rule matches no image",
            ListKind::Prefixes => "the empty prefix matches every tag",
        };
        reader.report(
            ProblemId::EntryEmpty,
            at,
            message.to_owned(),
            "remove it, or write the tag that is meant",
        );
        return;
    }
    let wildcards = entry.matches('*').count();
    if kind == ListKind::Patterns && WILDCARDS_MAX < wildcards {
        let message = format!("the pattern `{entry}` has {wildcards} `*`");
        reader.report(ProblemId::TooManyWildcards, at, message, "a pattern has at most four `*`");
    }
    let wildcard = match kind {
        ListKind::Patterns => Wildcard::new(entry),
        ListKind::Prefixes => Wildcard::starting_with(entry),
    };
    let odd = wildcard.literals().find(|&c| !is_tag_char(c));
    if odd.is_some() || TAG_CHARS_MAX < entry.chars().count() {
        let message = match odd {
            Some(c) => format!("`{entry}` matches no tag: no tag has the character `{c}`"),
            None => format!("`{entry}` matches no tag: a tag has at most {TAG_CHARS_MAX} characters"),
        };
        let help = "only `*` in a pattern is special; a tag has letters, digits, `_`, `.` and `-`";
        reader.report(ProblemId::EntryNeverMatches, at, message, help);
    }
}

fn read_count(
    reader: &mut Reader<'_>,
    fields: &mut Fields<'_, '_>,
    selection: &Object<'_>,
    pointer: &str,
    draft: &mut RuleDraft,
) {
    let types = [
        ("imageCountMoreThan", CountType::ImageCountMoreThan),
        ("sinceImagePushed", CountType::SinceImagePushed),
        ("sinceImagePulled", CountType::SinceImagePulled),
        ("sinceImageTransitioned", CountType::SinceImageTransitioned),
    ];
    draft.count_type = fields
        .required(reader, "countType")
        .and_then(|value| one_of(reader, value, &format!("{pointer}/countType"), &types));
    let count_type = draft.count_type.as_ref().map(|count_type| count_type.value);
    let unit = fields.optional("countUnit");
    if let Some(unit) = unit {
        let pointer = format!("{pointer}/countUnit");
        let readable = one_of(reader, unit, &pointer, &[("days", ())]);
        if let (Some(unit), Some(CountType::ImageCountMoreThan)) = (readable, count_type) {
            let message = "`countUnit` with `imageCountMoreThan`, which counts images".to_owned();
            reader.report(ProblemId::CountUnitForbidden, &unit.at, message, "remove `countUnit`");
        }
    } else if count_type.is_some_and(|count_type| count_type != CountType::ImageCountMoreThan) {
        let at = reader.opening(selection, pointer);
        let message = "an age without `countUnit`".to_owned();
        reader.report(ProblemId::CountUnitMissing, &at, message, "add `\"countUnit\": \"days\"`");
    }
    let at = format!("{pointer}/countNumber");
    let number = fields.required(reader, "countNumber").and_then(|value| integer(reader, value, &at));
    let min = if count_type == Some(CountType::SinceImageTransitioned) { ARCHIVED_DAYS_MIN } else { 1 };
    draft.count_number = number.and_then(|number| {
        if number.value < min {
            too_low(reader, ProblemId::CountRange, &number.at, "countNumber", min);
            return None;
        }
        Some(number.value)
    });
}

fn read_action(reader: &mut Reader<'_>, action: &Object<'_>, pointer: &str) -> Option<Action> {
    let mut fields = Fields::read(reader, action, pointer, &["type", "targetStorageClass"]);
    let types = [("expire", Action::Expire), ("transition", Action::Archive)];
    let action_type = fields
        .required(reader, "type")
        .and_then(|value| one_of(reader, value, &format!("{pointer}/type"), &types))
        .map(|action_type| action_type.value);
    let target = fields.optional("targetStorageClass");
    let readable = target.and_then(|value| {
        one_of(reader, value, &format!("{pointer}/targetStorageClass"), &[("archive", ())])
    });
    match (action_type, target, readable) {
        (Some(Action::Archive), None, _) => {
            let at = reader.opening(action, pointer);
            let message = "a `transition` without `targetStorageClass`".to_owned();
            reader.report(
                ProblemId::TargetMissing,
                &at,
                message,
                "add `\"targetStorageClass\": \"archive\"`",
            );
        }
        (Some(Action::Expire), _, Some(target)) => {
            let message = "`targetStorageClass` with `expire`".to_owned();
            let help = "remove `targetStorageClass`, or use `\"type\": \"transition\"`";
            reader.report(ProblemId::TargetForbidden, &target.at, message, help);
        }
        (Some(Action::Archive), Some(_), _) | (Some(Action::Expire), _, None) | (None, _, _) => {}
    }
    action_type
}

/// Which `countType` goes with which action and storage class.
///
/// Source: user guide, lifecycle policy parameters and examples, read 2026-11-23.
fn check_count_type(reader: &mut Reader<'_>, draft: &RuleDraft) {
    let Some(count_type) = &draft.count_type else { return };
    match (count_type.value, draft.action) {
        (CountType::SinceImagePulled, Some(Action::Expire)) => reader.report(
            ProblemId::CountTypeAction,
            &count_type.at,
            "`sinceImagePulled` with `expire`: ECR only archives by last pull".to_owned(),
            "use `\"type\": \"transition\"`, or `sinceImagePushed`",
        ),
        (CountType::SinceImageTransitioned, Some(Action::Archive)) => reader.report(
            ProblemId::CountTypeAction,
            &count_type.at,
            "`sinceImageTransitioned` with `transition`: the images are archived already".to_owned(),
            "use `\"type\": \"expire\"`",
        ),
        _ => {}
    }
    match (count_type.value, draft.storage_class) {
        (CountType::SinceImageTransitioned, Some(StorageClass::Standard)) => reader.report(
            ProblemId::CountTypeStorageClass,
            &count_type.at,
            "`sinceImageTransitioned` for images of the standard class".to_owned(),
            "add `\"storageClass\": \"archive\"`",
        ),
        (
            CountType::ImageCountMoreThan | CountType::SinceImagePushed | CountType::SinceImagePulled,
            Some(StorageClass::Archive),
        ) => reader.report(
            ProblemId::CountTypeStorageClass,
            &count_type.at,
            "archived images can only be selected by `sinceImageTransitioned`".to_owned(),
            "use `sinceImageTransitioned`, or remove `storageClass`",
        ),
        _ => {}
    }
}

fn too_low(reader: &mut Reader<'_>, id: ProblemId, at: &Place, key: &str, min: u64) {
    let found = reader.text.get(at.span.clone()).unwrap_or_default().to_owned();
    let ecr_message =
        format!("numeric instance is lower than the required minimum (minimum: {min}, found: {found})");
    let help = format!("use {min} or more");
    reader.report_as(id, at, format!("`{key}` is {found}"), &help, Some(ecr_message));
}

/// The values of an object by key.
struct Fields<'o, 'a> {
    object: &'o Object<'a>,
    pointer: &'o str,
    values: BTreeMap<&'o str, &'o Value<'a>>,
}

impl<'o, 'a> Fields<'o, 'a> {
    /// Reports keys that are unknown or stand twice. Of those the last value counts, as in ECR's JSON reader.
    fn read(reader: &mut Reader<'_>, object: &'o Object<'a>, pointer: &'o str, known: &[&str]) -> Self {
        let mut values = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for property in &object.properties {
            let key = property.name.as_str();
            let at = reader.at(&property.name, &format!("{pointer}/{}", escape(key)));
            if !known.contains(&key) {
                if unknown.insert(key) {
                    unknown_key(reader, key, &at, known);
                }
            } else if values.insert(key, &property.value).is_some() {
                let message = format!("the key `{key}` stands twice; the last one counts");
                reader.report(ProblemId::KeyRepeated, &at, message, "remove one of them");
            }
        }
        Self { object, pointer, values }
    }

    fn optional(&mut self, key: &str) -> Option<&'o Value<'a>> {
        self.values.remove(key)
    }

    fn required(&mut self, reader: &mut Reader<'_>, key: &str) -> Option<&'o Value<'a>> {
        let value = self.optional(key);
        if value.is_none() {
            reader.report_as(
                ProblemId::MissingKey,
                &reader.opening(self.object, self.pointer),
                format!("`{key}` is missing"),
                &format!("add `{key}`"),
                Some(format!("object has missing required properties ([\"{key}\"])")),
            );
        }
        value
    }
}

fn unknown_key(reader: &mut Reader<'_>, key: &str, at: &Place, known: &[&str]) {
    let help = match known.iter().find(|name| name.eq_ignore_ascii_case(key)) {
        Some(name) => format!("write `{name}`"),
        None => format!("remove it; known here: {}", known.join(", ")),
    };
    let ecr_message =
        format!("object instance has properties which are not allowed by the schema: ([\"{key}\"])");
    reader.report_as(ProblemId::UnknownKey, at, format!("unknown key `{key}`"), &help, Some(ecr_message));
}

fn object<'v, 'a>(reader: &mut Reader<'_>, value: &'v Value<'a>, pointer: &str) -> Option<&'v Object<'a>> {
    let object = value.as_object();
    if object.is_none() {
        let at = reader.at(value, pointer);
        wrong_type(reader, value, &at, "object");
    }
    object
}

/// A list that is not empty.
fn array<'v, 'a>(reader: &mut Reader<'_>, value: &'v Value<'a>, pointer: &str) -> Option<&'v Array<'a>> {
    let at = reader.at(value, pointer);
    let Value::Array(array) = value else {
        wrong_type(reader, value, &at, "array");
        return None;
    };
    if array.elements.is_empty() {
        let message = "an empty list".to_owned();
        reader.report(ProblemId::EmptyList, &at, message, "add an entry, or remove the key");
        return None;
    }
    Some(array)
}

fn string(reader: &mut Reader<'_>, value: &Value<'_>, pointer: &str) -> Option<String> {
    if let Value::StringLit(text) = value {
        return Some(text.value.clone().into_owned());
    }
    let at = reader.at(value, pointer);
    wrong_type(reader, value, &at, "string");
    None
}

/// An integer of 0 or more; a negative one is read as 0, a very large one as the largest.
//= docs/SEMANTICS.md#saturate
fn integer(reader: &mut Reader<'_>, value: &Value<'_>, pointer: &str) -> Option<Located<u64>> {
    let at = reader.at(value, pointer);
    let Value::NumberLit(number) = value else {
        wrong_type(reader, value, &at, "integer");
        return None;
    };
    let digits = number.value.trim_start_matches('-');
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        wrong_type(reader, value, &at, "integer");
        return None;
    }
    let integer = if number.value.starts_with('-') { 0 } else { digits.parse().unwrap_or(u64::MAX) };
    if INTEGER_EXPECTED_MAX < integer {
        let message = format!("{} is more than 2,147,483,647; AWS documents no limit", number.value);
        reader.report(
            ProblemId::NumberHuge,
            &at,
            message,
            "use a smaller number; 9999 images are as good as all",
        );
    }
    Some(Located { value: integer, at })
}

fn one_of<T: Copy>(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    pointer: &str,
    allowed: &[(&str, T)],
) -> Option<Located<T>> {
    let text = string(reader, value, pointer)?;
    let at = reader.at(value, pointer);
    if let Some((_, meaning)) = allowed.iter().find(|(name, _)| *name == text) {
        return Some(Located { value: *meaning, at });
    }
    let names: Vec<_> = allowed.iter().map(|(name, _)| *name).collect();
    let help = match names.iter().find(|name| name.eq_ignore_ascii_case(&text)) {
        Some(name) => format!("write `{name}`: values are case-sensitive"),
        None => {
            format!("use {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
        }
    };
    let possible = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
    let ecr_message =
        format!("instance value (\"{text}\") not found in enum (possible values: [{possible}])");
    let message = format!("`{text}` is none of the values allowed here");
    reader.report_as(ProblemId::NotInEnum, &at, message, &help, Some(ecr_message));
    None
}

fn wrong_type(reader: &mut Reader<'_>, value: &Value<'_>, at: &Place, wanted: &str) {
    let help = match (value, wanted) {
        (Value::NullKeyword(_), _) => "remove the key, or give it a value".to_owned(),
        (Value::NumberLit(_), "integer") => "write a whole number without fraction or exponent".to_owned(),
        (Value::StringLit(_), "integer") => "remove the quotation marks".to_owned(),
        (_, "array") => "write a list: `[ … ]`".to_owned(),
        (_, "object") => "write an object: `{ … }`".to_owned(),
        (_, other) => format!("use a value of type {other}"),
    };
    let article = if wanted.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
    let message = format!("{} where {article} {wanted} belongs", type_of(value).0);
    reader.report_as(ProblemId::WrongType, at, message, &help, Some(allowed_type(value, wanted)));
}

fn allowed_type(value: &Value<'_>, wanted: &str) -> String {
    let found = type_of(value).1;
    format!("instance type ({found}) does not match any allowed primitive type (allowed: [\"{wanted}\"])")
}

/// The type of a value, in our words and in those of JSON schema.
fn type_of(value: &Value<'_>) -> (&'static str, &'static str) {
    match value {
        Value::StringLit(_) => ("a string", "string"),
        Value::NumberLit(number) if number.value.contains(['.', 'e', 'E']) => ("a number", "number"),
        Value::NumberLit(_) => ("an integer", "integer"),
        Value::BooleanLit(_) => ("a boolean", "boolean"),
        Value::Object(_) => ("an object", "object"),
        Value::Array(_) => ("a list", "array"),
        Value::NullKeyword(_) => ("null", "null"),
    }
}

/// The syntax tree of a text that is JSON by the letter.
fn parse(text: &str) -> Result<Value<'_>, Box<Problem>> {
    // The tree is made by a reader of several dialects; this one knows only JSON, and says better what is wrong.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let offset = offset_of(text, error.line(), error.column());
        let cause = error.to_string();
        let cause = cause.split(" at line ").next().unwrap_or_default();
        return Err(Box::new(not_json(text, offset, cause)));
    }
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(parsed) => parsed.value.ok_or_else(|| Box::new(unreadable(text))),
        Err(error) => {
            Err(Box::new(not_json(text, error.range().start, &error.kind().to_string().to_lowercase())))
        }
    }
}

fn unreadable(text: &str) -> Problem {
    not_json(text, 0, "there is no value")
}

fn not_json(text: &str, offset: usize, cause: &str) -> Problem {
    let (line, column) = line_and_column(text, offset);
    let help = if text.starts_with('\u{feff}') {
        "save the file without a byte-order mark"
    } else {
        "check quotation marks, commas and brackets near this place"
    };
    Problem {
        id: ProblemId::NotJson,
        pointer: String::new(),
        span: character_at(text, offset),
        line,
        column,
        message: format!("the text is not JSON: {cause}"),
        help: help.to_owned(),
        ecr_message: Some("Could not map policyString into LifecyclePolicy.".to_owned()),
    }
}

/// A key as a part of a JSON pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
