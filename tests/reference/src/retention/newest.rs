//! Who is one of the newest.

use super::condition;
use super::model::{Answer, Clause, Newest, Repository, Status, Way};

/// The group of a tag by `(.+)-[0-9]+`: what stands before the last `-` that only digits follow.
pub(super) fn group(tag: &str) -> Option<&str> {
    let (group, number) = tag.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit());
    (is_number && !group.is_empty() && !group.contains('\n')).then_some(group)
}

/// Whether fewer images of its group are newer than the count.
pub(super) fn is_newest(
    repository: &Repository,
    clause: &Clause,
    newest: Newest,
    image: usize,
    way: &Way,
) -> Answer {
    let group_of = |way: &Way| way.text().and_then(|tag| group(&tag).map(str::to_owned));
    if newest.by_group && group_of(way).is_none() {
        return Answer::No;
    }
    let Some(own) = newness(repository, image) else { return Answer::Unknown };
    let is_newer = |other: &usize| newness(repository, *other).is_some_and(|newness| newness > own);
    let is_in_group = |other: usize| {
        repository.ways(other).iter().any(|of_other| {
            (!newest.by_group || group_of(of_other) == group_of(way))
                && condition::conditions(repository, clause, other, of_other) == Answer::Yes
        })
    };
    let newer = (0..repository.images.len())
        .filter(|&other| repository.is_counted(other) && repository.status(other) == Some(Status::Active))
        .filter(is_newer)
        .filter(|&other| is_in_group(other));
    let count = usize::try_from(newest.count).unwrap_or(usize::MAX);
    if newer.count() < count { Answer::Yes } else { Answer::No }
}

/// How new an image is, the greater the newer: by its last restore or else its push, then the smaller id.
fn newness(repository: &Repository, image: usize) -> Option<(i64, std::cmp::Reverse<u64>)> {
    let image = repository.image(image)?;
    let pushed_ms = image.pushed_ms?;
    Some((image.activated_ms.unwrap_or(pushed_ms), std::cmp::Reverse(image.id)))
}
