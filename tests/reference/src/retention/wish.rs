//! What becomes of images that hang on others.

use super::model::{Repository, Rule, Status};
use super::own;

/// What is wanted of an image; more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    Stay,
    Archive,
    Expire,
}

/// The most that may become of an image whatever it hangs on, before anything that was archived is deleted.
fn own_first(rules: &[Rule], repository: &Repository, image: usize) -> Wish {
    match own(rules, repository, image) {
        Some(own) => own.most,
        None if repository.status(image) == Some(Status::Activating) => Wish::Stay,
        None if repository.may_be_part(image) => Wish::Stay,
        None => Wish::Expire,
    }
}

fn first(rules: &[Rule], repository: &Repository, image: usize) -> Wish {
    least(repository, image, &[], &|image| own_first(rules, repository, image))
}

/// The most that may become of it, where it lay in the archive class for long enough, with all that goes with it.
pub(super) fn own_second(rules: &[Rule], repository: &Repository, image: usize) -> Wish {
    let most = own_first(rules, repository, image);
    let archive_ms = own(rules, repository, image).and_then(|own| own.archive_ms);
    let Some(archive_ms) = archive_ms.filter(|_| first(rules, repository, image) == Wish::Archive) else {
        return most;
    };
    let lay_long_enough = |part: usize| {
        repository.status(part) == Some(Status::Archived)
            && repository
                .image(part)
                .and_then(|image| image.archived_ms)
                .is_some_and(|at_ms| at_ms + archive_ms <= repository.now_ms)
    };
    let unit = repository.unit(image);
    let mut going = unit.into_iter().filter(|&part| first(rules, repository, part) != Wish::Stay);
    if going.all(lay_long_enough) { Wish::Expire } else { most }
}

/// What becomes of an image.
pub(super) fn second(rules: &[Rule], repository: &Repository, image: usize) -> Wish {
    least(repository, image, &[], &|image| own_second(rules, repository, image))
}

/// What it may be by itself, and no more than of all that it hangs on; in a circle it stays.
fn least(repository: &Repository, image: usize, path: &[usize], own: &dyn Fn(usize) -> Wish) -> Wish {
    if path.contains(&image) {
        return Wish::Stay;
    }
    let path = [path, &[image]].concat();
    let holders = repository.holders(image).into_iter();
    holders.map(|holder| least(repository, holder, &path, own)).fold(own(image), Wish::min)
}

pub(super) fn has_holder_that_stays(rules: &[Rule], repository: &Repository, image: usize) -> bool {
    repository.holders(image).into_iter().any(|holder| second(rules, repository, holder) == Wish::Stay)
}
