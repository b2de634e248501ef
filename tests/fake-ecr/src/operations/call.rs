//! One call: who asks for what, and of which registry.

use crate::state::{Caller, Place, State};
use crate::wire::{Input, Refusal, is_account, repository_name};

/// A call of an operation.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// Who calls, and in which region.
    pub(crate) caller: &'a Caller,
    /// With which members.
    pub(crate) input: &'a Input,
}

impl Call<'_> {
    /// The caller's own registry.
    pub(crate) fn place(&self) -> Place {
        Place::new(&self.caller.account, &self.caller.region)
    }

    /// The registry that `registryId` names, or the caller's.
    pub(crate) fn registry(&self) -> Result<Place, Refusal> {
        match self.input.string("registryId")? {
            None => Ok(self.place()),
            Some(id) if is_account(id) => Ok(Place::new(id, &self.caller.region)),
            Some(_) => Err(Refusal::parameter("registryId", "must satisfy regular expression '[0-9]{12}'")),
        }
    }

    /// The registry and the name of a repository that is there.
    pub(crate) fn repository(&self, state: &mut State) -> Result<(Place, String), Refusal> {
        let place = self.registry()?;
        let name = repository_name(self.input)?;
        if state.region(&place).has(&name) {
            Ok((place, name))
        } else {
            Err(Refusal::no_repository(&name, &place.account))
        }
    }
}
