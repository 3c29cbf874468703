//! What method calls do.

use syn::Expr;

use crate::flow::analysis::Analysis;
use crate::flow::fact::{Fact, mark};
use crate::models::propagators::{self, Method};
use crate::models::{sanitizers, sinks, sources, types};
use crate::vocabulary::ApiPath;
use crate::vocabulary::{OriginKind, Purpose};

/// Methods after which a constant text is still the same text.
const KEEPS_TEXT: &[&str] = &[
    "to_string",
    "to_owned",
    "into",
    "clone",
    "as_str",
    "as_ref",
    "as_bytes",
    "as_path",
    "to_path_buf",
    "into_owned",
    "unwrap",
    "expect",
    "as_deref",
    "borrow",
    "into_string",
    "into_boxed_str",
    "cloned",
    "copied",
    "iter",
    "into_iter",
    "collect",
    "to_vec",
    "as_slice",
    "ok",
    "unwrap_or_default",
    "as_os_str",
    "trim",
    "by_ref",
    "as_mut",
];

/// How many pointers and extractors around each other are looked behind.
const MOST_LAYERS: usize = 8;

/// The arguments of a method, and what its closures gave.
struct Arguments<'a> {
    facts: Vec<(&'a Expr, Fact<'a>)>,
    /// The result of the last closure or function passed by name.
    made: Option<Fact<'a>>,
}

impl<'a> Analysis<'_, 'a> {
    pub(super) fn method_call(&mut self, expr: &'a Expr, node: &'a syn::ExprMethodCall) -> Fact<'a> {
        let receiver = self.eval(&node.receiver);
        if receiver.command.is_some()
            && let Some(fact) = self.command_method(expr, node, &receiver)
        {
            return fact;
        }
        let name = node.method.to_string();
        let args = self.method_arguments(expr, node, &name, &receiver);
        let path = self.call_info(expr).and_then(|info| info.path.as_ref());
        self.method_sinks(expr, &name, path, &receiver, &args.facts);
        let mut fact = self.method_result(expr, node, &name, path, &receiver, &args);
        fact.marks |= self.method_marks(&name, &receiver, &args.facts);
        fact
    }

    fn method_arguments(
        &mut self,
        expr: &'a Expr,
        node: &'a syn::ExprMethodCall,
        name: &str,
        receiver: &Fact<'a>,
    ) -> Arguments<'a> {
        let mut facts: Vec<(&'a Expr, Fact<'a>)> = Vec::new();
        let mut made = None;
        for argument in &node.args {
            let element = match receiver.has(mark::WARP) {
                true => Fact { parts: None, ..receiver.clone() },
                false => self.element(receiver),
            };
            let fact = match argument {
                Expr::Closure(closure) => {
                    let given = self.closure_parameters(name, closure, element, &facts);
                    let mut result = self.run_closure(closure, &given);
                    if matches!(name, "filter" | "take_while" | "find" | "retain")
                        && let Some(item) = given.first()
                    {
                        result = Fact::fixed().safe(&self.proved_by(closure, item));
                    }
                    made = Some(result.clone());
                    result
                }
                Expr::Path(function)
                    if propagators::method(name) == Some(Method::Map) && self.place(argument).is_none() =>
                {
                    let result = self.passed_function(expr, function, &element);
                    made = Some(result);
                    Fact::fixed()
                }
                _ => self.eval(argument),
            };
            facts.push((argument, fact));
        }
        Arguments { facts, made }
    }

    fn closure_parameters(
        &self,
        name: &str,
        closure: &syn::ExprClosure,
        element: Fact<'a>,
        before: &[(&'a Expr, Fact<'a>)],
    ) -> Vec<Fact<'a>> {
        let count = closure.inputs.len();
        let unrelated = ["map_err", "or_else", "unwrap_or_else", "ok_or_else", "with_context", "inspect_err"];
        if unrelated.contains(&name) {
            return vec![Fact::unknown(); count];
        }
        if matches!(name, "fold" | "try_fold")
            && let Some((_, initial)) = before.first()
        {
            return vec![initial.clone(), element];
        }
        vec![element; count]
    }

    fn method_sinks(
        &mut self,
        expr: &'a Expr,
        name: &str,
        path: Option<&ApiPath>,
        receiver: &Fact<'a>,
        args: &[(&'a Expr, Fact<'a>)],
    ) {
        let (found, called) = match path {
            Some(path) => (self.code.names.models.sinks(path), path.0.as_str()),
            None => {
                let first = args.first().and_then(|(_, fact)| fact.value.prefix.as_deref());
                let statement = first.is_some_and(sinks::begins_as_sql);
                (sinks::find_by_name(name, statement, self.code.package), name)
            }
        };
        for sink in found {
            if let Some((argument, fact)) = args.get(sink.argument) {
                self.argument_sink(expr, argument, fact, sink.purpose, called);
            }
        }
        if receiver.has(mark::HTML)
            && matches!(name, "body" | "set_body" | "message_body")
            && let Some((argument, fact)) = args.first()
        {
            self.argument_sink(expr, argument, fact, Purpose::Html, "the body of an HTML response");
        }
    }

    /// What a method tells of what it is called on, besides its value.
    fn method_marks(&self, name: &str, receiver: &Fact<'a>, args: &[(&'a Expr, Fact<'a>)]) -> u16 {
        let mut marks = receiver.marks & (mark::HTML | mark::WARP | mark::ARCHIVE | mark::ENTRY);
        if receiver.has(mark::ARCHIVE) && sources::ARCHIVE_ENTRIES.contains(&name) {
            marks = mark::ENTRY;
        }
        if matches!(name, "canonicalize" | "soft_canonicalize") {
            marks |= mark::CANONICAL;
        }
        if matches!(name, "content_type" | "set_content_type" | "header" | "insert_header" | "append_header")
        {
            let html = args.iter().any(|(argument, fact)| {
                let written = self.code.snippet(self.span(*argument)).to_ascii_lowercase();
                fact.text.as_deref().is_some_and(|text| text.starts_with("text/html"))
                    || written.contains("html")
            });
            if html {
                marks |= mark::HTML;
            }
        }
        marks
    }

    fn method_result(
        &mut self,
        expr: &'a Expr,
        node: &'a syn::ExprMethodCall,
        name: &str,
        path: Option<&ApiPath>,
        receiver: &Fact<'a>,
        args: &Arguments<'a>,
    ) -> Fact<'a> {
        if receiver.has(mark::ENTRY) && sources::ENTRY_NAMES.contains(&name) {
            return Fact::of_origin(self.origin(OriginKind::Archive, expr, "the name of an archive entry"));
        }
        if receiver.is_outside() && sources::TRUSTED_ACCESSORS.contains(&name) && self.is_request(node) {
            return Fact::unknown();
        }
        if receiver.is_outside() && self.gives_own(node, name) {
            return Fact::unknown();
        }
        if let Some(path) = path {
            if let Some(fact) = self.known_method(expr, node, path, receiver, args) {
                return fact;
            }
        } else if receiver.has(mark::WARP) && args.facts.iter().any(|(_, fact)| fact.is_outside()) {
            return Fact::all(args.facts.iter().map(|(_, fact)| fact).chain([receiver]));
        }
        let unlimited = args.facts.iter().all(|(_, fact)| !fact.is_outside());
        let purposes = sanitizers::of_method(name);
        let applies = match purposes.first() {
            Some(Purpose::Size) => unlimited && !args.facts.is_empty(),
            Some(Purpose::Path) => {
                matches!(name, "enclosed_name" | "mangled_name" | "strict_join" | "virtual_join")
                    || is_path(node)
            }
            _ => true,
        };
        if !purposes.is_empty() && applies {
            let given = Fact::all(args.facts.iter().map(|(_, fact)| fact).chain([receiver]));
            return if name == "take" || name == "min" || name == "clamp" {
                receiver.clone().safe(purposes)
            } else {
                Fact { text: None, ..given.safe(purposes) }
            };
        }
        let promised = sanitizers::promised_by(name);
        if !promised.is_empty() {
            let given = Fact::all(args.facts.iter().map(|(_, fact)| fact).chain([receiver]));
            return Fact { text: None, ..given.safe(&promised) };
        }
        if self.renders(node, name, path) {
            return Fact { text: None, ..receiver.whole().safe(&[Purpose::Html]) };
        }
        self.propagate(node, name, receiver, args)
    }

    /// Whether a method fills a template: what engines make of a value is escaped unless the template
    /// says otherwise, and the template is not ours to read. A method of the workspace of this name is
    /// looked into instead, and of a text nobody knows what rendering it does.
    fn renders(&self, node: &'a syn::ExprMethodCall, name: &str, path: Option<&ApiPath>) -> bool {
        let named = name.strip_prefix("render").is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        if !named || path.is_some_and(|path| self.code.names.definition(path).is_some()) {
            return false;
        }
        let ty = self.code.type_of(&node.receiver);
        !ty.is_some_and(|ty| matches!(ty.peeled().path.name(), "String" | "str"))
    }

    /// Whether a method gives what this program chose, on the receiver or on what it dereferences to.
    fn gives_own(&self, node: &'a syn::ExprMethodCall, name: &str) -> bool {
        let mut ty = sources::is_own_name(name).then(|| self.code.type_of(&node.receiver)).flatten();
        for _ in 0..MOST_LAYERS {
            let Some(layer) = &ty else { return false };
            if sources::is_own(&ApiPath(format!("{}::{name}", layer.path.0))) {
                return true;
            }
            ty = types::dereferenced(layer);
        }
        false
    }

    /// Whether a method is called on a request, where some accessors give what is ours.
    fn is_request(&self, node: &'a syn::ExprMethodCall) -> bool {
        let ty = self.code.type_of(&node.receiver);
        ty.is_some_and(|ty| {
            let path = &ty.peeled().path;
            sources::is_extractor(path) || sources::find(path) == Some(OriginKind::Request)
        })
    }

    /// A method that the models or a summary know.
    fn known_method(
        &mut self,
        expr: &'a Expr,
        node: &'a syn::ExprMethodCall,
        path: &ApiPath,
        receiver: &Fact<'a>,
        args: &Arguments<'a>,
    ) -> Option<Fact<'a>> {
        let models = &self.code.names.models;
        if let Some(kind) = models.source(path) {
            return Some(Fact::of_origin(self.origin(kind, expr, format!("`{}`", path.0))));
        }
        let purposes = models.sanitizes(path);
        if !purposes.is_empty() {
            let given = Fact::all(args.facts.iter().map(|(_, fact)| fact).chain([receiver]));
            return Some(Fact { text: None, ..given.safe(&purposes) });
        }
        let exprs: Vec<&'a Expr> = args.facts.iter().map(|(arg, _)| *arg).collect();
        let summary = self.summary(path, &exprs, Some(&node.receiver))?;
        if self.returns_static_text(expr) {
            return Some(Fact::fixed());
        }
        let mut fact = self.apply_summary(&summary, expr, Some((&node.receiver, receiver)), &args.facts);
        fact.make_safe(&sanitizers::promised_by(path.name()));
        Some(fact)
    }

    /// A method by what its name says.
    fn propagate(
        &mut self,
        node: &'a syn::ExprMethodCall,
        name: &str,
        receiver: &Fact<'a>,
        args: &Arguments<'a>,
    ) -> Fact<'a> {
        let facts = || args.facts.iter().map(|(_, fact)| fact);
        let argument = facts().next();
        match propagators::method(name) {
            Some(Method::Through) => self.through(name, receiver, args),
            Some(Method::Append) => {
                let mut parts = vec![receiver.whole()];
                parts.extend(facts().cloned());
                let mut joined = Fact::concat(&parts);
                // An absolute address replaces the base that it is joined to.
                if self.code.type_of(&node.receiver).is_some_and(|ty| ty.peeled().path.is("url::Url")) {
                    facts().for_each(|fact| joined.value.add_head(&fact.value.head));
                    joined.value.prefix = None;
                }
                joined
            }
            Some(Method::AppendInPlace) => {
                let mut parts = vec![receiver.whole()];
                parts.extend(facts().next_back().cloned());
                self.assign_to(&node.receiver, Fact::concat(&parts));
                Fact::fixed()
            }
            Some(Method::Collect) => {
                let added = if self.grows_as_text(node) {
                    let mut parts = vec![receiver.whole()];
                    parts.extend(facts().cloned());
                    Fact::concat(&parts)
                } else {
                    facts().fold(receiver.whole(), |all, fact| all.join(&fact.whole()))
                };
                let added =
                    Fact { text: if added.value.constant { added.text.clone() } else { None }, ..added };
                if let Some(place) = self.root(&node.receiver) {
                    self.env.write(&place, added.clone());
                }
                added
            }
            Some(Method::Lookup) => self.lookup(name, receiver, args),
            Some(Method::Measure) => match name {
                "content_length" | "as_u64" | "as_i64" | "capacity" => receiver.clone().into_scalar(),
                _ => Fact::scalar(),
            },
            Some(Method::Map) => match name {
                "for_each" | "try_for_each" => Fact::fixed(),
                "then_some" => argument.cloned().unwrap_or_default(),
                "fold" | "try_fold" | "map_or" => {
                    let first = argument.cloned().unwrap_or_else(Fact::never);
                    args.made.as_ref().map_or(first.clone(), |made| made.join(&first))
                }
                _ => args.made.clone().unwrap_or_else(|| receiver.whole()),
            },
            Some(Method::Or) => {
                let other = args.made.as_ref().or(argument);
                other.map_or_else(|| receiver.clone(), |other| receiver.join(other))
            }
            Some(Method::ReadInto) => {
                if let (Some(target), true) = (node.args.first(), receiver.is_outside())
                    && let Some(place) = self.place(target)
                {
                    let read = self.env.read(&place).join(&receiver.whole());
                    self.env.write(&place, read);
                }
                Fact::scalar()
            }
            Some(Method::Replace) => {
                let fact = argument.cloned().unwrap_or_default();
                self.assign_to(&node.receiver, fact);
                Fact::fixed()
            }
            Some(Method::Parse) => self.parsed(node, receiver),
            None if receiver.value.scalar => {
                let all = facts()
                    .filter(|fact| fact.value.scalar)
                    .fold(receiver.clone(), |all, fact| all.join(fact));
                all.into_scalar()
            }
            // A getter, as far as anybody can tell.
            None if args.facts.is_empty() && receiver.is_outside() => Fact { text: None, ..receiver.whole() },
            None => Fact::unknown(),
        }
    }

    fn through(&mut self, name: &str, receiver: &Fact<'a>, args: &Arguments<'a>) -> Fact<'a> {
        let mut fact = Fact { expr: None, command: None, ..receiver.clone() };
        if receiver.never {
            return Fact::unknown();
        }
        if !KEEPS_TEXT.contains(&name) && !name.starts_with("map_err") && !name.contains("context") {
            fact.text = None;
            if !matches!(
                name,
                "filter" | "ok_or" | "ok_or_else" | "display" | "to_str" | "to_string_lossy" | "try_into"
            ) {
                fact.value.prefix = None;
            }
        }
        if name == "filter" || name == "take_while" {
            let proved = args.made.as_ref().map(|made| made.value.safe_for.clone()).unwrap_or_default();
            fact.make_safe(&proved);
        }
        fact
    }

    fn lookup(&mut self, name: &str, receiver: &Fact<'a>, args: &Arguments<'a>) -> Fact<'a> {
        let mut fact = Fact { text: None, ..receiver.whole() };
        if name.starts_with("replace") {
            let from = args.facts.first().and_then(|(_, fact)| fact.text.as_deref());
            if from == Some("<") {
                fact.make_safe(&[Purpose::Html]);
            }
            if let Some((_, into)) = args.facts.get(1).filter(|(_, into)| into.is_outside()) {
                fact = Fact::concat(&[fact, into.clone()]);
            }
            fact.value.prefix = None;
        }
        if name == "find" {
            let proved = args.made.as_ref().map(|made| made.value.safe_for.clone()).unwrap_or_default();
            fact.make_safe(&proved);
        }
        fact
    }

    fn parsed(&mut self, node: &'a syn::ExprMethodCall, receiver: &Fact<'a>) -> Fact<'a> {
        let turbofish = node.turbofish.as_ref().and_then(|turbofish| match turbofish.args.first() {
            Some(syn::GenericArgument::Type(ty)) => Some(ty),
            _ => None,
        });
        let fact = Fact { text: None, ..receiver.whole() };
        match turbofish {
            Some(ty) => self.cut_by_annotation(fact, ty),
            None => fact,
        }
    }

    /// Whether `push` and the like put text behind text, rather than one more thing into a list.
    fn grows_as_text(&self, node: &'a syn::ExprMethodCall) -> bool {
        if node.method != "push" && node.method != "extend" {
            return false;
        }
        let ty = self.code.type_of(&node.receiver);
        ty.is_some_and(|ty| {
            matches!(
                ty.peeled().path.name(),
                "PathBuf" | "String" | "OsString" | "Utf8PathBuf" | "QueryBuilder"
            )
        })
    }
}

/// Whether a method is called on what is plainly a path.
fn is_path(node: &syn::ExprMethodCall) -> bool {
    match &*node.receiver {
        Expr::Call(call) => match &*call.func {
            Expr::Path(function) => function.path.segments.iter().any(|segment| {
                matches!(segment.ident.to_string().as_str(), "Path" | "PathBuf" | "Utf8Path" | "Utf8PathBuf")
            }),
            _ => false,
        },
        _ => false,
    }
}
