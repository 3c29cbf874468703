//! One automaton over the raw bytes of a file: which triggers occur, and where.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use rustc_hash::FxHashMap;

use crate::lint::{Check, Lint};
use crate::models::{Models, security};
use crate::outline::Outline;
use crate::outline::lexer::is_ident_byte;
use crate::subject::SourcePackage;

/// What the engine itself looks for, whatever lints run: the attribute that says who answers and what
/// is let through, what brings in further code, and what embeds certificates.
const OWN: [&str; 6] =
    ["durable", "durable_file", "include", "include_bytes", "include_str", "-----BEGIN CERTIFICATE"];

/// The triggers of a set of lints as one automaton.
pub(super) struct Scan<'s> {
    automaton: Option<AhoCorasick>,
    patterns: Vec<Pattern<'s>>,
    /// The lints that have triggers, in their order.
    pub(super) lints: Vec<&'static Lint>,
    /// The crates, by lint, of which a package must depend on one; empty where it need not.
    crates: Vec<Vec<&'s str>>,
}

struct Pattern<'s> {
    text: &'s str,
    /// Only whole identifiers match; otherwise any place.
    is_ident: bool,
    /// Positions in [`Scan::lints`].
    lints: Vec<u16>,
    /// What its text holds as a part (`*part*`), itself included: the patterns that stand for these
    /// parts. They are not in the automaton, which finds the longest pattern at a place only.
    parts: Vec<u32>,
}

impl<'s> Pattern<'s> {
    fn new(text: &'s str) -> Pattern<'s> {
        Pattern { text, is_ident: text.bytes().all(is_ident_byte), lints: Vec::new(), parts: Vec::new() }
    }
}

/// A match: pattern, start, end.
pub(super) type RawHit = (u32, u32, u32);

impl<'s> Scan<'s> {
    /// Builds the automaton for a set of lints.
    pub(super) fn new(lints: &[&'static Lint], models: &'s Models) -> Scan<'s> {
        let lints: Vec<&'static Lint> = lints.iter().copied().filter(|lint| lint.looks_at_code()).collect();
        let mut patterns: Vec<Pattern<'s>> = Vec::new();
        let mut crates: Vec<Vec<&'s str>> = Vec::new();
        let mut known: FxHashMap<&'s str, usize> = FxHashMap::default();
        for text in OWN {
            known.insert(text, patterns.len());
            patterns.push(Pattern::new(text));
        }
        let mut parts: BTreeMap<usize, Vec<u16>> = BTreeMap::new();
        for (number, lint) in (0u16..).zip(&lints) {
            let more = (lint.modelled)(models);
            let needed = lint.crates.iter().copied().chain(more.crates);
            crates.push(needed.filter(|_| more.own.is_empty()).collect());
            let triggers = lint.triggers.iter().copied().chain(more.built_in).chain(more.own);
            for trigger in triggers {
                let text = trigger.trim_matches('*');
                let at = *known.entry(text).or_insert_with(|| {
                    patterns.push(Pattern::new(text));
                    patterns.len() - 1
                });
                if !patterns[at].lints.contains(&number) {
                    patterns[at].lints.push(number);
                }
                if text.len() < trigger.len() {
                    parts.entry(at).or_default().push(number);
                }
            }
        }
        // The DFA is twice as fast as the automatic choice at this many names.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(patterns.iter().map(|pattern| pattern.text))
            .ok();
        let whole = patterns.len();
        for (pattern, lints) in parts {
            let part = Pattern { lints, ..Pattern::new(patterns[pattern].text) };
            let number = patterns.len() as u32;
            for around in patterns[..whole].iter_mut().filter(|around| around.text.contains(part.text)) {
                around.parts.push(number);
            }
            patterns.push(part);
        }
        Scan { automaton, patterns, lints, crates }
    }

    /// Whether a pattern is one of a lint's triggers.
    pub(super) fn triggers(&self, pattern: u32, lint: usize) -> bool {
        self.patterns.get(pattern as usize).is_some_and(|pattern| pattern.lints.contains(&(lint as u16)))
    }

    /// Whether a lint has anything to look for in a file: in its code, or in its comments where it
    /// reads those.
    pub(super) fn is_hit(&self, outline: &Outline, lint: usize) -> bool {
        let mut commented = outline.in_comments.iter().filter(|_| self.lints[lint].reads_comments);
        outline.hits.iter().any(|hit| self.triggers(hit.pattern, lint))
            || commented.any(|pattern| self.triggers(*pattern, lint))
    }

    /// Whether a file's comments hold anything for a lint that reads them.
    pub(super) fn is_read(&self, outline: &Outline) -> bool {
        let reads = |lint: &u16| self.lints[*lint as usize].reads_comments;
        outline.in_comments.iter().any(|pattern| {
            self.patterns.get(*pattern as usize).is_some_and(|pattern| pattern.lints.iter().any(reads))
        })
    }

    /// Whether a pattern is the attribute, or the macro that says the same of a file.
    pub(super) fn is_attribute(&self, pattern: u32) -> bool {
        pattern < 2
    }

    /// Whether a pattern is the name of something that may be called otherwise elsewhere: one that
    /// lints look for in parsed code. Those that look at tokens look for the word itself.
    pub(super) fn names_an_api(&self, pattern: u32) -> bool {
        let lints = &self.patterns[pattern as usize].lints;
        lints.iter().any(|lint| {
            self.lints[*lint as usize]
                .checks()
                .any(|check| matches!(check, Check::Code(_) | Check::Security(_)))
        })
    }

    /// Whether a pattern is a crate whose use matters by itself, so that its names stand for it.
    pub(super) fn names_a_crate(&self, pattern: u32) -> bool {
        let pattern = &self.patterns[pattern as usize];
        let is_security =
            |lint: &u16| self.lints[*lint as usize].checks().any(|check| matches!(check, Check::Security(_)));
        pattern.lints.iter().any(is_security) && security::crates().any(|name| name == pattern.text)
    }

    /// Whether a pattern may embed a certificate.
    pub(super) fn is_embed(&self, pattern: u32) -> bool {
        (3..OWN.len() as u32).contains(&pattern)
    }

    /// Whether a pattern may bring in the code of another file.
    pub(super) fn is_include(&self, pattern: u32) -> bool {
        pattern == 2
    }

    /// Whether a lint has anything to look for in a package.
    pub(super) fn runs(&self, lint: usize, package: &SourcePackage) -> bool {
        let crates = &self.crates[lint];
        crates.is_empty() || package.depends_on(crates)
    }

    /// The patterns that matter to a package: those of lints that run on it.
    pub(super) fn relevant(&self, package: &SourcePackage) -> Vec<bool> {
        let runs: Vec<bool> = (0..self.lints.len()).map(|lint| self.runs(lint, package)).collect();
        let matters = |pattern: &Pattern<'_>| pattern.lints.iter().any(|lint| runs[*lint as usize]);
        (0u32..)
            .zip(&self.patterns)
            .map(|(number, pattern)| number < OWN.len() as u32 || matters(pattern))
            .collect()
    }

    /// The matches in a text, those of irrelevant patterns and inside longer identifiers left out.
    /// An identifier pattern also matches inside string literals; the outline tells them apart.
    pub(super) fn matches(&self, text: &str, relevant: &[bool]) -> Vec<RawHit> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let bytes = text.as_bytes();
        let mut hits = Vec::new();
        let mut word = (0, 0);
        for found in automaton.find_iter(bytes) {
            let number = found.pattern().as_usize();
            let pattern = &self.patterns[number];
            if !relevant[number] && pattern.parts.is_empty() {
                continue;
            }
            let inside =
                |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|byte| is_ident_byte(*byte));
            let cut = inside(found.start().checked_sub(1)) || inside(Some(found.end()));
            let whole = !(pattern.is_ident && cut);
            for part in pattern.parts.iter().filter(|part| relevant[**part as usize]) {
                if whole && self.patterns[*part as usize].text == pattern.text {
                    continue;
                }
                // One look at a word is enough, however many matches it holds.
                if word.1 < found.end() as u32 {
                    word = word_around(bytes, found.start(), found.end());
                } else if hits.last() == Some(&(*part, word.0, word.1)) {
                    continue;
                }
                hits.push((*part, word.0, word.1));
            }
            if !whole || !relevant[number] {
                continue;
            }
            hits.push((number as u32, found.start() as u32, found.end() as u32));
        }
        hits
    }
}

/// The identifier, or the word of a string, around a match.
fn word_around(bytes: &[u8], start: usize, end: usize) -> (u32, u32) {
    let before = bytes[..start].iter().rev().take_while(|byte| is_ident_byte(**byte)).count();
    let after = bytes[end..].iter().take_while(|byte| is_ident_byte(**byte)).count();
    ((start - before) as u32, (end + after) as u32)
}
