//! How far a long run has come, on a terminal's standard error.

use durable_lints::engine::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt;

/// Shorter runs leave nobody wondering.
const WONDERS_AFTER_MS: u128 = 500;

/// A bar.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that says what is done to what: `Checking`, `packages`.
    pub fn new(verb: &str, what: &str) -> Bar {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
        let style = ProgressStyle::with_template(&format!("    {verb} [{{bar:27}}] {{pos}}/{{len}} {what}"));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        Bar(bar)
    }

    /// So much of so much is done.
    pub fn done(&self, done: usize, of: usize) {
        if of > 1 && self.0.elapsed().as_millis() > WONDERS_AFTER_MS {
            self.0.set_length(of as u64);
            self.0.set_position(done as u64);
        }
    }

    /// Takes it off the terminal.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn packages(&self, done: usize, of: usize) {
        self.done(done, of);
    }

    fn cancelled(&self) -> bool {
        interrupt::happened()
    }
}
