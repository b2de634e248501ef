//! The expressions of `DynamoDB`, as far as the ledger uses them: terms that are joined by `AND`, and updates that set
//! and add.
//!
//! Source: `DynamoDB` developer guide, "Using expressions", read 2026-11-24.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The attributes of an item, each with its type: `{"S": "latest"}`.
pub(super) type Item = BTreeMap<String, Value>;

/// An expression and what its placeholders stand for.
pub(super) struct Expression<'a> {
    text: &'a str,
    names: &'a Value,
    values: &'a Value,
}

impl<'a> Expression<'a> {
    /// The expression of this member of a request, where it has one.
    pub(super) fn of(request: &'a Value, member: &str) -> Option<Self> {
        let text = request.get(member)?.as_str()?;
        let names = request.get("ExpressionAttributeNames").unwrap_or(&Value::Null);
        let values = request.get("ExpressionAttributeValues").unwrap_or(&Value::Null);
        Some(Self { text, names, values })
    }

    /// Whether it holds for the item; for none, where there is no item.
    pub(super) fn holds(&self, item: Option<&Item>) -> bool {
        terms(self.text).iter().all(|term| self.term_holds(term, item))
    }

    fn term_holds(&self, term: &str, item: Option<&Item>) -> bool {
        let attribute = |name: &str| item.and_then(|item| item.get(&self.name(name)));
        if let Some(name) = term.strip_prefix("attribute_not_exists(").and_then(|rest| rest.strip_suffix(')'))
        {
            return attribute(name).is_none();
        }
        let words: Vec<&str> = term.split_whitespace().collect();
        match words[..] {
            [name, "=", value] => attribute(name) == Some(self.value(value)),
            [name, "BETWEEN", first, "&", last] => attribute(name).is_some_and(|found| {
                text_of(self.value(first)) <= text_of(found) && text_of(found) <= text_of(self.value(last))
            }),
            _ => panic!("`{term}` is no term that the server knows"),
        }
    }

    /// Makes an update of the form `SET #a = :a ADD #b :b`.
    pub(super) fn update(&self, item: &mut Item) {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let ["SET", set, "=", to, "ADD", added, by] = words[..] else {
            panic!("`{}` is no update that the server knows", self.text)
        };
        item.insert(self.name(set), self.value(to).clone());
        let number = |value: &Value| value["N"].as_str().unwrap().parse::<u64>().unwrap();
        let before = item.get(&self.name(added)).map_or(0, number);
        item.insert(self.name(added), json!({"N": (before + number(self.value(by))).to_string()}));
    }

    fn name(&self, given: &str) -> String {
        assert!(given.starts_with('#'), "`{given}` might be a reserved word: every name has a placeholder");
        self.names[given].as_str().unwrap_or_else(|| panic!("`{given}` stands for no name")).to_owned()
    }

    fn value(&self, given: &str) -> &'a Value {
        assert!(given.starts_with(':'), "`{given}` is no value");
        self.values.get(given).unwrap_or_else(|| panic!("`{given}` stands for no value"))
    }

    /// Every placeholder is used, which the service insists on.
    pub(super) fn assert_all_used(request: &Value) {
        let members = ["ConditionExpression", "KeyConditionExpression", "UpdateExpression"];
        let texts: Vec<&str> = members.iter().filter_map(|member| request.get(*member)?.as_str()).collect();
        for given in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
            let Some(given) = request.get(given).and_then(Value::as_object) else { continue };
            assert!(!given.is_empty(), "placeholders are none or some");
            for name in given.keys() {
                let mut words = texts.iter().flat_map(|text| text.split([' ', '(', ')']));
                assert!(words.any(|word| word == name), "`{name}` is used in none of {texts:?}");
            }
        }
    }
}

/// The terms of an expression. The `AND` of a `BETWEEN` becomes `&`.
fn terms(text: &str) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    let mut is_open = false;
    for part in text.split(" AND ") {
        if let Some(open) = terms.last_mut().filter(|_| is_open) {
            open.push_str(" & ");
            open.push_str(part);
            is_open = false;
        } else {
            is_open = part.contains(" BETWEEN ");
            terms.push(part.trim().to_owned());
        }
    }
    terms
}

/// The text of a value of the type S.
pub(super) fn text_of(value: &Value) -> &str {
    value.get("S").and_then(Value::as_str).unwrap_or_else(|| panic!("{value} is no text"))
}
