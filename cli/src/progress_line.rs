//! How far a collection is: a line that changes on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use demurrage_aws::Watch;
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

/// Shows the progress of the collection of this name until it is ended, and how its calls fare.
pub(crate) fn show(name: &str, progress: Progress, watch: Watch) -> Shown {
    let name = name.to_owned();
    let bar = (std::io::stderr().is_terminal() && !talk::is_quiet()).then(|| {
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
            let line = format!("{name}: {}", line(progress.seen(), Calls::of(&watch), began.elapsed()));
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

/// How the calls fared so far: what was throttled, or got no answer, is repeated.
#[derive(Debug, Clone, Copy, Default)]
struct Calls {
    throttled: u64,
    failed: u64,
}

impl Calls {
    fn of(watch: &Watch) -> Self {
        watch.tallies().values().fold(Self::default(), |all, tally| Self {
            throttled: all.throttled + tally.throttled,
            failed: all.failed + tally.failed,
        })
    }
}

fn number(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// `1,204 of 3,000 repositories, 45,310 images (512 images/s), 1,200 manifests, 2 min left`.
fn line(seen: Seen, calls: Calls, elapsed: Duration) -> String {
    let mut parts = Vec::new();
    if seen.repositories == 0 {
        parts.push("listing the repositories".to_owned());
    } else {
        let seconds = elapsed.as_secs().max(1);
        let recorded = number(seen.recorded, "repository");
        let recorded = recorded.split(' ').next().unwrap_or_default();
        parts.push(format!("{recorded} of {}", number(seen.repositories, "repository")));
        let rate = number(seen.listed_images / seconds, "image");
        parts.push(format!("{} ({rate}/s)", number(seen.listed_images, "image")));
        parts.push(number(seen.manifests, "manifest"));
        parts.extend(left(seen, seconds));
    }
    if calls.throttled != 0 {
        parts.push(format!("{} throttled", number(calls.throttled, "call")));
    }
    if calls.failed != 0 {
        parts.push(format!("{} failed", number(calls.failed, "call")));
    }
    parts.join(", ")
}

/// The time left, by images: repositories are of all sizes, and the largest decide.
fn left(seen: Seen, seconds: u64) -> Option<String> {
    // Where no manifest is read, an image is done with when it is listed.
    let done = match seen.manifests {
        0 => seen.listed_images,
        manifests => manifests.max(seen.recorded_images),
    };
    // So many there are if the repositories to come are like those before, and what is listed at the least.
    let expected =
        seen.recorded_images.saturating_mul(seen.repositories).checked_div(seen.recorded).unwrap_or_default();
    let to_do = expected.max(seen.listed_images).saturating_sub(done);
    let left = seconds.saturating_mul(to_do).checked_div(done).filter(|&left| left != 0)?;
    let time = if left < 120 { format!("{left} s") } else { format!("{} min", left.div_ceil(60)) };
    let bound = if seen.recorded == 0 { "at least " } else { "" };
    Some(format!("{bound}{time} left"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use demurrage_aws::collect::Seen;

    use super::{Calls, line};

    const UNTROUBLED: Calls = Calls { throttled: 0, failed: 0 };

    fn seen() -> Seen {
        Seen {
            repositories: 3_000,
            recorded: 1_000,
            listed_images: 512_000,
            recorded_images: 510_000,
            manifests: 0,
        }
    }

    #[test]
    fn the_line_has_a_rate_and_the_time_left_and_groups_its_numbers() {
        assert_eq!(line(Seen::default(), UNTROUBLED, Duration::ZERO), "listing the repositories");
        assert_eq!(
            line(seen(), UNTROUBLED, Duration::from_secs(100)),
            "1,000 of 3,000 repositories, 512,000 images (5,120 images/s), 0 manifests, 4 min left"
        );
        let soon = Seen { recorded: 2_990, listed_images: 1_490_000, recorded_images: 1_480_000, ..seen() };
        assert!(
            !line(soon, UNTROUBLED, Duration::from_secs(100)).contains("left"),
            "less than a second is none"
        );
    }

    #[test]
    fn one_large_repository_has_a_time_left_before_it_is_recorded() {
        let seen = Seen {
            repositories: 1,
            recorded: 0,
            listed_images: 100_000,
            recorded_images: 0,
            manifests: 25_000,
        };
        assert_eq!(
            line(seen, UNTROUBLED, Duration::from_secs(20)),
            "0 of 1 repository, 100,000 images (5,000 images/s), 25,000 manifests, at least 60 s left"
        );
    }

    #[test]
    fn images_that_are_listed_ahead_of_what_is_recorded_count_as_done() {
        // Nine tenths are listed, though only one of eighteen equal repositories is recorded.
        let seen = Seen {
            repositories: 18,
            recorded: 1,
            listed_images: 486_000,
            recorded_images: 30_000,
            manifests: 0,
        };
        assert!(line(seen, UNTROUBLED, Duration::from_secs(90)).ends_with(", 10 s left"));
    }

    #[test]
    fn calls_that_are_throttled_or_fail_are_told() {
        let calls = Calls { throttled: 1_400, failed: 1 };
        assert_eq!(
            line(Seen::default(), calls, Duration::from_secs(100)),
            "listing the repositories, 1,400 calls throttled, 1 call failed"
        );
        assert!(
            line(seen(), calls, Duration::from_secs(100))
                .ends_with("left, 1,400 calls throttled, 1 call failed")
        );
    }
}
