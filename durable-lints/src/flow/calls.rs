//! What calls of functions do.

use syn::Expr;

use crate::flow::analysis::Analysis;
use crate::flow::commands::Command;
use crate::flow::fact::{Fact, mark};
use crate::models::{propagators, sanitizers, sources};
use crate::vocabulary::ApiPath;
use crate::vocabulary::{OriginKind, Purpose};

const COMMANDS: &[&str] =
    &["std::process::Command::new", "tokio::process::Command::new", "async_process::Command::new"];

/// Types whose empty value is a constant.
const CONTAINERS: &[&str] = &[
    "String", "Vec", "PathBuf", "OsString", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "VecDeque",
    "BytesMut",
];

impl<'a> Analysis<'_, 'a> {
    pub(super) fn call(&mut self, expr: &'a Expr, node: &'a syn::ExprCall) -> Fact<'a> {
        let Expr::Path(function) = &*node.func else {
            self.eval(&node.func);
            node.args.iter().for_each(|arg| drop(self.eval(arg)));
            return Fact::unknown();
        };
        let name = function.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let args: Vec<(&'a Expr, Fact<'a>)> = node.args.iter().map(|arg| (arg, self.eval(arg))).collect();
        if let Some(closure) = self.bound_closure(&function.path) {
            let given: Vec<Fact<'a>> = args.into_iter().map(|(_, fact)| fact).collect();
            return self.run_closure(closure, &given);
        }
        match (name.as_str(), &args[..]) {
            ("Some" | "Ok" | "Ready", [(_, fact)]) => return fact.clone(),
            ("Err", _) => return Fact::never(),
            _ => {}
        }
        let path = self.call_info(expr).and_then(|info| info.path.as_ref());
        if let Some(path) = path
            && let Some(fact) = self.known_call(expr, path, &args)
        {
            return fact;
        }
        self.unknown_call(expr, &function.path, &name, &args)
    }

    fn bound_closure(&self, path: &syn::Path) -> Option<&'a syn::ExprClosure> {
        let slot = self.env.slot(&path.get_ident()?.to_string())?;
        match self.env.at(slot)?.expr {
            Some(Expr::Closure(closure)) => Some(closure),
            _ => None,
        }
    }

    /// A call that the models or a summary know.
    fn known_call(
        &mut self,
        expr: &'a Expr,
        path: &ApiPath,
        args: &[(&'a Expr, Fact<'a>)],
    ) -> Option<Fact<'a>> {
        let models = &self.code.names.models;
        for sink in models.sinks(path) {
            if let Some((argument, fact)) = args.get(sink.argument) {
                self.argument_sink(expr, argument, fact, sink.purpose, &path.0);
            }
        }
        if COMMANDS.iter().any(|pattern| path.is(pattern)) {
            let program = args.first().and_then(|(_, fact)| fact.text.as_deref());
            return Some(Fact { command: Some(Command::new(program).into()), ..Fact::unknown() });
        }
        if sources::ARCHIVES.iter().any(|pattern| path.is(pattern)) {
            return Some(Fact::all(args.iter().map(|(_, fact)| fact)).marked(mark::ARCHIVE));
        }
        if let Some(kind) = models.source(path) {
            let fact = Fact::of_origin(self.origin(kind, expr, format!("`{}`", path.0)));
            return Some(if path.krate() == "warp" { fact.marked(mark::WARP) } else { fact });
        }
        let purposes = models.sanitizes(path);
        if !purposes.is_empty() {
            return Some(Fact::all(args.iter().map(|(_, fact)| fact)).safe(&purposes));
        }
        let exprs: Vec<&'a Expr> = args.iter().map(|(arg, _)| *arg).collect();
        let summary = self.summary(path, &exprs, None)?;
        let mut fact = self.apply_summary(&summary, expr, None, args);
        fact.make_safe(&sanitizers::promised_by(path.name()));
        Some(fact)
    }

    /// A call by what its name says.
    fn unknown_call(
        &mut self,
        expr: &'a Expr,
        path: &syn::Path,
        name: &str,
        args: &[(&'a Expr, Fact<'a>)],
    ) -> Fact<'a> {
        let owner =
            path.segments.iter().rev().nth(1).map(|segment| segment.ident.to_string()).unwrap_or_default();
        if CONTAINERS.contains(&owner.as_str()) && matches!(name, "new" | "with_capacity" | "default") {
            return if owner == "String" { Fact::text("") } else { Fact::fixed() };
        }
        match args {
            // clap's `Args::parse()`.
            [] if name == "parse" && !owner.is_empty() => {
                Fact::of_origin(self.origin(OriginKind::Operator, expr, "the command line"))
            }
            [] => Fact::unknown(),
            _ if self.returns_static_text(expr) => Fact::fixed(),
            [(_, fact)] if propagators::makes(name) => {
                let mut fact = Fact { command: None, expr: None, ..fact.clone() };
                if name == "canonicalize" || name == "soft_canonicalize" {
                    fact = Fact { text: None, ..fact.marked(mark::CANONICAL) };
                }
                // What is unpacked is larger than what was limited.
                if owner.contains("Decoder") || owner.contains("Decompress") || owner.contains("Inflate") {
                    fact.value.safe_for.retain(|purpose| *purpose != Purpose::Size);
                }
                fact
            }
            _ if propagators::makes(name) => Fact::all(args.iter().map(|(_, fact)| fact)),
            _ => {
                let promised = sanitizers::promised_by(name);
                match promised.is_empty() {
                    true => Fact::unknown(),
                    false => {
                        Fact { text: None, ..Fact::all(args.iter().map(|(_, fact)| fact)).safe(&promised) }
                    }
                }
            }
        }
    }

    /// Whether the function called is one of the workspace that can only return constants.
    pub(super) fn returns_static_text(&self, expr: &Expr) -> bool {
        let path = self.call_info(expr).and_then(|info| info.path.as_ref());
        let definition = path.and_then(|path| self.code.names.definition(path));
        definition.is_some_and(|definition| {
            let items = &definition.file.outline.items;
            let header = items.get(definition.item as usize).map(|item| definition.file.snippet(item.header));
            header.is_some_and(|header| header.trim_end().ends_with("-> &'static str"))
        })
    }

    /// What a function or tuple struct that is passed by name makes of a value: `map(String::from)`.
    pub(super) fn passed_function(
        &mut self,
        call: &'a Expr,
        function: &'a syn::ExprPath,
        given: &Fact<'a>,
    ) -> Fact<'a> {
        let name = function.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if let Some(path) = self.code.resolve(&function.path) {
            let purposes = self.code.names.models.sanitizes(&path);
            if !purposes.is_empty() {
                return given.clone().safe(&purposes);
            }
            if given.is_outside()
                && let Some(summary) = self.summary_of_passed(&path)
            {
                let Expr::MethodCall(node) = call else { return Fact::unknown() };
                let args = [(&*node.receiver, given.clone())];
                return self.apply_summary(&summary, call, None, &args);
            }
        }
        let promised = sanitizers::promised_by(&name);
        match propagators::method(&name) {
            Some(propagators::Method::Measure) => Fact::scalar(),
            Some(_) => given.clone().safe(&promised),
            None if propagators::makes(&name) => given.clone(),
            None if !promised.is_empty() => given.clone().safe(&promised),
            None => Fact::unknown(),
        }
    }
}
