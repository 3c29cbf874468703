//! The part of a file that a snippet shows.
//!
//! The renderer walks all the text it is given, once a snippet. A window holds only the lines in
//! question, long ones cut down to what lies around the marks, every character of it harmless.

use std::ops::Range;

use super::text::{Lines, floor_boundary, push_visible};

/// A line up to this many bytes is kept whole.
const LONG_LINE: usize = 400;
/// What is kept on each side of a mark in a longer one.
const AROUND: usize = 120;

/// A few lines of a file, with marks moved to where they are in it.
pub(crate) struct Window {
    /// The lines.
    pub(crate) text: String,
    /// The number of the first, from 1.
    pub(crate) first_line: usize,
    /// The marks, in the order they were given.
    pub(crate) marks: Vec<Range<usize>>,
}

impl Window {
    /// The lines from the first to the last of these marks, which must lie inside the text.
    pub(crate) fn new(lines: &Lines<'_>, marks: &[Range<usize>]) -> Window {
        let mut points: Vec<usize> = marks.iter().flat_map(|mark| [mark.start, mark.end]).collect();
        points.sort_unstable();
        points.dedup();
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Window { text: String::new(), first_line: 1, marks: Vec::new() };
        };
        let (first, last) = (lines.line_at(*first), lines.line_at(*last));
        let mut text = String::new();
        let mut moved = Vec::with_capacity(points.len());
        for line in first..=last {
            if line > first {
                text.push('\n');
            }
            copy_line(lines, line, &points, &mut moved, &mut text);
        }
        let at = |point: usize| moved[points.partition_point(|other| *other < point)];
        let marks = marks.iter().map(|mark| at(mark.start)..at(mark.end)).collect();
        Window { text, first_line: first + 1, marks }
    }
}

/// Copies a line and notes where each point up to its end lands.
fn copy_line(lines: &Lines<'_>, line: usize, points: &[usize], moved: &mut Vec<usize>, out: &mut String) {
    let range = lines.range(line);
    let mut end_of_last = range.start;
    for kept in kept_parts(lines.text, range.clone(), &points[moved.len()..]) {
        if kept.start > end_of_last {
            out.push('…');
        }
        end_of_last = kept.end;
        for (at, c) in lines.text[kept.clone()].char_indices() {
            while points.get(moved.len()).is_some_and(|point| *point <= kept.start + at) {
                moved.push(out.len());
            }
            if c == '\t' { out.push(c) } else { push_visible(out, c) }
        }
        while points.get(moved.len()).is_some_and(|point| *point <= kept.end) {
            moved.push(out.len());
        }
    }
    if end_of_last < range.end {
        out.push('…');
    }
    // A mark may end inside the line break.
    let next = lines.range(line + 1).start.max(range.end + 1);
    while points.get(moved.len()).is_some_and(|point| *point < next || range.end == lines.text.len()) {
        moved.push(out.len());
    }
}

/// The parts of a line that are shown: all of it, or what lies around the points in it.
fn kept_parts(text: &str, line: Range<usize>, points: &[usize]) -> Vec<Range<usize>> {
    if line.len() <= LONG_LINE {
        return vec![line];
    }
    let mut parts: Vec<Range<usize>> = Vec::new();
    let points = points.iter().take_while(|point| **point <= line.end);
    for point in points {
        let start = floor_boundary(text, point.saturating_sub(AROUND)).max(line.start);
        let end = floor_boundary(text, point + AROUND).clamp(start, line.end);
        match parts.last_mut() {
            Some(part) if start <= part.end => part.end = part.end.max(end),
            _ => parts.push(start..end),
        }
    }
    if parts.is_empty() {
        parts.push(line.start..floor_boundary(text, line.start + AROUND));
    }
    parts
}

/// Splits marks into groups that lie near each other, so that what is far away gets a window of
/// its own. Gives the indices of each group, in the order of the text.
pub(crate) fn clusters(lines: &Lines<'_>, marks: &[Range<usize>], far: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|index| (marks[*index].start, marks[*index].end));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut last_line = 0;
    for index in order {
        let (from, to) = (lines.line_at(marks[index].start), lines.line_at(marks[index].end));
        match groups.last_mut() {
            Some(group) if from <= last_line + far => group.push(index),
            _ => groups.push(vec![index]),
        }
        last_line = last_line.max(to);
    }
    groups
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "a single mark is a list of one range")]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_the_marked_lines_only() {
        let lines = Lines::new("a\r\nbc\u{202e}d\nef\n");
        let window = Window::new(&lines, &[4..5, 8..11]);
        assert_eq!((window.text.as_str(), window.first_line), ("bc\\u{202e}d\nef", 2));
        assert_eq!(window.marks, [1..2, 10..13]);
    }

    #[test]
    fn a_long_line_is_cut_around_its_marks() {
        let text = format!("{}MARK{}", "ç".repeat(500_000), "é".repeat(500_000));
        let window = Window::new(&Lines::new(&text), &[1_000_000..1_000_004]);
        assert_eq!(&window.text[window.marks[0].clone()], "MARK");
        assert!(window.text.starts_with('…') && window.text.ends_with('…') && window.text.len() < 300);
    }

    #[test]
    fn marks_at_the_end_of_the_text_have_a_place() {
        for text in ["", "a", "a\n", "a\r\n"] {
            let end = text.len();
            let window = Window::new(&Lines::new(text), &[end..end]);
            assert_eq!(window.marks, [window.text.len()..window.text.len()], "{text:?}");
        }
        let window = Window::new(&Lines::new("ab\r\ncd"), &[0..3]);
        assert_eq!(window.marks, [0..2]);
    }
}
