//! What a change takes from those who answer: an owner, a control or a guard that an attribute, a file or
//! a package named, where the code is still there.

use std::collections::BTreeMap;

use durable_lints::finding::{Position, Span};
use durable_lints::load::Files;
use durable_lints::report::{Said, Tag, TagScope};

use super::weakening;
use crate::judge::Own;
use crate::owners::{Field, Owners, Tags, folder_of};
use crate::policy::Policy;
use crate::ratchet::origins;

/// The tags and the policy of one side.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) policy: &'a Policy,
    pub(super) tags: &'a Tags,
}

/// Tags by what they are about: package or file, and item.
type ByPlace<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a Tag>>;

/// Compares who answered with who answers now.
pub(super) fn taken(before: Side<'_>, now: Side<'_>, files: &dyn Files) -> Vec<Own> {
    let mut by_place: ByPlace<'_> = BTreeMap::new();
    for tag in now.tags.iter().filter(|tag| tag.scope == TagScope::Item) {
        by_place.entry((place_of(tag), &tag.item)).or_default().push(tag);
    }
    let now = Now { side: now, by_place, files };
    before.tags.iter().filter(|tag| !tag.test).flat_map(|tag| now.lost(before.policy, tag)).collect()
}

/// An item is looked for in its package, wherever in it it moved; what is in no package by its file.
fn place_of(tag: &Tag) -> &str {
    tag.package.as_deref().unwrap_or(&tag.file)
}

struct Now<'a> {
    side: Side<'a>,
    by_place: ByPlace<'a>,
    files: &'a dyn Files,
}

impl Now<'_> {
    /// What a tag of before said and nothing says any more.
    fn lost(&self, policy: &Policy, tag: &Tag) -> Vec<Own> {
        if !self.is_there(tag) {
            return Vec::new();
        }
        let subject = match tag.scope {
            TagScope::Item => format!("`{}`", tag.item),
            TagScope::File => tag.file.to_string(),
            TagScope::Package => format!("the package `{}`", tag.package.as_deref().unwrap_or_default()),
        };
        let mut out = Vec::new();
        let owner = tag.owner.as_ref().filter(|owner| policy.accepts_owner(&owner.text));
        if let Some(Said { text: from, .. }) = owner {
            match self.owner(tag) {
                Some(to) if to == *from => {}
                Some(to) => out.push(self.own(
                    tag,
                    format!("{subject}, until now `{from}`'s, would be `{to}`'s"),
                    "owner",
                )),
                None => out.push(self.own(
                    tag,
                    format!("nobody answers for {subject} any more, which was `{from}`'s"),
                    "owner",
                )),
            }
        }
        let named: [(&str, Field); 2] =
            [("control", |tag| tag.control.as_ref()), ("guard", |tag| tag.guard.as_ref())];
        for (what, field) in named {
            let Some(said) = field(tag) else { continue };
            let still = self.field(tag, field);
            if still.as_deref() != Some(&said.text) {
                let to = still.map_or("none".to_owned(), |to| format!("`{to}`"));
                let message = format!("the {what} of {subject} was `{}`, and would be {to}", said.text);
                out.push(self.own(tag, message, what));
            }
        }
        out
    }

    /// Whether what the tag was about is still there. What cannot be read is, as far as is known.
    fn is_there(&self, tag: &Tag) -> bool {
        match tag.scope {
            TagScope::Item => {
                !self.same(tag).is_empty() || !origins::has_left(self.files, &tag.file, &tag.item)
            }
            _ => self.files.exists(&tag.file),
        }
    }

    /// The tags of now on the same item.
    fn same<'s>(&'s self, tag: &'s Tag) -> &'s [&'s Tag] {
        self.by_place.get(&(place_of(tag), &*tag.item)).map_or(&[], Vec::as_slice)
    }

    /// The tags of now on an item and on those around it, the innermost first.
    fn around<'t>(&'t self, tag: &'t Tag) -> impl Iterator<Item = &'t Tag> {
        let outer =
            std::iter::successors(Some(&*tag.item), |path| path.rsplit_once("::").map(|(path, _)| path));
        let outer = outer.filter(|_| tag.scope == TagScope::Item);
        outer.flat_map(|item| self.by_place.get(&(place_of(tag), item)).into_iter().flatten().copied())
    }

    fn owner(&self, tag: &Tag) -> Option<String> {
        let Side { policy, tags } = self.side;
        let said = self.around(tag).find_map(|tag| tag.owner.as_ref()).map(|owner| owner.text.clone());
        let file = self.same(tag).first().map_or(&tag.file, |same| &same.file);
        let owner = said.or_else(|| {
            let answer = match tag.scope {
                TagScope::Package => tags.of_package(folder_of(&tag.file))?.owner.as_ref()?.text.as_str(),
                _ => Owners::new(policy, tags).of_file(file)?.owner,
            };
            Some(answer.to_owned())
        });
        owner.filter(|owner| policy.accepts_owner(owner))
    }

    fn field(&self, tag: &Tag, field: Field) -> Option<String> {
        let Side { policy, tags } = self.side;
        let said = self.around(tag).find_map(field);
        let said = said.or_else(|| match tag.scope {
            TagScope::Package => tags.of_package(folder_of(&tag.file)).and_then(field),
            // No item begins at the very end, so this is what holds for the file.
            _ => Owners::new(policy, tags).field(&tag.file, u32::MAX, field),
        });
        said.map(|said| said.text.clone())
    }

    fn own(&self, tag: &Tag, message: String, what: &str) -> Own {
        let mut own = weakening(None, format!("{} {}", tag.file, tag.item), message, what);
        own.file = tag.file.clone();
        (own.span, own.start) = match self.same(tag).first() {
            Some(same) => (same.span, same.start),
            None => (Span::new(0, 0), Position { line: 1, column: 1 }),
        };
        if let Some(same) = self.same(tag).first() {
            own.file = same.file.clone();
        }
        // Who loses it has to hear of it.
        own.owner = tag.owner.as_ref().map(|owner| owner.text.clone());
        own
    }
}
