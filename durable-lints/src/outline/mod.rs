//! The outline of a Rust file: its items with their attributes, headers and bodies as byte spans.
//!
//! An outline is what a lexer pass can know without parsing. It answers where the modules, the
//! test code and the `use` trees are, and which item a place belongs to, at about a tenth of the
//! cost of a parse. Bodies are parsed by `syn`, one at a time, only when a lint asks.

mod attributes;
mod builder;
pub mod lexer;
mod nesting;

pub use attributes::Attribute;
pub use nesting::{MAX_NESTING, nesting, nesting_outside_macros};

use crate::vocabulary::Span;

/// What kind of item an [`Item`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// A function, free, associated or in a trait.
    Fn,
    /// A struct.
    Struct,
    /// An enum.
    Enum,
    /// A union.
    Union,
    /// A trait or trait alias.
    Trait,
    /// An inherent or trait implementation.
    Impl,
    /// A module, inline (with a body) or in a file of its own.
    Mod,
    /// A `use` declaration.
    Use,
    /// A constant, free or associated.
    Const,
    /// A static, `lazy_static`'s `static ref` included.
    Static,
    /// A type alias or associated type.
    Type,
    /// A `macro_rules!` definition.
    MacroRules,
    /// A macro called where an item may stand.
    MacroCall,
    /// `extern crate`.
    ExternCrate,
    /// `extern "C" { … }`.
    ExternBlock,
    /// A file that another includes as an expression.
    Included,
}

/// One item, in spans of the file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Its name; empty where it has none (`impl`, `use`).
    pub name: Span,
    /// From its first attribute or documentation line to its end.
    pub span: Span,
    /// From its visibility or first keyword up to its body, or to its end where it has none.
    pub header: Span,
    /// The braces and what they hold; for constants and statics the value.
    pub body: Option<Span>,
    /// The item around it, by position in [`Outline::items`].
    pub parent: Option<u32>,
    /// Whether it is `pub` without restriction.
    pub public: bool,
    /// Whether it is test code by its own attributes or those of an item around it.
    pub test: bool,
    attributes: (u32, u32),
}

/// Something that names a trigger, found by the scan, and what kind of token it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which pattern of the scan's automaton.
    pub pattern: u32,
    /// Where.
    pub span: Span,
    /// Whether it lies in a string literal rather than being an identifier.
    pub in_string: bool,
    /// The innermost item around it.
    pub item: Option<u32>,
}

/// All items of a file in the order of their start, and the hits that lie in code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Every item, nested ones after the item around them.
    pub items: Vec<Item>,
    /// The scan's hits that are identifiers or lie in string literals, in order.
    pub hits: Vec<Hit>,
    /// The patterns of the scan that occur in comments, in order and without repetition. They are no
    /// hits: a word in a comment is nothing to most lints.
    pub in_comments: Vec<u32>,
    /// Places where items are nested too deep to be outlined; what they hold is not checked.
    pub too_deep: Vec<Span>,
    attributes: Vec<Span>,
    inner_attributes: Vec<Span>,
    file_is_test: bool,
}

impl Outline {
    /// Outlines a text. `hits` are the scan's raw matches in order, as (pattern, start, end).
    pub fn new(text: &str, hits: &[(u32, u32, u32)]) -> Outline {
        builder::build(text, hits, &[])
    }

    /// The same in a package of which some features ship: code behind those is no test code, whatever
    /// they are named.
    pub fn with_shipped(text: &str, hits: &[(u32, u32, u32)], features: &[String]) -> Outline {
        builder::build(text, hits, features)
    }

    /// The attributes of an item, documentation comments included.
    pub fn attributes<'a>(&'a self, item: &Item, text: &'a str) -> impl Iterator<Item = Attribute<'a>> {
        let (from, to) = item.attributes;
        self.attributes[from as usize..to as usize].iter().map(move |span| Attribute::new(text, *span))
    }

    /// The `#![…]` attributes of the file.
    pub fn file_attributes<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Attribute<'a>> {
        self.inner_attributes.iter().map(move |span| Attribute::new(text, *span))
    }

    /// The `#![…]` attribute of the file around a place.
    pub fn file_attribute_at(&self, span: Span) -> Option<Span> {
        let before = self.inner_attributes.partition_point(|attribute| attribute.start <= span.start);
        let attribute = *self.inner_attributes.get(before.checked_sub(1)?)?;
        attribute.contains(span).then_some(attribute)
    }

    /// Whether `#![cfg(test)]` makes the whole file test code.
    pub fn file_is_test(&self) -> bool {
        self.file_is_test
    }

    /// Takes the file for an expression that another one includes, where a hit lies outside of any item.
    /// `test` tells whether the place that includes it is test code.
    pub(crate) fn include(&mut self, length: u32, test: bool) {
        if self.hits.iter().all(|hit| hit.item.is_some()) {
            return;
        }
        let whole = Span::new(0, length);
        self.items = vec![Item {
            kind: ItemKind::Included,
            name: Span::new(0, 0),
            span: whole,
            header: Span::new(0, 0),
            body: Some(whole),
            parent: None,
            public: false,
            test,
            attributes: (0, 0),
        }];
        self.hits.iter_mut().for_each(|hit| hit.item = Some(0));
    }

    /// The innermost item around a byte offset.
    pub fn item_at(&self, offset: u32) -> Option<u32> {
        let after = self.items.partition_point(|item| item.span.start <= offset);
        let mut candidate = after.checked_sub(1).map(|index| index as u32);
        while let Some(index) = candidate {
            let item = &self.items[index as usize];
            if offset < item.span.end {
                return Some(index);
            }
            // What starts before the place but ends before it too may have a parent around it.
            candidate = item.parent;
        }
        None
    }

    /// An item and every item around it, innermost first.
    pub fn ancestors(&self, item: u32) -> impl Iterator<Item = &Item> {
        std::iter::successors(Some(item), |index| self.items[*index as usize].parent)
            .map(|index| &self.items[index as usize])
    }

    /// The items directly inside an item, or at the top of the file.
    pub fn children(&self, parent: Option<u32>) -> impl Iterator<Item = (u32, &Item)> {
        (0u32..).zip(&self.items).filter(move |(_, item)| item.parent == parent)
    }
}
