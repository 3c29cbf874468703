//! Tokens in, attribute and errors out.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Error, LitStr};

use crate::{Attribute, Date, Value};

const KEYS: [&str; 7] = ["owner", "control", "review_by", "guard", "reason", "expires", "allow"];

/// Reads every part that can be understood. Parts are told apart by their commas first, so that
/// one that is wrong does not swallow the next. Returns the known keys that were given, too.
pub(crate) fn read(tokens: TokenStream) -> (Attribute, Vec<Error>, Vec<String>) {
    let mut attribute = Attribute::default();
    let mut errors = Vec::new();
    let mut seen = Vec::new();
    for part in split(tokens) {
        if let Err(error) = read_part(&part, &mut attribute, &mut seen) {
            errors.push(error);
        }
    }
    (attribute, errors, seen)
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

fn read_part(part: &[TokenTree], into: &mut Attribute, seen: &mut Vec<String>) -> Result<(), Error> {
    let Some(TokenTree::Ident(key)) = part.first() else {
        return Err(Error::new(span_of(part), "expected a key, such as `owner = \"…\"`"));
    };
    let name = key.to_string();
    if !KEYS.contains(&name.as_str()) {
        return Err(unknown_key(key));
    }
    if seen.contains(&name) {
        return Err(Error::new(key.span(), format!("`{name}` is given twice")));
    }
    seen.push(name.clone());
    let rest = &part[1..];
    match name.as_str() {
        "owner" => into.owner = Some(text(key, rest)?),
        "control" => into.control = Some(text(key, rest)?),
        "review_by" => into.review_by = Some(date(key, rest)?),
        "guard" => into.guard = Some(path(key, rest)?),
        "reason" => into.reason = Some(text(key, rest)?),
        "expires" => into.expires = Some(date(key, rest)?),
        _ => into.allow = lints(key, rest)?,
    }
    Ok(())
}

fn unknown_key(key: &Ident) -> Error {
    let name = key.to_string();
    let near = KEYS.iter().map(|known| (distance(&name, known), *known)).min();
    let message = match near {
        Some((steps, known)) if steps <= 2 => format!("unknown key `{name}`; did you mean `{known}`?"),
        _ => format!("unknown key `{name}`; one of {}", KEYS.join(", ")),
    };
    Error::new(key.span(), message)
}

/// `= "…"`, not empty.
fn text(key: &Ident, rest: &[TokenTree]) -> Result<Value<String>, Error> {
    let wrong = |span: Span| Error::new(span, format!("`{key}` takes a string: `{key} = \"…\"`"));
    let literal = match rest {
        [TokenTree::Punct(equals), value, after @ ..] if equals.as_char() == '=' => {
            let literal: LitStr = syn::parse2(value.clone().into()).map_err(|_| wrong(value.span()))?;
            if let Some(extra) = after.first() {
                return Err(Error::new(extra.span(), "expected `,`"));
            }
            literal
        }
        _ => return Err(wrong(key.span())),
    };
    let value = literal.value();
    if value.trim().is_empty() {
        return Err(Error::new(literal.span(), format!("`{key}` is empty")));
    }
    Ok(Value { value, span: literal.span() })
}

fn date(key: &Ident, rest: &[TokenTree]) -> Result<Value<Date>, Error> {
    let Value { value, span } = text(key, rest)?;
    let date = value
        .parse()
        .map_err(|()| Error::new(span, format!("`{value}` is no date; write it as `YYYY-MM-DD`")))?;
    Ok(Value { value: date, span })
}

fn path(key: &Ident, rest: &[TokenTree]) -> Result<Value<String>, Error> {
    let found = text(key, rest)?;
    let segment =
        |part: &str| syn::parse_str::<Ident>(part.trim_start_matches("r#")).is_ok() || is_path_keyword(part);
    if found.value.split("::").all(segment) {
        return Ok(found);
    }
    let message = format!("`{}` is no path of a test, such as `tests::rejects_pins`", found.value);
    Err(Error::new(found.span, message))
}

fn is_path_keyword(segment: &str) -> bool {
    matches!(segment, "crate" | "self" | "super")
}

/// `(lint_a, group_b)`.
fn lints(key: &Ident, rest: &[TokenTree]) -> Result<Vec<Value<String>>, Error> {
    let [TokenTree::Group(group)] = rest else {
        return Err(Error::new(key.span(), "`allow` takes lints or groups: `allow(weak_hashes)`"));
    };
    if group.delimiter() != Delimiter::Parenthesis {
        return Err(Error::new(group.span(), "`allow` takes lints or groups: `allow(weak_hashes)`"));
    }
    let named: Vec<Value<String>> =
        split(group.stream()).iter().map(|part| lint(part)).collect::<Result<_, _>>()?;
    if named.is_empty() {
        return Err(Error::new(group.span(), "`allow()` names no lint"));
    }
    Ok(named)
}

/// One name; a group may be written with hyphens, as in `durable.toml`.
fn lint(part: &[TokenTree]) -> Result<Value<String>, Error> {
    let mut name = String::new();
    for token in part {
        match token {
            TokenTree::Ident(ident) => name.push_str(&ident.to_string()),
            TokenTree::Punct(punct) if punct.as_char() == '-' && !name.is_empty() => name.push('_'),
            other => return Err(Error::new(other.span(), "expected the name of a lint or group")),
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
