//! What functions of the workspace do with their parameters, as plain data that all threads share.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use syn::Expr;

use crate::code::Code;
use crate::flow::analysis::{self, Analysis};
use crate::flow::fact::Fact;
use crate::flow::value::common_safety;
use crate::flow::{Origin, SinkUse, Value, Via, address};
use crate::models::sources;
use crate::outline::ItemKind;
use crate::resolve::{Definition, Names};
use crate::syntax::Parsed;
use crate::vocabulary::ApiPath;
use crate::vocabulary::Span;
use crate::vocabulary::{OriginKind, Purpose, SELF};

/// How many calls deep data is followed. A summary with one call less to go knows less, so that
/// the depth is part of its key: what is found then never depends on which thread came first.
pub(super) const DEPTH: u8 = 4;

/// Functions longer than this (in bytes) are not summarised: generated tables, mostly.
const LONGEST: u32 = 40_000;

/// Functions shorter than this (in bytes) are read for what they return whatever they are given.
const SHORT: u32 = 300;

/// Sinks that one summary hands on.
const MOST_SINKS: usize = 32;

/// Every summary of one package's functions.
#[derive(Debug, Default)]
pub struct Summaries(Mutex<FxHashMap<Key, Arc<Summary>>>);

/// The file, the item in it, and how many calls deep the summary looks.
type Key = (Arc<str>, u32, u8);

/// What a function does with its parameters.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// What it returns; parameters stand as origins.
    result: Value,
    text: Option<String>,
    /// What a parameter is safe for when the function says yes: `true`, `Ok`, or returning at all.
    pub(super) ensures: Vec<(u8, Vec<Purpose>)>,
    sinks: Vec<InnerSink>,
    takes_self: bool,
    pub(super) returns_nothing: bool,
}

#[derive(Debug)]
struct InnerSink {
    purpose: Purpose,
    value: Value,
    sink: String,
    via: Via,
}

impl Summary {
    pub(super) fn new(
        code: &Code<'_>,
        result: Value,
        text: Option<&str>,
        ensures: Vec<(u8, Vec<Purpose>)>,
        sinks: &[SinkUse<'_>],
    ) -> Summary {
        let signature = code.signature();
        let here =
            code.names.path_of(code.file, code.item).unwrap_or_else(|| ApiPath(code.name().to_owned()));
        let handed_on = sinks.iter().filter_map(|sink| {
            let mut value = sink.value.clone();
            value.origins.retain(|origin| matches!(origin.kind, OriginKind::Parameter(_)));
            value.head.retain(|kind| matches!(kind, OriginKind::Parameter(_)));
            let via = sink.via.clone();
            let via = via.unwrap_or_else(|| Via {
                function: here.clone(),
                file: code.file.path.clone(),
                span: sink.argument,
            });
            let dangerous = !value.origins.is_empty() && value.threats(sink.purpose);
            dangerous.then(|| InnerSink { purpose: sink.purpose, value, sink: sink.sink.clone(), via })
        });
        Summary {
            text: text.map(str::to_owned),
            ensures,
            sinks: handed_on.take(MOST_SINKS).collect(),
            takes_self: signature.is_some_and(|signature| signature.receiver().is_some()),
            returns_nothing: signature
                .is_some_and(|signature| matches!(signature.output, syn::ReturnType::Default)),
            result,
        }
    }
}

impl<'a> Analysis<'_, 'a> {
    /// The summary of a function of the workspace, where it is worth having: something from outside
    /// goes in, or it may have a source or a constant of its own.
    pub(super) fn summary(
        &self,
        path: &ApiPath,
        args: &[&'a Expr],
        receiver: Option<&'a Expr>,
    ) -> Option<Arc<Summary>> {
        let depth = self.depth.checked_sub(1)?;
        let definition = self.code.names.definition(path)?;
        let item = definition.file.outline.items.get(definition.item as usize)?;
        let body = item.body?;
        if item.kind != ItemKind::Fn || item.span.len() > LONGEST {
            return None;
        }
        // A lint asks about what comes from outside; callers ask about parameters too.
        let matters = |value: &Value| match self.depth {
            DEPTH => value.origins.iter().any(|origin| !matches!(origin.kind, OriginKind::Parameter(_))),
            _ => !value.origins.is_empty(),
        };
        let given = |expr: &Expr| self.value_at(address(expr)).is_some_and(matters);
        if args.iter().copied().chain(receiver).any(given) {
            return summarised(self.code.names, &definition, depth);
        }
        // Nothing goes in: what comes out may still be a constant, or from a source inside.
        let worthwhile = body.len() < SHORT || sources::may_hold_source(definition.file.snippet(body));
        worthwhile.then(|| summarised(self.code.names, &definition, depth.min(1))).flatten()
    }

    /// The summary of a function that is passed by name.
    pub(super) fn summary_of_passed(&self, path: &ApiPath) -> Option<Arc<Summary>> {
        let depth = self.depth.checked_sub(1)?;
        let definition = self.code.names.definition(path)?;
        let item = definition.file.outline.items.get(definition.item as usize)?;
        let fits = item.kind == ItemKind::Fn && item.body.is_some() && item.span.len() <= LONGEST;
        fits.then(|| summarised(self.code.names, &definition, depth)).flatten()
    }

    pub(super) fn value_at(&self, address: usize) -> Option<&Value> {
        self.values.get(&address)
    }

    /// The result of a call of a function of the workspace. Its sinks become sinks of this call.
    pub(super) fn apply_summary(
        &mut self,
        summary: &Summary,
        call: &'a Expr,
        receiver: Option<(&'a Expr, &Fact<'a>)>,
        args: &[(&'a Expr, Fact<'a>)],
    ) -> Fact<'a> {
        // `Type::method(value, …)` hands `self` over as its first argument.
        let shift = usize::from(summary.takes_self && receiver.is_none());
        let given = |position: u8| -> Option<(&'a Expr, &Fact<'a>)> {
            match position {
                SELF if shift == 0 => receiver,
                SELF => args.first().map(|(expr, fact)| (*expr, fact)),
                position => args.get(usize::from(position) + shift).map(|(expr, fact)| (*expr, fact)),
            }
        };
        let value_of = |position: u8| given(position).map(|(_, fact)| &fact.value);
        let at = self.span(call);
        let mut uses = Vec::new();
        for sink in &summary.sinks {
            let value = substitute(&sink.value, &value_of, at);
            let into = sink.value.origins.iter().find_map(|origin| match origin.kind {
                OriginKind::Parameter(position) => {
                    given(position).filter(|(_, fact)| fact.is_outside()).or_else(|| given(position))
                }
                _ => None,
            });
            let Some((argument, _)) = into else { continue };
            uses.push(SinkUse {
                call: at,
                argument: self.span(argument),
                expr: Some(argument),
                purpose: sink.purpose,
                value,
                sink: sink.sink.clone(),
                via: Some(sink.via.clone()),
            });
        }
        let result = substitute(&summary.result, &value_of, at);
        let text = summary.text.as_deref().filter(|_| result.constant);
        let mut fact: Fact<'a> = result.into();
        fact.text = text.map(Into::into);
        // A function that hands one argument through hands through what is known of it besides.
        if let [OriginKind::Parameter(position)] = summary.result.head[..]
            && !summary.result.built
            && !summary.result.unknown
            && let Some((_, given)) = given(position)
        {
            fact.text = given.text.clone();
            fact.marks |= given.marks;
        }
        uses.into_iter().for_each(|found| self.sink(found));
        fact
    }
}

fn summarised(names: &Names<'_>, definition: &Definition<'_>, depth: u8) -> Option<Arc<Summary>> {
    let key: Key = (definition.file.path.clone(), definition.item, depth);
    let cache = &definition.index.summaries.0;
    if let Some(known) = cache.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Some(known.clone());
    }
    // Not under the lock: a summary asks for others, and other threads have work of their own.
    let summary = Arc::new(summarise(names, definition, depth).unwrap_or_default());
    cache.lock().unwrap_or_else(PoisonError::into_inner).insert(key, summary.clone());
    Some(summary)
}

fn summarise(names: &Names<'_>, definition: &Definition<'_>, depth: u8) -> Option<Summary> {
    let items = &definition.file.outline.items;
    let item = items.get(definition.item as usize)?;
    let parent = item.parent.and_then(|parent| items.get(parent as usize)).map(|parent| parent.kind);
    let parsed = Parsed::new(&definition.file.text, item, parent).ok()?;
    if std::ptr::eq(names.own, definition.index) {
        let code = Code::new(&definition.index.package, definition.file, definition.item, names, &parsed);
        return Some(analysis::summarise(&code, depth));
    }
    // In another package names mean what they mean there.
    let there = Names { own: definition.index, others: names.others.clone(), models: names.models };
    let code = Code::new(&definition.index.package, definition.file, definition.item, &there, &parsed);
    Some(analysis::summarise(&code, depth))
}

/// A value of a function with the arguments of a call in the place of its parameters.
fn substitute<'v>(inner: &Value, given: &impl Fn(u8) -> Option<&'v Value>, at: Span) -> Value {
    let mut value = Value { origins: Vec::new(), head: Vec::new(), ..inner.clone() };
    let mut arguments: Vec<&Value> = Vec::new();
    let mut own = false;
    for origin in &inner.origins {
        match origin.kind {
            OriginKind::Parameter(position) => match given(position) {
                Some(argument) => {
                    argument.origins.iter().for_each(|origin| value.add_origin(origin));
                    arguments.push(argument);
                }
                None => value.unknown = true,
            },
            _ => {
                own = true;
                value.add_origin(&Origin { span: at, ..origin.clone() });
            }
        }
    }
    if inner.constant || arguments.is_empty() {
        value.head.clone_from(&inner.head);
        value.head.retain(|kind| !matches!(kind, OriginKind::Parameter(_)));
        return value;
    }
    value.constant = !own && !value.unknown && arguments.iter().all(|argument| argument.constant);
    value.scalar = value.constant && !inner.built && arguments.iter().all(|argument| argument.scalar);
    value.unknown |= arguments.iter().any(|argument| argument.unknown);
    value.built = !value.constant && (inner.built || arguments.iter().any(|argument| argument.built));
    if !own && !inner.unknown {
        value.make_safe(&common_safety(arguments.iter().copied()));
    }
    let leading = |kind: &OriginKind| match kind {
        OriginKind::Parameter(position) => given(*position),
        _ => None,
    };
    for kind in &inner.head {
        match kind {
            OriginKind::Parameter(_) => {
                value.add_head(leading(kind).map_or(&[], |argument| &argument.head));
            }
            kind => value.add_head(&[*kind]),
        }
    }
    if inner.prefix.as_deref().unwrap_or("").is_empty()
        && let [only] = &inner.head[..]
    {
        value.prefix = leading(only).and_then(|argument| argument.prefix.clone());
    }
    value
}
