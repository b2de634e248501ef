//! What a test can set: how long things take and what is asked of pushes.

use chrono::TimeDelta;

/// How the server behaves where AWS leaves it open or takes its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long an image is on its way back from the archive, on the server's clock. AWS: up to 20 minutes.
    pub activating: TimeDelta,
    /// How long a preview is in progress: until the server's clock or the machine's has gone on by this.
    pub preview: TimeDelta,
    /// How long the result of a preview stays, on the server's clock. AWS does not say.
    pub preview_expiry: TimeDelta,
    /// Whether a pushed manifest's layers have to be in the repository. AWS: yes.
    pub layers_required: bool,
    /// Whether lifecycle runs make events. AWS does not say.
    pub lifecycle_events: bool,
    /// How many bytes of layers are held in memory at most.
    pub layers_held_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            activating: TimeDelta::minutes(10),
            preview: TimeDelta::seconds(1),
            preview_expiry: TimeDelta::hours(24),
            layers_required: true,
            lifecycle_events: true,
            layers_held_bytes: 1 << 30,
        }
    }
}
