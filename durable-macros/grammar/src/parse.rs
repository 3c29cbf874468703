//! Tokens in, attribute and errors out.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::LitStr;
use syn::spanned::Spanned;

use crate::{Attribute, Category, Mistake, Value};

const KEYS: [&str; 8] = ["owner", "control", "review_by", "guard", "reason", "expires", "category", "allow"];

/// Reads every part that can be understood. Parts are told apart by their commas first, so that
/// one that is wrong does not swallow the next.
pub(crate) fn read(tokens: TokenStream) -> (Attribute, Vec<Mistake>) {
    let mut attribute = Attribute::default();
    let mut mistakes = Vec::new();
    let mut seen = Vec::new();
    for part in split(tokens) {
        if let Err(mistake) = read_part(&part, &mut attribute, &mut seen) {
            mistakes.push(mistake);
        }
    }
    (attribute, mistakes)
}

fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => parts.push(Vec::new()),
            (_, Some(part)) => part.push(token),
            _ => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn read_part(part: &[TokenTree], into: &mut Attribute, seen: &mut Vec<&'static str>) -> Result<(), Mistake> {
    let Some(TokenTree::Ident(name)) = part.first() else {
        return Err(Mistake::new(span_of(part), "expected a key, such as `owner = \"…\"`"));
    };
    let key = key(&name.to_string(), name.span())?;
    let about = |mistake: Mistake| Mistake { meant: Some(key), ..mistake };
    if seen.contains(&key) {
        return Err(about(Mistake::new(name.span(), format!("`{key}` is given twice"))));
    }
    seen.push(key);
    match key {
        "allow" => into.allow = lints(name, &part[1..]).map_err(about)?,
        _ => set(into, key, text(name, &part[1..]).map_err(about)?)?,
    }
    Ok(())
}

/// The key of this name.
pub(crate) fn key(name: &str, span: Span) -> Result<&'static str, Mistake> {
    if let Some(known) = KEYS.iter().find(|known| **known == name) {
        return Ok(known);
    }
    let near = KEYS.iter().map(|known| (distance(name, known), *known)).min();
    match near.filter(|(steps, _)| *steps <= 2) {
        Some((_, known)) => {
            let message = format!("unknown key `{name}`; did you mean `{known}`?");
            Err(Mistake { meant: Some(known), ..Mistake::new(span, message) })
        }
        None => Err(Mistake::new(span, format!("unknown key `{name}`; one of {}", KEYS.join(", ")))),
    }
}

/// Takes the value of a key, whatever form it was written in.
pub(crate) fn set(into: &mut Attribute, key: &'static str, given: Value<String>) -> Result<(), Mistake> {
    let Value { value, span } = &given;
    let wrong = |message: String| Mistake { meant: Some(key), ..Mistake::new(*span, message) };
    if value.trim().is_empty() {
        return Err(wrong(format!("`{key}` is empty")));
    }
    let date = || match value.parse() {
        Ok(date) => Ok(Some(Value { value: date, span: *span })),
        Err(()) => Err(wrong(format!("`{value}` is no date; write it as `YYYY-MM-DD`"))),
    };
    match key {
        "owner" => into.owner = Some(given),
        "control" => into.control = Some(given),
        "reason" => into.reason = Some(given),
        "review_by" => into.review_by = date()?,
        "expires" => into.expires = date()?,
        "category" => {
            let category = Category::named(value).ok_or_else(|| wrong(unknown_category(value)))?;
            into.category = Some(Value { value: category, span: *span });
        }
        _ if is_path(value) => into.guard = Some(given),
        _ => return Err(wrong(format!("`{value}` is no path of a test, such as `tests::rejects_pins`"))),
    }
    Ok(())
}

fn unknown_category(word: &str) -> String {
    let [waiver, mitigated] = Category::ALL.map(Category::name);
    let near = [waiver, mitigated].into_iter().find(|known| distance(word, known) <= 2);
    let help =
        near.map_or(format!("it is `{waiver}` or `{mitigated}`"), |near| format!("did you mean `{near}`?"));
    format!("`{word}` is no category; {help}")
}

/// `= "…"`.
fn text(key: &Ident, rest: &[TokenTree]) -> Result<Value<String>, Mistake> {
    let wrong = |span: Span| Mistake::new(span, format!("`{key}` takes a string: `{key} = \"…\"`"));
    match rest {
        [TokenTree::Punct(equals), value, after @ ..] if equals.as_char() == '=' => {
            let literal: LitStr = syn::parse2(value.clone().into()).map_err(|_| wrong(value.span()))?;
            match after.first() {
                Some(extra) => Err(Mistake::new(extra.span(), "expected `,`")),
                None => Ok(Value { value: literal.value(), span: literal.span() }),
            }
        }
        _ => Err(wrong(key.span())),
    }
}

fn is_path(text: &str) -> bool {
    let is_keyword = |segment: &str| matches!(segment, "crate" | "self" | "super");
    let is_name = |segment: &str| syn::parse_str::<Ident>(segment.trim_start_matches("r#")).is_ok();
    text.split("::").all(|segment| is_name(segment) || is_keyword(segment))
}

/// `(lint_a, group_b)`.
fn lints(key: &Ident, rest: &[TokenTree]) -> Result<Vec<Value<String>>, Mistake> {
    let [TokenTree::Group(group)] = rest else {
        return Err(Mistake::new(key.span(), "`allow` takes lints or groups: `allow(weak_hashes)`"));
    };
    if group.delimiter() != Delimiter::Parenthesis {
        return Err(Mistake::new(group.span(), "`allow` takes lints or groups: `allow(weak_hashes)`"));
    }
    let named: Vec<Value<String>> =
        split(group.stream()).iter().map(|part| lint(part)).collect::<Result<_, _>>()?;
    if named.is_empty() {
        return Err(Mistake::new(group.span(), "`allow()` names no lint"));
    }
    Ok(named)
}

/// One name; a group may be written with hyphens, as in `durable.toml`.
fn lint(part: &[TokenTree]) -> Result<Value<String>, Mistake> {
    let mut name = String::new();
    for token in part {
        match token {
            TokenTree::Ident(ident) => name.push_str(&ident.to_string()),
            TokenTree::Punct(punct) if punct.as_char() == '-' && !name.is_empty() => name.push('_'),
            other => return Err(Mistake::new(other.span(), "expected the name of a lint or group")),
        }
    }
    Ok(Value { value: name, span: span_of(part) })
}

fn span_of(part: &[TokenTree]) -> Span {
    part.iter().cloned().collect::<TokenStream>().span()
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
