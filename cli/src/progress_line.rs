//! How far a collection is: a line that changes on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use demurrage_aws::collect::{Progress, Seen};
use demurrage_report::count;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use crate::talk;

/// Between two lines where nobody watches.
const PAUSE_PLAIN: Duration = Duration::from_secs(10);
/// Between two states of the line on a terminal.
const PAUSE_TERMINAL: Duration = Duration::from_millis(200);

/// A progress that is being shown.
pub(crate) struct Shown {
    task: JoinHandle<()>,
    bar: Option<ProgressBar>,
}

/// Shows the progress of the collection of this name until it is ended.
pub(crate) fn show(name: &str, progress: Progress) -> Shown {
    let name = name.to_owned();
    let bar = std::io::stderr().is_terminal().then(|| {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(PAUSE_TERMINAL);
        bar
    });
    let on_terminal = bar.clone();
    let task = tokio::spawn(async move {
        let began = Instant::now();
        let pause = if on_terminal.is_some() { PAUSE_TERMINAL } else { PAUSE_PLAIN };
        loop {
            tokio::time::sleep(pause).await;
            let line = format!("{name}: {}", line(progress.seen(), began.elapsed()));
            match &on_terminal {
                Some(bar) => bar.set_message(line),
                None => talk::say(line),
            }
        }
    });
    Shown { task, bar }
}

impl Shown {
    /// Ends it, and leaves no trace on a terminal.
    pub(crate) async fn end(self) {
        self.task.abort();
        // It ends because it is told to; there is nothing to learn from how.
        let _ = self.task.await;
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `1,204 of 3,000 repositories, 45,310 images (512/s), 1,200 manifests, 2 min left`.
fn line(seen: Seen, elapsed: Duration) -> String {
    let number = |number: u64, noun: &str| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    if seen.repositories == 0 {
        return "listing the repositories".to_owned();
    }
    let of_all = number(seen.repositories, "repository");
    let seconds = elapsed.as_secs().max(1);
    let line = format!(
        "{} of {of_all}, {} ({}/s), {}",
        seen.recorded,
        number(seen.listed_images, "image"),
        seen.listed_images / seconds,
        number(seen.manifests, "manifest"),
    );
    let left = (seconds * seen.repositories.saturating_sub(seen.recorded)).checked_div(seen.recorded);
    match left {
        None => line,
        Some(left @ 0..120) => format!("{line}, {left} s left"),
        Some(left) => format!("{line}, {} min left", left.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use demurrage_aws::collect::Seen;

    use super::line;

    #[test]
    fn the_line_has_a_rate_and_the_time_left() {
        assert_eq!(line(Seen::default(), Duration::ZERO), "listing the repositories");
        let seen = Seen {
            repositories: 3_000,
            recorded: 1_000,
            listed_images: 51_200,
            recorded_images: 51_000,
            manifests: 1_200,
        };
        assert_eq!(
            line(seen, Duration::from_secs(100)),
            "1000 of 3,000 repositories, 51,200 images (512/s), 1,200 manifests, 4 min left"
        );
        let soon = Seen { recorded: 2_900, ..seen };
        assert!(line(soon, Duration::from_secs(100)).ends_with(", 3 s left"));
    }
}
