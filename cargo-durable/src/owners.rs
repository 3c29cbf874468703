//! Who answers for what. There is one answer, whoever asks: an item's own attribute comes before that of
//! the `impl` or module around it, then what the file says, the policy's `paths`, and the package. Each
//! field goes its own way: an item that names a control keeps the owner of its module.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use durable_lints::report::{Report, Said, Tag, TagScope};
use rayon::prelude::*;

use crate::policy::{Owner, Policy, position};

/// What source and manifests say, found by file.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    all: Vec<Tag>,
    /// Those of each file, by where what they are about begins.
    by_file: BTreeMap<Arc<str>, Vec<Node>>,
    /// The folders of the packages, each with the position of what its manifest says, sorted.
    packages: BTreeMap<Arc<str>, Option<usize>>,
}

/// A tag in its file.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// By position in [`Tags::all`].
    tag: usize,
    /// The one around it, by position in its file.
    around: Option<usize>,
}

impl Tags {
    /// The tags of a report.
    pub fn of(report: &Report) -> Tags {
        let all = report.tags.clone();
        let mut by_file: BTreeMap<Arc<str>, Vec<Node>> = BTreeMap::new();
        let mut packages: BTreeMap<Arc<str>, Option<usize>> =
            report.packages.iter().map(|folder| (folder.clone(), None)).collect();
        for (index, tag) in all.iter().enumerate() {
            match tag.scope {
                TagScope::Package => {
                    packages.insert(folder_of(&tag.file).into(), Some(index));
                }
                _ => by_file.entry(tag.file.clone()).or_default().push(Node { tag: index, around: None }),
            }
        }
        by_file.values_mut().for_each(|nodes| nest(&all, nodes));
        Tags { all, by_file, packages }
    }

    /// All of them, sorted by file and place.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.all.iter()
    }

    /// Those around a place, the innermost first; the file's comes last.
    fn around(&self, file: &str, offset: u32) -> impl Iterator<Item = &Tag> {
        let nodes = self.by_file.get(file).map_or(&[][..], Vec::as_slice);
        let covers = |node: &Node| self.all[node.tag].covers;
        let before = nodes.partition_point(|node| covers(node).start <= offset);
        let chain = std::iter::successors(before.checked_sub(1), |node| nodes[*node].around);
        let tags = chain.map(|node| &self.all[nodes[node].tag]);
        // What begins before the place may end before it as well; what is around it does not.
        tags.filter(move |tag| tag.scope == TagScope::File || offset < tag.covers.end)
    }

    /// What the manifest in a folder says of its package.
    pub fn of_package(&self, folder: &str) -> Option<&Tag> {
        self.packages.get(folder)?.map(|index| &self.all[index])
    }

    /// What the manifest of the package around a file says.
    fn package(&self, file: &str) -> Option<&Tag> {
        let mut folder = folder_of(file);
        loop {
            if let Some(said) = self.packages.get(folder) {
                return said.map(|index| &self.all[index]);
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder_of(folder);
        }
    }
}

/// Sorts the tags of a file and finds what is around each. Of two about the same, the first that is
/// written comes last, as what is inside does.
fn nest(all: &[Tag], nodes: &mut [Node]) {
    let key = |tag: &Tag| (tag.covers.start, Reverse(tag.covers.end), Reverse(tag.span.start));
    nodes.sort_by_key(|node| key(&all[node.tag]));
    let mut open: Vec<usize> = Vec::new();
    for at in 0..nodes.len() {
        let start = all[nodes[at].tag].covers.start;
        while open.last().is_some_and(|outer| all[nodes[*outer].tag].covers.end <= start) {
            open.pop();
        }
        nodes[at].around = open.last().copied();
        open.push(at);
    }
}

/// The folder of a file; empty for the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// One of the things that a tag says.
pub type Field = fn(&Tag) -> Option<&Said>;

/// Where it is said who answers.
#[derive(Clone, Copy, Debug)]
pub enum Basis<'a> {
    /// By an attribute, a file or a package.
    Tag(&'a Tag),
    /// By a pattern of the policy.
    Paths(&'a Owner),
}

impl Basis<'_> {
    /// Its name, as reports have it.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Tag(tag) => match tag.scope {
                TagScope::Item => "item",
                TagScope::File => "file",
                TagScope::Package => "package",
            },
            Basis::Paths(_) => "paths",
        }
    }
}

/// Who answers, and where that is said.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The owner's id.
    pub owner: &'a str,
    /// Where it is said.
    pub basis: Basis<'a>,
}

impl<'a> Answer<'a> {
    /// The file and line in which it is said.
    pub fn said_at(&self) -> (&'a Arc<str>, u32) {
        match self.basis {
            Basis::Tag(tag) => {
                (&tag.file, tag.owner.as_ref().map_or(tag.start.line, |owner| owner.start.line))
            }
            Basis::Paths(Owner { place, .. }) => {
                (&place.file, position(&place.text, place.span.start as usize).line)
            }
        }
    }
}

/// The one who knows who answers for what.
#[derive(Clone, Copy, Debug)]
pub struct Owners<'a> {
    policy: &'a Policy,
    tags: &'a Tags,
}

impl<'a> Owners<'a> {
    /// By a policy and what source and manifests say.
    pub fn new(policy: &'a Policy, tags: &'a Tags) -> Owners<'a> {
        Owners { policy, tags }
    }

    /// Who answers for a place.
    pub fn at(&self, file: &str, offset: u32) -> Option<Answer<'a>> {
        self.among(self.tags.around(file, offset), file)
    }

    /// Who answers for what of a file no item inside says anything about.
    pub fn of_file(&self, file: &str) -> Option<Answer<'a>> {
        let whole = self.tags.around(file, 0).filter(|tag| tag.scope == TagScope::File);
        self.among(whole, file)
    }

    /// Who answers for each of many files, as [`Owners::of_file`] says.
    pub fn of_files(&self, files: &[Arc<str>]) -> Vec<Option<Answer<'a>>> {
        files.par_iter().map(|file| self.of_file(file)).collect()
    }

    /// A name that nobody declared answers for nothing, and the next one around does.
    fn said(&self, tag: &'a Tag) -> Option<Answer<'a>> {
        let owner = tag.owner.as_ref().filter(|owner| self.policy.accepts_owner(&owner.text))?;
        Some(Answer { owner: &owner.text, basis: Basis::Tag(tag) })
    }

    fn among(&self, mut tags: impl Iterator<Item = &'a Tag>, file: &str) -> Option<Answer<'a>> {
        let said = |tag| self.said(tag);
        let by_paths = || {
            let owner = self.policy.owner_of(file).and_then(|id| self.policy.owner(id))?;
            Some(Answer { owner: &owner.id, basis: Basis::Paths(owner) })
        };
        tags.find_map(said).or_else(by_paths).or_else(|| self.tags.package(file).and_then(said))
    }

    /// Who answers for the package in a folder, as far as its manifest says.
    pub fn of_package(&self, folder: &str) -> Option<&'a str> {
        Some(self.said(self.tags.of_package(folder)?)?.owner)
    }

    /// What the tags around a place say in another field than the owner: the innermost that says
    /// anything, else the package.
    pub fn field(&self, file: &str, offset: u32, field: Field) -> Option<&'a Said> {
        let around = self.tags.around(file, offset);
        around.chain(self.tags.package(file)).find_map(field)
    }
}

#[cfg(test)]
mod tests {
    use durable_lints::finding::{Position, Span};

    use super::*;
    use crate::policy::tests::policy;

    fn tag(file: &str, scope: TagScope, covers: std::ops::Range<u32>, owner: &str, control: &str) -> Tag {
        let said = |text: &str| {
            let start = Position { line: 1, column: 1 };
            (!text.is_empty()).then(|| Said { text: text.into(), span: Span::new(0, 1), start })
        };
        Tag {
            file: file.into(),
            package: None,
            item: String::new(),
            scope,
            test: false,
            checked: true,
            span: Span::new(covers.start, covers.start + 1),
            start: Position { line: 1, column: 1 },
            covers: Span::new(covers.start, covers.end),
            owner: said(owner),
            control: said(control),
            review_by: None,
            guard: None,
            reason: None,
            wrong: Vec::new(),
        }
    }

    #[test]
    fn the_nearest_that_speaks_answers_field_by_field() {
        let tags = vec![
            tag("Cargo.toml", TagScope::Package, 0..0, "package", "C0"),
            tag("inner/Cargo.toml", TagScope::Package, 0..0, "", ""),
            tag("src/a.rs", TagScope::File, 0..100, "file", ""),
            tag("src/a.rs", TagScope::Item, 10..50, "module", "C1"),
            tag("src/a.rs", TagScope::Item, 20..30, "", "C2"),
            tag("src/a.rs", TagScope::Item, 32..40, "item", ""),
        ];
        let packages = ["", "inner", "other"].map(Arc::from).to_vec();
        let tags = Tags::of(&Report { tags, packages, ..Report::default() });
        let policy = policy(
            "[owners]\npackage = {}\nfile = {}\nmodule = {}\nitem = {}\npaths = { paths = ['/src/', '/inner/b.rs'] }\n",
        );
        let owners = Owners::new(&policy, &tags);
        for (file, offset, owner, basis, control) in [
            ("src/a.rs", 5, "file", "file", "C0"),
            ("src/a.rs", 12, "module", "item", "C1"),
            ("src/a.rs", 25, "module", "item", "C2"),
            ("src/a.rs", 35, "item", "item", "C1"),
            ("src/a.rs", 50, "file", "file", "C0"),
            ("src/b.rs", 0, "paths", "paths", "C0"),
            ("build.rs", 0, "package", "package", "C0"),
            ("inner/b.rs", 0, "paths", "paths", "-"),
            ("inner/deep/c.rs", 0, "-", "-", "-"),
            ("other/src/d.rs", 0, "-", "-", "-"),
        ] {
            let answer = owners.at(file, offset);
            let said = answer.map_or(("-", "-"), |answer| (answer.owner, answer.basis.name()));
            let named = owners.field(file, offset, |tag| tag.control.as_ref());
            assert_eq!(
                (said, named.map_or("-", |said| said.text.as_str())),
                ((owner, basis), control),
                "{file}:{offset}"
            );
        }
        assert_eq!(owners.of_file("src/a.rs").map(|answer| answer.owner), Some("file"));
    }
}
