//! What `new` asks on a terminal.

use std::io::{self, BufRead, IsTerminal as _, Write};

use anyhow::{Result, ensure};

use crate::render::text::one_line;

/// Whoever answers, if anybody does.
pub(super) struct Questions {
    are_asked: bool,
}

impl Questions {
    /// Asks where both sides are a terminal, unless every answer is the default one.
    pub(super) fn unless(yes: bool) -> Questions {
        Questions { are_asked: !yes && io::stdin().is_terminal() && io::stderr().is_terminal() }
    }

    /// What was given; else what is answered to a question; else the default.
    ///
    /// # Errors
    /// Where nobody answers any more.
    pub(super) fn answer(
        &self,
        given: Option<&str>,
        question: &str,
        default: Option<&str>,
        allows: impl Fn(&str) -> Result<()>,
    ) -> Result<Option<String>> {
        if given.is_some() || !self.are_asked {
            return Ok(given.or(default).map(str::to_owned));
        }
        // A default that is not allowed is no offer.
        let default = default.filter(|default| allows(default).is_ok());
        ask(question, default, allows, &mut io::stdin().lock(), &mut anstream::stderr()).map(Some)
    }
}

/// Asks until the answer is allowed.
fn ask(
    question: &str,
    default: Option<&str>,
    allows: impl Fn(&str) -> Result<()>,
    answers: &mut impl BufRead,
    terminal: &mut impl Write,
) -> Result<String> {
    loop {
        match default {
            Some(default) => write!(terminal, "{question} [{}]: ", one_line(default))?,
            None => write!(terminal, "{question}: ")?,
        }
        terminal.flush()?;
        let mut line = String::new();
        ensure!(answers.read_line(&mut line)? > 0, "the question was not answered; nothing was made");
        let answer = Some(line.trim()).filter(|answer| !answer.is_empty()).or(default);
        let Some(answer) = answer else { continue };
        match allows(answer) {
            Ok(()) => return Ok(answer.to_owned()),
            Err(error) => writeln!(terminal, "{}", one_line(&format!("{error:#}")))?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_repeated_until_the_answer_is_allowed() {
        let short = |answer: &str| {
            ensure!(answer.len() < 4, "{answer} is too long");
            Ok(())
        };
        for (default, typed, expected, shown) in [
            (Some("ab"), "\n", Some("ab"), "Name [ab]: "),
            (Some("ab"), "  cd \n", Some("cd"), "Name [ab]: "),
            (None, "\n\nx", Some("x"), "Name: Name: Name: "),
            (None, "a\u{1b}bcd\nok\n", Some("ok"), "Name: a\u{241b}bcd is too long\nName: "),
            (Some("ab"), "", None, "Name [ab]: "),
        ] {
            let mut terminal = Vec::new();
            let answer = ask("Name", default, short, &mut typed.as_bytes(), &mut terminal);
            assert_eq!(answer.ok().as_deref(), expected, "{typed:?}");
            assert_eq!(String::from_utf8(terminal).unwrap(), shown);
        }
    }
}
