//! A table for people.

use std::io::{self, Write};

use clap::builder::styling::Style;

/// Writes a table; its last column is cut at the width (0: unlimited).
///
/// # Errors
/// Where the writer fails.
pub(super) fn write<const N: usize>(
    head: [&str; N],
    rows: &[[String; N]],
    color: bool,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let head = head.map(str::to_owned);
    let mut widths = [0; N];
    for row in rows.iter().chain([&head]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let bold = if color { Style::new().bold() } else { Style::new() };
    writeln!(out, "{bold}{}{bold:#}", line(&head, &widths, width))?;
    for row in rows {
        writeln!(out, "{}", line(row, &widths, width))?;
    }
    Ok(())
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N], limit: usize) -> String {
    let Some((last, before)) = cells.split_last() else { return String::new() };
    let mut line = String::new();
    for (cell, width) in before.iter().zip(widths) {
        line += &format!("{cell:width$}  ");
    }
    let room = limit.saturating_sub(line.chars().count());
    match limit {
        // Where hardly anything would be left of the last column, it may wrap.
        1.. if room >= 20 && last.chars().count() > room => {
            line.extend(last.chars().take(room - 1));
            line.push('…');
        }
        _ => line += last,
    }
    line.truncate(line.trim_end().len());
    line
}
