//! One automaton over the raw bytes of a file: which triggers occur, and where.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use rustc_hash::FxHashMap;

use crate::lint::{Check, Lint};
use crate::models::Models;
use crate::outline::lexer::is_ident_byte;
use crate::subject::SourcePackage;

/// What the engine itself looks for, whatever lints run: the attribute that may let findings
/// through, and what embeds certificates.
const OWN: [&str; 4] = ["durable", "include_bytes", "include_str", "-----BEGIN CERTIFICATE"];

/// The triggers of a set of lints as one automaton.
pub struct Scan<'s> {
    automaton: Option<AhoCorasick>,
    patterns: Vec<Pattern<'s>>,
    /// The lints that have triggers, in their order.
    pub lints: Vec<&'static Lint>,
    /// The lints, by position, of which the project has models of its own.
    modelled: Vec<bool>,
}

struct Pattern<'s> {
    text: &'s str,
    /// Only whole identifiers match; otherwise any place.
    is_ident: bool,
    /// Positions in [`Scan::lints`].
    lints: Vec<u16>,
}

/// A match: pattern, start, end.
pub type RawHit = (u32, u32, u32);

impl<'s> Scan<'s> {
    /// Builds the automaton for a set of lints.
    pub fn new(lints: &[&'static Lint], models: &'s Models) -> Scan<'s> {
        let lints: Vec<&'static Lint> = lints
            .iter()
            .copied()
            .filter(|lint| matches!(lint.check, Check::Code(_) | Check::Source(_)))
            .collect();
        let mut patterns: Vec<Pattern<'s>> = Vec::new();
        let mut modelled: Vec<bool> = Vec::new();
        let mut known: FxHashMap<&'s str, usize> = FxHashMap::default();
        for text in OWN {
            known.insert(text, patterns.len());
            patterns.push(Pattern { text, is_ident: text.bytes().all(is_ident_byte), lints: Vec::new() });
        }
        for (number, lint) in (0u16..).zip(&lints) {
            let more = (lint.modelled)(models);
            modelled.push(!more.own.is_empty());
            let triggers = lint.triggers.iter().copied().chain(more.built_in).chain(more.own);
            for trigger in triggers {
                let at = *known.entry(trigger).or_insert_with(|| {
                    let is_ident = trigger.bytes().all(is_ident_byte);
                    patterns.push(Pattern { text: trigger, is_ident, lints: Vec::new() });
                    patterns.len() - 1
                });
                if !patterns[at].lints.contains(&number) {
                    patterns[at].lints.push(number);
                }
            }
        }
        // The DFA is twice as fast as the automatic choice at this many names.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(patterns.iter().map(|pattern| pattern.text))
            .ok();
        Scan { automaton, patterns, lints, modelled }
    }

    /// Whether a pattern is one of a lint's triggers.
    pub fn triggers(&self, pattern: u32, lint: usize) -> bool {
        self.patterns.get(pattern as usize).is_some_and(|pattern| pattern.lints.contains(&(lint as u16)))
    }

    /// Whether a pattern is the attribute.
    pub fn is_attribute(&self, pattern: u32) -> bool {
        pattern == 0
    }

    /// Whether a pattern is the name of something that may be called otherwise elsewhere: one that
    /// lints look for in parsed code. Those that look at tokens look for the word itself.
    pub fn names_an_api(&self, pattern: u32) -> bool {
        let lints = &self.patterns[pattern as usize].lints;
        lints.iter().any(|lint| matches!(self.lints[*lint as usize].check, Check::Code(_)))
    }

    /// Whether a pattern may embed a certificate.
    pub fn is_embed(&self, pattern: u32) -> bool {
        (1..OWN.len() as u32).contains(&pattern)
    }

    /// Whether a lint has anything to look for in a package.
    pub fn runs(&self, lint: usize, package: &SourcePackage) -> bool {
        let crates = self.lints[lint].crates;
        crates.is_empty() || self.modelled[lint] || package.depends_on(crates)
    }

    /// The patterns that matter to a package: those of lints that run on it.
    pub fn relevant(&self, package: &SourcePackage) -> Vec<bool> {
        let runs: Vec<bool> = (0..self.lints.len()).map(|lint| self.runs(lint, package)).collect();
        let matters = |pattern: &Pattern<'_>| pattern.lints.iter().any(|lint| runs[*lint as usize]);
        (0u32..)
            .zip(&self.patterns)
            .map(|(number, pattern)| self.is_attribute(number) || matters(pattern))
            .collect()
    }

    /// The matches in a text, those of irrelevant patterns and inside longer identifiers left out.
    /// An identifier pattern also matches inside string literals; the outline tells them apart.
    pub fn matches(&self, text: &str, relevant: &[bool]) -> Vec<RawHit> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let bytes = text.as_bytes();
        let mut hits = Vec::new();
        for found in automaton.find_iter(bytes) {
            let number = found.pattern().as_usize();
            if !relevant[number] {
                continue;
            }
            let inside =
                |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|byte| is_ident_byte(*byte));
            let cut = inside(found.start().checked_sub(1)) || inside(Some(found.end()));
            if self.patterns[number].is_ident && cut {
                continue;
            }
            hits.push((number as u32, found.start() as u32, found.end() as u32));
        }
        hits
    }
}
