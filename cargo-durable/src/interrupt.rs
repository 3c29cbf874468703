//! Ctrl-C: what is done is kept, what is half made goes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// As a shell says it of what SIGINT ended.
const INTERRUPTED: i32 = 130;

static HAPPENED: AtomicBool = AtomicBool::new(false);
static ENDS_AT_ONCE: AtomicBool = AtomicBool::new(false);
/// The folder that is half made. Whoever changes something in it holds the lock.
static HALF_MADE: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Lets the first Ctrl-C end the run in order: what is done is kept, the rest is told as not
/// checked. A second one ends it at once, as everywhere.
pub fn end_in_order() {
    // Where no handler can be set, Ctrl-C does what it always does.
    let _ = ctrlc::set_handler(|| {
        if HAPPENED.swap(true, Ordering::Relaxed) || ENDS_AT_ONCE.load(Ordering::Relaxed) {
            // Held until the process has ended, so that nothing is written after this.
            let folder = half_made();
            if let Some(folder) = &*folder {
                let _ = std::fs::remove_dir_all(folder);
            }
            std::process::exit(INTERRUPTED);
        }
    });
}

/// Lets the first Ctrl-C end the run at once: for what has no part that could be kept.
pub fn end_at_once() {
    ENDS_AT_ONCE.store(true, Ordering::Relaxed);
}

/// Whether the run is to end.
pub fn happened() -> bool {
    HAPPENED.load(Ordering::Relaxed)
}

fn half_made() -> MutexGuard<'static, Option<PathBuf>> {
    HALF_MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that an interrupt removes.
pub struct HalfMade(());

impl HalfMade {
    /// Makes a folder, and lets an interrupt remove it from then on.
    ///
    /// # Errors
    /// What the making says.
    pub fn make<T: AsRef<Path>, E>(make: impl FnOnce() -> Result<T, E>) -> Result<(HalfMade, T), E> {
        let mut folder = half_made();
        let made = make()?;
        *folder = Some(made.as_ref().to_owned());
        Ok((HalfMade(()), made))
    }

    /// Changes something in it, which an interrupt waits for.
    pub fn change<T>(&self, change: impl FnOnce() -> T) -> T {
        let _folder = half_made();
        change()
    }

    /// Changes something in it, after which it is whole unless that failed.
    ///
    /// # Errors
    /// What the change says.
    pub fn finish<E>(self, change: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let mut folder = half_made();
        change()?;
        *folder = None;
        Ok(())
    }
}
