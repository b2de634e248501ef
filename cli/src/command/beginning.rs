//! `demurrage` alone: the commands that matter, and where the others are.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::talk;

const BEGINNING: &str = "\
Demurrage: what an Amazon ECR registry keeps, what that costs, and what may go.

  demurrage demo       a registry to try it on: no credentials, no network
  demurrage collect    read a registry into a store on this machine
  demurrage preview    what its policies would do, image by image, and why
  demurrage cost       what is stored, what that costs, what policies would save
  demurrage plan       what may go and what never does; `apply` carries it out

`demurrage status` says what the store has, and what to do next.
`demurrage --help` lists all commands; `demurrage COMMAND --help` explains one.
";

/// Says how to begin.
pub(crate) fn run() -> Result<Exit, Failure> {
    talk::data(BEGINNING)?;
    Ok(Exit::Done)
}
