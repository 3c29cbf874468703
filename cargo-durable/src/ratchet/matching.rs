//! Old to new, one to one: what moved or was edited is known again; what is ambiguous is new.

use std::collections::BTreeMap;

use durable_lints::finding::Finding;

use super::Exemption;

/// What a finding, or an exemption from one, is known by.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    /// The lint.
    pub lint: &'a str,
    /// The package; empty where there is none.
    pub package: &'a str,
    /// The file.
    pub file: &'a str,
    /// The item around the place.
    pub item: &'a str,
    /// The hashes of the tokens of the statement and of the place in it; empty where they are not
    /// known.
    pub tokens: &'a str,
    /// The identity.
    pub id: &'a str,
}

impl<'a> Mark<'a> {
    /// The hash of the place in the statement: another place is another mistake, which an exemption
    /// for the first does not cover once that is mended.
    fn place(&self) -> &'a str {
        self.tokens.split_once('-').map_or("", |(_, place)| place)
    }

    /// Whether both say the same of themselves.
    pub fn agrees_with(&self, other: &Mark<'_>) -> bool {
        let all = |mark: &Mark<'_>| {
            [mark.lint, mark.package, mark.file, mark.item, mark.tokens, mark.id].map(str::to_owned)
        };
        all(self) == all(other)
    }
}

impl<'a> From<&'a Finding> for Mark<'a> {
    fn from(finding: &'a Finding) -> Mark<'a> {
        Mark {
            lint: finding.lint.name,
            package: finding.package.as_deref().unwrap_or(""),
            file: &finding.file,
            item: &finding.item,
            tokens: &finding.tokens,
            id: &finding.id,
        }
    }
}

impl<'a> From<&'a Exemption> for Mark<'a> {
    fn from(exemption: &'a Exemption) -> Mark<'a> {
        Mark {
            lint: &exemption.lint,
            package: &exemption.package,
            file: &exemption.at,
            item: &exemption.item,
            tokens: &exemption.tokens,
            id: &exemption.id,
        }
    }
}

/// How sure it is that an old mark and a new one are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// They agree in everything.
    Exact,
    /// The same statement in the same item of the same file; its package was renamed, or its place
    /// among equals is another.
    InPlace,
    /// The same statement in an item of the same name elsewhere, where the old item is gone.
    Moved,
    /// Another statement around the same place in the same item of the same file.
    Edited,
}

/// What two marks have to agree in at one step; `None` leaves a mark out of it.
type Key<'a> = Option<[&'a str; 6]>;

/// What a mark is known by at one step.
type KeyOf = for<'a> fn(&Mark<'a>) -> Key<'a>;

/// The steps, the surest first. Of the moves, what agrees in more is paired before what agrees in
/// less, so that a renamed module does not make its equal statements ambiguous.
const STEPS: [(Step, KeyOf); 5] = [
    (Step::Exact, |mark| Some([mark.id, mark.lint, mark.package, mark.file, mark.item, mark.tokens])),
    (Step::InPlace, |mark| known(mark, mark.item, mark.file)),
    (Step::Moved, |mark| known(mark, mark.item, "")),
    (Step::Moved, |mark| known(mark, mark.item.rsplit("::").next().unwrap_or(""), "")),
    // Outside any item nothing tells an edit from one mistake mended and another made.
    (Step::Edited, |mark| {
        (!mark.item.is_empty()).then_some([mark.lint, mark.package, mark.file, mark.item, mark.place(), ""])
    }),
];

fn known<'a>(mark: &Mark<'a>, item: &'a str, file: &'a str) -> Key<'a> {
    (!mark.tokens.is_empty()).then_some([mark.lint, mark.tokens, item, file, "", ""])
}

/// For each old mark the new one that it has become, by position, and how sure that is. No two share
/// one. `left` tells whether an old mark's item is gone from where it was: only then it can have
/// moved, and what is still there and has no such finding was mended.
pub fn pair(old: &[Mark<'_>], new: &[Mark<'_>], left: impl Fn(usize) -> bool) -> Vec<Option<(usize, Step)>> {
    let mut pairs = vec![None; old.len()];
    if old.is_empty() {
        return pairs;
    }
    let mut taken = vec![false; new.len()];
    for (step, key) in STEPS {
        let mut groups: BTreeMap<[&str; 6], (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (index, mark) in old.iter().enumerate().filter(|(index, _)| pairs[*index].is_none()) {
            if let Some(key) = key(mark).filter(|_| step != Step::Moved || left(index)) {
                groups.entry(key).or_default().0.push(index);
            }
        }
        for (index, mark) in new.iter().enumerate().filter(|(index, _)| !taken[*index]) {
            if let Some((_, to)) = key(mark).and_then(|key| groups.get_mut(&key)) {
                to.push(index);
            }
        }
        for (from, to) in groups.into_values() {
            // What agrees in everything, or as many equal statements in the same item as before,
            // cannot be told apart and need not be. Anything else that is not one to one is ambiguous.
            let equals = step == Step::Exact || from.len() == to.len() && same_item(&from, &to, old, new);
            if equals || (from.len() == 1 && to.len() == 1) {
                for (from, to) in from.into_iter().zip(to) {
                    pairs[from] = Some((to, step));
                    taken[to] = true;
                }
            }
        }
    }
    pairs
}

/// Whether some marks are equal statements of one item, and so are others.
fn same_item(from: &[usize], to: &[usize], old: &[Mark<'_>], new: &[Mark<'_>]) -> bool {
    let place = |mark: &Mark<'_>| (mark.item.to_owned(), mark.file.to_owned(), mark.tokens.to_owned());
    let one = |mut places: Vec<_>| {
        places.dedup();
        places.len() == 1
    };
    one(from.iter().map(|at| place(&old[*at])).collect())
        && one(to.iter().map(|at| place(&new[*at])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `lint package file item tokens id`, one a line.
    fn marks(text: &str) -> Vec<Mark<'_>> {
        text.lines()
            .map(|line| {
                let mut words = line.split_whitespace().map(|word| word.trim_matches('-'));
                let mut next = || words.next().unwrap_or("");
                Mark { lint: next(), package: next(), file: next(), item: next(), tokens: next(), id: next() }
            })
            .collect()
    }

    fn paired(old: &str, new: &str) -> Vec<Option<usize>> {
        pair(&marks(old), &marks(new), |_| true).into_iter().map(|pair| Some(pair?.0)).collect()
    }

    const OLD: &str = "pin app src/a.rs a::f t1 id1";

    #[test]
    fn shifted_lines_and_reformatting_keep_the_identity() {
        assert_eq!(paired(OLD, "pin app src/a.rs a::f t1 id1"), [Some(0)]);
    }

    #[test]
    fn an_item_moved_to_another_file_is_known_by_its_tokens() {
        assert_eq!(paired(OLD, "pin app src/b.rs b::f t1 id9"), [Some(0)]);
    }

    #[test]
    fn a_renamed_file_with_equal_statements_is_known_by_its_items() {
        let old = "pin app src/a.rs a::f t1 id1\npin app src/a.rs a::g t1 id2";
        let new = "pin app src/b.rs b::g t1 id8\npin app src/b.rs b::f t1 id9";
        assert_eq!(paired(old, new), [Some(1), Some(0)]);
    }

    #[test]
    fn a_renamed_package_keeps_equal_statements_of_one_item() {
        let old = "pin app src/a.rs a::f t1 id1\npin app src/a.rs a::f t1 id2";
        let new = "pin web src/a.rs a::f t1 id8\npin web src/a.rs a::f t1 id9";
        assert_eq!(paired(old, new), [Some(0), Some(1)]);
    }

    #[test]
    fn the_same_statement_edited_is_known_by_its_item() {
        assert_eq!(paired(OLD, "pin app src/a.rs a::f t2 id9"), [Some(0)]);
        assert_eq!(paired("pin - Cargo.toml - t1 id1", "pin - b/Cargo.toml - t2 id9"), [None]);
        assert_eq!(paired("pin - Cargo.toml - t1 id1", "pin - Cargo.toml - t2 id9"), [None]);
        assert_eq!(paired("pin - Cargo.toml dep t1 id1", "pin - Cargo.toml dep t2 id9"), [Some(0)]);
    }

    #[test]
    fn another_mistake_in_the_same_item_is_new() {
        let old = "pin app src/a.rs a::f t1-p1 id1";
        assert_eq!(paired(old, "pin app src/a.rs a::f t2-p1 id9"), [Some(0)]);
        assert_eq!(paired(old, "pin app src/a.rs a::f t2-p2 id9"), [None]);
        assert_eq!(paired(old, "pin app src/a.rs a::f t1-p2 id9"), [None]);
    }

    #[test]
    fn what_is_still_there_has_not_moved() {
        let moved = "pin app src/b.rs b::f t1 id9";
        assert_eq!(pair(&marks(OLD), &marks(moved), |_| false), [None]);
        assert_eq!(pair(&marks(OLD), &marks(moved), |_| true), [Some((0, Step::Moved))]);
        assert_eq!(paired(OLD, "pin app src/b.rs b::g t1 id9"), [None], "another name");
    }

    #[test]
    fn an_identity_alone_is_no_agreement() {
        for new in [
            "hash app src/a.rs a::f t1 id1",
            "pin app src/a.rs a::g t2 id1",
            "pin app src/a.rs a::g t1 id1",
            "pin web src/b.rs a::g t1 id1",
        ] {
            assert_eq!(paired(OLD, new), [None], "{new}");
        }
    }

    #[test]
    fn one_finding_swapped_for_another_is_one_gone_and_one_new() {
        assert_eq!(paired(OLD, "pin app src/a.rs a::g t2 id9"), [None]);
        assert_eq!(paired(OLD, "hash app src/a.rs a::f t1 id9"), [None]);
    }

    #[test]
    fn two_candidates_for_one_exemption_are_both_new() {
        let moved = "pin app src/b.rs b::x t1 id8\npin app src/b.rs b::y t1 id9";
        assert_eq!(paired(OLD, moved), [None]);
        let edited = "pin app src/a.rs a::f t2 id8\npin app src/a.rs a::f t3 id9";
        assert_eq!(paired(OLD, edited), [None]);
    }

    #[test]
    fn a_copy_does_not_share_the_exemption_of_its_origin() {
        let new = "pin app src/a.rs a::f t1 id1\npin app src/b.rs b::f t1 id9";
        assert_eq!(paired(OLD, new), [Some(0)]);
        assert_eq!(paired(&format!("{OLD}\n{OLD}"), new), [Some(0), Some(1)]);
    }
}
