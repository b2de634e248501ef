//! What is the same of many repositories is said once: a registry has up to 100,000 of them.

use std::collections::HashMap;

use demurrage_report::count;

/// What is said of repositories, the same of several in one line, in the order in which each comes first.
///
/// `said` are names, empty where nothing is named, each with what is said of it.
pub(crate) fn grouped<'a>(said: impl IntoIterator<Item = (&'a str, String)>) -> Vec<String> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places = HashMap::new();
    for (name, text) in said {
        let key = without_name(name, &text);
        let place = *places.entry((name.is_empty(), key)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.repositories += 1,
            None => groups.push(Group { first: name, text, repositories: 1 }),
        }
    }
    groups.into_iter().map(Group::sentence).collect()
}

/// The name that a problem of a collection begins with, and the rest; no name where it is of the registry.
pub(crate) fn name_and_text(problem: &str) -> (&str, String) {
    let is_name = |name: &str| {
        name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-' | b'/')
        })
    };
    match problem.split_once(": ") {
        Some((name, text)) if is_name(name) => (name, text.to_owned()),
        Some(_) | None => ("", problem.to_owned()),
    }
}

struct Group<'a> {
    first: &'a str,
    text: String,
    repositories: usize,
}

impl Group<'_> {
    fn sentence(self) -> String {
        let Self { first, text, repositories } = self;
        match (first, repositories) {
            ("", _) => text,
            (_, 1) => format!("{first}: {text}"),
            (_, _) => format!(
                "{} for {}, the first is `{first}`",
                without_name(first, &text),
                count(repositories, "repository")
            ),
        }
    }
}

/// The text with `*` where AWS names the repository: in its ARN, or in quotes.
fn without_name(name: &str, text: &str) -> String {
    if name.is_empty() || !text.contains(name) {
        return text.to_owned();
    }
    text.replace(&format!("repository/{name}"), "repository/*").replace(&format!("'{name}'"), "'*'")
}

#[cfg(test)]
mod tests {
    use super::{grouped, name_and_text};

    fn said(problems: &[&str]) -> Vec<String> {
        grouped(problems.iter().map(|problem| name_and_text(problem)))
    }

    #[test]
    fn the_same_problem_of_many_repositories_is_one_line_whatever_their_names() {
        let denied = |name: &str| {
            format!(
                "{name}: `GetLifecyclePolicy` failed: not allowed on arn:aws:ecr:a:1:repository/{name} (X)"
            )
        };
        let all: Vec<String> = ["team/app", "team/web", "x"].into_iter().map(denied).collect();
        let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
        all.insert(1, "team/app: another thing");
        all.push("`GetRegistryPolicy` failed: not allowed");
        assert_eq!(
            said(&all),
            [
                "`GetLifecyclePolicy` failed: not allowed on arn:aws:ecr:a:1:repository/* (X) for 3 repositories, \
                 the first is `team/app`",
                "team/app: another thing",
                "`GetRegistryPolicy` failed: not allowed",
            ]
        );
    }

    #[test]
    fn what_is_said_of_one_repository_stands_as_it_is() {
        let one = "team/app: `GetLifecyclePolicy` failed: not on arn:aws:ecr:a:1:repository/team/app";
        assert_eq!(said(&[one]), [one]);
    }
}
