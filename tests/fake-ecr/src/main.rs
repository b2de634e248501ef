//! The program: a server with what the command line says in it.

mod arguments;

use std::process::ExitCode;

fn main() -> ExitCode {
    match arguments::start() {
        Ok(server) => {
            server.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            arguments::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
