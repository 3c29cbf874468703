//! The flags that cargo hands to the compiler, wherever a project sets them.

use toml_edit::{Array, Item, TableLike};

use crate::subject::{CargoConfig, Manifest, Node, Workflow};
use crate::vocabulary::Span;

/// The flags that one place sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagSet {
    /// The place: `build`, `target.thumbv7em-none-eabihf`, `profile.release`, `RUSTFLAGS`.
    pub section: String,
    /// Whether it holds only for targets without an operating system, or inside a sandbox of their own.
    pub bare_metal: bool,
    /// The flags in their order.
    pub flags: Vec<Flag>,
}

/// One flag with its value, however it is written: `-C lto`, `-Clto` and `--codegen=lto` are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The option without its dashes, in its short form where it has one: `C`, `A`, `cap-lints`.
    pub option: String,
    /// Its value; empty where it has none.
    pub value: String,
    /// Where it stands.
    pub span: Span,
    /// What has to go for it to be gone; `None` where that is not clear.
    pub removal: Option<Span>,
}

/// Options that take a value, with their short forms. The compiler reads the value from the next
/// argument where it is not attached.
const OPTIONS: [(&str, &str); 12] = [
    ("codegen", "C"),
    ("allow", "A"),
    ("warn", "W"),
    ("deny", "D"),
    ("forbid", "F"),
    ("force-warn", "force-warn"),
    ("cap-lints", "cap-lints"),
    ("cfg", "cfg"),
    ("check-cfg", "check-cfg"),
    ("Z", "Z"),
    ("L", "L"),
    ("l", "l"),
];

impl Flag {
    /// Its parts where it is an argument for the linker: `-Wl,-z,norelro` is `-z` and `norelro`.
    pub fn linker_words(&self) -> Vec<&str> {
        let argument = self.value.strip_prefix("link-arg=").or_else(|| self.value.strip_prefix("link-args="));
        let Some(argument) = argument.filter(|_| self.option == "C") else { return Vec::new() };
        linker_words(argument)
    }

    /// As people write it: `-C lto`.
    pub fn shown(&self) -> String {
        let dashes = if self.option.chars().count() == 1 { "-" } else { "--" };
        format!("{dashes}{} {}", self.option, self.value).trim_end().to_owned()
    }
}

/// The arguments that a compiler driver passes on, taken apart.
pub fn linker_words(argument: &str) -> Vec<&str> {
    let words = argument.split([' ', ',']).filter(|word| !matches!(*word, "" | "-Wl" | "-Xlinker"));
    words.collect()
}

/// One argument as written.
struct Word {
    text: String,
    span: Span,
    removal: Option<Span>,
}

/// Brings options and their values together.
fn flags(words: Vec<Word>) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let (option, value) = read(&word.text);
        let takes_value = OPTIONS.iter().any(|(_, short)| *short == option);
        let mut flag = Flag { option, value, span: word.span, removal: word.removal };
        if takes_value
            && flag.value.is_empty()
            && let Some(next) = words.next()
        {
            flag.value = next.text;
            flag.span = flag.span.to(next.span);
            flag.removal = flag.removal.zip(next.removal).map(|(first, second)| first.to(second));
        }
        flags.push(flag);
    }
    flags
}

/// Splits one argument into option and attached value.
fn read(text: &str) -> (String, String) {
    if let Some(long) = text.strip_prefix("--") {
        let (name, value) = long.split_once('=').unwrap_or((long, ""));
        let short = OPTIONS.iter().find(|(known, _)| *known == name).map_or(name, |(_, short)| *short);
        return (short.to_owned(), value.to_owned());
    }
    let Some(short) = text.strip_prefix('-') else { return (String::new(), text.to_owned()) };
    match short.char_indices().nth(1) {
        Some((at, _)) => (short[..at].to_owned(), short[at..].trim_start_matches('=').to_owned()),
        None => (short.to_owned(), String::new()),
    }
}

/// The words of a TOML value: an array of arguments, or one text that cargo splits at spaces.
fn toml_words(item: &Item, text: &str) -> Vec<Word> {
    if let Some(array) = item.as_array() {
        return array_words(array, text);
    }
    let (Some(value), Some(span)) = (item.as_str(), item.span()) else { return Vec::new() };
    text_words(value, Span::from(span), text)
}

fn array_words(array: &Array, text: &str) -> Vec<Word> {
    let end = array.span().map_or(0, |span| span.end.saturating_sub(1) as u32);
    let spans: Vec<Span> =
        array.iter().map(|value| value.span().map_or(Span::new(end, end), Span::from)).collect();
    let word = |(at, value): (usize, &toml_edit::Value)| {
        let span = spans[at];
        // A comma goes with what stands before it, so that removals of neighbours never overlap.
        let until = spans.get(at + 1).map_or(end, |next| next.start);
        let between = text.get(span.end as usize..until as usize).unwrap_or("");
        let removal = if between.trim() == "," && spans.len() > at + 1 {
            Span::new(span.start, until)
        } else {
            Span::new(span.start, span.end + between.find(',').map_or(0, |comma| comma as u32 + 1))
        };
        Some(Word { text: value.as_str()?.to_owned(), span, removal: Some(removal) })
    };
    array.iter().enumerate().filter_map(word).collect()
}

/// The words of a text that stands at `span`. Where it is written with escapes, the words have the
/// place of the whole.
fn text_words(value: &str, span: Span, text: &str) -> Vec<Word> {
    let written = text.get(span.range()).unwrap_or("");
    let base = written.find(value).map(|at| span.start + at as u32);
    let mut words = Vec::new();
    let mut at = 0;
    for part in value.split_inclusive(char::is_whitespace) {
        let start = at;
        at += part.len();
        let word = part.trim_end();
        if word.is_empty() {
            continue;
        }
        let place = |from: usize, to: usize| base.map(|base| Span::new(base + from as u32, base + to as u32));
        words.push(Word {
            text: word.to_owned(),
            span: place(start, start + word.len()).unwrap_or(span),
            removal: place(start, at),
        });
    }
    words
}

/// Whether a target triple or `cfg` means code without an operating system, or in a sandbox.
fn is_bare_metal(target: &str) -> bool {
    const MARKS: [&str; 10] =
        ["-none", "wasm", "-uefi", "xtensa", "avr-", "bpf", "nvptx", "-cuda", "\"none\"", "amdgcn"];
    MARKS.iter().any(|mark| target.contains(mark)) || target.ends_with(".json")
}

fn set(section: String, bare_metal: bool, words: Vec<Word>) -> Option<FlagSet> {
    let flags = flags(words);
    (!flags.is_empty()).then_some(FlagSet { section, bare_metal, flags })
}

/// The flags of every profile in a document.
fn profiles(document: &dyn TableLike, text: &str) -> Vec<FlagSet> {
    let profiles = document.get("profile").and_then(Item::as_table_like);
    let profiles = profiles.into_iter().flat_map(|table| table.iter());
    profiles
        .filter_map(|(name, profile)| {
            let words = toml_words(profile.get("rustflags")?, text);
            // Fuzzers and interpreters need what would weaken a program that ships.
            let apart = ["fuzz", "miri", "san"].iter().any(|mark| name.contains(mark));
            set(format!("profile.{name}"), apart, words)
        })
        .collect()
}

impl CargoConfig {
    /// The compiler flags that it sets.
    pub fn flags(&self) -> Vec<FlagSet> {
        let mut sets = Vec::new();
        let top = self.document.as_table();
        if let Some(build) = top.get("build") {
            let target = build.get("target");
            let targets = target.map_or_else(Vec::new, |target| match target.as_array() {
                Some(array) => array.iter().filter_map(|value| value.as_str()).collect(),
                None => target.as_str().into_iter().collect(),
            });
            let bare_metal = !targets.is_empty() && targets.iter().all(|target| is_bare_metal(target));
            let words = build.get("rustflags").map(|item| toml_words(item, &self.text));
            sets.extend(words.and_then(|words| set("build".to_owned(), bare_metal, words)));
        }
        for (name, target) in
            top.get("target").and_then(Item::as_table_like).into_iter().flat_map(|t| t.iter())
        {
            let words = target.get("rustflags").map(|item| toml_words(item, &self.text));
            let words = words.unwrap_or_default();
            sets.extend(set(format!("target.{name}"), is_bare_metal(name), words));
        }
        sets.extend(profiles(top, &self.text));
        sets
    }
}

impl Manifest {
    /// The compiler flags that its profiles set.
    pub fn flags(&self) -> Vec<FlagSet> {
        profiles(self.document.as_table(), &self.text)
    }
}

impl Workflow {
    /// The compiler flags that environment variables set, for the workflow, a job or a step.
    pub fn flags(&self) -> Vec<FlagSet> {
        let sets = self.environments().into_iter().flat_map(|(_, env)| env.entries()).filter_map(|entry| {
            let name = entry.name();
            let value = entry.value.as_str().filter(|_| name.ends_with("RUSTFLAGS"))?;
            let bare_metal = is_bare_metal(&name.to_ascii_lowercase().replace('_', "-"));
            set(name.to_owned(), bare_metal, text_words(value, entry.value.span(), &self.text))
        });
        sets.collect()
    }

    /// Every `env` with the step, job or file it belongs to, outer before inner.
    pub fn environments(&self) -> Vec<(&Node, &Node)> {
        let mut found: Vec<(&Node, &Node)> = Vec::new();
        let mut add = |holder| found.extend(Node::get(holder, "env").map(|env| (holder, env)));
        add(&self.root);
        for job in self.jobs() {
            add(job.node);
            job.steps().iter().for_each(&mut add);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let found = flags(text_words(text, Span::new(0, text.len() as u32), text));
        found.iter().map(Flag::shown).collect()
    }

    #[test]
    fn a_flag_reads_the_same_however_it_is_written() {
        for text in [
            "-C relro-level=off",
            "-Crelro-level=off",
            "--codegen relro-level=off",
            "--codegen=relro-level=off",
        ] {
            assert_eq!(words(text), ["-C relro-level=off"], "{text}");
        }
        assert_eq!(words("-Dwarnings --cap-lints=allow -g"), ["-D warnings", "--cap-lints allow", "-g"]);
        assert_eq!(words("-C"), ["-C"]);
        assert_eq!(words("-é --"), ["-é", "--"]);
    }

    #[test]
    fn linker_arguments_are_taken_apart() {
        let text = "-Clink-arg=-Wl,-z,norelro";
        let found = flags(text_words(text, Span::new(0, text.len() as u32), text));
        assert_eq!(found[0].linker_words(), ["-z", "norelro"]);
    }
}
