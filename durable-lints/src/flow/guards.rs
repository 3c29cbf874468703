//! What conditions prove: allow-lists, comparisons, canonical paths below a base, checked hosts.

use std::cmp::Ordering;

use syn::parse::Parser;
use syn::{BinOp, Expr, Pat};

use crate::flow::address;
use crate::flow::analysis::{Analysis, RULED_OUT};
use crate::flow::env::Place;
use crate::flow::fact::{Fact, mark};
use crate::flow::patterns::is_fixed;
use crate::models::{propagators, sanitizers};
use crate::vocabulary::Purpose;

/// Methods that leave a text what it is as far as a check of it goes.
const SAME_TEXT: &[&str] = &[
    "as_str",
    "as_ref",
    "as_deref",
    "as_bytes",
    "as_path",
    "as_os_str",
    "to_str",
    "to_string_lossy",
    "trim",
    "to_lowercase",
    "to_uppercase",
    "to_ascii_lowercase",
    "to_ascii_uppercase",
    "clone",
    "cloned",
    "copied",
    "to_string",
    "to_owned",
    "into",
    "unwrap",
    "expect",
    "unwrap_or",
    "unwrap_or_default",
    "ok",
    "ok_or",
    "ok_or_else",
    "map_err",
    "context",
    "with_context",
    "borrow",
    "chars",
    "bytes",
    "iter",
    "into_iter",
    "components",
    "canonicalize",
    "to_path_buf",
    "into_inner",
    "as_mut",
    "display",
    "into_owned",
    "into_string",
    "deref",
    "host_str",
    "host",
    "domain",
];

const HOST: &[&str] = &["host_str", "host", "domain"];

/// Methods between a check that answers with a `Result` and the place that asks.
const PASSES_ERRORS: &[&str] = &[
    "map_err",
    "ok_or",
    "ok_or_else",
    "context",
    "with_context",
    "wrap_err",
    "unwrap",
    "expect",
    "ok",
    "await",
];

impl<'a> Analysis<'_, 'a> {
    /// Takes note that a condition holds or does not.
    pub(super) fn refine(&mut self, cond: &'a Expr, holds: bool) {
        match cond {
            Expr::Paren(inner) => self.refine(&inner.expr, holds),
            Expr::Group(inner) => self.refine(&inner.expr, holds),
            Expr::Reference(inner) => self.refine(&inner.expr, holds),
            Expr::Await(inner) => self.refine(&inner.base, holds),
            Expr::Try(inner) => self.refine(&inner.expr, holds),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Not(_)) => self.refine(&unary.expr, !holds),
            Expr::Binary(binary) => self.refine_binary(binary, holds),
            Expr::Path(_) => {
                let bound = self.place(cond).map(|place| self.env.read(&place));
                // `let ok = !ok` leads back to its own name, so only a few of these are followed.
                if let Some(expr) = bound.and_then(|fact| fact.expr)
                    && !matches!(expr, Expr::Path(_) | Expr::Closure(_))
                    && self.conditions < 4
                {
                    self.conditions += 1;
                    self.refine(expr, holds);
                    self.conditions -= 1;
                }
            }
            Expr::Let(bound) if holds => drop(self.refine_by_pattern(&bound.expr, &bound.pat)),
            // `if let Err(problem) = check(name) { return … }`
            Expr::Let(bound) if says_no(&bound.pat) => self.assume_ensured(&bound.expr),
            Expr::Macro(node) if holds && node.mac.path.is_ident("matches") => self.refine_matches(&node.mac),
            Expr::MethodCall(call) => self.refine_method(cond, call, holds),
            Expr::Call(_) if holds => self.assume_decided(cond),
            _ => {}
        }
    }

    fn refine_binary(&mut self, node: &'a syn::ExprBinary, holds: bool) {
        match node.op {
            BinOp::And(_) | BinOp::Or(_) => {
                let conjunction = matches!(node.op, BinOp::And(_));
                let terms = terms(node);
                if conjunction == holds {
                    terms.into_iter().for_each(|term| self.refine(term, holds));
                    return;
                }
                // One of them is so, and nobody knows which.
                let before = self.env.clone();
                let mut joined = None;
                for term in terms {
                    self.env = before.clone();
                    self.refine(term, holds);
                    let env = std::mem::take(&mut self.env);
                    joined = Some(match joined {
                        Some(known) => env.join(known),
                        None => env,
                    });
                }
                self.env = joined.unwrap_or(before);
            }
            BinOp::Eq(_) if holds => self.prove_equal(&node.left, &node.right),
            BinOp::Ne(_) if !holds => self.prove_equal(&node.left, &node.right),
            BinOp::Lt(_) | BinOp::Le(_) => self.prove_bounded(&node.left, &node.right, holds),
            BinOp::Gt(_) | BinOp::Ge(_) => self.prove_bounded(&node.right, &node.left, holds),
            _ => {}
        }
    }

    /// How far from our own control a value is: constants and what is unknown, what a caller or the
    /// operator passes, what an attacker chooses.
    fn distance(&self, expr: &Expr) -> u8 {
        match self.value_at(address(expr)) {
            Some(value) if value.hostile().is_some() => 2,
            Some(value) if !value.origins.is_empty() => 1,
            _ => 0,
        }
    }

    /// What is equal to something that nobody outside chooses is not chosen outside either.
    fn prove_equal(&mut self, left: &'a Expr, right: &'a Expr) {
        match self.distance(left).cmp(&self.distance(right)) {
            Ordering::Greater => self.prove(left, &[Purpose::Any]),
            Ordering::Less => self.prove(right, &[Purpose::Any]),
            Ordering::Equal => {}
        }
    }

    /// `small < large`, or not: what is below a limit of our own is a fair size.
    fn prove_bounded(&mut self, small: &'a Expr, large: &'a Expr, holds: bool) {
        let (bounded, limit) = if holds { (small, large) } else { (large, small) };
        if self.distance(limit) == 0 || self.distance(limit) < self.distance(bounded) {
            self.prove(bounded, &[Purpose::Size]);
        }
    }

    fn refine_matches(&mut self, node: &'a syn::Macro) {
        let Some(subject) = self.code.expansion(node).and_then(|expansion| expansion.args.first()) else {
            return;
        };
        let pattern = |input: syn::parse::ParseStream<'_>| {
            input.parse::<Expr>()?;
            input.parse::<syn::Token![,]>()?;
            let pat = Pat::parse_multi_with_leading_vert(input)?;
            input.parse::<proc_macro2::TokenStream>()?;
            Ok(pat)
        };
        if let Ok(pat) = pattern.parse2(node.tokens.clone()) {
            self.refine_by_pattern(&subject.expr, &pat);
        }
    }

    fn refine_method(&mut self, cond: &'a Expr, call: &'a syn::ExprMethodCall, holds: bool) {
        let name = call.method.to_string();
        let argument = call.args.first();
        match (name.as_str(), argument) {
            ("contains" | "contains_key" | "has" | "is_superset", Some(argument)) => {
                self.refine_contains(call, argument, holds);
            }
            ("is_ok" | "is_some", None) if holds => self.refine_found(&call.receiver),
            ("is_err" | "is_none", None) if !holds => self.refine_found(&call.receiver),
            ("starts_with", Some(argument)) => self.refine_starts(call, argument, holds),
            ("is_absolute" | "has_root", None) if !holds => self.rule_out(&call.receiver, mark::NOT_ABSOLUTE),
            ("is_relative", None) if holds => self.rule_out(&call.receiver, mark::NOT_ABSOLUTE),
            ("all", Some(argument)) if holds => self.refine_all(&call.receiver, argument),
            ("any", Some(argument)) => self.refine_any(&call.receiver, argument, holds),
            ("is_some_and" | "is_ok_and", Some(Expr::Closure(closure))) if holds => {
                self.refine_inside(&call.receiver, closure);
            }
            ("map_or", _) if holds && call.args.len() == 2 => {
                if let Some(Expr::Closure(closure)) = call.args.last() {
                    self.refine_inside(&call.receiver, closure);
                }
            }
            ("unwrap_or", _) if holds => self.refine(&call.receiver, holds),
            ("map", Some(Expr::Closure(closure))) if holds => self.refine_inside(&call.receiver, closure),
            ("is_match" | "matches", Some(argument)) if holds => self.prove(argument, &[Purpose::Any]),
            ("eq" | "eq_ignore_ascii_case", Some(argument)) if holds => {
                self.prove_equal(&call.receiver, argument)
            }
            _ if holds => self.assume_decided(cond),
            _ => {}
        }
    }

    /// `ALLOWED.contains(&name)` proves; `name.contains("..")` only rules something out.
    fn refine_contains(&mut self, call: &'a syn::ExprMethodCall, argument: &'a Expr, holds: bool) {
        let searched = self.distance(&call.receiver);
        if searched > 0 && self.distance(argument) == 0 {
            if !holds {
                let ruled_out = ruled_out_by(self.code.snippet(self.span(argument)));
                self.rule_out(&call.receiver, ruled_out);
            }
        } else if holds && searched < 2 && !matches!(&*call.receiver, Expr::Lit(_)) {
            self.prove(argument, &[Purpose::Any]);
        }
    }

    fn refine_starts(&mut self, call: &'a syn::ExprMethodCall, argument: &'a Expr, holds: bool) {
        let text = self.code.snippet(self.span(argument)).trim_matches(['"', '\'', '&']);
        if !holds {
            match text {
                "-" => self.prove(&call.receiver, &[Purpose::Argument]),
                "/" | "\\" => self.rule_out(&call.receiver, mark::NOT_ABSOLUTE),
                _ => {}
            }
            return;
        }
        let canonical =
            self.place(&call.receiver).is_some_and(|place| self.env.read(&place).has(mark::CANONICAL));
        if canonical || mentions_canonicalize(&call.receiver, 0) {
            self.prove(&call.receiver, &[Purpose::Path]);
        }
        if text.split_once("://").is_some_and(|(_, after)| after.contains('/')) {
            self.prove(&call.receiver, &[Purpose::Url]);
        }
    }

    /// A check by lookup: `map.get(&name).is_some()`, `name.parse::<u32>().is_ok()`.
    fn refine_found(&mut self, found: &'a Expr) {
        if let Expr::MethodCall(call) = found {
            match call.method.to_string().as_str() {
                "get" | "binary_search" | "find" | "position" | "get_key_value"
                    if self.distance(&call.receiver) < 2 =>
                {
                    call.args.iter().for_each(|argument| self.prove(argument, &[Purpose::Any]));
                    return;
                }
                "parse" => return self.prove(&call.receiver, &[Purpose::Any]),
                _ => {}
            }
        }
        self.assume_ensured(found);
    }

    fn refine_all(&mut self, items: &'a Expr, check: &'a Expr) {
        if is_call_of(items, "components") {
            return self.prove(items, &[Purpose::Path]);
        }
        if is_call_of(items, "chars") || is_call_of(items, "bytes") || is_call_of(items, "iter") {
            let purposes = allowed_characters(self.code.snippet(self.span(check)));
            self.prove(items, purposes);
        }
    }

    fn refine_any(&mut self, items: &'a Expr, check: &'a Expr, holds: bool) {
        if !holds {
            let text = self.code.snippet(self.span(check));
            if is_call_of(items, "components") {
                return self.prove(items, &[Purpose::Path]);
            }
            if is_call_of(items, "chars") || is_call_of(items, "bytes") {
                if text.contains('!') {
                    return self.prove(items, allowed_characters(text));
                }
                let ruled_out = ruled_out_by(text);
                self.rule_out(items, ruled_out);
            }
            return;
        }
        // `ALLOWED.iter().any(|allowed| *allowed == name)`
        if let Expr::Closure(closure) = check
            && self.distance(items) < 2
        {
            let scope = self.env.len();
            closure.inputs.iter().for_each(|pat| self.bind(pat, &Fact::fixed()));
            self.refine(&closure.body, true);
            self.env.truncate(scope);
        }
    }

    /// A check inside an option: `url.host_str().is_some_and(|host| ALLOWED.contains(&host))`.
    fn refine_inside(&mut self, subject: &'a Expr, closure: &'a syn::ExprClosure) {
        let Some((place, host)) = self.target(subject, 0) else { return };
        let scope = self.env.len();
        let mut fact = self.env.read(&place);
        fact.view = Some(place.into());
        if host {
            fact.marks |= mark::HOST;
        }
        closure.inputs.iter().for_each(|pat| self.bind(pat, &fact));
        self.refine(&closure.body, true);
        self.env.truncate(scope);
    }

    /// What a closure that filters proves of what it lets pass.
    pub(super) fn proved_by(&mut self, closure: &'a syn::ExprClosure, given: &Fact<'a>) -> Vec<Purpose> {
        let before = self.env.clone();
        let scope = self.env.len();
        let mut fact = given.clone();
        fact.view = None;
        closure.inputs.iter().for_each(|pat| self.bind(pat, &fact));
        self.refine(&closure.body, true);
        let proved = self.env.at(scope).map(|fact| fact.value.safe_for.clone()).unwrap_or_default();
        self.env = before;
        proved
    }

    /// Takes note that what an expression names is safe for some purposes from here on.
    pub(super) fn prove(&mut self, expr: &'a Expr, purposes: &[Purpose]) {
        match expr {
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.prove(elem, purposes)),
            _ => {
                if let Some((place, host)) = self.target(expr, 0) {
                    self.prove_place(&place, purposes, host, 0);
                }
            }
        }
    }

    fn prove_place(&mut self, place: &Place, purposes: &[Purpose], host: bool, depth: u8) {
        let fact = self.env.read(place);
        let host_is_fixed = purposes.contains(&Purpose::Any) || purposes.contains(&Purpose::Url);
        let purposes = match host {
            true if host_is_fixed => &[Purpose::Url],
            true => &[][..],
            false => purposes,
        };
        self.env.refine(place, |fact| fact.make_safe(purposes));
        if let Some(view) = fact.view
            && depth < 4
        {
            self.prove_place(&view, purposes, fact.marks & mark::HOST != 0, depth + 1);
        }
    }

    fn rule_out(&mut self, expr: &'a Expr, marks: u16) {
        let Some((place, _)) = self.target(expr, 0) else { return };
        let mut now = 0;
        self.env.refine(&place, |fact| {
            fact.marks |= marks;
            now = fact.marks;
        });
        if now & RULED_OUT == RULED_OUT {
            self.prove(expr, &[Purpose::Path]);
        }
    }

    /// The place whose value an expression gives, and whether it gives only the host of it.
    pub(super) fn target(&self, expr: &Expr, depth: u8) -> Option<(Place, bool)> {
        if depth > 24 {
            return None;
        }
        let deeper = |inner: &Expr| self.target(inner, depth + 1);
        match expr {
            Expr::Path(_) | Expr::Field(_) => Some((self.place(expr)?, false)),
            Expr::Paren(inner) => deeper(&inner.expr),
            Expr::Group(inner) => deeper(&inner.expr),
            Expr::Reference(inner) => deeper(&inner.expr),
            Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => deeper(&inner.expr),
            Expr::Try(inner) => deeper(&inner.expr),
            Expr::Await(inner) => deeper(&inner.base),
            Expr::Index(inner) if matches!(&*inner.index, Expr::Range(_)) => deeper(&inner.expr),
            Expr::MethodCall(call) if SAME_TEXT.contains(&call.method.to_string().as_str()) => {
                let (place, host) = deeper(&call.receiver)?;
                Some((place, host || HOST.contains(&call.method.to_string().as_str())))
            }
            Expr::Call(call) if call.args.len() == 1 => {
                let Expr::Path(function) = &*call.func else { return None };
                let name = function.path.segments.last()?.ident.to_string();
                propagators::makes(&name).then(|| deeper(&call.args[0])).flatten()
            }
            _ => None,
        }
    }

    /// An expression went well (`?`, `unwrap`, `Ok(…)`): what the function behind it ensures holds.
    pub(super) fn assume_ensured(&mut self, expr: &'a Expr) {
        let mut expr = expr;
        // Chains are walked, not recursed into.
        loop {
            expr = match expr {
                Expr::Paren(inner) => &inner.expr,
                Expr::Await(inner) => &inner.base,
                Expr::Try(inner) => &inner.expr,
                Expr::MethodCall(call) if PASSES_ERRORS.contains(&call.method.to_string().as_str()) => {
                    &call.receiver
                }
                _ => break,
            };
        }
        if let Expr::MethodCall(call) = expr
            && matches!(call.method.to_string().as_str(), "find" | "get" | "binary_search")
            && self.distance(&call.receiver) == 0
            && !call.args.iter().any(|argument| matches!(argument, Expr::Closure(_)))
        {
            return;
        }
        self.assume_decided(expr);
    }

    /// A statement that is a check by itself: `check(name)` that panics, `check(name).unwrap();`.
    pub(super) fn assume_ensured_statement(&mut self, expr: &'a Expr) {
        match expr {
            Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => {
                self.assume_ensured(expr)
            }
            Expr::Call(_) => {
                let Some(info) = self.call_info(expr) else { return };
                let summary = info.path.as_ref().and_then(|path| self.summary(path, &info.args, None));
                if let Some(summary) = summary.filter(|summary| summary.returns_nothing) {
                    self.apply_ensures(&summary.ensures, info.receiver, &info.args);
                }
            }
            _ => {}
        }
    }

    /// A call said yes: by its summary, or by its name, what it was asked about is fit for use.
    fn assume_decided(&mut self, expr: &'a Expr) {
        let Some(info) = self.call_info(expr) else { return };
        if let Some(path) = &info.path {
            let purposes = self.code.names.models.sanitizes(path);
            if !purposes.is_empty() {
                info.args.iter().for_each(|argument| self.prove(argument, &purposes));
            }
            if let Some(summary) = self.summary(path, &info.args, info.receiver) {
                self.apply_ensures(&summary.ensures, info.receiver, &info.args);
            }
        }
        if sanitizers::decides(&info.name) {
            info.args.iter().for_each(|argument| self.prove(argument, &[Purpose::Nominal]));
            if info.args.is_empty()
                && let Some(receiver) = info.receiver
            {
                self.prove(receiver, &[Purpose::Nominal]);
            }
        }
    }

    fn apply_ensures(
        &mut self,
        ensures: &[(u8, Vec<Purpose>)],
        receiver: Option<&'a Expr>,
        args: &[&'a Expr],
    ) {
        for (position, purposes) in ensures {
            let argument = match *position {
                crate::flow::SELF => receiver,
                position => args.get(usize::from(position)).copied(),
            };
            if let Some(argument) = argument {
                self.prove(argument, purposes);
            }
        }
    }

    /// After a loop that looks at every component of a path and may turn it away.
    pub(super) fn assume_components_checked(&mut self, node: &'a syn::ExprForLoop) {
        if !is_call_of(&node.expr, "components") {
            return;
        }
        let body = self.code.snippet(self.span(&node.body));
        if ["return", "bail!", "break", "panic!", "Err("].iter().any(|word| body.contains(word)) {
            self.prove(&node.expr, &[Purpose::Path]);
        }
    }
}

fn says_no(pat: &Pat) -> bool {
    match pat {
        Pat::TupleStruct(node) => node.path.segments.last().is_some_and(|segment| segment.ident == "Err"),
        Pat::Ident(ident) => ident.ident == "None",
        _ => is_fixed(pat) && matches!(pat, Pat::Path(path) if path.path.is_ident("None")),
    }
}

/// The terms of a chain of one operator, without recursion on its length.
fn terms(node: &syn::ExprBinary) -> Vec<&Expr> {
    let and = matches!(node.op, BinOp::And(_));
    let mut terms = vec![&*node.right];
    let mut left = &*node.left;
    while let Expr::Binary(inner) = left
        && (matches!(inner.op, BinOp::And(_)) && and || matches!(inner.op, BinOp::Or(_)) && !and)
    {
        terms.push(&*inner.right);
        left = &*inner.left;
    }
    terms.push(left);
    terms.reverse();
    terms
}

fn is_call_of(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::MethodCall(call) => call.method == name || is_call_of(&call.receiver, name),
        Expr::Paren(inner) => is_call_of(&inner.expr, name),
        _ => false,
    }
}

fn mentions_canonicalize(expr: &Expr, depth: u8) -> bool {
    const NAMES: &[&str] = &["canonicalize", "soft_canonicalize", "realpath", "absolute_canonical"];
    if depth > 24 {
        return false;
    }
    let deeper = |inner: &Expr| mentions_canonicalize(inner, depth + 1);
    match expr {
        Expr::MethodCall(call) => NAMES.contains(&call.method.to_string().as_str()) || deeper(&call.receiver),
        Expr::Call(call) => match &*call.func {
            Expr::Path(function) => function
                .path
                .segments
                .last()
                .is_some_and(|last| NAMES.contains(&last.ident.to_string().as_str())),
            _ => false,
        },
        Expr::Try(inner) => deeper(&inner.expr),
        Expr::Await(inner) => deeper(&inner.base),
        Expr::Paren(inner) => deeper(&inner.expr),
        Expr::Reference(inner) => deeper(&inner.expr),
        _ => false,
    }
}

/// What a text is known not to be, once it was found not to contain what this source text names.
fn ruled_out_by(text: &str) -> u16 {
    let mut marks = 0;
    if text.contains("..") || text.contains("'.'") || text.contains("ParentDir") {
        marks |= mark::NO_PARENT;
    }
    if text.contains("'/'")
        || text.contains("\"/\"")
        || text.contains("is_path_separator")
        || text.contains("MAIN_SEPARATOR")
    {
        marks |= mark::NOT_ABSOLUTE;
    }
    marks
}

/// What a text is safe for when each of its characters passed a check with this source text.
fn allowed_characters(check: &str) -> &'static [Purpose] {
    const CLASSES: &[&str] = &["alphanumeric", "digit", "numeric", "alphabetic", "lowercase", "uppercase"];
    if !CLASSES.iter().any(|class| check.contains(class)) {
        return &[];
    }
    if check.contains("'.'") || check.contains("'/'") {
        &[Purpose::Sql, Purpose::Shell, Purpose::Html]
    } else {
        &[Purpose::Any]
    }
}
