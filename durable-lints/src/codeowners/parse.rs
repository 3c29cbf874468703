//! The lines of a CODEOWNERS file.

use super::{Host, Patterns, is_owner};
use crate::vocabulary::Span;

/// A file as a host reads it.
#[derive(Clone, Debug, Default)]
pub struct CodeOwners {
    /// The rules that count, in their order.
    pub rules: Vec<Rule>,
    /// The patterns that take files out of a section, on GitLab.
    pub exclusions: Vec<Exclusion>,
    /// What the host does not accept.
    pub problems: Vec<Problem>,
    /// How many sections there are, that without a heading among them.
    sections: usize,
}

/// A line that says who owns what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The line.
    pub span: Span,
    /// The files.
    pub pattern: String,
    /// Who owns them: those of the section where the line names none, on GitLab. Nobody owns what the
    /// last rule that speaks of it gives to nobody.
    pub owners: Vec<String>,
    /// The section it stands in, 0 before the first heading.
    pub section: usize,
}

/// A line that takes files out of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The files.
    pub pattern: String,
    /// The section.
    pub section: usize,
}

/// What a host ignores or refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line.
    pub span: Span,
    /// What is wrong, as the end of a sentence about the line.
    pub message: String,
    /// What mends it.
    pub help: &'static str,
}

const AN_OWNER: &str =
    "an owner is `@user`, `@group/team` or a mail address; a space in a path is written `\\ `";

/// Reads a file as a host does.
pub fn parse(host: Host, text: &str) -> CodeOwners {
    let mut read = CodeOwners::default();
    let mut sections = Sections { all: vec![Default::default()], current: 0 };
    for (span, line) in lines(text) {
        match heading(line) {
            Some(heading) if host == Host::Gitlab => sections.enter(&heading),
            Some(_) => {
                let message = "GitHub knows no sections".to_owned();
                read.problems.push(Problem { span, message, help: "write the owners behind each path" });
            }
            None => read.add(host, span, line, &sections),
        }
    }
    read.sections = sections.all.len();
    read
}

/// The lines that say something, trimmed, with their places.
fn lines(text: &str) -> impl Iterator<Item = (Span, &str)> {
    let mut at = 0;
    let all = text.split_inclusive('\n').map(move |whole| {
        let line = whole.trim_start_matches('\u{feff}').trim();
        let start = at + whole.find(line).unwrap_or_default();
        at += whole.len();
        (Span::new(start as u32, (start + line.len()) as u32), line)
    });
    all.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// The sections so far, by their names, with their default owners; first those lines before any heading.
struct Sections {
    all: Vec<(String, Vec<String>)>,
    current: usize,
}

impl Sections {
    /// Headings of the same name are one section.
    fn enter(&mut self, heading: &Heading<'_>) {
        let name = heading.name.to_lowercase();
        let known = self.all.iter().skip(1).position(|(known, _)| *known == name);
        self.current = known.map_or(self.all.len(), |index| index + 1);
        if known.is_none() {
            self.all.push((name, Vec::new()));
        }
        let owners = words(heading.owners);
        if !owners.is_empty() {
            self.all[self.current].1 = owners;
        }
    }
}

impl CodeOwners {
    fn add(&mut self, host: Host, span: Span, line: &str, sections: &Sections) {
        let (pattern, rest) = split(line);
        if let Err((message, help)) = accepted(host, pattern) {
            return self.problems.push(Problem { span, message, help });
        }
        let (mut owners, wrong): (Vec<String>, Vec<String>) =
            words(rest).into_iter().partition(|word| is_owner(host, word));
        if let Some(word) = wrong.first() {
            let message = format!("`{word}` is no owner to {}", host.name());
            self.problems.push(Problem { span, message, help: AN_OWNER });
            // GitHub skips such a line, GitLab the word.
            if host == Host::Github {
                return;
            }
        }
        let (section, defaults) = (sections.current, &sections.all[sections.current].1);
        if let Some(pattern) = pattern.strip_prefix('!') {
            return self.exclusions.push(Exclusion { pattern: pattern.to_owned(), section });
        }
        if owners.is_empty() {
            owners.clone_from(defaults);
        }
        self.rules.push(Rule { span, pattern: pattern.to_owned(), owners, section });
    }

    /// It as one that can be asked; `None` where its patterns are too much to compile.
    pub fn compiled(&self, host: Host) -> Option<Compiled<'_>> {
        let mut parts: Vec<(Vec<&Rule>, Vec<&str>)> = vec![Default::default(); self.sections];
        self.rules.iter().for_each(|rule| parts[rule.section].0.push(rule));
        self.exclusions.iter().for_each(|exclusion| parts[exclusion.section].1.push(&exclusion.pattern));
        let sections = parts.into_iter().map(|(rules, excluded)| {
            let patterns = Patterns::new(host, rules.iter().map(|rule| &*rule.pattern)).ok()?;
            Some(Section { patterns, excluded: Patterns::new(host, excluded).ok()?, rules })
        });
        Some(Compiled { sections: sections.collect::<Option<_>>()? })
    }
}

/// A file to be asked who owns what.
pub struct Compiled<'a> {
    sections: Vec<Section<'a>>,
}

struct Section<'a> {
    patterns: Patterns,
    excluded: Patterns,
    rules: Vec<&'a Rule>,
}

impl<'a> Compiled<'a> {
    /// The rule that decides who owns a file. Of several sections one that gives it an owner.
    pub fn rule_of(&self, path: &str) -> Option<&'a Rule> {
        let mut last = None;
        for section in self.sections.iter().filter(|section| !section.excluded.contains(path)) {
            let Some(index) = section.patterns.last_match(path) else { continue };
            last = Some(section.rules[index]);
            if last.is_some_and(|rule| !rule.owners.is_empty()) {
                break;
            }
        }
        last
    }
}

struct Heading<'a> {
    name: &'a str,
    owners: &'a str,
}

/// `[Name]`, `^[Name]`, `[Name][2] @owner`.
fn heading(line: &str) -> Option<Heading<'_>> {
    let (name, rest) = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?.split_once(']')?;
    let rest = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((count, rest)) if count.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => rest,
    };
    // `[ab].rs @owner` is a path with a range.
    let is_heading = rest.is_empty() || rest.starts_with(char::is_whitespace);
    is_heading.then_some(Heading { name, owners: rest })
}

/// Where the first section of a file begins, as a host reads it.
pub fn first_section(host: Host, text: &str) -> Option<usize> {
    let first = lines(text).find(|(_, line)| host == Host::Gitlab && heading(line).is_some());
    let indented = |c: char| c.is_whitespace() && c != '\n';
    first.map(|(span, _)| text[..span.start as usize].trim_end_matches(indented).len())
}

/// The pattern and what stands behind it. A space that belongs to a pattern is escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c.is_whitespace() && !escaped {
            return line.split_at(at);
        }
        escaped = c == '\\' && !escaped;
    }
    (line, "")
}

/// The words before a comment.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().take_while(|word| !word.starts_with('#')).map(str::to_owned).collect()
}

fn accepted(host: Host, pattern: &str) -> Result<(), (String, &'static str)> {
    let is_range = |pattern: &str| {
        pattern
            .match_indices('[')
            .any(|(at, _)| !pattern[..at].ends_with('\\') && pattern[at..].contains(']'))
    };
    let refused = match host {
        Host::Github if pattern.starts_with('!') => Some((
            "GitHub knows no `!`".to_owned(),
            "write a later line with the path and no owner, which gives it to nobody",
        )),
        Host::Github if is_range(pattern) => {
            Some(("GitHub knows no ranges such as `[ab]`".to_owned(), "write a line for each path"))
        }
        Host::Github if pattern.starts_with("\\#") => Some((
            "GitHub does not read `\\#` as the begin of a path".to_owned(),
            "name the folder that the file is in",
        )),
        _ => None,
    };
    if let Some(refused) = refused {
        return Err(refused);
    }
    Patterns::check(host, pattern.trim_start_matches('!'))
        .map_err(|why| (why, "write a pattern as in .gitignore"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(host: Host, text: &str) -> Vec<(String, String)> {
        let rules = parse(host, text).rules.into_iter();
        rules.map(|rule| (rule.pattern, rule.owners.join(" "))).collect()
    }

    fn problems(host: Host, text: &str) -> Vec<String> {
        let place = |problem: &Problem| text[problem.span.range()].to_owned();
        parse(host, text)
            .problems
            .iter()
            .map(|problem| format!("{}: {}", place(problem), problem.message))
            .collect()
    }

    #[test]
    fn lines() {
        let text = "\u{feff}# all\r\n*  @a\t@acme/b # why\r\n\r\n  docs/\\ a/ c@example.com\r\n/free\r\n";
        let expected = [("*", "@a @acme/b"), ("docs/\\ a/", "c@example.com"), ("/free", "")];
        assert_eq!(rules(Host::Github, text), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        let spans: Vec<&str> =
            parse(Host::Github, text).rules.iter().map(|rule| &text[rule.span.range()]).collect();
        assert_eq!(spans, ["*  @a\t@acme/b # why", "docs/\\ a/ c@example.com", "/free"]);
    }

    #[test]
    fn sections() {
        let text = "* @all\n[Docs][2] @docs\n*.md\n/a.md @a\n^[Optional]\n*.rs @r\n[DOCS]\n/b.md\n!/c.md\n";
        let read = parse(Host::Gitlab, text);
        assert_eq!(read.problems, []);
        let compiled = read.compiled(Host::Gitlab).unwrap();
        let owners: Vec<(&str, &[String], usize)> =
            read.rules.iter().map(|rule| (&*rule.pattern, &*rule.owners, rule.section)).collect();
        let strings = |text: &str| vec![text.to_owned()];
        assert_eq!(owners[1], ("*.md", &*strings("@docs"), 1));
        assert_eq!(owners[2], ("/a.md", &*strings("@a"), 1));
        assert_eq!(owners[4], ("/b.md", &*strings("@docs"), 1));
        assert_eq!(compiled.rule_of("x.md").map(|rule| &*rule.owners), Some(&*strings("@all")));
    }

    #[test]
    fn an_exclusion_holds_in_its_section() {
        let read = parse(Host::Gitlab, "[Docs] @docs\n*.md\n!/c.md\n");
        let compiled = read.compiled(Host::Gitlab).unwrap();
        assert!(compiled.rule_of("a.md").is_some());
        assert_eq!(compiled.rule_of("c.md"), None);
    }

    #[test]
    fn what_github_ignores_is_said() {
        for (line, said) in [
            ("!*.rs @a", "GitHub knows no `!`"),
            ("[ab].rs @a", "GitHub knows no ranges"),
            ("[Docs] @a", "GitHub knows no sections"),
            ("^[Docs]", "GitHub knows no sections"),
            ("my file.txt @a", "`file.txt` is no owner"),
            ("* octocat", "`octocat` is no owner"),
            ("\\#x @a", "does not read `\\#`"),
        ] {
            let all = problems(Host::Github, line);
            assert!(matches!(&*all, [one] if one.contains(said)), "{line}: {all:?}");
            assert_eq!(rules(Host::Github, line), [], "{line}");
        }
        assert_eq!(problems(Host::Gitlab, "!*.rs\n[Docs] @a\n\\#x @a\n"), [""; 0]);
        assert_eq!(problems(Host::Gitlab, "* @a b\n"), ["* @a b: `b` is no owner to GitLab"]);
        assert_eq!(rules(Host::Gitlab, "* @a b\n").len(), 1);
    }
}
