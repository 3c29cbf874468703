//! Levels that a call sets, over those of the policy: `-D LINT` and its like.

use durable_lints::lint::{Level, Lint};

use super::{Decision, Place, Policy, PolicyError, Profile};

/// One level of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The lint or group, as lints are named.
    pub name: String,
    /// Its level.
    pub level: Level,
}

impl Set {
    fn means(&self, lint: &Lint) -> bool {
        [lint.name, lint.group].contains(&self.name.as_str())
    }
}

/// Who decided about a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// The lint itself: nobody has.
    Lint,
    /// An entry of the policy that leaves the file out.
    Excluded(&'a Place),
    /// An entry of the policy.
    Policy(&'a Place),
    /// An option of the command line.
    Call(&'a Set),
    /// The profile.
    Profile(Profile),
}

impl Policy {
    /// Sets levels for this call, in the order given: the last one that means a lint counts, but a
    /// `forbid` stays. What the policy forbids stays so too, in the files where it does; to ask for
    /// less of a lint by its name, or of a group that is forbidden as a whole, is an error.
    ///
    /// # Errors
    /// Where the policy forbids what is asked for, with the place that does.
    pub fn set(&mut self, levels: &[Set]) -> Result<(), PolicyError> {
        for set in levels.iter().filter(|set| set.level < Level::Deny) {
            let meant = || self.decisions.iter().filter(|decision| set.means(decision.lint));
            if let Some(place) = meant().next().and_then(Decision::forbidden_at)
                && meant().all(|decision| decision.forbidden_at().is_some())
            {
                let file = camino::Utf8Path::new(&*place.file);
                let message = format!(
                    "`{}` is forbidden here, and the command line cannot lower it to {}",
                    set.name, set.level
                );
                let error = PolicyError::new(file, message).at(&place.text, place.span.start as usize);
                return Err(error.help("leave the option out, or change the policy"));
            }
        }
        for decision in &mut self.decisions {
            let mut meant = levels.iter().filter(|set| set.means(decision.lint));
            let forbid = meant.clone().find(|set| set.level == Level::Forbid);
            decision.call = forbid.or_else(|| meant.next_back()).cloned();
        }
        Ok(())
    }

    /// The level of a lint in a file under a profile, and who decided about it.
    pub fn decide(&self, profile: Profile, lint: &Lint, path: &str) -> (Level, Origin<'_>) {
        let (level, origin) = self.decide_by_files(lint, path);
        let excluded = matches!(origin, Origin::Excluded(_));
        // Files that the policy leaves out stay out: they are not the project's own.
        if level == Level::Forbid || excluded {
            return (level, origin);
        }
        match self.decision(lint).and_then(|decision| decision.call.as_ref()) {
            Some(set) => (set.level, Origin::Call(set)),
            None if profile == Profile::Strict && level < Level::Deny => {
                (Level::Deny, Origin::Profile(profile))
            }
            None => (level, origin),
        }
    }

    /// What the policy's files say, whatever a call asks for.
    pub(super) fn decide_by_files(&self, lint: &Lint, path: &str) -> (Level, Origin<'_>) {
        let Some(decision) = self.decision(lint) else { return (lint.level, Origin::Lint) };
        let forbids = |floor: &&super::Rule| floor.speaks_of(path) && !floor.exclude.contains(path);
        if let Some(floor) = decision.floors.iter().find(forbids) {
            return (Level::Forbid, Origin::Policy(&floor.place));
        }
        for rule in decision.rules.iter().filter(|rule| rule.speaks_of(path)) {
            if rule.exclude.contains(path) {
                return (Level::Allow, Origin::Excluded(&rule.place));
            }
            if let Some(level) = rule.level {
                return (level, Origin::Policy(&rule.place));
            }
        }
        (lint.level, Origin::Lint)
    }
}

impl Decision {
    /// Where the lint is forbidden, at least in some files.
    pub(super) fn forbidden_at(&self) -> Option<&Place> {
        let rules = self.floors.iter().chain(&self.rules);
        rules.into_iter().find(|rule| rule.level == Some(Level::Forbid)).map(|rule| &rule.place)
    }
}
