//! What each module of a package declares, and where the modules are.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::declarations::{self, Leaf, Written};
use crate::outline::{Item, ItemKind};
use crate::subject::SourceFile;

/// One thing that a name may mean in a module.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// An item of the file.
    Item(u32),
    /// What a `use` brings in; `public` where it is visible outside the module at all.
    Use { path: Arc<Written>, public: bool, test: bool },
    /// `extern crate`.
    Crate(Arc<str>),
}

/// The names of one module in one file.
#[derive(Debug, Default)]
pub(super) struct Scope {
    names: FxHashMap<Arc<str>, Vec<Entry>>,
    /// What is glob-imported, and whether that is visible outside the module.
    pub(super) globs: Vec<(Arc<Written>, bool)>,
}

impl Scope {
    /// What a name may mean.
    pub(super) fn entries(&self, name: &str) -> &[Entry] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The items of this name.
    pub(super) fn items(&self, name: &str) -> impl Iterator<Item = u32> {
        self.entries(name).iter().filter_map(|entry| match entry {
            Entry::Item(item) => Some(*item),
            _ => None,
        })
    }
}

/// What one file declares.
#[derive(Debug, Default)]
pub(super) struct FileScopes {
    /// By the item of the inline module; `None` for the file's own.
    scopes: FxHashMap<Option<u32>, Scope>,
    aliases: FxHashMap<u32, Written>,
    variants: FxHashMap<u32, Vec<Arc<str>>>,
}

impl FileScopes {
    /// Reads a file's declarations.
    pub(super) fn new(file: &SourceFile) -> FileScopes {
        let mut read = FileScopes::default();
        for (index, item) in (0u32..).zip(&file.outline.items) {
            // What stands in an `impl` or `trait` belongs to that, not to the module.
            if let Some(module) = module_of(file, item) {
                read.declare(file, index, item, module);
            }
        }
        read
    }

    fn declare(&mut self, file: &SourceFile, index: u32, item: &Item, module: Option<u32>) {
        let scope = self.scopes.entry(module).or_default();
        match item.kind {
            ItemKind::Use => {
                let public = file.text.get(item.header.range()).is_some_and(is_visible);
                for Leaf { name, path } in declarations::use_leaves(&file.text, item.header) {
                    let path = Arc::new(path);
                    match name {
                        Some(name) => {
                            let entry = Entry::Use { path, public, test: item.test };
                            scope.names.entry(name).or_default().push(entry);
                        }
                        None => scope.globs.push((path, public)),
                    }
                }
            }
            ItemKind::ExternCrate => {
                if let Some((krate, name)) = declarations::extern_crate(&file.text, item.header) {
                    scope.names.entry(name).or_default().push(Entry::Crate(krate));
                }
            }
            ItemKind::Impl | ItemKind::ExternBlock | ItemKind::MacroCall => {}
            kind => {
                let name = name_of(file, item);
                if !name.is_empty() {
                    scope.names.entry(name.into()).or_default().push(Entry::Item(index));
                }
                if kind == ItemKind::Type
                    && let Some(path) = declarations::alias(&file.text, item.header)
                {
                    self.aliases.insert(index, path);
                }
                if kind == ItemKind::Enum
                    && let Some(body) = item.body
                {
                    self.variants.insert(index, declarations::variants(&file.text, body));
                }
            }
        }
    }

    /// The names of an inline module, or of the file's own.
    pub(super) fn scope(&self, module: Option<u32>) -> Option<&Scope> {
        self.scopes.get(&module)
    }

    /// Every name that is declared in it.
    pub(super) fn declared(&self) -> impl Iterator<Item = Arc<str>> {
        let names = self.scopes.values().flat_map(|scope| scope.names.keys());
        names.chain(self.variants.values().flatten()).cloned()
    }

    /// What a type alias stands for.
    pub(super) fn alias(&self, item: u32) -> Option<&Written> {
        self.aliases.get(&item)
    }

    /// Whether an enum has a variant of this name.
    pub(super) fn has_variant(&self, item: u32, name: &str) -> bool {
        self.variants.get(&item).is_some_and(|variants| variants.iter().any(|variant| **variant == *name))
    }
}

/// `pub`, `pub(…)` or `crate` in front.
fn is_visible(header: &str) -> bool {
    header.starts_with("pub") || header.starts_with("crate")
}

/// The name of an item, `r#` left out.
pub(super) fn name_of<'a>(file: &'a SourceFile, item: &Item) -> &'a str {
    let name = file.snippet(item.name);
    name.strip_prefix("r#").unwrap_or(name)
}

/// The innermost inline module around an item (`Some(None)` for the file's own), where the item's
/// name belongs to a module: macro calls and `extern` blocks are seen through, `impl`s are not.
pub(super) fn module_of(file: &SourceFile, item: &Item) -> Option<Option<u32>> {
    let mut parent = item.parent;
    while let Some(index) = parent {
        let around = &file.outline.items[index as usize];
        match around.kind {
            ItemKind::Mod => return Some(Some(index)),
            ItemKind::MacroCall | ItemKind::ExternBlock => parent = around.parent,
            _ => return None,
        }
    }
    Some(None)
}

/// The innermost inline module around an item, whatever lies between.
pub(super) fn module_around(file: &SourceFile, item: Option<u32>) -> Option<u32> {
    let mut at = item;
    while let Some(index) = at {
        let item = file.outline.items.get(index as usize)?;
        if item.kind == ItemKind::Mod && item.body.is_some() {
            return Some(index);
        }
        at = item.parent;
    }
    None
}

/// One module of a package.
#[derive(Debug)]
pub(super) struct Module {
    /// Its canonical path: `my_app::net::tls`.
    pub(super) path: Arc<str>,
    /// The module around it.
    pub(super) parent: Option<u32>,
    /// Where it is written: the file, and the item where it is inline. More than one where `cfg`
    /// chooses, or a binary and the library share a name; very many where files belong to no package.
    pub(super) parts: Vec<(u32, Option<u32>)>,
    pub(super) content: OnceLock<Content>,
}

/// In which parts of a module is what, by position.
#[derive(Debug, Default)]
pub(super) struct Content {
    names: FxHashMap<Arc<str>, Vec<usize>>,
    /// Those with globs.
    pub(super) globs: Vec<usize>,
}

impl Content {
    pub(super) fn new<'a>(scopes: impl Iterator<Item = Option<&'a Scope>>) -> Content {
        let mut content = Content::default();
        for (part, scope) in scopes.enumerate().filter_map(|(part, scope)| Some((part, scope?))) {
            for name in scope.names.keys() {
                content.names.entry(name.clone()).or_default().push(part);
            }
            if !scope.globs.is_empty() {
                content.globs.push(part);
            }
        }
        content
    }

    /// Those that declare a name.
    pub(super) fn declaring(&self, name: &str) -> &[usize] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The modules of a package.
#[derive(Debug, Default)]
pub(super) struct Modules {
    /// Every module.
    pub(super) list: Vec<Module>,
    by_path: FxHashMap<Arc<str>, u32>,
    of_inline: FxHashMap<(u32, Option<u32>), u32>,
}

impl Modules {
    /// Finds the modules of all files.
    pub(super) fn new(files: &[SourceFile]) -> Modules {
        let mut modules = Modules::default();
        for (file, source) in (0u32..).zip(files) {
            let mut path = source.krate.to_string();
            let mut module = modules.enter(&path, None);
            for part in &source.module {
                path.push_str("::");
                path.push_str(part.strip_prefix("r#").unwrap_or(part));
                module = modules.enter(&path, Some(module));
            }
            modules.add_part(module, file, None);
            for (index, item) in (0u32..).zip(&source.outline.items) {
                if item.kind == ItemKind::Mod && item.body.is_some() {
                    // The parent comes before what it holds, so it is known by now.
                    let around = module_around(source, item.parent);
                    let parent = modules.of_inline.get(&(file, around)).copied().unwrap_or(module);
                    let name = name_of(source, item);
                    let path = format!("{}::{name}", modules.list[parent as usize].path);
                    let inline = modules.enter(&path, Some(parent));
                    modules.add_part(inline, file, Some(index));
                }
            }
        }
        modules
    }

    fn enter(&mut self, path: &str, parent: Option<u32>) -> u32 {
        if let Some(known) = self.by_path.get(path) {
            return *known;
        }
        let index = self.list.len() as u32;
        let path: Arc<str> = path.into();
        self.list.push(Module { path: path.clone(), parent, parts: Vec::new(), content: OnceLock::new() });
        self.by_path.insert(path, index);
        index
    }

    fn add_part(&mut self, module: u32, file: u32, inline: Option<u32>) {
        self.list[module as usize].parts.push((file, inline));
        self.of_inline.insert((file, inline), module);
    }

    /// A module by its canonical path.
    pub(super) fn by_path(&self, path: &str) -> Option<u32> {
        self.by_path.get(path).copied()
    }

    /// The module around an item of a file.
    pub(super) fn around(&self, file: u32, source: &SourceFile, item: Option<u32>) -> Option<u32> {
        self.of_inline.get(&(file, module_around(source, item))).copied()
    }

    /// The root of the crate that a module lies in.
    pub(super) fn root(&self, module: u32) -> u32 {
        let mut at = module;
        while let Some(parent) = self.list[at as usize].parent {
            at = parent;
        }
        at
    }
}
