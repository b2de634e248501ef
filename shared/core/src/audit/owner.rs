//! Who a repository belongs to.

use crate::Repository;

/// The value of the first of these resource tags that the repository has; names in any case.
pub(super) fn owner(repository: &Repository, tags: &[String]) -> Option<String> {
    let given = repository.resource_tags.present()?;
    tags.iter().find_map(|wanted| {
        given.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.clone())
    })
}
