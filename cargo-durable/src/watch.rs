//! How long the steps of a run take, for `--verbose`.

use std::time::{Duration, Instant};

/// The steps so far, each with its time.
#[derive(Clone, Debug)]
pub struct Watch {
    last: Instant,
    /// What was done, and how long it took.
    pub steps: Vec<(String, Duration)>,
}

impl Watch {
    /// Starts the first step.
    pub fn start() -> Watch {
        Watch { last: Instant::now(), steps: Vec::new() }
    }

    /// Ends a step and starts the next.
    pub fn lap(&mut self, what: impl Into<String>) {
        let now = Instant::now();
        self.steps.push((what.into(), now - self.last));
        self.last = now;
    }
}
