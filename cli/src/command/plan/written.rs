//! The files of a plan, in the store and in a folder that somebody named.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use demurrage_store::{PlanFiles, Store};

use crate::failure::Failure;

/// Writes a plan into the store, and into this folder, too; where its description is.
pub(in crate::command) fn write(
    store: &Store,
    out: Option<&Path>,
    files: &PlanFiles,
) -> Result<String, Failure> {
    if let Some(folder) = out.filter(|folder| folder.join("plan.json").exists()) {
        return Err(Failure::usage(
            format!("the folder `{}` holds a plan already", folder.display()),
            "name another folder with `--out`: a plan is never overwritten",
        ));
    }
    let in_store = store.add_plan(files)?;
    let Some(folder) = out else { return Ok(in_store) };
    fs::create_dir_all(folder).map_err(Failure::write(folder))?;
    for (name, text) in &files.files {
        let path = folder.join(name);
        let mut file = File::create(&path).map_err(Failure::write(&path))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(Failure::write(&path))?;
    }
    Ok(folder.join("plan.json").display().to_string())
}
