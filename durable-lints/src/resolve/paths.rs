//! How a written path is followed: through scopes, `use` declarations, globs, aliases and crates.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::PackageIndex;
use super::declarations::Written;
use super::names::Names;
use super::scopes::{Entry, module_of, name_of};
use crate::models::reexports;
use crate::outline::ItemKind;

/// What a path leads to.
#[derive(Clone, Debug)]
pub(super) enum Target<'a> {
    /// A module of the workspace.
    Module(&'a PackageIndex, u32),
    /// An item of the workspace that stands in a module: its file and position in there.
    Item(&'a PackageIndex, u32, u32),
    /// Anything else, canonical: what lies in other crates, variants and associated items.
    Path(Arc<str>),
}

/// A target that holds no reference; the package is told by its name.
#[derive(Clone, Debug)]
pub(super) enum Plain {
    Module(Arc<str>, u32),
    Item(Arc<str>, u32, u32),
    Path(Arc<str>),
}

/// Why a name was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Miss {
    /// Nothing in the module has that name.
    Absent,
    /// Something has that name, but what it is lies outside what is known.
    Unknown,
    /// Something has that name, and it is being looked up already.
    Open,
}

/// From where a name is looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) index: &'a PackageIndex,
    pub(super) file: u32,
    pub(super) module: u32,
}

/// What a path's last name is wanted for: more segments follow it, or it is the thing itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Prefix,
    Thing,
}

/// Steps that one search may take in all; real chains of re-exports take a dozen.
const BUDGET: u32 = 4_000;
/// How deep re-exports and aliases may lead through each other.
const DEEPEST: usize = 48;

/// One search, with what keeps it from going in circles.
pub(super) struct Search<'n, 'a> {
    names: &'n Names<'a>,
    budget: u32,
    /// The names whose `use` declarations and globs are being followed, by package, module and name.
    open: FxHashSet<(*const PackageIndex, u32, Arc<str>)>,
    /// How often something was passed over because it was open: what was found then depends on where
    /// the search came from.
    passed_over: u32,
    depth: usize,
    /// The modules of other crates that were glob-imported where the name was looked for.
    foreign: Vec<Arc<str>>,
    /// Where no name is looked for, but everything that globs bring in from elsewhere.
    outside: Option<Outside>,
    /// Whether that is so for the search as a whole; on the way, names are looked for as ever.
    collects: bool,
}

/// What the globs of a module and of those that they lead to bring in from outside of the workspace.
#[derive(Default)]
struct Outside {
    seen: FxHashSet<(*const PackageIndex, u32, bool)>,
    paths: Vec<Arc<str>>,
}

/// Modules with more globs than this are asked first whether a name is declared anywhere at all.
const FEW_GLOBS: usize = 8;
/// The modules that one search for what globs bring in from outside may visit.
const OUTSIDE_BUDGET: u32 = 20_000;

impl<'n, 'a> Search<'n, 'a> {
    pub(super) fn new(names: &'n Names<'a>) -> Self {
        Search {
            names,
            budget: BUDGET,
            open: FxHashSet::default(),
            passed_over: 0,
            depth: 0,
            foreign: Vec::new(),
            outside: None,
            collects: false,
        }
    }

    /// What a path in an expression, type or pattern leads to.
    pub(super) fn code_path(&mut self, at: Place<'a>, path: &Written) -> Option<Target<'a>> {
        self.path(at, path, false)
    }

    /// What a path in a `use` declaration leads to.
    pub(super) fn use_path(&mut self, at: Place<'a>, path: &Written) -> Option<Target<'a>> {
        self.path(at, path, true)
    }

    fn path(&mut self, at: Place<'a>, path: &Written, in_use: bool) -> Option<Target<'a>> {
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let found = self.follow(at, path, in_use);
        self.depth -= 1;
        found
    }

    fn follow(&mut self, at: Place<'a>, path: &Written, in_use: bool) -> Option<Target<'a>> {
        let modules = at.index.modules();
        let segments = &path.segments;
        let first = segments.first()?;
        let old = matches!(at.index.package.edition, 1..2018);
        let mut done = 1;
        let mut target = match &**first {
            "crate" | "$crate" => Target::Module(at.index, modules.root(at.module)),
            "self" if !path.global => Target::Module(at.index, at.module),
            "super" if !path.global => {
                let mut module = modules.list[at.module as usize].parent?;
                while segments.get(done).is_some_and(|segment| &**segment == "super") {
                    module = modules.list[module as usize].parent?;
                    done += 1;
                }
                Target::Module(at.index, module)
            }
            name => {
                let want = if segments.len() > 1 { Want::Prefix } else { Want::Thing };
                if path.global && !old {
                    self.krate(at.index, name)?
                } else if old && (in_use || path.global) {
                    let root = modules.root(at.module);
                    match self.lookup(at.index, root, name, want, at) {
                        Ok(found) => found,
                        Err(_) => self.krate(at.index, name)?,
                    }
                } else {
                    self.first(at, name, want, in_use)?
                }
            }
        };
        while let Some(name) = segments.get(done) {
            done += 1;
            let want = if done < segments.len() { Want::Prefix } else { Want::Thing };
            target = self.member(target, name, want, at)?;
        }
        Some(target)
    }

    /// A name by itself or at the head of a path.
    fn first(&mut self, at: Place<'a>, name: &str, want: Want, in_use: bool) -> Option<Target<'a>> {
        // Inside another search the answer may depend on what that one has open.
        let alone = self.open.is_empty();
        let key = (at.file, at.module * 4 + u32::from(want == Want::Prefix) * 2 + u32::from(in_use));
        let memo = &at.index.remembered().names;
        if alone && let Some(known) = memo.read(|map| map.get(&key)?.get(name).cloned()) {
            return known.and_then(|plain| self.names.target(plain));
        }
        let found = self.find_first(at, name, want, in_use);
        if alone {
            let plain = found.as_ref().map(Target::plain);
            memo.write(|map| {
                map.entry(key).or_default().insert(name.into(), plain);
            });
        }
        found
    }

    fn find_first(&mut self, at: Place<'a>, name: &str, want: Want, in_use: bool) -> Option<Target<'a>> {
        let outer = std::mem::take(&mut self.foreign);
        let found = self.lookup(at.index, at.module, name, want, at);
        let foreign = std::mem::replace(&mut self.foreign, outer);
        match found {
            Ok(found) => return Some(found),
            Err(Miss::Unknown) => return None,
            Err(Miss::Absent | Miss::Open) => {}
        }
        let may_be_crate = want == Want::Prefix || in_use;
        if may_be_crate && let Some(krate) = self.krate(at.index, name) {
            return Some(krate);
        }
        if let Some(path) = reexports::prelude(name) {
            return Some(Target::Path(path.into()));
        }
        if reexports::is_primitive(name) {
            return Some(Target::Path(name.into()));
        }
        if let Some(found) = from_foreign(&foreign, name) {
            return Some(found);
        }
        reexports::prelude_macro(name).map(|path| Target::Path(path.into()))
    }

    /// A name behind something else: `target::name`.
    fn member(&mut self, target: Target<'a>, name: &str, want: Want, from: Place<'a>) -> Option<Target<'a>> {
        match target {
            Target::Module(index, module) => self.in_module(index, module, name, want, from),
            Target::Item(index, file, item) => {
                let source = &index.files[file as usize];
                if source.outline.items[item as usize].kind == ItemKind::Type
                    && let Some(aliased) = self.aliased(index, file, item)
                {
                    return self.member(aliased, name, want, from);
                }
                let path = self.names.item_path(index, file, item)?;
                Some(Target::Path(format!("{path}::{name}").into()))
            }
            Target::Path(path) => Some(Target::Path(reexports::canonical(format!("{path}::{name}")).into())),
        }
    }

    fn in_module(
        &mut self,
        index: &'a PackageIndex,
        module: u32,
        name: &str,
        want: Want,
        from: Place<'a>,
    ) -> Option<Target<'a>> {
        let outer = std::mem::take(&mut self.foreign);
        let found = self.lookup(index, module, name, want, from);
        let foreign = std::mem::replace(&mut self.foreign, outer);
        match found {
            Ok(found) => return Some(found),
            Err(Miss::Unknown | Miss::Open) => return None,
            Err(Miss::Absent) => {}
        }
        let modules = index.modules();
        let here = &modules.list[module as usize];
        // A binary that shares the library's files: what its own root lacks, the library may have.
        if here.parent.is_none()
            && *here.path != *index.package.krate
            && let Some(library) = modules.by_path(&index.package.krate)
            && let Ok(found) = self.lookup(index, library, name, want, from)
        {
            return Some(found);
        }
        if let Some(found) = from_foreign(&foreign, name) {
            return Some(found);
        }
        // What macros declare is not seen, but its path is known.
        foreign.is_empty().then(|| Target::Path(format!("{}::{name}", here.path).into()))
    }

    /// What an alias stands for, aliases of aliases too. `None` where that is no path, or never ends.
    pub(super) fn aliased(&mut self, index: &'a PackageIndex, file: u32, item: u32) -> Option<Target<'a>> {
        let (mut index, mut file, mut item) = (index, file, item);
        for step in 0..DEEPEST {
            let Some(written) = index.scopes(file)?.alias(item) else {
                return (step > 0).then_some(Target::Item(index, file, item));
            };
            let module = index.modules().around(file, &index.files[file as usize], Some(item))?;
            match self.path(Place { index, file, module }, written, false)? {
                Target::Item(i, f, t) if self.is_alias(i, f, t) => (index, file, item) = (i, f, t),
                other => return Some(other),
            }
        }
        None
    }

    fn is_alias(&self, index: &PackageIndex, file: u32, item: u32) -> bool {
        index.files[file as usize].outline.items[item as usize].kind == ItemKind::Type
    }

    /// What a name means in a module, its globs included.
    fn lookup(
        &mut self,
        index: &'a PackageIndex,
        module: u32,
        name: &str,
        want: Want,
        from: Place<'a>,
    ) -> Result<Target<'a>, Miss> {
        self.budget = self.budget.checked_sub(1).ok_or(Miss::Unknown)?;
        let modules = index.modules();
        let here = &modules.list[module as usize];
        let inside = self.sees_private(index, module, from);
        let mut entries: Vec<(u8, u32, &'a Entry)> = Vec::new();
        let content = index.content(module);
        for part in content.declaring(name) {
            let (file, inline) = &here.parts[*part];
            let scope = index.scopes(*file).and_then(|scopes| scopes.scope(*inline));
            for entry in scope.map_or(&[][..], |scope| scope.entries(name)) {
                if inside || !matches!(entry, Entry::Use { public: false, .. }) {
                    entries.push((rank(index, *file, entry, want, from), *file, entry));
                }
            }
        }
        entries.sort_by_key(|(rank, ..)| *rank);
        let id = std::ptr::from_ref(index);
        let key = (id, module, Arc::from(name));
        let open = self.open.contains(&key);
        self.passed_over += u32::from(open);
        let named = !entries.is_empty();
        for (_, file, entry) in entries {
            match entry {
                Entry::Item(item) => match self.item(index, module, file, *item) {
                    Some(found) => return Ok(found),
                    None => continue,
                },
                Entry::Crate(krate) if &**krate == "self" => {
                    return Ok(Target::Module(index, modules.root(module)));
                }
                Entry::Crate(krate) => return self.krate(index, krate).ok_or(Miss::Unknown),
                Entry::Use { .. } if open => {}
                Entry::Use { path, .. } => {
                    self.open.insert(key.clone());
                    let found = self.use_path(Place { index, file, module }, path);
                    self.open.remove(&key);
                    if let Some(found) = found {
                        return Ok(found);
                    }
                }
            }
        }
        // A module whose `mod` line a macro writes is known by its file.
        if let Some(child) = modules.by_path(&format!("{}::{name}", here.path)) {
            return Ok(Target::Module(index, child));
        }
        if open {
            return Err(if named { Miss::Open } else { Miss::Absent });
        }
        if named {
            return Err(Miss::Unknown);
        }
        let parts = content.globs.iter().map(|part| &here.parts[*part]);
        let globs = parts.filter_map(|(file, inline)| index.scopes(*file)?.scope(*inline));
        let globs: usize = globs.map(|scope| scope.globs.len()).sum();
        if globs == 0 {
            return Err(Miss::Absent);
        }
        // What is declared nowhere comes from outside or not at all.
        if globs > FEW_GLOBS
            && !self.collects
            && !self.names.declares(name)
            && let Some(paths) = self.outside_of(index, module, inside)
        {
            return paths.iter().find_map(|path| self.in_foreign(path, name)).ok_or(Miss::Absent);
        }
        let memo = &index.remembered().globs;
        let of = (module, u32::from(inside) * 2 + u32::from(want == Want::Prefix));
        if let Some(known) = memo.read(|map| map.get(&of)?.get(name).cloned())
            && let Some(found) = self.names.target(known)
        {
            return Ok(found);
        }
        let passed_over = self.passed_over;
        self.open.insert(key.clone());
        let found = self.in_globs(index, module, name, want, inside);
        self.open.remove(&key);
        if passed_over == self.passed_over
            && let Ok(found) = &found
        {
            memo.write(|map| {
                map.entry(of).or_default().insert(key.2, found.plain());
            });
        }
        found
    }

    /// What the globs of a module bring in from outside of the workspace; `None` where they are too many
    /// to follow.
    fn outside_of(&self, index: &'a PackageIndex, module: u32, inside: bool) -> Option<Arc<[Arc<str>]>> {
        index.remembered().outside.get_or((module, inside), || {
            let outside = Some(Outside::default());
            let mut search =
                Search { budget: OUTSIDE_BUDGET, outside, collects: true, ..Search::new(self.names) };
            // No item has this name.
            let found = search.in_globs(index, module, "", Want::Thing, inside);
            search
                .outside
                .filter(|_| found.is_err_and(|miss| miss == Miss::Absent))
                .map(|outside| outside.paths.into())
        })
    }

    fn in_globs(
        &mut self,
        index: &'a PackageIndex,
        module: u32,
        name: &str,
        want: Want,
        inside: bool,
    ) -> Result<Target<'a>, Miss> {
        if let Some(outside) = &mut self.outside
            && !outside.seen.insert((std::ptr::from_ref(index), module, inside))
        {
            return Err(Miss::Absent);
        }
        for part in &index.content(module).globs {
            let (file, inline) = &index.modules().list[module as usize].parts[*part];
            let scope = index.scopes(*file).and_then(|scopes| scopes.scope(*inline));
            let globs = scope.map_or(&[][..], |scope| &scope.globs);
            for (path, public) in globs {
                if !inside && !public {
                    continue;
                }
                let at = Place { index, file: *file, module };
                match self.in_glob(at, path, name, want) {
                    Err(Miss::Absent | Miss::Open) => {}
                    found => return found,
                }
            }
        }
        Err(Miss::Absent)
    }

    /// A name behind one glob import. Modules of other crates are kept for [`from_foreign`].
    fn in_glob(&mut self, at: Place<'a>, path: &Written, name: &str, want: Want) -> Result<Target<'a>, Miss> {
        // The path to the module has names that are looked for as ever.
        let outside = self.outside.take();
        let target = self.use_path(at, path);
        self.outside = outside;
        match target {
            Some(Target::Module(index, module)) => self.lookup(index, module, name, want, at),
            Some(Target::Item(index, file, item)) => {
                if !index.scopes(file).is_some_and(|scopes| scopes.has_variant(item, name)) {
                    return Err(Miss::Absent);
                }
                let path = self.names.item_path(index, file, item).ok_or(Miss::Unknown)?;
                Ok(Target::Path(format!("{path}::{name}").into()))
            }
            Some(Target::Path(path)) => self.in_foreign(&path, name).ok_or(Miss::Absent),
            None => Err(Miss::Absent),
        }
    }

    /// A name behind a glob import of what lies outside of the workspace.
    fn in_foreign(&mut self, path: &Arc<str>, name: &str) -> Option<Target<'a>> {
        if let Some(outside) = &mut self.outside {
            outside.paths.push(path.clone());
        }
        if let Some(found) = reexports::std_export(path, name) {
            return Some(Target::Path(found.into()));
        }
        if !path.starts_with("std::") && !self.foreign.contains(path) {
            self.foreign.push(path.clone());
        }
        None
    }

    /// A name behind a glob import inside a function; `None` also where only another crate knows.
    pub(super) fn local_glob(&mut self, at: Place<'a>, path: &Written, name: &str) -> Option<Target<'a>> {
        self.in_glob(at, path, name, Want::Thing).ok()
    }

    /// What follows a target: `target::rest`.
    pub(super) fn extend(
        &mut self,
        at: Place<'a>,
        target: Target<'a>,
        rest: &[Arc<str>],
    ) -> Option<Target<'a>> {
        let mut target = target;
        for (done, name) in rest.iter().enumerate() {
            let want = if done + 1 < rest.len() { Want::Prefix } else { Want::Thing };
            target = self.member(target, name, want, at)?;
        }
        Some(target)
    }

    /// Private imports are seen from the module itself and from what lies inside it.
    fn sees_private(&self, index: &PackageIndex, module: u32, from: Place<'a>) -> bool {
        if !std::ptr::eq(index, from.index) {
            return false;
        }
        let modules = index.modules();
        let mut at = Some(from.module);
        while let Some(here) = at {
            if here == module {
                return true;
            }
            at = modules.list[here as usize].parent;
        }
        false
    }

    fn item(&self, index: &'a PackageIndex, module: u32, file: u32, item: u32) -> Option<Target<'a>> {
        let source = &index.files[file as usize];
        let outline = &source.outline.items[item as usize];
        if outline.kind != ItemKind::Mod {
            return Some(Target::Item(index, file, item));
        }
        let modules = index.modules();
        let path = format!("{}::{}", modules.list[module as usize].path, name_of(source, outline));
        match modules.by_path(&path) {
            Some(module) => Some(Target::Module(index, module)),
            // A file that was not read, or that `#[path]` puts elsewhere.
            None => Some(Target::Path(path.into())),
        }
    }

    /// A crate by the name that the code of a package gives it.
    pub(super) fn krate(&self, index: &'a PackageIndex, name: &str) -> Option<Target<'a>> {
        if matches!(name, "std" | "core" | "alloc") {
            return Some(Target::Path("std".into()));
        }
        let package = &index.package;
        if *package.krate == *name
            && let Some(root) = index.modules().by_path(name)
        {
            return Some(Target::Module(index, root));
        }
        let dependency = package.package_of(name).or_else(|| {
            // `md-5` is `md5` in code, whatever the manifest calls it.
            let mut own_name = package.dependencies.iter().filter(|d| *d.name == *d.package);
            own_name.find(|d| reexports::library_of(&d.package) == name).map(|d| &*d.package)
        });
        let Some(dependency) = dependency else {
            let looks_like_crate = name.starts_with(|c: char| c.is_lowercase() || c == '_');
            let known = package.any_crate && looks_like_crate && !reexports::is_primitive(name);
            return (known || matches!(name, "proc_macro" | "test")).then(|| Target::Path(name.into()));
        };
        let mut packages = std::iter::once(self.names.own).chain(self.names.others.iter().copied());
        if let Some(found) = packages.find(|other| *other.package.name == *dependency) {
            return Some(match found.modules().by_path(&found.package.krate) {
                Some(root) => Target::Module(found, root),
                None => Target::Path(found.package.krate.clone()),
            });
        }
        Some(Target::Path(reexports::canonical(reexports::library_of(dependency)).into()))
    }
}

/// What a glob import of another crate must have brought in, where only one can have.
fn from_foreign<'a>(foreign: &[Arc<str>], name: &str) -> Option<Target<'a>> {
    let is_prelude = |path: &Arc<str>| path.ends_with("::prelude") || path.contains("::prelude::");
    let mut plain = foreign.iter().filter(|path| !is_prelude(path));
    let path = match (plain.next(), plain.next(), foreign) {
        (Some(path), None, _) | (None, None, [path]) => path,
        _ => return None,
    };
    Some(Target::Path(reexports::canonical(format!("{path}::{name}")).into()))
}

/// What comes first where a name means several things: modules and types before `::`, values and
/// types at the end, code of the own file before that of others, shipping code before test code.
fn rank(index: &PackageIndex, file: u32, entry: &Entry, want: Want, from: Place<'_>) -> u8 {
    let source = &index.files[file as usize];
    let (kind, test) = match entry {
        Entry::Item(item) => {
            let item = &source.outline.items[*item as usize];
            (Some(item.kind), item.test)
        }
        Entry::Use { test, .. } => (None, *test),
        Entry::Crate(_) => (Some(ItemKind::Mod), false),
    };
    let by_kind = match (want, kind) {
        (Want::Prefix, Some(ItemKind::Mod)) => 0,
        (Want::Prefix, Some(ItemKind::Fn | ItemKind::Const | ItemKind::Static | ItemKind::MacroRules)) => 3,
        (Want::Thing, Some(ItemKind::Mod | ItemKind::MacroRules)) => 3,
        (_, Some(_)) => 1,
        (_, None) => 2,
    };
    let elsewhere = std::ptr::eq(index, from.index) && file != from.file;
    by_kind + 4 * u8::from(elsewhere) + 8 * u8::from(test)
}

impl Target<'_> {
    fn plain(&self) -> Plain {
        match self {
            Target::Module(index, module) => Plain::Module(index.package.name.clone(), *module),
            Target::Item(index, file, item) => Plain::Item(index.package.name.clone(), *file, *item),
            Target::Path(path) => Plain::Path(path.clone()),
        }
    }
}

impl<'a> Names<'a> {
    /// Whether anything in the known packages has a name.
    fn declares(&self, name: &str) -> bool {
        std::iter::once(self.own).chain(self.others.iter().copied()).any(|index| index.declares(name))
    }

    fn target(&self, plain: Plain) -> Option<Target<'a>> {
        let package = |name: &str| {
            let mut all = std::iter::once(self.own).chain(self.others.iter().copied());
            all.find(|index| *index.package.name == *name)
        };
        Some(match plain {
            Plain::Module(name, module) => Target::Module(package(&name)?, module),
            Plain::Item(name, file, item) => Target::Item(package(&name)?, file, item),
            Plain::Path(path) => Target::Path(path),
        })
    }

    /// The place of an item, where its file belongs to a known package.
    pub(super) fn place(&self, index: &'a PackageIndex, file: u32, item: Option<u32>) -> Option<Place<'a>> {
        let source = index.files.get(file as usize)?;
        let module = index.modules().around(file, source, item)?;
        Some(Place { index, file, module })
    }

    /// The canonical path of an item that stands in a module.
    pub(super) fn item_path(&self, index: &PackageIndex, file: u32, item: u32) -> Option<String> {
        let source = index.files.get(file as usize)?;
        let outline = source.outline.items.get(item as usize)?;
        let inline = module_of(source, outline)?;
        let modules = index.modules();
        let module = modules.around(file, source, inline)?;
        Some(format!("{}::{}", modules.list[module as usize].path, name_of(source, outline)))
    }

    /// The canonical path of a target, aliases followed.
    pub(super) fn canonical(&self, search: &mut Search<'_, 'a>, target: Target<'a>) -> Option<String> {
        match target {
            Target::Module(index, module) => Some(index.modules().list[module as usize].path.to_string()),
            Target::Path(path) => Some(path.to_string()),
            Target::Item(index, file, item) => {
                if search.is_alias(index, file, item)
                    && let Some(aliased) = search.aliased(index, file, item)
                {
                    return match aliased {
                        Target::Item(index, file, item) => self.item_path(index, file, item),
                        other => self.canonical(search, other),
                    };
                }
                self.item_path(index, file, item)
            }
        }
    }
}
