//! The commands in the `run` steps of workflows.

use crate::subject::{Node, Workflow};
use crate::vocabulary::Span;

/// One job of a workflow; an action counts as one.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Its key under `jobs`; empty for an action.
    pub name: &'a str,
    /// Where that key stands.
    pub span: Span,
    /// The job.
    pub node: &'a Node,
}

impl<'a> Job<'a> {
    /// Its steps.
    pub fn steps(&self) -> &'a [Node] {
        self.node.get("steps").map_or(&[], Node::items)
    }
}

/// One simple command of a shell script: what stands between line ends, `;`, `&&`, `||` and `|`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its words with their quotes taken away; assignments and `sudo` before the program are left out.
    pub words: Vec<String>,
    /// Whether its output goes into the next command.
    pub piped: bool,
    /// Where it stands in the file.
    pub span: Span,
}

impl Command {
    /// The program, without its folder.
    pub fn program(&self) -> &str {
        let program = self.words.first().map_or("", String::as_str);
        program.rsplit('/').next().unwrap_or(program)
    }

    /// The subcommand and the arguments after it, where the program is cargo.
    pub fn cargo(&self) -> Option<(&str, &[String])> {
        if self.program() != "cargo" {
            return None;
        }
        let mut rest = &self.words[1..];
        while let [first, after @ ..] = rest {
            match first.as_str() {
                "-C" | "--config" | "--color" | "-Z" | "--manifest-path" => {
                    rest = after.get(1..).unwrap_or(&[])
                }
                flag if flag.starts_with(['-', '+', '$']) => rest = after,
                subcommand => return Some((subcommand, after)),
            }
        }
        None
    }

    /// Whether one of the words is this flag, or this flag with a value attached.
    pub fn has(&self, flag: &str) -> bool {
        let own = self.words.iter().take_while(|word| *word != "--");
        own.clone()
            .any(|word| word.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    }
}

impl Workflow {
    /// Its jobs in file order.
    pub fn jobs(&self) -> Vec<Job<'_>> {
        if let Some(runs) = self.root.entry("runs").filter(|_| self.is_action) {
            return vec![Job { name: "", span: runs.key.span(), node: &runs.value }];
        }
        let jobs = self.root.get("jobs").map_or(&[][..], Node::entries);
        jobs.iter().map(|job| Job { name: job.name(), span: job.key.span(), node: &job.value }).collect()
    }

    /// The events that start it.
    pub fn triggers(&self) -> Vec<&str> {
        self.root.get("on").map_or_else(Vec::new, Node::texts)
    }

    /// The commands of a step; none where it runs an action.
    pub fn commands(&self, step: &Node) -> Vec<Command> {
        let Some(run) = step.get("run") else { return Vec::new() };
        let written = self.text.get(run.span().range()).unwrap_or("");
        let mut from = 0;
        let mut commands = Vec::new();
        for (text, piped) in split(run.as_str().unwrap_or("")) {
            // Block scalars have lost their indentation, so each command is looked for by itself.
            let first_line = text.lines().next().unwrap_or("").trim_end_matches('\\').trim_end();
            let span = match written.get(from..).and_then(|rest| rest.find(first_line)) {
                Some(at) => {
                    let start = from + at;
                    from = start + first_line.len();
                    let start = run.span().start + start as u32;
                    Span::new(start, start + first_line.len() as u32)
                }
                None => run.span(),
            };
            let words = words(&text);
            if !words.is_empty() {
                commands.push(Command { words, piped, span });
            }
        }
        commands
    }
}

/// Splits a script into simple commands, with whether each pipes into the next. Quotes are kept.
fn split(script: &str) -> Vec<(String, bool)> {
    let mut commands = Vec::new();
    let mut command = String::new();
    let mut quote = None;
    let mut chars = script.chars().peekable();
    let mut end = |command: &mut String, piped: bool| {
        let text = std::mem::take(command);
        if !text.trim().is_empty() {
            commands.push((text.trim().to_owned(), piped));
        }
    };
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\\') => {
                command.push(c);
                command.extend(chars.next());
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                command.push(c);
            }
            (Some(open), _) if open == c => {
                quote = None;
                command.push(c);
            }
            (None, '#') if command.is_empty() || command.ends_with(char::is_whitespace) => {
                while chars.peek().is_some_and(|next| *next != '\n') {
                    chars.next();
                }
            }
            (None, '|') => {
                let or = chars.next_if_eq(&'|').is_some();
                end(&mut command, !or);
            }
            (None, '&') if chars.next_if_eq(&'&').is_some() => end(&mut command, false),
            (None, ';' | '\n') => end(&mut command, false),
            _ => command.push(c),
        }
    }
    end(&mut command, false);
    commands
}

/// The words of a command as the shell sees them, without what stands before the program.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (quote, '\\') if quote != Some('\'') => match chars.next() {
                Some('\n') | None => {}
                Some(next) => word.push(next),
            },
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, c) if c.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    let is_before = |word: &String| {
        const WORDS: [&str; 12] =
            ["sudo", "time", "env", "exec", "then", "else", "do", "if", "!", "{", "(", "xvfb-run"];
        let assigns = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        assigns || WORDS.contains(&word.as_str())
    };
    let program = words.iter().position(|word| !is_before(word)).unwrap_or(words.len());
    words.split_off(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(script: &str) -> Vec<String> {
        split(script)
            .iter()
            .map(|(command, piped)| format!("{}{}", words(command).join("·"), if *piped { "|" } else { "" }))
            .collect()
    }

    #[test]
    fn a_script_is_taken_apart_as_the_shell_does() {
        assert_eq!(
            shown("cargo build && A=1 sudo cargo test; x | sh"),
            ["cargo·build", "cargo·test", "x|", "sh"]
        );
        assert_eq!(shown("# cargo update\necho 'a; b' \"c && d\""), ["echo·a; b·c && d"]);
        assert_eq!(shown("cargo install \\\n  --locked \\\n  x"), ["cargo·install·--locked·x"]);
        assert_eq!(shown("echo $# a#b 'unterminated"), ["echo·$#·a#b·unterminated"]);
        assert_eq!(shown("\\"), [""]);
    }
}
