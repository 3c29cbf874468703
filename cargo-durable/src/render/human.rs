//! For people: the source with what is wrong in it, what to do, and the suggested change.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level as Tone, Origin, Patch, Renderer, Snippet};
use durable_lints::finding::{Finding, Position};
use durable_lints::fix::Fix;

use super::summary::{Summary, counted};
use super::text::{self, Lines, ORIGIN, Sources, one_line, visible};
use super::window::{Window, clusters};
use super::{Names, Options, shown, statistics, word};
use crate::outcome::{Exempt, Judged, Outcome, Status};

/// The width where none is known.
const WIDTH: usize = 120;
/// Text is wrapped where it has at least so many columns.
const NARROW: usize = 24;
/// A label this many lines away gets a snippet of its own.
const FAR: usize = 12;
/// A change of more lines than this is named and not drawn.
const LONG_CHANGE: usize = 60;
/// So many findings of one lint are drawn, and so many in all: nobody reads the same a thousand times.
const DRAWN_A_LINT: usize = 20;
const DRAWN: usize = 100;

/// Writes the findings, those that make the check fail last, then what was not checked, the notes and
/// the summary, so that what matters most stands where the reading begins: at the end.
pub(super) fn write(outcome: &Outcome, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let pen = Pen::new(options);
    let names = Names::of(outcome);
    let mut sources = Sources::new(outcome);
    let mut explained = HashSet::new();
    let (drawn, left_out) = drawn(outcome, options);
    for judged in &drawn {
        let first = explained.insert(judged.finding.lint.name);
        let text = pen.finding(judged, sources.lines(&judged.finding.file), names.name(judged), first);
        writeln!(out, "{text}\n")?;
    }
    for place in &outcome.unchecked {
        writeln!(out, "{}\n", pen.unchecked(place, sources.lines(&place.path)))?;
    }
    if options.statistics {
        writeln!(out, "{}", statistics::table(outcome))?;
    }
    if options.quiet {
        return Ok(());
    }
    let not_run = outcome.not_run.iter().map(|missed| &missed.reason).filter(|_| options.verbose);
    for note in outcome.notes.iter().chain(not_run) {
        writeln!(out, "{}", pen.line(Tone::NOTE, note))?;
    }
    let has_more = !left_out.is_empty();
    for (lint, count) in left_out {
        let text = format!(
            "{count} more of `{lint}` are not drawn; `-v` draws them, `--message-format short` lists them"
        );
        writeln!(out, "{}", pen.line(Tone::NOTE, &text))?;
    }
    // What alone was found is in sight already.
    if drawn.len() > 1 || has_more {
        write_denied(outcome, out)?;
    }
    writeln!(out, "{}", pen.summary(outcome))
}

/// The findings that are drawn, in the order of the files and those that make the check fail last; and
/// how many of which lint are not drawn. What makes the check fail has the first claim.
pub(super) fn drawn<'a>(
    outcome: &'a Outcome,
    options: &Options<'_>,
) -> (Vec<&'a Judged>, BTreeMap<&'static str, usize>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut left_out = BTreeMap::new();
    let (failing, others): (Vec<_>, Vec<_>) = shown(outcome, options).partition(|judged| judged.fails());
    let mut room = DRAWN;
    let mut draw = |judged: &&Judged| {
        let lint = judged.finding.lint.name;
        let seen = seen.entry(lint).or_default();
        let draws = options.verbose || room > 0 && *seen < DRAWN_A_LINT;
        if draws {
            *seen += 1;
            room = room.saturating_sub(1);
        } else {
            *left_out.entry(lint).or_default() += 1;
        }
        draws
    };
    let failing: Vec<&Judged> = failing.into_iter().filter(&mut draw).collect();
    let mut drawn: Vec<&Judged> = others.into_iter().filter(draw).collect();
    drawn.extend(failing);
    (drawn, left_out)
}

/// A finding as it is shown without colour, for editors that show it whole.
pub(super) fn plain(judged: &Judged, lines: Option<&Lines<'_>>, name: Option<&str>) -> String {
    let pen = Pen { renderer: Renderer::plain().term_width(WIDTH), width: 0 };
    pen.finding(judged, lines, name, true) + "\n"
}

/// Where the denied findings are, a line a lint, for those that have scrolled away.
fn write_denied(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut by_lint: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for judged in outcome.findings.iter().filter(|judged| judged.fails()) {
        by_lint.entry(judged.finding.lint.name).or_default().push(&judged.finding);
    }
    let width = by_lint.keys().map(|name| name.len()).max().unwrap_or(0);
    for (name, findings) in &by_lint {
        let first = findings[0];
        let more = match findings.len() {
            1 => String::new(),
            len => format!(" and {} more", len - 1),
        };
        writeln!(out, "  {name:width$}  {}:{}{more}", one_line(&first.file), first.start.line.max(1))?;
    }
    Ok(())
}

/// The renderer, and how this project uses it.
struct Pen {
    renderer: Renderer,
    /// What text is wrapped to; 0 where the width is unknown.
    width: usize,
}

impl Pen {
    fn new(options: &Options<'_>) -> Pen {
        let renderer = if options.color { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
        let width = if options.width == 0 { WIDTH } else { options.width };
        Pen { renderer: renderer.term_width(width), width: options.width }
    }

    fn finding(
        &self,
        judged: &Judged,
        lines: Option<&Lines<'_>>,
        name: Option<&str>,
        explain: bool,
    ) -> String {
        let finding = &judged.finding;
        // `error[…]: ` stands before the message.
        let before = word(judged).len() + finding.lint.name.len() + 4;
        let message = self.wrapped(&one_line(&finding.message), before);
        let title = tone(judged).primary_title(message).id(finding.lint.name);
        let mut origins = vec![(finding.start, finding.file.as_ref())];
        let mut main = Group::with_title(title);
        match lines.filter(|lines| lines.holds(finding.span)) {
            Some(lines) => {
                let (snippets, places) = snippets(finding, lines);
                main = main.elements(snippets);
                origins.extend(places.into_iter().map(|place| (place, finding.file.as_ref())));
            }
            None => main = main.element(Origin::path(ORIGIN.to_string())),
        }
        let mut groups = vec![self.remarks(main, judged, name, explain, gutter(finding, lines))];
        groups.extend(finding.fix.as_ref().zip(lines).and_then(|(fix, lines)| suggestion(fix, lines)));
        place_origins(&self.renderer.render(&groups), &origins)
    }

    /// What stands below the snippet: help, standing, owner and where to read on.
    fn remarks<'a>(
        &self,
        mut group: Group<'a>,
        judged: &'a Judged,
        name: Option<&'a str>,
        explain: bool,
        gutter: usize,
    ) -> Group<'a> {
        let finding = &judged.finding;
        // ` = name: ` stands before a remark.
        let wrap = |name: &str, text: &str| self.wrapped(text, gutter + name.len() + 5);
        if let Some(help) = &finding.help {
            group = group.element(Tone::HELP.message(wrap("help", &visible(help))));
        }
        // A change that cannot be drawn is at least named.
        if let Some(fix) = finding.fix.as_ref().filter(|fix| is_long(fix)) {
            let title = one_line(&fix.title).into_owned();
            let text = format!("{title} (see `cargo durable fix --diff`)");
            group = group.element(Tone::HELP.message(wrap("help", &text)));
        }
        match &judged.status {
            Status::New => {}
            Status::Exempt(exempt) => {
                let text = wrap("exempt", &standing(exempt));
                group = group.element(Tone::NOTE.with_name("exempt").message(text));
            }
            Status::AllowedInSource(exempt) => {
                let text = wrap("allowed in source", &standing(exempt));
                group = group.element(Tone::NOTE.with_name("allowed in source").message(text));
            }
        }
        if let Some(owner) = &judged.owner {
            group = group.element(Tone::NOTE.with_name("owner").message(one_line(owner)));
        }
        if let Some(name) = name {
            group = group.element(Tone::NOTE.with_name("identity").message(name));
        }
        if explain {
            let command = format!("`cargo durable explain {}`", finding.lint.name);
            group = group.element(Tone::NOTE.with_name("for more").message(command));
        }
        group
    }

    fn unchecked(&self, place: &durable_lints::report::Unchecked, lines: Option<&Lines<'_>>) -> String {
        let reason = format!("not checked: {}", one_line(&place.reason));
        let title = Tone::ERROR.primary_title(self.wrapped(&reason, "error: ".len()));
        let offset = place.at.zip(lines).and_then(|(at, lines)| Some((lines.offset(at)?, lines)));
        let mut group = match offset {
            Some((offset, lines)) => title.element(caret(offset, lines)),
            None => title.element(Origin::path(ORIGIN.to_string())),
        };
        if let Some(help) = &place.help {
            let gutter = place.at.map_or(0, |at| at.line.to_string().len());
            group =
                group.element(Tone::HELP.message(self.wrapped(&visible(help), gutter + "help".len() + 5)));
        }
        let origin = (place.at.unwrap_or_default(), place.path.as_ref());
        place_origins(&self.renderer.render(&[group]), &[origin])
    }

    /// A remark without source.
    fn line(&self, tone: Tone<'_>, text: &str) -> String {
        let text = self.wrapped(&one_line(text), "warning: ".len());
        self.renderer.render(&[Group::with_title(tone.primary_title(text))])
    }

    /// Text wrapped to what is left of the width beside so many columns. What would become a ribbon
    /// is left to the terminal.
    fn wrapped(&self, text: &str, beside: usize) -> String {
        match self.width.saturating_sub(beside) {
            room if room >= NARROW => text::wrapped(text, room, ""),
            _ => text.to_owned(),
        }
    }

    fn summary(&self, outcome: &Outcome) -> String {
        let summary = Summary::of(outcome);
        if summary == (Summary { files: summary.files, packages: summary.packages, ..Summary::default() }) {
            let (files, packages) = (counted(summary.files, "file"), counted(summary.packages, "package"));
            return self
                .line(Tone::NOTE.with_name("green"), &format!("nothing found in {files} of {packages}"));
        }
        let tone = match summary {
            Summary { denied: 0, unchecked: 0, warnings: 0, .. } => Tone::NOTE.with_name("green"),
            Summary { denied: 0, unchecked: 0, .. } => Tone::WARNING,
            _ => Tone::ERROR,
        };
        self.line(tone, &summary.to_string())
    }
}

fn tone(judged: &Judged) -> Tone<'static> {
    match word(judged) {
        "error" => Tone::ERROR,
        "warning" => Tone::WARNING,
        _ => Tone::NOTE,
    }
}

/// How wide the numbers of the lines are that a finding draws.
fn gutter(finding: &Finding, lines: Option<&Lines<'_>>) -> usize {
    let Some(lines) = lines else { return 0 };
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
    let spans = finding.labels.iter().map(|label| label.span).chain(edits).chain([finding.span]);
    let last = spans.map(|span| lines.clamp(span).end).max().unwrap_or(0);
    (lines.line_at(last) + 1).to_string().len()
}

/// The line that holds an offset, with a caret at it.
fn caret(offset: usize, lines: &Lines<'_>) -> Snippet<'static, Annotation<'static>> {
    let line = lines.range(lines.line_at(offset));
    let len = lines.text[offset..line.end.max(offset)].chars().next().map_or(0, char::len_utf8);
    let window = Window::new(lines, std::slice::from_ref(&(offset..offset + len)));
    Snippet::source(window.text).line_start(window.first_line).path(ORIGIN.to_string()).annotations(
        window.marks.into_iter().map(|mark| AnnotationKind::Primary.span(mark)).collect::<Vec<_>>(),
    )
}

/// The snippets of a finding: the place with the labels near it, then those far away, and where
/// each snippet after the first starts.
fn snippets(
    finding: &Finding,
    lines: &Lines<'_>,
) -> (Vec<Snippet<'static, Annotation<'static>>>, Vec<Position>) {
    let mut marks = vec![lines.clamp(finding.span)];
    marks.extend(finding.labels.iter().map(|label| lines.clamp(label.span)));
    for mark in &mut marks {
        // A span that takes its line break along would draw the line after it.
        let taken = lines.text[mark.clone()].trim_end_matches(['\n', '\r']).len();
        mark.end = mark.start + taken;
    }
    let mut groups = clusters(lines, &marks, FAR);
    // The place itself comes first, wherever the labels are.
    groups.sort_by_key(|group| !group.contains(&0));
    let places = groups.iter().skip(1).map(|group| lines.position(marks[group[0]].start)).collect();
    let snippets = groups.iter().map(|group| {
        let near: Vec<Range<usize>> = group.iter().map(|index| marks[*index].clone()).collect();
        let window = Window::new(lines, &near);
        let annotations =
            group.iter().zip(&window.marks).map(|(index, mark)| annotation(finding, *index, mark));
        Snippet::source(window.text)
            .line_start(window.first_line)
            .path(ORIGIN.to_string())
            .annotations(annotations.collect::<Vec<_>>())
    });
    (snippets.collect(), places)
}

/// The place itself at index 0, the labels after it.
fn annotation(finding: &Finding, index: usize, mark: &Range<usize>) -> Annotation<'static> {
    let (kind, text) = match index.checked_sub(1) {
        None => (AnnotationKind::Primary, &finding.label),
        Some(label) => (AnnotationKind::Context, &finding.labels[label].text),
    };
    let annotation = kind.span(mark.clone());
    if text.is_empty() { annotation } else { annotation.label(one_line(text).into_owned()) }
}

/// The change as a patch, where it can be drawn.
fn suggestion<'a>(fix: &'a Fix, lines: &Lines<'_>) -> Option<Group<'a>> {
    let apart = fix.edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
    let inside = fix.edits.iter().all(|edit| lines.holds(edit.span));
    if fix.edits.is_empty() || is_long(fix) || !apart || !inside {
        return None;
    }
    let marks: Vec<Range<usize>> = fix.edits.iter().map(|edit| edit.span.range()).collect();
    let removed: usize = marks.iter().map(|mark| lines.text[mark.clone()].matches('\n').count()).sum();
    if removed > LONG_CHANGE {
        return None;
    }
    let mut group = Group::with_title(Tone::HELP.secondary_title(one_line(&fix.title)));
    for near in clusters(lines, &marks, FAR) {
        let edits: Vec<Range<usize>> = near.iter().map(|index| marks[*index].clone()).collect();
        let window = Window::new(lines, &edits);
        let patches = near
            .iter()
            .zip(&window.marks)
            .map(|(index, mark)| Patch::new(mark.clone(), visible(&fix.edits[*index].text).into_owned()));
        let patches: Vec<Patch<'_>> = patches.collect();
        group = group.element(Snippet::source(window.text).line_start(window.first_line).patches(patches));
    }
    Some(group)
}

/// Whether a change adds more than a snippet should.
fn is_long(fix: &Fix) -> bool {
    fix.edits.iter().map(|edit| edit.text.matches('\n').count()).sum::<usize>() > LONG_CHANGE
}

fn standing(exempt: &Exempt) -> String {
    let mut text = exempt.category.to_owned();
    if let Some(owner) = &exempt.owner {
        text += &format!(" of {}", one_line(owner));
    }
    if let Some(expires) = exempt.expires {
        text += &format!(" until {expires}");
    }
    if let Some(reason) = &exempt.reason {
        text += &format!(": {}", one_line(reason));
    }
    text
}

/// Writes the true path, line and column over the ones of the windows, in order.
fn place_origins(text: &str, origins: &[(Position, &str)]) -> String {
    let mut parts = text.split(ORIGIN);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (part, (at, path)) in parts.zip(origins) {
        out.push_str(&one_line(path));
        if at.line > 0 {
            out += &format!(":{}:{}", at.line, at.column.max(1));
        }
        out.push_str(part.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()));
    }
    out
}

#[cfg(test)]
mod tests {
    use durable_lints::finding::{Label, Position, Span};
    use durable_lints::fix::Fix;

    use super::DRAWN_A_LINT;
    use crate::outcome::Outcome;
    use crate::render::fixture::{OPTIONS, SOURCE, rich, single, written, written_with};
    use crate::render::{Format, Options};

    #[track_caller]
    fn assert_shows(outcome: &Outcome, expected: &str) {
        let text = written(Format::Human, outcome);
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn a_finding_shows_place_labels_help_and_change() {
        assert_shows(
            &rich(),
            "error[disabled_checks]: this client accepts any certificate
 --> src/tls.rs:3:15
  |
2 |     let trust = true;
  |                 ---- turned off here
3 |     builder().danger_accept_invalid_certs(trust);
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^ the check is off
  |
  = help: trust your own authority with `add_root_certificate`
  = owner: identity
  = identity: 00112233
  = for more: `cargo durable explain disabled_checks`
help: turn the check back on
  |
3 -     builder().danger_accept_invalid_certs(trust);
3 +     builder().danger_accept_invalid_certs(false);
  |
",
        );
    }

    #[test]
    fn the_end_tells_what_was_not_checked_and_the_counts() {
        let text = written(Format::Human, &rich());
        let end = &text[text.find("error: not checked").unwrap()..];
        assert_eq!(
            end,
            "error: not checked: syntax newer than the parser
--> src/new syntax.rs:7:3
 = help: update cargo-durable

note: the dependency graph comes from Cargo.lock; run `cargo fetch`
  disabled_checks  src/tls.rs:3
error: 1 denied, 1 warning, 1 exempt, 1 allowed in source, 1 not checked; 12 files in 1 package
"
        );
        assert_eq!(
            written(Format::Human, &Outcome::default()),
            "green: nothing found in 0 files of 0 packages\n"
        );
    }

    #[test]
    fn what_is_exempt_is_shown_on_request_only() {
        assert!(!written(Format::Human, &rich()).contains("exempt:"));
        let text = written_with(Format::Human, &rich(), &Options { show_exempt: true, ..OPTIONS });
        assert!(text.contains("= exempt: waiver of payments until 2027-01-31: partner X migrates"), "{text}");
        assert!(text.contains("note[disabled_checks]"), "{text}");
        assert_eq!(text.matches("for more").count(), 2, "once a lint: {text}");
    }

    #[test]
    fn a_change_at_the_end_of_a_file_is_drawn() {
        assert_shows(
            &rich(),
            "help: turn them on
  |
3 + 
4 + [profile.release]
5 + overflow-checks = true
",
        );
    }

    #[test]
    fn nothing_hostile_reaches_the_terminal() {
        let hostile = "\u{1b}]0;x\u{7}\r\0\u{9b}2J\u{202e}\u{2066}\u{e000}:9:9";
        let source = format!("// {hostile}\nlet x = \"{hostile}\"; bad();\n");
        let mut outcome = single(&format!("src/{hostile}.rs"), &source, "bad()");
        let finding = &mut outcome.findings[0].finding;
        finding.message = format!("message {hostile}\nerror: forged");
        finding.label = hostile.into();
        finding.help = Some(hostile.into());
        finding.labels.push(Label { span: Span::new(0, 3), text: hostile.into() });
        finding.fix = Some(Fix::safe(hostile).replace(finding.span, hostile));
        outcome.findings[0].owner = Some(hostile.into());
        outcome.notes.push(hostile.into());
        outcome.unchecked.push(durable_lints::report::Unchecked {
            path: hostile.into(),
            at: None,
            reason: hostile.into(),
            help: Some(hostile.into()),
        });
        for format in [
            Format::Human,
            Format::Short,
            Format::Json,
            Format::Sarif,
            Format::Rustc,
            Format::Github,
            Format::Gitlab,
        ] {
            let text = written(format, &outcome);
            let raw = text.chars().find(|c| matches!(c, '\0'..='\u{9}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202e}' | '\u{2066}' | '\u{e000}'));
            assert_eq!(raw, None, "{format:?}: {text}");
        }
        let text = written(Format::Human, &outcome);
        assert!(!text.contains("\nerror: forged"), "{text}");
        assert!(text.contains("bad();"), "{text}");
        assert!(text.contains("9:9.rs:2:"), "the true position: {text}");
    }

    #[test]
    fn a_minified_line_is_cut_and_keeps_its_column() {
        let source = format!("{}bad(){}", "ab;".repeat(300_000), "cd;".repeat(300_000));
        let text = written(Format::Human, &single("a.rs", &source, "bad()"));
        assert!(text.contains("--> a.rs:1:900001\n"), "{text}");
        assert!(text.contains("bad()") && text.lines().all(|line| line.chars().count() <= 110), "{text}");
    }

    #[test]
    fn a_label_far_away_gets_a_snippet_of_its_own() {
        let source = format!("const T: u8 = 1;\n{}bad(T);\n", "\n".repeat(5000));
        let mut outcome = single("a.rs", &source, "bad(T)");
        outcome.findings[0].finding.labels.push(Label { span: Span::new(14, 15), text: "set here".into() });
        assert_shows(
            &outcome,
            "     |
5002 | bad(T);
     | ^^^^^^ the check is off
     |
    ::: a.rs:1:15
     |
   1 | const T: u8 = 1;
     |               - set here
",
        );
    }

    #[test]
    fn a_finding_without_text_or_with_a_wrong_span_is_told_all_the_same() {
        let mut outcome = single("SECURITY.md", "x", "x");
        outcome.sources.clear();
        assert_shows(&outcome, "--> SECURITY.md:1:1\n");
        outcome.findings[0].finding.start = Position::default();
        assert_shows(&outcome, "--> SECURITY.md\n");
        let mut outcome = single("a.rs", "çç", "ç");
        outcome.findings[0].finding.span = Span::new(1, 900);
        outcome.findings[0].finding.fix = Some(Fix::safe("mend").replace(Span::new(3, 9000), "x"));
        outcome.findings[0].finding.labels.push(Label { span: Span::new(1, 900), text: "there".into() });
        assert_shows(&outcome, "--> a.rs:1:1\n");
        outcome.findings[0].finding.span = Span::new(4, 4);
        assert_shows(&outcome, "--> a.rs:1:1\n");
    }

    #[test]
    fn any_span_renders() {
        let source = "a\r\n\tçb\u{202e}\n\n😀\u{200d}e\n";
        for start in 0..=source.len() as u32 {
            for end in start..=source.len() as u32 + 1 {
                let mut outcome = single("a.rs", source, "a");
                let finding = &mut outcome.findings[0].finding;
                finding.span = Span::new(start, end);
                finding.labels.push(Label { span: Span::new(end / 2, end), text: "here".into() });
                finding.fix = Some(Fix::safe("mend").replace(finding.span, "x\ny").insert(end, "z"));
                let text = written(Format::Human, &outcome);
                assert!(text.contains("--> a.rs:1:1\n"), "{start}..{end}: {text}");
            }
        }
    }

    #[test]
    fn the_same_warning_is_drawn_only_so_often() {
        let mut outcome = single("a.rs", SOURCE, "builder");
        outcome.findings[0].level = durable_lints::lint::Level::Warn;
        outcome.findings = vec![outcome.findings[0].clone(); DRAWN_A_LINT + 3];
        let text = written(Format::Human, &outcome);
        assert_eq!(text.matches("warning[disabled_checks]").count(), DRAWN_A_LINT);
        assert!(
            text.contains(
                "note: 3 more of `disabled_checks` are not drawn; `-v` draws them, `--message-format short`"
            ),
            "{text}"
        );
    }

    #[test]
    fn what_fails_comes_last_and_has_the_first_claim_to_be_drawn() {
        let mut outcome = single("a.rs", SOURCE, "builder");
        let mut warning = outcome.findings[0].clone();
        warning.level = durable_lints::lint::Level::Warn;
        let denied = std::mem::take(&mut outcome.findings).remove(0);
        outcome.findings = [vec![denied; 12_000], vec![warning; 30]].concat();
        let text = written(Format::Human, &outcome);
        assert_eq!(text.matches("error[disabled_checks]").count(), DRAWN_A_LINT);
        assert!(text.lines().count() < 500, "{}", text.lines().count());
        assert!(text.contains("note: 12010 more of `disabled_checks` are not drawn"), "{text}");
        assert!(text.contains("\n  disabled_checks  a.rs:3 and 11999 more\nerror: 12000 denied"), "{text}");
        assert_eq!(written(Format::Short, &outcome).matches("[disabled_checks]").count(), 12_030);

        outcome.findings.drain(..11_990);
        let text = written(Format::Human, &outcome);
        assert!(text.rfind("warning[").unwrap() < text.find("error[").unwrap(), "{text}");
    }

    #[test]
    fn text_is_wrapped_to_the_width_where_it_is_known() {
        let mut outcome = rich();
        let long = "words that go on and on, ".repeat(12);
        outcome.findings[1].finding.message = long.clone();
        outcome.findings[1].finding.help = Some(long.clone());
        outcome.notes.push(long.clone());
        outcome.unchecked[0].help = Some(long.clone());
        outcome.unchecked[0].reason = long;
        for width in [40, 60, 80, 120] {
            let text = written_with(Format::Human, &outcome, &Options { width, ..OPTIONS });
            // A title beside a long name has no room at 40 columns.
            let remarks = text.lines().filter(|line| line.contains("go on"));
            let remarks = remarks.filter(|line| width > 40 || !line.starts_with("error["));
            assert!(remarks.clone().all(|line| line.chars().count() <= width), "{width}: {text}");
            assert!(remarks.clone().any(|line| line.chars().count() > width - 20), "{width}: {text}");
        }
        let text = written_with(Format::Human, &outcome, &Options { width: 0, ..OPTIONS });
        assert_eq!(text.lines().filter(|line| line.contains("go on")).count(), 5, "{text}");
    }

    #[test]
    fn what_does_not_parse_is_shown_with_a_caret() {
        let mut outcome = rich();
        let text = "fn a() {}\n\n\n\n\n\nlet ç = §;\n";
        outcome.sources.insert("src/new syntax.rs".into(), text.into());
        outcome.unchecked[0].at = Some(Position { line: 7, column: 9 });
        assert_shows(
            &outcome,
            "error: not checked: syntax newer than the parser
 --> src/new syntax.rs:7:9
  |
7 | let ç = §;
  |         ^
  |
  = help: update cargo-durable
",
        );
        // At the end of a line or of the text, and beyond.
        for (line, column) in [(7, 11), (8, 1), (1, 400), (99, 1)] {
            outcome.unchecked[0].at = Some(Position { line, column });
            assert_shows(&outcome, &format!("--> src/new syntax.rs:{line}:{column}\n"));
        }
    }

    #[test]
    fn colours_are_written_on_request_and_many_findings_repeat_in_the_summary() {
        let mut outcome = single("a.rs", SOURCE, "builder");
        outcome.findings = vec![outcome.findings[0].clone(); 12];
        let text = written_with(Format::Human, &outcome, &Options { color: true, ..OPTIONS });
        assert!(text.contains("\u{1b}[") && !text.contains("\u{1b}]"), "{text}");
        assert!(text.contains("  disabled_checks  a.rs:3 and 11 more\n"), "{text}");
    }
}
