//! Parsing on demand: one unit of a file into `syn`'s tree, its macros looked into.

mod place;

use std::borrow::Cow;
use std::collections::HashMap;
use std::iter::Peekable;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::visit::{self, Visit};

use crate::outline::lexer::{Kind, Lexer};
use crate::outline::{Item, ItemKind, MAX_NESTING, nesting, nesting_outside_macros};
use crate::vocabulary::Span;

pub use place::Placed;

/// A unit as parsed.
#[derive(Debug)]
pub enum Tree {
    /// A free function.
    Fn(Box<syn::ItemFn>),
    /// A method or associated function.
    Method(Box<syn::ImplItemFn>),
    /// A function of a trait, with or without a body.
    TraitFn(Box<syn::TraitItemFn>),
    /// An associated constant.
    AssocConst(Box<syn::ImplItemConst>),
    /// A macro call where an item may stand.
    Macro(Box<syn::Macro>),
    /// Any other item.
    Item(Box<syn::Item>),
}

impl Tree {
    /// The signature, where this is a function.
    pub fn signature(&self) -> Option<&syn::Signature> {
        match self {
            Tree::Fn(function) => Some(&function.sig),
            Tree::Method(method) => Some(&method.sig),
            Tree::TraitFn(method) => Some(&method.sig),
            _ => None,
        }
    }

    /// The body, where this is a function that has one.
    pub fn block(&self) -> Option<&syn::Block> {
        match self {
            Tree::Fn(function) => Some(&function.block),
            Tree::Method(method) => Some(&method.block),
            Tree::TraitFn(method) => method.default.as_ref(),
            _ => None,
        }
    }

    /// The item's attributes.
    pub fn attributes(&self) -> &[syn::Attribute] {
        match self {
            Tree::Fn(function) => &function.attrs,
            Tree::Method(method) => &method.attrs,
            Tree::TraitFn(method) => &method.attrs,
            Tree::AssocConst(constant) => &constant.attrs,
            Tree::Macro(_) => &[],
            Tree::Item(item) => match &**item {
                syn::Item::Const(item) => &item.attrs,
                syn::Item::Enum(item) => &item.attrs,
                syn::Item::Static(item) => &item.attrs,
                syn::Item::Struct(item) => &item.attrs,
                syn::Item::Type(item) => &item.attrs,
                syn::Item::Union(item) => &item.attrs,
                _ => &[],
            },
        }
    }

    pub(crate) fn visit<'a>(&'a self, visitor: &mut impl Visit<'a>) {
        match self {
            Tree::Fn(function) => visitor.visit_item_fn(function),
            Tree::Method(method) => visitor.visit_impl_item_fn(method),
            Tree::TraitFn(method) => visitor.visit_trait_item_fn(method),
            Tree::AssocConst(constant) => visitor.visit_impl_item_const(constant),
            Tree::Macro(call) => visitor.visit_macro(call),
            Tree::Item(item) => visitor.visit_item(item),
        }
    }
}

/// Why a unit could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseProblem {
    /// It is nested deeper than the parser's stack allows.
    TooDeep,
    /// It has more than [`MOST_TOKENS`].
    TooLarge,
    /// It is not what the parser knows: newer syntax, or broken code.
    Syntax {
        /// The parser's words.
        message: String,
        /// Where, in the file.
        at: Span,
    },
}

/// A parsed unit, its place in the file and its macros.
#[derive(Debug)]
pub struct Parsed {
    /// The tree; its spans count from the start of the unit.
    pub tree: Tree,
    offset: u32,
    /// By where the macro starts in the unit.
    expansions: HashMap<u32, Expansion>,
    unread: Vec<Span>,
}

/// What the tokens of a macro call read as.
#[derive(Debug, Default)]
pub struct Expansion {
    /// The expressions among its arguments.
    pub args: Vec<MacroArg>,
    /// The statements, where it reads as those.
    pub stmts: Vec<syn::Stmt>,
    /// The position in `args` of the format string, for format-like macros.
    pub format: Option<usize>,
    /// The names that the format string captures: `{user}`, `{user:?}`, `{0}` left out.
    pub captured: Vec<syn::Expr>,
}

/// One argument of a macro call.
#[derive(Debug)]
pub struct MacroArg {
    /// `name = …` before it (also dotted, as tracing fields are), or the key before a `:`.
    pub name: Option<String>,
    /// tracing's `%` (display) or `?` (debug) before it.
    pub sigil: Option<char>,
    /// The expression.
    pub expr: syn::Expr,
}

/// The tokens of the largest unit that is parsed. Each costs up to half a kilobyte in the tree and in
/// what is found out about it, and as many units are parsed at once as there are threads.
pub const MOST_TOKENS: usize = 250_000;

impl Parsed {
    /// Parses an item of a file. `member` tells that it stands in an `impl` or `trait`.
    ///
    /// # Errors
    /// Where the text is too deep or too large to parse or no Rust that the parser knows.
    pub fn new(text: &str, item: &Item, parent: Option<ItemKind>) -> Result<Parsed, ParseProblem> {
        // Outer documentation belongs to the item but costs the parser time and tells lints nothing.
        let span = item.span;
        let source = text.get(span.range()).unwrap_or("");
        // A token has at least one byte.
        if source.len() > MOST_TOKENS && Lexer::new(source).nth(MOST_TOKENS).is_some() {
            return Err(ParseProblem::TooLarge);
        }
        // Tokens of a macro call need not be Rust, and may be many. Half of the depth is then left for
        // those that are read as expressions.
        let everywhere = nesting(source) <= MAX_NESTING;
        let as_tokens = item.kind != ItemKind::Included && nesting_outside_macros(source) <= MAX_NESTING / 2;
        if !everywhere && !as_tokens {
            return Err(ParseProblem::TooDeep);
        }
        let source = &*without_raw_names(source);
        let tree = parse_tree(source, item.kind, parent).map_err(|error| ParseProblem::Syntax {
            message: error.to_string(),
            at: Span::from(error.span().byte_range()).shifted(span.start),
        })?;
        let mut parsed = Parsed { tree, offset: span.start, expansions: HashMap::new(), unread: Vec::new() };
        let most = if everywhere { None } else { Some(MAX_NESTING / 2) };
        let mut tokens = Tokens { source, most, unread: Vec::new() };
        let shallow = parsed.look_into_macros(&mut tokens);
        parsed.unread = tokens.unread;
        parsed.unread.sort_unstable();
        if shallow { Ok(parsed) } else { Err(ParseProblem::TooDeep) }
    }

    /// Whether a place of the file lies in the tokens of a macro call that are nested too deep to be read.
    pub(crate) fn is_unread(&self, place: Span) -> bool {
        let before = self.unread.partition_point(|unread| unread.start + self.offset <= place.start);
        let unread = before.checked_sub(1).map(|before| self.unread[before].shifted(self.offset));
        unread.is_some_and(|unread| unread.contains(place))
    }

    /// Where a node of the tree lies in the file.
    pub fn place(&self, node: &impl Placed) -> Span {
        node.place().shifted(self.offset)
    }

    /// Where a span of the tree lies in the file.
    pub fn span(&self, span: proc_macro2::Span) -> Span {
        Span::from(span.byte_range()).shifted(self.offset)
    }

    /// What the tokens of a macro call read as.
    pub fn expansion(&self, node: &syn::Macro) -> Option<&Expansion> {
        self.expansions.get(&key(node))
    }

    /// Calls back for every expression and macro call in source order, outer before inner, inside
    /// macros too.
    pub fn walk<'a>(
        &'a self,
        on_expr: &mut dyn FnMut(&'a syn::Expr),
        on_macro: &mut dyn FnMut(&'a syn::Macro),
    ) {
        let mut walker = Walker { parsed: self, on_expr, on_macro };
        self.tree.visit(&mut walker);
    }

    /// Macro calls hold macro calls, so this goes on until no new one turns up. Each call has all that it
    /// holds read anew; says no where calls lie deeper in each other than anyone writes.
    fn look_into_macros(&mut self, tokens: &mut Tokens<'_>) -> bool {
        let mut found = Collector::default();
        self.tree.visit(&mut found);
        let mut open = found.0;
        let mut depth = 0;
        while !open.is_empty() && depth < DEEPEST_MACRO {
            depth += 1;
            tokens.most = tokens.most.map(|most| most / 2);
            let mut inner = Collector::default();
            for node in &open {
                let expansion = expand(node, tokens);
                for arg in &expansion.args {
                    inner.visit_expr(&arg.expr);
                }
                for stmt in &expansion.stmts {
                    inner.visit_stmt(stmt);
                }
                self.expansions.insert(key(node), expansion);
            }
            // A macro that reads as itself would never end.
            open = inner.0.into_iter().filter(|node| !self.expansions.contains_key(&key(node))).collect();
        }
        open.is_empty()
    }
}

/// The text with `r#name` as `  name`, each byte where it was: both are one name to the compiler, and
/// to lints. Words that the language keeps for itself stay raw.
fn without_raw_names(source: &str) -> Cow<'_, str> {
    if !source.contains("r#") {
        return Cow::Borrowed(source);
    }
    let mut text = source.to_owned();
    for token in Lexer::new(source).filter(|token| token.kind == Kind::Ident) {
        let name = token.text(source).strip_prefix("r#");
        if name.is_some_and(|name| syn::parse_str::<syn::Ident>(name).is_ok()) {
            text.replace_range(token.start as usize..token.start as usize + 2, "  ");
        }
    }
    Cow::Owned(text)
}

fn key(node: &syn::Macro) -> u32 {
    node.path.place().start
}

/// A function whose body an attribute gives: `#[ref_cast_custom] fn cast(value: &Value) -> &Self;`.
fn parse_without_body(source: &str) -> syn::Result<Tree> {
    let syn::ForeignItemFn { attrs, modifiers, sig, semi_token, .. } = syn::parse_str(source)?;
    let semi_token = Some(semi_token);
    Ok(Tree::TraitFn(Box::new(syn::TraitItemFn { attrs, modifiers, sig, default: None, semi_token })))
}

fn parse_tree(source: &str, kind: ItemKind, parent: Option<ItemKind>) -> syn::Result<Tree> {
    match (kind, parent) {
        (ItemKind::Fn, parent) if parent != Some(ItemKind::Trait) && source.trim_end().ends_with(';') => {
            parse_without_body(source)
        }
        (ItemKind::Fn, Some(ItemKind::Impl)) => {
            syn::parse_str(source).map(|tree| Tree::Method(Box::new(tree)))
        }
        (ItemKind::Fn, Some(ItemKind::Trait)) => {
            syn::parse_str(source).map(|tree| Tree::TraitFn(Box::new(tree)))
        }
        (ItemKind::Fn, _) => syn::parse_str(source).map(|tree| Tree::Fn(Box::new(tree))),
        (ItemKind::Const, Some(ItemKind::Impl)) => {
            syn::parse_str(source).map(|tree| Tree::AssocConst(Box::new(tree)))
        }
        (ItemKind::MacroCall | ItemKind::MacroRules, _) => syn::parse_str::<syn::Item>(source)
            .and_then(|item| match item {
                syn::Item::Macro(item) => Ok(item.mac),
                other => Err(syn::Error::new_spanned(other, "expected a macro call")),
            })
            .or_else(|_| syn::parse_str::<syn::Macro>(source.trim_end_matches(';')))
            .map(|tree| Tree::Macro(Box::new(tree))),
        (ItemKind::Included, _) => included(source).map(|tree| Tree::Macro(Box::new(tree))),
        (ItemKind::Static, _) => syn::parse_str(&without_ref(source)).map(|tree| Tree::Item(Box::new(tree))),
        _ => syn::parse_str(source).map(|tree| Tree::Item(Box::new(tree))),
    }
}

/// What another file includes as an expression, as the call that stands for it. Its name stands
/// behind the text, so that no macro in the text is taken for it.
fn included(source: &str) -> syn::Result<syn::Macro> {
    let mut tokens: Vec<TokenTree> =
        format!("{source}\ninclude!").parse::<TokenStream>()?.into_iter().collect();
    let name = tokens.split_off(tokens.len().saturating_sub(2));
    let mut call = syn::parse2::<syn::Macro>(
        name.into_iter()
            .chain([TokenTree::Group(Group::new(Delimiter::Parenthesis, tokens.into_iter().collect()))])
            .collect(),
    )?;
    call.delimiter = syn::MacroDelimiter::Paren(Default::default());
    Ok(call)
}

/// `lazy_static!` writes `static ref NAME`; blanked out, the rest is a static and every span stays.
fn without_ref(source: &str) -> String {
    match source.split_once("static ref ") {
        Some((before, after)) if !before.contains('=') => format!("{before}static     {after}"),
        _ => source.to_owned(),
    }
}

/// How deep macro calls inside each other are looked into; people stop at five.
const DEEPEST_MACRO: usize = 48;

/// The text that tokens of macro calls come from, and how deep an expression among them may nest.
struct Tokens<'a> {
    source: &'a str,
    /// Halved for each macro call inside another, so that all together stay below twice the first;
    /// `None` where the whole unit is known to be shallow.
    most: Option<u32>,
    /// What is too deep to be read.
    unread: Vec<Span>,
}

impl Tokens<'_> {
    /// Whether what the tokens from `first` to `last` say is shallow enough to be parsed.
    fn may_be_parsed(&self, first: proc_macro2::Span, last: proc_macro2::Span) -> bool {
        let Some(most) = self.most else { return true };
        let span = first.byte_range().start..last.byte_range().end;
        self.source.get(span).is_some_and(|text| nesting(text) <= most)
    }

    fn may_parse(&self, part: &[TokenTree]) -> bool {
        match part {
            [] => true,
            [first, .., last] => self.may_be_parsed(first.span(), last.span()),
            [only] => self.may_be_parsed(only.span(), only.span()),
        }
    }
}

#[derive(Default)]
struct Collector(Vec<syn::Macro>);

impl<'ast> Visit<'ast> for Collector {
    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        self.0.push(node.clone());
    }
}

struct Walker<'a, 'f> {
    parsed: &'a Parsed,
    on_expr: &'f mut dyn FnMut(&'a syn::Expr),
    on_macro: &'f mut dyn FnMut(&'a syn::Macro),
}

impl<'a> Visit<'a> for Walker<'a, '_> {
    fn visit_expr(&mut self, node: &'a syn::Expr) {
        (self.on_expr)(node);
        visit::visit_expr(self, node);
    }

    fn visit_macro(&mut self, node: &'a syn::Macro) {
        (self.on_macro)(node);
        if let Some(expansion) = self.parsed.expansion(node) {
            for arg in &expansion.args {
                self.visit_expr(&arg.expr);
            }
            for expr in &expansion.captured {
                self.visit_expr(expr);
            }
            for stmt in &expansion.stmts {
                self.visit_stmt(stmt);
            }
        }
    }

    // Attributes hold no code that runs.
    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}
}

/// Macros that take a format string, with the position of that string among their arguments.
/// `None` stands for "the first string literal", as logging macros put fields before it.
fn format_position(name: &str) -> Option<Option<usize>> {
    match name {
        "format" | "format_args" | "print" | "println" | "eprint" | "eprintln" | "panic" | "todo"
        | "unimplemented" | "unreachable" | "anyhow" | "bail" | "format_err" | "eyre" | "concat_string" => {
            Some(Some(0))
        }
        "write" | "writeln" | "assert" | "debug_assert" | "ensure" => Some(Some(1)),
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => Some(Some(2)),
        "trace" | "debug" | "info" | "warn" | "error" | "log" | "event" | "span" | "trace_span"
        | "debug_span" | "info_span" | "warn_span" | "error_span" | "slog_info" | "crit" | "defmt" => {
            Some(None)
        }
        _ => None,
    }
}

fn expand(node: &syn::Macro, source: &mut Tokens<'_>) -> Expansion {
    let name = node.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    let tokens = node.tokens.clone();
    let mut expansion = Expansion::default();
    if name == "macro_rules" {
        arms(tokens, source, &mut expansion);
        return expansion;
    }
    let format = format_position(&name);
    let delimiters = node.delimiter.span();
    if format.is_none()
        && source.may_be_parsed(delimiters.open(), delimiters.close())
        && let Ok(stmts) = syn::Block::parse_within.parse2(tokens.clone())
        && (stmts.len() > 1 || stmts.iter().any(|stmt| !matches!(stmt, syn::Stmt::Expr(_, None))))
    {
        expansion.stmts = stmts;
        return expansion;
    }
    collect_args(tokens, source, &mut expansion.args, 0);
    if let Some(position) = format {
        let position = position.or_else(|| {
            expansion.args.iter().position(|arg| arg.name.is_none() && literal(&arg.expr).is_some())
        });
        if let Some(text) = position.and_then(|at| literal(&expansion.args.get(at)?.expr)) {
            expansion.format = position;
            expansion.captured = captured(&text.value(), text.span());
        }
    }
    expansion
}

/// What the arms of a macro's definition write, as far as it reads as code. What a call gives stands
/// there under a name that nothing else has.
fn arms(definition: TokenStream, source: &mut Tokens<'_>, expansion: &mut Expansion) {
    let mut before = ' ';
    for token in definition {
        match token {
            TokenTree::Group(body) if before == '>' => {
                let written = without_fragments(body.stream());
                let is_shallow = source.may_be_parsed(body.span(), body.span());
                let stmts = is_shallow.then(|| syn::Block::parse_within.parse2(written.clone()).ok());
                match stmts.flatten() {
                    Some(stmts) => expansion.stmts.extend(stmts),
                    None => collect_args(written, source, &mut expansion.args, 0),
                }
                before = ' ';
            }
            TokenTree::Punct(punct) => before = punct.as_char(),
            _ => before = ' ',
        }
    }
}

/// The tokens of an arm with `$name` as a name, `$crate` as `crate`, and what is repeated once.
fn without_fragments(tokens: TokenStream) -> TokenStream {
    let mut written = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Punct(punct) = &token else {
            written.extend([match token {
                TokenTree::Group(group) => regrouped(&group),
                other => other,
            }]);
            continue;
        };
        if punct.as_char() != '$' {
            written.extend([token]);
            continue;
        }
        match tokens.next() {
            Some(TokenTree::Ident(name)) if name == "crate" => written.extend([TokenTree::Ident(name)]),
            Some(TokenTree::Ident(name)) => {
                let fragment = proc_macro2::Ident::new(&format!("{FRAGMENT}{name}"), name.span());
                written.extend([TokenTree::Ident(fragment)]);
            }
            Some(TokenTree::Group(repeated)) => {
                written.extend(without_fragments(repeated.stream()));
                skip_repetition(&mut tokens);
            }
            Some(other) => written.extend([other]),
            None => {}
        }
    }
    written
}

/// Begins the names of what a macro is given.
const FRAGMENT: &str = "macro_fragment_";

fn regrouped(group: &Group) -> TokenTree {
    let mut written = Group::new(group.delimiter(), without_fragments(group.stream()));
    written.set_span(group.span());
    TokenTree::Group(written)
}

/// Passes `*`, `+` or `?` and the separator before it.
fn skip_repetition(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>) {
    let repeats = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if matches!(punct.as_char(), '*' | '+' | '?'));
    for _ in 0..3 {
        if tokens.next().is_none_or(|token| repeats(&token)) {
            return;
        }
    }
}

fn literal(expr: &syn::Expr) -> Option<&syn::LitStr> {
    match expr {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

/// The names in braces of a format string, as expressions that stand where the string stands.
fn captured(format: &str, span: proc_macro2::Span) -> Vec<syn::Expr> {
    let mut names = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('{') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            rest = after;
            continue;
        }
        let Some(end) = rest.find('}') else { break };
        let name = rest[..end].split(':').next().unwrap_or("").trim();
        if name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && let Ok(mut ident) = syn::parse_str::<syn::Ident>(name)
        {
            ident.set_span(span);
            names.push(syn::Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path: ident.into() }));
        }
        rest = &rest[end + 1..];
    }
    names
}

/// Splits tokens at `,`, `;` and `=>`, and reads each part as an expression. A part that is none
/// is a group to look into (`json!({…})`), or is left out.
fn collect_args(tokens: TokenStream, source: &mut Tokens<'_>, args: &mut Vec<MacroArg>, depth: usize) {
    const DEEPEST: usize = 32;
    for part in split(tokens) {
        let (name, sigil, rest) = strip_name(&part);
        let is_shallow = source.may_parse(rest);
        if is_shallow && let Ok(expr) = syn::parse2::<syn::Expr>(rest.iter().cloned().collect()) {
            args.push(MacroArg { name, sigil, expr });
            continue;
        }
        for token in rest {
            match token {
                TokenTree::Group(group) if depth < DEEPEST => collect_group(group, source, args, depth),
                TokenTree::Group(_) => source.unread.push(Span::from(token.span().byte_range())),
                _ if is_shallow => {}
                token => source.unread.push(Span::from(token.span().byte_range())),
            }
        }
    }
}

fn collect_group(group: &Group, source: &mut Tokens<'_>, args: &mut Vec<MacroArg>, depth: usize) {
    if group.delimiter() == Delimiter::Brace
        && source.may_be_parsed(group.span(), group.span())
        && let Ok(block) = syn::parse2::<syn::Block>(TokenTree::Group(group.clone()).into())
    {
        let expr = syn::Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block });
        args.push(MacroArg { name: None, sigil: None, expr });
        return;
    }
    collect_args(group.stream(), source, args, depth + 1);
}

fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if let TokenTree::Punct(punct) = &token {
            let arrow = punct.as_char() == '='
                && punct.spacing() == proc_macro2::Spacing::Joint
                && matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '>');
            if arrow {
                tokens.next();
            }
            if arrow || matches!(punct.as_char(), ',' | ';') {
                parts.push(Vec::new());
                continue;
            }
        }
        if let Some(part) = parts.last_mut() {
            part.push(token);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Takes `name =`, `a.b =`, `"key":` or `name:` and a sigil off the front of an argument.
fn strip_name(part: &[TokenTree]) -> (Option<String>, Option<char>, &[TokenTree]) {
    let is = |token: Option<&TokenTree>, wanted: char| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted);
    let mut end = 0;
    let mut name = String::new();
    while let Some(token) = part.get(end) {
        match token {
            TokenTree::Ident(ident) => name.push_str(&ident.to_string()),
            TokenTree::Literal(literal) if end == 0 => name.push_str(literal.to_string().trim_matches('"')),
            TokenTree::Punct(punct) if punct.as_char() == '.' => name.push('.'),
            _ => break,
        }
        end += 1;
    }
    let assigns = is(part.get(end), '=') && !is(part.get(end + 1), '=');
    let keyed = is(part.get(end), ':') && !is(part.get(end + 1), ':');
    let named = end > 0 && part.len() > end + 1 && (assigns || keyed);
    let rest = if named { &part[end + 1..] } else { part };
    let sigil = match rest.first() {
        Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '%' | '?') => Some(punct.as_char()),
        _ => None,
    };
    let rest = if sigil.is_some() { &rest[1..] } else { rest };
    (named.then_some(name), sigil, rest)
}
