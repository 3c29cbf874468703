//! The word that was meant.

/// Of the known words the one that is a slip or two away from what was written, the nearest first.
/// A short word has to be nearer: nearly every word is two steps away from `a`.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |word: &str| word.trim().to_lowercase().replace('-', "_");
    let written = plain(written);
    let most = written.chars().count().div_ceil(3).min(2);
    let steps = |word: &'a str| (distance(&written, &plain(word)), word);
    known.into_iter().map(steps).filter(|(steps, _)| *steps <= most).min().map(|(_, word)| word)
}

/// The edit distance of two short words.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (at, from) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, to) in right.chars().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_words() {
        for (written, meant) in [
            ("identiy", Some("identity")),
            ("Identity ", Some("identity")),
            ("IDENTITY", Some("identity")),
            ("supply-chan", Some("supply_chain")),
            ("identities", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, ["crypto", "identity", "supply_chain", "yz"]), meant, "{written}");
        }
    }
}
