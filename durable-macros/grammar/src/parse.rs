//! Tokens in, attribute and errors out.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::LitStr;
use syn::spanned::Spanned;

use crate::{Attribute, Category, Mistake, Value, nearest};

const KEYS: [&str; 8] = ["owner", "control", "review_by", "guard", "reason", "expires", "category", "allow"];

const TAKES_LINTS: &str = "`allow` takes lints or groups; write it as `allow(weak_hashes)`";

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
        return Err(without_key(part));
    };
    let key = match key(&name.to_string(), name.span()) {
        Err(Mistake { meant: None, .. }) if part.len() == 1 => return Err(without_key(part)),
        key => key?,
    };
    let about = |mistake: Mistake| Mistake { meant: Some(key), ..mistake };
    if seen.contains(&key) {
        let instead = if key == "allow" { "name all lints in one" } else { "keep one" };
        return Err(about(Mistake::new(name.span(), format!("`{key}` is given twice; {instead}"))));
    }
    seen.push(key);
    match key {
        "allow" => into.allow = lints(name, &part[1..]).map_err(about)?,
        _ => set(into, key, text(name, &part[1..]).map_err(about)?)?,
    }
    Ok(())
}

/// A part that does not begin with a key; one word by itself is most likely the owner.
fn without_key(part: &[TokenTree]) -> Mistake {
    let word = match part {
        [TokenTree::Ident(word)] => Some(word.to_string()),
        [literal @ TokenTree::Literal(_)] => {
            syn::parse2::<LitStr>(literal.clone().into()).ok().map(|literal| literal.value())
        }
        _ => None,
    };
    let meant = word.as_ref().map(|_| "owner");
    let instead = word.unwrap_or("…".to_owned());
    let message = format!("expected a key; write it as `owner = \"{instead}\"`");
    Mistake { meant, ..Mistake::new(span_of(part), message) }
}

/// What a key asks for.
fn asks(key: &str) -> &'static str {
    match key {
        "owner" => "name who answers for it",
        "control" => "give the id of the requirement that is met",
        "guard" => "give the path of the test that would catch a regression",
        "reason" => "say why in a few words",
        "category" => "it is `waiver` or `mitigated`",
        _ => "write it as `YYYY-MM-DD`",
    }
}

/// The key of this name.
pub(crate) fn key(name: &str, span: Span) -> Result<&'static str, Mistake> {
    if let Some(known) = KEYS.iter().find(|known| **known == name) {
        return Ok(known);
    }
    match nearest(name, KEYS) {
        Some(known) => {
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
        return Err(wrong(format!("`{key}` is empty; {}", asks(key))));
    }
    // An id is compared as it stands.
    if matches!(key, "owner" | "control") && value.trim() != value {
        return Err(wrong(format!("`{key}` has spaces around it; write `{key} = \"{}\"`", value.trim())));
    }
    let date = || match value.parse() {
        Ok(date) => Ok(Some(Value { value: date, span: *span })),
        Err(instead) => Err(wrong(format!("`{value}` is no date; {instead}"))),
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
        _ => return Err(wrong(format!("`{value}` is no path of a test; write it as `tests::rejects_pins`"))),
    }
    Ok(())
}

fn unknown_category(word: &str) -> String {
    let [waiver, mitigated] = Category::ALL.map(Category::name);
    let help = nearest(word, [waiver, mitigated])
        .map_or(format!("it is `{waiver}` or `{mitigated}`"), |near| format!("did you mean `{near}`?"));
    format!("`{word}` is no category; {help}")
}

/// `= "…"`.
fn text(key: &Ident, rest: &[TokenTree]) -> Result<Value<String>, Mistake> {
    let wrong =
        |span: Span| Mistake::new(span, format!("`{key}` takes a string; write it as `{key} = \"…\"`"));
    match rest {
        [TokenTree::Punct(equals), value, after @ ..] if equals.as_char() == '=' => {
            let literal: LitStr = syn::parse2(value.clone().into()).map_err(|_| wrong(value.span()))?;
            match after.first() {
                Some(extra) => Err(Mistake::new(extra.span(), "expected `,`; put one between the keys")),
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
        return Err(Mistake::new(key.span(), TAKES_LINTS));
    };
    if group.delimiter() != Delimiter::Parenthesis {
        return Err(Mistake::new(group.span(), TAKES_LINTS));
    }
    let named: Vec<Value<String>> =
        split(group.stream()).iter().map(|part| lint(part)).collect::<Result<_, _>>()?;
    if named.is_empty() {
        return Err(Mistake::new(group.span(), "`allow()` names no lint; write it as `allow(weak_hashes)`"));
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
            _ => return Err(Mistake::new(span_of(part), bare_name(part))),
        }
    }
    Ok(Value { value: name, span: span_of(part) })
}

/// Paths and strings are what other attributes take; here it is the bare name.
fn bare_name(part: &[TokenTree]) -> String {
    let name = match part {
        [.., TokenTree::Ident(last)] => last.to_string(),
        [only] => syn::parse2::<LitStr>(only.clone().into()).map_or(String::new(), |text| text.value()),
        _ => String::new(),
    };
    let name = if name.is_empty() { "weak_hashes" } else { &name };
    format!("expected the bare name of a lint or group; write it as `allow({name})`")
}

fn span_of(part: &[TokenTree]) -> Span {
    part.iter().cloned().collect::<TokenStream>().span()
}
