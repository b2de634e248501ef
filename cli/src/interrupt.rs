//! Ctrl-C: the first asks to stop in good order, the second stops at once.

use demurrage_aws::collect::Stop;

use crate::exit::Exit;
use crate::talk;

/// Listens until the command ends.
pub(crate) fn listen(stop: Stop) {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        talk::say("stopping; once more stops at once");
        stop.now();
        if tokio::signal::ctrl_c().await.is_ok() {
            #[expect(clippy::exit, reason = "the user asked twice, and what was asked first does not end")]
            std::process::exit(Exit::Interrupted.code().into());
        }
    });
}
