//! Lints as SARIF rules, and the CWE entries they point to as a taxonomy.

use std::collections::BTreeMap;

use durable_lints::lint::{Confidence, Level, Lint};

use super::log::{
    ComponentReference, Configuration, Relationship, Rule, RuleProperties, Taxon, TaxonReference, Text,
    ToolComponent,
};
use super::sentence;
use crate::outcome::Outcome;
use crate::render::{controls, docs, page};

/// Every lint as a rule, with the place of each in the list.
pub(super) struct Rules<'a> {
    outcome: &'a Outcome,
    lints: BTreeMap<&'static str, &'static Lint>,
    weaknesses: Vec<u32>,
}

impl<'a> Rules<'a> {
    /// Every lint there is, not only those with findings: a service tells a rule that is silent
    /// from one that is gone.
    pub(super) fn new(outcome: &'a Outcome) -> Rules<'a> {
        let found = outcome.findings.iter().map(|judged| judged.finding.lint.0);
        let lints: BTreeMap<&str, &Lint> =
            durable_lints::lints::ALL.iter().copied().chain(found).map(|lint| (lint.name, lint)).collect();
        let mut weaknesses: Vec<u32> = lints.values().flat_map(|lint| lint.cwe).copied().collect();
        weaknesses.sort_unstable();
        weaknesses.dedup();
        Rules { outcome, lints, weaknesses }
    }

    /// Where each lint is in the list.
    pub(super) fn indices(&self) -> BTreeMap<&'static str, usize> {
        self.lints.keys().enumerate().map(|(index, name)| (*name, index)).collect()
    }

    /// The list.
    pub(super) fn rules(&self, version: &str) -> Vec<Rule> {
        self.lints.values().map(|lint| self.rule(lint, version)).collect()
    }

    /// The weaknesses that lints name, and the controls of the policy.
    pub(super) fn taxonomies(&self) -> Vec<ToolComponent<'a>> {
        let all = [self.weaknesses(), self.controls()];
        all.into_iter().filter(|taxonomy| !taxonomy.taxa.is_empty()).collect()
    }

    fn weaknesses(&self) -> ToolComponent<'a> {
        let taxa = self.weaknesses.iter().map(|number| Taxon {
            id: number.to_string(),
            short_description: Text::plain(format!("CWE-{number}.")),
            help_uri: Some(format!("https://cwe.mitre.org/data/definitions/{number}.html")),
            properties: None,
        });
        ToolComponent {
            name: "CWE",
            organization: Some("MITRE"),
            information_uri: "https://cwe.mitre.org/",
            short_description: Some(Text::plain("The MITRE Common Weakness Enumeration.")),
            taxa: taxa.collect(),
            ..ToolComponent::default()
        }
    }

    fn controls(&self) -> ToolComponent<'a> {
        let taxa = controls::of(self.outcome).into_iter().map(|control| Taxon {
            id: control.id.to_owned(),
            short_description: Text::plain(sentence(control.title)),
            help_uri: None,
            properties: Some(control),
        });
        ToolComponent {
            name: "controls",
            information_uri: env!("CARGO_PKG_REPOSITORY"),
            short_description: Some(Text::plain("The controls that the policy declares.")),
            taxa: taxa.collect(),
            ..ToolComponent::default()
        }
    }

    /// What the driver says about the taxonomy.
    pub(super) fn supported(&self) -> Vec<ComponentReference> {
        if self.weaknesses.is_empty() { Vec::new() } else { vec![cwe()] }
    }

    fn rule(&self, lint: &Lint, version: &str) -> Rule {
        let markdown = docs::markdown(lint);
        let mut tags = vec!["security".to_owned(), lint.group.to_owned()];
        tags.extend(lint.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}")));
        Rule {
            id: lint.name,
            name: pascal_case(lint.name),
            short_description: Text::plain(format!("{}.", lint.summary())),
            full_description: Text::plain(description(&markdown)),
            help: Text { text: docs::terminal(&markdown, false, 0), markdown: Some(markdown) },
            help_uri: page(lint, version),
            default_configuration: Configuration {
                level: level(lint.level),
                enabled: lint.level > Level::Allow,
            },
            relationships: lint.cwe.iter().map(|number| self.relationship(*number)).collect(),
            properties: RuleProperties {
                tags,
                precision: match lint.confidence {
                    Confidence::Medium => "medium",
                    Confidence::High => "high",
                },
                security_severity: lint.severity.score(),
            },
        }
    }

    fn relationship(&self, number: u32) -> Relationship {
        let index = self.weaknesses.binary_search(&number).unwrap_or(0);
        let target = TaxonReference { id: number.to_string(), index, tool_component: cwe() };
        // A lint finds some of what the weakness covers.
        Relationship { target, kinds: ["superset"] }
    }
}

fn cwe() -> ComponentReference {
    ComponentReference { name: "CWE", index: 0 }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Allow => "none",
        Level::Audit => "note",
        Level::Warn => "warning",
        Level::Deny | Level::Forbid => "error",
    }
}

/// The prose before the first example or heading, on one line.
fn description(markdown: &str) -> String {
    let prose = markdown.lines().take_while(|line| {
        let example = ["Refused:", "Accepted:"].contains(line) || line.starts_with("```");
        !example && !line.starts_with('#')
    });
    prose.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// `weak_hashes` as `WeakHashes`, which is how SARIF viewers show names.
fn pascal_case(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
