//! One call of a function: how long it may take, and how much memory it has.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// What a function knows of the call that it serves.
#[derive(Debug, Clone)]
pub struct Call {
    began: Instant,
    deadline: Instant,
    /// A name that no other attempt has.
    pub attempt: String,
    /// The memory of the function.
    pub memory_bytes: u64,
}

impl Call {
    /// A call that begins now and has to be over at this time.
    pub fn new(deadline: SystemTime, attempt: impl Into<String>, memory_bytes: u64) -> Self {
        let began = Instant::now();
        let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
        Self { began, deadline: began + left, attempt: attempt.into(), memory_bytes }
    }

    /// The moment at which so much of the time is gone.
    pub fn after_percent(&self, percent: u32) -> Instant {
        self.began + (self.deadline - self.began) * percent.min(100) / 100
    }

    /// Whether so much of the time is gone.
    pub fn is_gone(&self, percent: u32) -> bool {
        self.after_percent(percent) <= Instant::now()
    }

    /// How long it has taken so far.
    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::Call;

    #[test]
    fn the_time_is_divided_by_what_is_left_at_the_beginning() {
        let call = Call::new(SystemTime::now() + Duration::from_mins(10), "a", 1);
        let half = call.after_percent(50) - call.after_percent(0);
        assert!(Duration::from_secs(299) <= half && half <= Duration::from_mins(5), "{half:?}");
        assert!(!call.is_gone(50));
        assert!(call.is_gone(0));
    }

    #[test]
    fn of_a_call_whose_time_is_up_all_is_gone() {
        let call = Call::new(SystemTime::now() - Duration::from_secs(5), "a", 1);
        assert!(call.is_gone(100));
    }
}
