//! What stood at each commit in, the life of every finding out.

use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use super::walk::{Stand, Standing, is_below};
use crate::ratchet::matching::{Mark, pair};

/// One finding from its introduction on, through moves, fixes and returns.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// As it stood last.
    pub last: Arc<Stand>,
    /// What happened to it, the oldest first; never empty.
    pub events: Vec<Event>,
}

/// What happened to a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// At which commit, by position in the line.
    pub commit: usize,
    /// What.
    pub kind: Kind,
    /// As it stood then; before the commit, where it does not stand there any more.
    pub stand: Arc<Stand>,
}

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It stood where the line begins, and may be older.
    Found,
    /// It came into being.
    Introduced,
    /// What had been fixed came back.
    Returned,
    /// It is in another file now.
    Moved,
    /// An exemption or an allow in source lets it through from now on.
    Exempted,
    /// What let it through ended or was taken away.
    Refused,
    /// It stands no more, and the code around it is still there.
    Fixed,
    /// It stands no more, and neither does the item around it.
    Removed,
    /// Its file cannot be read any more: whether it stands is not known.
    Unread,
    /// The policy of the commit looks for it no more: whether it stands is not known.
    Off,
    /// It is known again that it stands.
    Seen,
}

/// Whether a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It does, and nothing lets it through.
    Open,
    /// It does, and something lets it through.
    Exempt,
    /// It does not.
    Fixed,
    /// Its file cannot be read.
    Unread,
    /// The policy looks for it no more.
    Off,
}

impl Kind {
    /// Whether a finding of which this happened last stands no more.
    pub fn is_end(self) -> bool {
        matches!(self, Kind::Fixed | Kind::Removed)
    }
}

impl Life {
    /// How it stood at the last commit.
    pub fn state(&self) -> State {
        match self.events.last().map(|event| event.kind) {
            Some(kind) if kind.is_end() => State::Fixed,
            Some(Kind::Unread) => State::Unread,
            Some(Kind::Off) => State::Off,
            _ if self.last.exempt.is_some() => State::Exempt,
            _ => State::Open,
        }
    }

    /// How it stands on a day: what lets it through ends with or without a commit.
    pub fn state_on(&self, day: Date) -> State {
        let last_day = self.last.exempt.as_ref().and_then(|exempt| exempt.expires);
        match self.state() {
            State::Exempt if last_day.is_some_and(|last| last < day) => State::Open,
            state => state,
        }
    }

    fn happened(&mut self, commit: usize, kind: Kind, stand: &Arc<Stand>) {
        self.events.push(Event { commit, kind, stand: stand.clone() });
        self.last = stand.clone();
    }
}

/// The lives of all findings of a line, in the order in which they came. `is_cut` says that what the first
/// commit has may be older.
pub fn lives(standings: &[Standing], is_cut: bool) -> Vec<Life> {
    let mut fold = Fold::default();
    for (commit, standing) in standings.iter().enumerate() {
        fold.step(commit, standing, is_cut && commit == 0);
    }
    fold.lives
}

#[derive(Default)]
struct Fold {
    lives: Vec<Life>,
    /// Those that stand, or may.
    alive: Vec<usize>,
    /// Those that do not, by lint.
    ended: FxHashMap<Arc<str>, Vec<usize>>,
    before: Vec<Arc<Stand>>,
}

impl Fold {
    fn step(&mut self, commit: usize, standing: &Standing, may_be_older: bool) {
        let is_as_before = commit > 0 && self.before == standing.stands;
        let is_settled = |life: &usize| matches!(self.lives[*life].state(), State::Open | State::Exempt);
        if is_as_before && self.alive.iter().all(is_settled) {
            return;
        }
        self.before.clone_from(&standing.stands);
        // What stands as it did needs no search.
        let mut still: FxHashMap<&Arc<Stand>, Vec<usize>> = FxHashMap::default();
        for life in self.alive.iter().rev() {
            still.entry(&self.lives[*life].last).or_default().push(*life);
        }
        let mut kept: Vec<(usize, &Arc<Stand>)> = Vec::new();
        let mut new: Vec<&Arc<Stand>> = Vec::new();
        for stand in &standing.stands {
            match still.get_mut(stand).and_then(Vec::pop) {
                Some(life) => kept.push((life, stand)),
                None => new.push(stand),
            }
        }
        let found: FxHashSet<usize> = kept.iter().map(|(life, _)| *life).collect();
        let old: Vec<usize> = self.alive.iter().copied().filter(|life| !found.contains(life)).collect();
        let marks = |lives: &[usize]| -> Vec<Mark<'_>> {
            lives.iter().map(|life| mark(&self.lives[*life].last)).collect()
        };
        let has_left = |index: usize| standing.left.contains(&self.lives[old[index]].last);
        let pairs = pair(&marks(&old), &new.iter().map(|stand| mark(stand)).collect::<Vec<_>>(), has_left);
        let mut gone = Vec::new();
        let mut taken = vec![false; new.len()];
        for (life, pair) in old.iter().zip(pairs) {
            match pair {
                Some((index, _)) => {
                    taken[index] = true;
                    kept.push((*life, new[index]));
                }
                None => gone.push(*life),
            }
        }
        let mut alive: Vec<usize> = Vec::with_capacity(standing.stands.len());
        for (life, stand) in kept {
            self.goes_on(commit, life, stand);
            alive.push(life);
        }
        for life in gone {
            if self.goes(commit, life, standing) {
                alive.push(life);
            }
        }
        let mut rest: Vec<&Arc<Stand>> = Vec::new();
        rest.extend(new.iter().zip(taken).filter(|(_, taken)| !taken).map(|(stand, _)| *stand));
        alive.extend(self.come(commit, &rest, may_be_older));
        alive.sort_unstable();
        self.alive = alive;
    }

    /// A life whose finding stands at a commit.
    fn goes_on(&mut self, commit: usize, life: usize, stand: &Arc<Stand>) {
        let life = &mut self.lives[life];
        if matches!(life.state(), State::Unread | State::Off) {
            life.happened(commit, Kind::Seen, stand);
        }
        if life.last.file != stand.file {
            life.happened(commit, Kind::Moved, stand);
        }
        match (&life.last.exempt, &stand.exempt) {
            (None, Some(_)) => life.happened(commit, Kind::Exempted, stand),
            (Some(_), None) => life.happened(commit, Kind::Refused, stand),
            _ => life.last = stand.clone(),
        }
    }

    /// A life whose finding is not among those of a commit. Says whether it may stand all the same.
    fn goes(&mut self, commit: usize, life: usize, standing: &Standing) -> bool {
        let last = self.lives[life].last.clone();
        let state = self.lives[life].state();
        let kind = if standing.unread.iter().any(|path| is_below(&last.file, path)) {
            Kind::Unread
        } else if standing.silenced.contains(&last) {
            Kind::Off
        } else if standing.left.contains(&last) {
            Kind::Removed
        } else {
            Kind::Fixed
        };
        let is_told = matches!((kind, state), (Kind::Unread, State::Unread) | (Kind::Off, State::Off));
        if !is_told {
            self.lives[life].happened(commit, kind, &last);
        }
        if kind.is_end() {
            self.ended.entry(last.lint.clone()).or_default().push(life);
        }
        !kind.is_end()
    }

    /// Findings that did not stand before: what had been fixed, or what is new.
    fn come(&mut self, commit: usize, stands: &[&Arc<Stand>], may_be_older: bool) -> Vec<usize> {
        let like = |life: &usize| {
            let Life { last, events } = &self.lives[*life];
            // What ends here was compared with what stands here already.
            let ended_before = events.last().is_some_and(|event| event.commit < commit);
            ended_before
                && stands.iter().any(|stand| {
                    let same_place = stand.file == last.file && stand.item == last.item;
                    stand.lint == last.lint && (stand.tokens == last.tokens || same_place)
                })
        };
        let lints: FxHashSet<&Arc<str>> = stands.iter().map(|stand| &stand.lint).collect();
        let ended = lints.into_iter().filter_map(|lint| self.ended.get(lint)).flatten();
        let mut ended: Vec<usize> = ended.copied().filter(like).collect();
        // What ended last is what came back.
        ended.sort_unstable_by_key(|life| {
            std::cmp::Reverse(self.lives[*life].events.last().map(|e| e.commit))
        });
        let marks: Vec<Mark<'_>> = ended.iter().map(|life| mark(&self.lives[*life].last)).collect();
        let new: Vec<Mark<'_>> = stands.iter().map(|stand| mark(stand)).collect();
        // What ended is gone from wherever it was.
        let pairs = pair(&marks, &new, |_| true);
        let mut came = vec![None; stands.len()];
        for (life, pair) in ended.iter().zip(pairs) {
            if let Some((index, _)) = pair {
                came[index] = Some(*life);
            }
        }
        let mut alive = Vec::new();
        for (stand, life) in stands.iter().zip(came) {
            match life {
                Some(life) => {
                    self.lives[life].happened(commit, Kind::Returned, stand);
                    if let Some(ended) = self.ended.get_mut(&stand.lint) {
                        ended.retain(|other| *other != life);
                    }
                    alive.push(life);
                }
                None => {
                    let kind = if may_be_older { Kind::Found } else { Kind::Introduced };
                    let event = Event { commit, kind, stand: (*stand).clone() };
                    alive.push(self.lives.len());
                    self.lives.push(Life { last: (*stand).clone(), events: vec![event] });
                }
            }
        }
        alive
    }
}

fn mark(stand: &Stand) -> Mark<'_> {
    Mark {
        lint: &stand.lint,
        package: &stand.package,
        file: &stand.file,
        item: &stand.item,
        tokens: &stand.tokens,
        id: &stand.id,
    }
}

#[cfg(test)]
mod tests {
    use durable_lints::lint::Level;
    use expect_test::{Expect, expect};

    use super::super::walk::Exempt;
    use super::*;

    /// One commit a line, its findings as `lint file item tokens`, with `exempt` behind where one is let
    /// through, divided by `;`. Behind a `|` stands `unread FILE`, or `left` and `off` for all that is gone.
    fn standings(text: &str) -> Vec<Standing> {
        let mut before: Vec<Arc<Stand>> = Vec::new();
        let mut all = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (findings, around) = line.split_once('|').unwrap_or((line, ""));
            let stand = |finding: &str| {
                let words: Vec<&str> = finding.split_whitespace().collect();
                let exempt = Exempt { expires: None };
                Arc::new(Stand {
                    lint: words[0].into(),
                    level: Level::Deny,
                    package: "app".into(),
                    file: words[1].into(),
                    line: 1,
                    item: words[2].into(),
                    tokens: words[3].into(),
                    id: format!("{} {}", words[2], words[3]).into(),
                    owner: None,
                    exempt: words.get(4).map(|_| exempt),
                })
            };
            let stands = findings.split(';').filter(|text| !text.trim().is_empty() && text.trim() != "-");
            let stands: Vec<Arc<Stand>> = stands.map(stand).collect();
            let gone = || before.iter().filter(|stand| !stands.contains(stand)).cloned().collect();
            let is = |word| around.trim() == word;
            all.push(Standing {
                left: if is("left") { gone() } else { FxHashSet::default() },
                silenced: if is("off") { gone() } else { FxHashSet::default() },
                unread: around.trim().strip_prefix("unread ").map(Arc::from).into_iter().collect(),
                packages: Arc::from([]),
                stands: stands.clone(),
            });
            before = stands;
        }
        all
    }

    #[expect(clippy::needless_pass_by_value, reason = "as `expect!` gives it")]
    fn check(text: &str, expected: Expect) {
        let mut said = String::new();
        for life in lives(&standings(text), false) {
            let events = life.events.iter().map(|event| format!("{:?} at {}", event.kind, event.commit));
            let events: Vec<String> = events.collect();
            said += &format!("{}: {} ({:?})\n", life.last.item, events.join(", "), life.state());
        }
        expected.assert_eq(&said);
    }

    #[test]
    fn what_was_fixed_and_comes_back_is_the_same_finding() {
        check(
            "
            tls a.rs f t1-p1
            -
            tls a.rs f t1-p1
            tls a.rs f t1-p1; tls a.rs g t1-p1
            tls a.rs g t1-p1
            ",
            expect![[r#"
                f: Introduced at 0, Fixed at 1, Returned at 2, Fixed at 4 (Fixed)
                g: Introduced at 3 (Open)
            "#]],
        );
    }

    #[test]
    fn it_comes_back_edited_elsewhere_or_as_another_one() {
        check(
            "
            tls a.rs f t1-p1; tls a.rs g t2-p2
            -
            tls a.rs f t9-p1; tls b.rs g t2-p2
            tls a.rs f t9-p1; tls b.rs g t2-p2; tls a.rs f t8-p8
            ",
            expect![[r#"
                f: Introduced at 0, Fixed at 1, Returned at 2 (Open)
                g: Introduced at 0, Fixed at 1, Returned at 2 (Open)
                f: Introduced at 3 (Open)
            "#]],
        );
    }

    #[test]
    fn what_moves_lives_on_and_a_copy_is_new() {
        check(
            "
            tls a.rs f t1-p1
            tls b.rs f t1-p1 | left
            tls b.rs f t1-p1; tls c.rs f t1-p1
            ",
            expect![[r#"
                f: Introduced at 0, Moved at 1 (Open)
                f: Introduced at 2 (Open)
            "#]],
        );
    }

    #[test]
    fn what_goes_with_its_item_is_removed() {
        check(
            "
            tls a.rs f t1-p1
            - | left
            ",
            expect![[r#"
                f: Introduced at 0, Removed at 1 (Fixed)
            "#]],
        );
    }

    #[test]
    fn what_is_not_looked_at_is_neither_fixed_nor_new_again() {
        check(
            "
            tls a.rs f t1-p1; sql b.rs g t2-p2
            sql b.rs g t2-p2 | unread a.rs
            sql b.rs g t2-p2 | unread a.rs
            tls a.rs f t1-p1 | off
            tls a.rs f t1-p1; sql b.rs g t2-p2
            - | unread .
            ",
            expect![[r#"
                f: Introduced at 0, Unread at 1, Seen at 3, Unread at 5 (Unread)
                g: Introduced at 0, Off at 3, Seen at 4, Unread at 5 (Unread)
            "#]],
        );
    }

    #[test]
    fn what_goes_does_not_come_back_in_the_same_commit() {
        check(
            "
            tls a.rs m::f t1-p1
            tls b.rs f t1-p1
            ",
            expect![[r#"
                m::f: Introduced at 0, Fixed at 1 (Fixed)
                f: Introduced at 1 (Open)
            "#]],
        );
    }

    #[test]
    fn what_is_let_through_stands() {
        check(
            "
            tls a.rs f t1-p1
            tls a.rs f t1-p1 exempt
            tls a.rs f t1-p1
            tls a.rs f t1-p1 exempt
            -
            ",
            expect![[r#"
                f: Introduced at 0, Exempted at 1, Refused at 2, Exempted at 3, Fixed at 4 (Fixed)
            "#]],
        );
    }

    #[test]
    fn what_a_cut_line_begins_with_may_be_older() {
        let found = lives(&standings("tls a.rs f t1-p1\ntls a.rs f t1-p1; tls a.rs g t1-p1"), true);
        let kinds: Vec<Kind> = found.iter().map(|life| life.events[0].kind).collect();
        assert_eq!(kinds, [Kind::Found, Kind::Introduced]);
    }
}
