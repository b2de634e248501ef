//! Ctrl-C, and what ends a container or a job (SIGTERM): the first asks to stop in good order, the second
//! stops at once.

use std::io;

use demurrage_aws::collect::Stop;
use tokio::signal::ctrl_c;

use crate::exit::Exit;
use crate::talk;

/// Listens until the command ends.
pub(crate) fn listen(stop: Stop) {
    tokio::spawn(async move {
        if asked_to_end().await.is_err() {
            return;
        }
        talk::say("stopping; once more stops at once");
        stop.now();
        if asked_to_end().await.is_ok() {
            #[expect(clippy::exit, reason = "the user asked twice, and what was asked first does not end")]
            std::process::exit(Exit::Interrupted.code().into());
        }
    });
}

/// Waits for the next signal that asks this process to end.
#[cfg(unix)]
async fn asked_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        heard = ctrl_c() => heard,
        _ = terminated.recv() => Ok(()),
    }
}

/// Waits for the next Ctrl-C: other systems have no signal that asks a process to end.
#[cfg(not(unix))]
async fn asked_to_end() -> io::Result<()> {
    ctrl_c().await
}
