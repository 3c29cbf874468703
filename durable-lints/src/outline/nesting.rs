//! How deep a parse of a text would recurse, told before parsing it.

use super::lexer::{Kind, Lexer};

/// The deepest nesting that is handed to the parser. Real code stays below a few hundred; each
/// level costs the parser up to some kilobytes of stack, and the engine's threads have room for
/// this many.
pub const MAX_NESTING: u32 = 6_000;

/// An upper bound of the recursion a text asks of a recursive-descent parser, and of whoever walks
/// its tree: over every open delimiter, the tokens since the last separator at that level.
/// Operators, method chains and `else if` recurse without a delimiter, so delimiters alone say
/// too little.
pub fn nesting(text: &str) -> u32 {
    // The open levels around the current one, whose own count is `here`.
    let mut around: Vec<u32> = Vec::new();
    let (mut here, mut total, mut deepest) = (0u32, 0u32, 0u32);
    let mut tokens = Lexer::from_offset(text, 0).filter(|t| !is_comment(t.kind)).peekable();
    while let Some(token) = tokens.next() {
        let byte = if token.kind == Kind::Punct { text.as_bytes()[token.start as usize] } else { 0 };
        match byte {
            b',' | b';' => {
                total -= here;
                here = 0;
            }
            b'(' | b'[' | b'{' => {
                total += 1;
                around.push(here + 1);
                here = 0;
            }
            b')' | b']' | b'}' if !around.is_empty() => {
                total -= here;
                here = around.pop().unwrap_or(0);
                let goes_on = tokens.peek().is_some_and(|next| matches!(next.text(text), "else" | "." | "?"));
                if byte == b'}' && !goes_on {
                    total -= here;
                    here = 0;
                }
            }
            _ => {
                here += 1;
                total += 1;
            }
        }
        deepest = deepest.max(total);
    }
    deepest
}

fn is_comment(kind: Kind) -> bool {
    matches!(kind, Kind::Comment | Kind::OuterDoc | Kind::InnerDoc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_recurses_counts_and_what_only_repeats_does_not() {
        let deep = ["(".repeat(9000), "!".repeat(9000), "x.a()".repeat(9000), "if x {} else ".repeat(9000)];
        for text in deep {
            assert!(nesting(&text) > MAX_NESTING);
        }
        let flat =
            ["f(x);".repeat(9000), "1, ".repeat(9000), "A => {}".repeat(9000), "fn f() {}\n".repeat(9000)];
        for text in flat {
            assert!(nesting(&text) < 10, "{}", nesting(&text));
        }
    }
}
