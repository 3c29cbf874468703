//! A tree that was looked at, and its exemptions, which nobody else changes meanwhile.

use anyhow::{Context as _, Result};

use crate::analysis::{Analysis, analyse};
use crate::cli::Selection;
use crate::judge::Case;
use crate::ratchet::Lock;
use crate::write::Hold;

/// What the commands that change `durable.lock` begin with.
pub struct Session<'s> {
    /// What was found.
    pub analysis: Analysis,
    /// The exemptions that there are.
    pub lock: Lock,
    selection: &'s Selection,
    hold: Hold,
}

impl<'s> Session<'s> {
    /// Looks at what is selected and reads its exemptions.
    ///
    /// # Errors
    /// Where it cannot be looked at, or somebody else is about to change the exemptions and does not end.
    pub fn open(selection: &'s Selection) -> Result<Session<'s>> {
        let analysis = analyse(selection)?;
        // What others let through meanwhile stays: nobody else writes from here on.
        let hold = Hold::of(&analysis.root)?;
        let lock = Lock::load(&analysis.root)?;
        Ok(Session { analysis, lock, selection, hold })
    }

    /// What the report is judged by.
    pub fn case(&self) -> Case<'_> {
        self.analysis.case(&self.lock, self.selection)
    }

    /// Writes `durable.lock`.
    ///
    /// # Errors
    /// Where that is not possible; then it is as it was.
    pub fn save(&self, lock: &Lock) -> Result<()> {
        lock.save(&self.hold).context("durable.lock is left alone")
    }
}
