//! One package: its files outlined, the units with hits parsed, the lints run over them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, MatchKind};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::identity::{self, Lines, Place};
use super::scan::{RawHit, Scan};
use super::{Memory, Progress, Settings, attributes, embeds, modules};
use crate::code::Code;
use crate::finding::{Draft, Finding, Findings, Span};
use crate::lint::{Check, Lint, Scope};
use crate::load::{Embed, Entry, Files, PackageFiles, Workspace};
use crate::outline::{Hit, Item, ItemKind, Outline};
use crate::report::{InSourceAllow, Relevance, SecurityItem, Stats, Tag, Unchecked};
use crate::resolve::{Names, PackageIndex};
use crate::subject::{Role, SourceFile, is_generated};
use crate::syntax::{MOST_TOKENS, ParseProblem, Parsed};

/// What one package contributes to the report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PackageResult {
    /// Its findings.
    pub findings: Vec<Finding>,
    /// Its in-source allows.
    pub allows: Vec<InSourceAllow>,
    /// Who answers for what in it.
    pub tags: Vec<Tag>,
    /// Its items that matter to security, where that was asked for.
    pub security: Vec<SecurityItem>,
    /// What of it could not be checked.
    pub unchecked: Vec<Unchecked>,
    /// Where its source embeds certificates and keys.
    pub embeds: Vec<Embed>,
    /// The files that the result rests on beside those that the walk saw, as they were.
    pub beyond: Vec<Beyond>,
    /// How much was looked at.
    pub stats: Stats,
    /// The targets of the files that it tells of, by position among the package's.
    pub targets: Vec<(Arc<str>, u32)>,
}

/// A file that the module tree reaches and the walk did not see; also one that is not there, as the
/// result is another once it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
    /// Relative to the workspace root.
    pub path: Arc<str>,
    /// The digest of its content; `None` where there is none.
    pub content: Option<[u8; 32]>,
}

/// The Rust side of a package, and what of it could not be read.
struct Indexed {
    index: PackageIndex,
    unreadable: Vec<Unchecked>,
    beyond: Vec<Beyond>,
}

/// One run over the packages of a workspace.
pub(super) struct Run<'a> {
    workspace: &'a Workspace,
    files: &'a dyn Files,
    settings: &'a Settings,
    scan: &'a Scan<'a>,
    memory: &'a dyn Memory,
    progress: &'a dyn Progress,
    done: AtomicUsize,
    keys: Vec<[u8; 32]>,
    /// What earlier runs found out, by package.
    known: Vec<Option<Arc<PackageResult>>>,
    /// The indexes of packages that others depend on, built before any of those is checked.
    shared: FxHashMap<usize, Indexed>,
}

impl<'a> Run<'a> {
    /// Finds out what is known already and indexes what several packages need.
    pub(super) fn new(
        workspace: &'a Workspace,
        files: &'a dyn Files,
        settings: &'a Settings,
        scan: &'a Scan<'a>,
        memory: &'a dyn Memory,
        progress: &'a dyn Progress,
    ) -> Run<'a> {
        let mut run = Run {
            workspace,
            files,
            settings,
            scan,
            memory,
            progress,
            done: AtomicUsize::new(0),
            keys: Vec::new(),
            known: Vec::new(),
            shared: FxHashMap::default(),
        };
        let contents: Vec<[u8; 32]> =
            workspace.packages.par_iter().map(|package| run.content_key(package)).collect();
        run.keys = (0..workspace.packages.len()).map(|index| run.key(index, &contents)).collect();
        run.known = run.keys.par_iter().map(|key| run.remembered(key)).collect();
        let missing = (0..workspace.packages.len()).filter(|index| run.known[*index].is_none());
        let needed: FxHashSet<usize> =
            missing.flat_map(|index| run.reachable(index).into_iter().skip(1)).collect();
        run.shared =
            needed.into_par_iter().map(|index| (index, run.index(&workspace.packages[index]))).collect();
        run
    }

    /// The packages to check; the others are there for their names and functions.
    pub(super) fn selected(&self) -> Vec<usize> {
        (0..self.keys.len()).filter(|index| self.workspace.packages[*index].selected).collect()
    }

    /// Checks one package, or remembers it.
    pub(super) fn package(&self, index: usize) -> Arc<PackageResult> {
        let result = match &self.known[index] {
            Some(known) => known.clone(),
            None if self.progress.cancelled() => return Arc::new(self.not_reached(index)),
            None => {
                let result = Arc::new(self.check(index));
                self.memory.keep_result(self.keys[index], &result);
                result
            }
        };
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.progress.packages(done, self.keys.len());
        result
    }

    /// The result of an earlier run, where what it rests on is as it was.
    fn remembered(&self, key: &[u8; 32]) -> Option<Arc<PackageResult>> {
        let known = self.memory.result(key)?;
        known.beyond.iter().all(|beyond| beyond.content == self.digest(&beyond.path)).then_some(known)
    }

    fn digest(&self, path: &str) -> Option<[u8; 32]> {
        self.files.exists(path).then(|| match self.files.read(path) {
            Ok(bytes) => *blake3::hash(&bytes).as_bytes(),
            Err(reason) => *blake3::hash(reason.as_bytes()).as_bytes(),
        })
    }

    fn not_reached(&self, index: usize) -> PackageResult {
        let package = &self.workspace.packages[index];
        let unchecked = Unchecked {
            path: package.folder.clone(),
            at: None,
            reason: "not checked: interrupted".into(),
            help: Some("run the check again; what was done is remembered".into()),
        };
        PackageResult { unchecked: vec![unchecked], ..PackageResult::default() }
    }

    /// The package and every workspace package that it depends on, itself first.
    fn reachable(&self, index: usize) -> Vec<usize> {
        let mut found = vec![index];
        let mut at = 0;
        while at < found.len() {
            for next in &self.workspace.packages[found[at]].local_dependencies {
                if !found.contains(next) {
                    found.push(*next);
                }
            }
            at += 1;
        }
        found
    }

    /// A digest of everything that the package's own result depends on: its files, its manifest's
    /// meaning, the lints.
    fn content_key(&self, package: &PackageFiles) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{:?} {:?} {}", package.package, package.targets, package.folder).as_bytes());
        for lint in &self.settings.lints {
            hasher.update(lint.name.as_bytes());
        }
        let Settings { exhaustive, everywhere, .. } = self.settings;
        hasher.update(&[*exhaustive, *everywhere, package.ships].map(u8::from));
        hasher.update(format!("{:?}", self.settings.models).as_bytes());
        for file in &package.files {
            hasher.update(file.path.as_bytes());
            hasher.update(&self.content(file));
        }
        *hasher.finalize().as_bytes()
    }

    fn content(&self, file: &Entry) -> [u8; 32] {
        if let Some(known) = self.memory.content(&file.path) {
            return known;
        }
        match self.files.read(&file.path) {
            Ok(bytes) => {
                let digest = *blake3::hash(&bytes).as_bytes();
                self.memory.keep_content(&file.path, digest);
                digest
            }
            // It is read again when its turn comes, and told then.
            Err(reason) => *blake3::hash(reason.as_bytes()).as_bytes(),
        }
    }

    fn key(&self, index: usize, contents: &[[u8; 32]]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for package in self.reachable(index) {
            hasher.update(&contents[package]);
        }
        *hasher.finalize().as_bytes()
    }

    fn check(&self, index: usize) -> PackageResult {
        let own;
        let indexed = match self.shared.get(&index) {
            Some(shared) => shared,
            None => {
                own = self.index(&self.workspace.packages[index]);
                &own
            }
        };
        let package = &indexed.index;
        let others: Vec<&Indexed> =
            self.reachable(index).into_iter().skip(1).filter_map(|other| self.shared.get(&other)).collect();
        let beyond = others.iter().copied().chain([indexed]).flat_map(|indexed| indexed.beyond.clone());
        let beyond: Vec<Beyond> = beyond.collect();
        let others = others.into_iter().map(|other| &other.index).collect();
        let names = Names { own: package, others, models: &self.settings.models };
        let parts: Vec<PackageResult> =
            package.files.par_iter().map(|file| self.file(&names, file)).collect();
        let unchecked = indexed.unreadable.clone();
        let mut result = PackageResult { unchecked, beyond, ..PackageResult::default() };
        for part in parts {
            result.findings.extend(part.findings);
            result.allows.extend(part.allows);
            result.tags.extend(part.tags);
            result.security.extend(part.security);
            result.unchecked.extend(part.unchecked);
            result.embeds.extend(part.embeds);
            result.stats.bytes += part.stats.bytes;
            result.stats.generated += part.stats.generated;
            result.targets.extend(part.targets);
        }
        // Here, where all files of the package are at hand whatever part of it is asked for.
        identity::distinguish(&mut result.findings);
        result.stats.packages = 1;
        result
    }

    /// Reads, scans and outlines the files of a package and places them in its module tree.
    fn index(&self, package: &PackageFiles) -> Indexed {
        let relevant = self.scan.relevant(&package.package);
        let read: Vec<Result<SourceFile, Unchecked>> =
            package.files.par_iter().map(|entry| self.outlined(package, &entry.path, &relevant)).collect();
        let (mut files, mut unreadable) = (Vec::with_capacity(read.len()), Vec::new());
        for result in read {
            match result {
                Ok(file) => files.push(file),
                Err(problem) => unreadable.push(problem),
            }
        }
        let mut beyond: BTreeMap<Arc<str>, Beyond> = BTreeMap::new();
        let includes = |file: &SourceFile| {
            let hits = file.outline.hits.iter().filter(|hit| self.scan.is_include(hit.pattern));
            hits.filter_map(|hit| embeds::include(file, hit)).collect()
        };
        modules::place(&mut files, package, includes, |path| {
            if unreadable.iter().any(|unread| *unread.path == *path) || beyond.contains_key(path) {
                return None;
            }
            let path: Arc<str> = path.into();
            let content = self.digest(&path);
            beyond.insert(path.clone(), Beyond { path: path.clone(), content });
            content?;
            self.outlined(package, &path, &relevant).map_err(|problem| unreadable.push(problem)).ok()
        });
        files.sort_by(|a, b| a.path.cmp(&b.path));
        self.follow_renames(&mut files, &relevant, &package.package.shipped_features);
        let index = PackageIndex::new(package.package.clone(), files);
        Indexed { index, unreadable, beyond: beyond.into_values().collect() }
    }

    fn outlined(
        &self,
        package: &PackageFiles,
        path: &Arc<str>,
        relevant: &[bool],
    ) -> Result<SourceFile, Unchecked> {
        let unchecked = |reason: String, help: &str| Unchecked {
            path: path.clone(),
            at: None,
            reason,
            help: Some(help.to_owned()),
        };
        let bytes = self.files.read(path).map_err(|reason| {
            unchecked(
                reason,
                "make the file readable and no larger than a person would write, or leave it to `.gitignore`",
            )
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let valid = String::from_utf8_lossy(valid);
            let at = Lines::new(&valid).position(valid.len() as u32);
            let mut problem =
                unchecked("not UTF-8, so the compiler does not read it either".into(), "save it as UTF-8");
            problem.at = Some(at);
            problem
        })?;
        let raw = self.scan.matches(&text, relevant);
        let outline = Outline::with_shipped(&text, &raw, &package.package.shipped_features);
        Ok(SourceFile {
            path: path.clone(),
            generated: is_generated(&text),
            asked: Default::default(),
            text: text.into(),
            outline,
            role: modules::role_by_path(path),
            module: Vec::new(),
            test: false,
            in_target: package.targets.is_empty(),
            target: None,
            krate: package.package.krate.clone(),
        })
    }

    /// `use md5::Md5 as Hash` and `type Hash = Md5` give a trigger another name, which the scan did
    /// not look for, and `use ring::hmac` stands for its crate: search for it in all files of the package.
    fn follow_renames(&self, files: &mut [SourceFile], relevant: &[bool], shipped: &[String]) {
        let mut renames: FxHashMap<String, FxHashSet<u32>> = FxHashMap::default();
        for file in files.iter() {
            for hit in
                file.outline.hits.iter().filter(|hit| !hit.in_string && self.scan.names_an_api(hit.pattern))
            {
                let Some(item) = hit.item.map(|item| &file.outline.items[item as usize]) else { continue };
                let imported = match item.kind {
                    ItemKind::Use if self.scan.names_a_crate(hit.pattern) => imported(file, item, hit),
                    _ => rename(file, item, hit).into_iter().collect(),
                };
                for name in imported {
                    renames.entry(name).or_default().insert(hit.pattern);
                }
            }
        }
        renames.remove("_");
        if renames.is_empty() {
            return;
        }
        let (names, patterns): (Vec<String>, Vec<FxHashSet<u32>>) = renames.into_iter().unzip();
        let Ok(automaton) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names)
        else {
            return;
        };
        files.par_iter_mut().for_each(|file| {
            let found = automaton.find_iter(&*file.text).flat_map(|found| {
                let patterns = patterns[found.pattern().as_usize()].iter();
                patterns.map(move |pattern| (*pattern, found.start() as u32, found.end() as u32))
            });
            let mut hits: Vec<RawHit> = found.collect();
            if !hits.is_empty() {
                hits.extend(self.scan.matches(&file.text, relevant));
                hits.sort_unstable_by_key(|(pattern, start, end)| (*start, *end, *pattern));
                hits.dedup();
                file.outline = Outline::with_shipped(&file.text, &hits, shipped);
            }
        });
    }

    /// Runs every lint that has a hit in a file.
    fn file(&self, names: &Names<'_>, file: &SourceFile) -> PackageResult {
        let mut result = PackageResult {
            stats: Stats {
                bytes: file.text.len() as u64,
                generated: u64::from(file.generated),
                ..Stats::default()
            },
            ..Default::default()
        };
        for span in &file.outline.too_deep {
            result.unchecked.push(too_deep(file, *span));
        }
        let outline = &file.outline;
        if outline.hits.is_empty() && !self.scan.is_read(outline) && !self.settings.exhaustive {
            return result;
        }
        let runs: Vec<(usize, &'static Lint)> = self
            .scan
            .lints
            .iter()
            .copied()
            .enumerate()
            .filter(|(number, _)| self.scan.runs(*number, &names.own.package))
            .collect();
        let mut drafts: Vec<(&'static Lint, Draft)> = Vec::new();
        for (number, lint) in &runs {
            if !self.settings.exhaustive && !self.scan.is_hit(outline, *number) {
                continue;
            }
            let mut findings = Findings::default();
            for check in lint.checks() {
                if let Check::Source(check) = check {
                    check(file, &mut findings);
                }
            }
            let looked_at = |draft: &Draft| self.looks_at(lint, file, file.outline.item_at(draft.span.start));
            drafts.extend(findings.take().into_iter().filter(looked_at).map(|draft| (*lint, draft)));
        }
        for (item, hits) in self.units(file) {
            self.unit(names, file, item, &hits, &runs, &mut drafts, &mut result);
        }
        if file.outline.hits.iter().any(|hit| self.scan.is_attribute(hit.pattern)) {
            attributes::read(&names.own.package, file, &mut result);
        }
        for hit in file.outline.hits.iter().filter(|hit| self.scan.is_embed(hit.pattern)) {
            result.embeds.extend(embeds::at(file, hit));
        }
        let package = (!names.own.package.name.is_empty()).then(|| names.own.package.name.clone());
        let place = Place { file: &file.path, text: &file.text, package, source: Some(file) };
        result.findings = place.complete(drafts);
        if !(result.findings.is_empty() && result.unchecked.is_empty() && result.embeds.is_empty()) {
            result.targets.extend(file.target.map(|target| (file.path.clone(), target)));
        }
        result
    }

    /// The units of a file that hold hits, with those hits; every unit where everything is looked at.
    fn units(&self, file: &SourceFile) -> BTreeMap<u32, Vec<Hit>> {
        let mut units: BTreeMap<u32, Vec<Hit>> = BTreeMap::new();
        if self.settings.exhaustive {
            let all = (0u32..).zip(&file.outline.items).filter(|(_, item)| is_unit(file, item));
            units.extend(all.map(|(number, _)| (number, Vec::new())));
        }
        for hit in &file.outline.hits {
            if let Some(number) = hit.item
                && is_unit(file, &file.outline.items[number as usize])
            {
                units.entry(number).or_default().push(*hit);
            }
        }
        units
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `file`, apart for its length")]
    fn unit(
        &self,
        names: &Names<'_>,
        file: &SourceFile,
        number: u32,
        hits: &[Hit],
        runs: &[(usize, &'static Lint)],
        drafts: &mut Vec<(&'static Lint, Draft)>,
        result: &mut PackageResult,
    ) {
        let is_of = |lint: usize| move |hit: &&Hit| self.scan.triggers(hit.pattern, lint);
        let wanted: Vec<_> = runs
            .iter()
            .filter_map(|(lint_number, lint)| {
                let check =
                    lint.checks().find(|check| matches!(check, Check::Code(_) | Check::Security(_)))?;
                let mut mine = hits.iter().filter(is_of(*lint_number)).copied().peekable();
                let runs = (self.settings.exhaustive || mine.peek().is_some())
                    && self.looks_at(lint, file, Some(number));
                runs.then(|| (*lint, check, mine.collect::<Vec<Hit>>()))
            })
            .collect();
        if wanted.is_empty() {
            return;
        }
        let item = &file.outline.items[number as usize];
        let parent = item.parent.map(|parent| file.outline.items[parent as usize].kind);
        match Parsed::new(&file.text, item, parent) {
            Ok(parsed) => {
                // Nothing is lost where no trigger lies in what was not read.
                let mut wanted_hits = wanted.iter().flat_map(|(_, _, hits)| hits);
                let unread = wanted_hits.find(|hit| parsed.is_unread(hit.span));
                result.unchecked.extend(unread.map(|hit| too_deep(file, hit.span)));
                let mut code = Code::new(&names.own.package, file, number, names, &parsed);
                for (lint, check, hits) in wanted {
                    code.hits = hits;
                    match check {
                        Check::Code(check) => {
                            let mut findings = Findings::default();
                            check(&code, &mut findings);
                            drafts.extend(findings.take().into_iter().map(|draft| (lint, draft)));
                        }
                        Check::Security(check) => result.security.extend(security_item(&code, check(&code))),
                        _ => {}
                    }
                }
            }
            Err(problem) => result.unchecked.extend(unparsed(file, number, problem)),
        }
        // Spans live in a map of the thread that would otherwise grow with every unit.
        proc_macro2::extra::invalidate_current_thread_spans();
    }

    /// Whether a lint looks at an item, by what it is built into.
    fn looks_at(&self, lint: &Lint, file: &SourceFile, item: Option<u32>) -> bool {
        let test = file.test || item.is_some_and(|item| file.outline.items[item as usize].test);
        match lint.scope {
            _ if self.settings.everywhere => true,
            _ if file.generated && lint.spares_generated => false,
            Scope::Shipping => !test && file.role.ships(),
            Scope::NonTest => !test && file.role != Role::Test,
            Scope::Build => !test && matches!(file.role, Role::BuildScript | Role::ProcMacro),
            Scope::All => true,
        }
    }
}

/// An item of which there is something to tell.
fn security_item(code: &Code<'_>, why: BTreeSet<Relevance>) -> Option<SecurityItem> {
    let item = code.outline();
    let span = if item.name.is_empty() { item.header } else { item.name };
    (!why.is_empty()).then(|| SecurityItem {
        file: code.file.path.clone(),
        package: Some(code.package.name.clone()).filter(|name| !name.is_empty()),
        item: code.item_path(),
        span,
        start: Lines::new(&code.file.text).position(span.start),
        why: why.into_iter().collect(),
    })
}

/// Whether an item is parsed as a whole: what holds other items is not, and a foreign item has
/// nothing to look at but its name.
fn is_unit(file: &SourceFile, item: &Item) -> bool {
    let parent = item.parent.map(|parent| file.outline.items[parent as usize].kind);
    parent != Some(ItemKind::ExternBlock)
        && !matches!(item.kind, ItemKind::Mod | ItemKind::Use | ItemKind::ExternCrate | ItemKind::ExternBlock)
}

/// The other name that a `use` or `type` item gives to a hit.
fn rename(file: &SourceFile, item: &Item, hit: &Hit) -> Option<String> {
    use crate::outline::lexer::{Kind, Lexer};
    match item.kind {
        ItemKind::Use => {
            let mut after =
                Lexer::from_offset(&file.text, hit.span.end).filter(|token| token.kind != Kind::Comment);
            let is_as = after.next().is_some_and(|token| token.text(&file.text) == "as");
            is_as.then(|| after.next().map(|token| token.text(&file.text).to_owned())).flatten()
        }
        ItemKind::Type => Some(file.snippet(item.name).to_owned()),
        _ => None,
    }
}

/// The names that a `use` item brings in from the crate that a hit names.
fn imported(file: &SourceFile, item: &Item, hit: &Hit) -> Vec<String> {
    use crate::outline::lexer::{Kind, Lexer};
    let tokens = Lexer::from_offset(&file.text, hit.span.start)
        .take_while(|token| token.start < item.span.end)
        .filter(|token| token.kind != Kind::Comment);
    let mut names = Vec::new();
    let mut around = Vec::new();
    let mut last = "";
    for token in tokens {
        match token.text(&file.text) {
            "{" => around.push(last),
            "," | "}" | ";" if last == "self" => names.extend(around.last().map(|name| (*name).to_owned())),
            "," | "}" | ";" => names.push(last.to_owned()),
            _ => {}
        }
        match token.text(&file.text) {
            "}" => drop(around.pop()),
            "," if around.is_empty() => break,
            _ => {}
        }
        last = if token.kind == Kind::Ident { token.text(&file.text) } else { "" };
    }
    // These are in every crate, and of every module.
    names.retain(|name| !matches!(name.as_str(), "" | "Error" | "Result"));
    names
}

fn too_deep(file: &SourceFile, span: Span) -> Unchecked {
    Unchecked {
        path: file.path.clone(),
        at: Some(Lines::new(&file.text).position(span.start)),
        reason: "nested too deep to be checked".into(),
        help: Some("split the code into smaller functions".into()),
    }
}

/// What is told of a unit that did not parse. Code that no target reaches, and the inside of macros,
/// need not be Rust.
fn unparsed(file: &SourceFile, item: u32, problem: ParseProblem) -> Option<Unchecked> {
    let is_macro = |item: &Item| matches!(item.kind, ItemKind::MacroCall | ItemKind::MacroRules);
    let in_macro = file.outline.ancestors(item).any(is_macro);
    let expected = file.in_target && !file.test && !in_macro;
    match problem {
        ParseProblem::TooDeep => Some(too_deep(file, file.outline.items[item as usize].span)),
        ParseProblem::TooLarge => Some(Unchecked {
            path: file.path.clone(),
            at: Some(Lines::new(&file.text).position(file.outline.items[item as usize].span.start)),
            reason: format!("too large to be checked: an item of more than {MOST_TOKENS} tokens"),
            help: Some("split it into smaller ones; a table can be a file that is embedded as bytes".into()),
        }),
        ParseProblem::Syntax { message, at } if expected => Some(Unchecked {
            path: file.path.clone(),
            at: Some(Lines::new(&file.text).position(at.start)),
            reason: format!("cannot be parsed: {message}"),
            help: Some("if the compiler accepts it, the syntax is newer than this version of cargo durable: update it".into()),
        }),
        ParseProblem::Syntax { .. } => None,
    }
}
