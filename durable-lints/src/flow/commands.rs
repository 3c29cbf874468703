//! Programs to start, followed through their builders.

use syn::Expr;

use crate::flow::analysis::Analysis;
use crate::flow::fact::Fact;
use crate::models::sinks;
use crate::vocabulary::Purpose;

/// What a builder of a process knows so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// The flags after which the program reads a command line; empty for programs that do not.
    flags: &'static [&'static str],
    /// Whether everything after the flag is part of the command line.
    takes_all: bool,
    /// Whether such a flag was given.
    armed: bool,
    /// Whether the command line was given.
    spent: bool,
    /// Whether `--` was given: what follows is no option.
    dashes: bool,
}

impl Command {
    pub(super) fn new(program: Option<&str>) -> Command {
        let program = program.unwrap_or("");
        Command {
            flags: sinks::shell_flags(program).unwrap_or(&[]),
            takes_all: sinks::shell_takes_all(program),
            ..Command::default()
        }
    }

    /// Takes one more argument; tells what it is used as.
    fn take(&mut self, text: Option<&str>) -> Option<Purpose> {
        if self.armed && (!self.spent || self.takes_all) {
            self.spent = true;
            return Some(Purpose::Shell);
        }
        if text.is_some_and(|text| self.flags.contains(&text)) {
            self.armed = true;
            return None;
        }
        if text == Some("--") {
            self.dashes = true;
        }
        // Positional parameters of a script are data.
        (!self.dashes && !self.spent).then_some(Purpose::Argument)
    }
}

impl<'a> Analysis<'_, 'a> {
    /// A method of a process builder. `None`: it is not about arguments.
    pub(super) fn command_method(
        &mut self,
        expr: &'a Expr,
        node: &'a syn::ExprMethodCall,
        receiver: &Fact<'a>,
    ) -> Option<Fact<'a>> {
        let mut command = Command::clone(receiver.command.as_deref()?);
        let name = node.method.to_string();
        let argument = node.args.first()?;
        match name.as_str() {
            "arg" => {
                let fact = self.eval(argument);
                self.take_argument(expr, argument, &fact, &mut command);
            }
            "args" => {
                let fact = self.eval(argument);
                let list = list_of(argument);
                let mut parts: Vec<(usize, Fact<'a>)> = fact
                    .parts
                    .iter()
                    .flat_map(|parts| parts.iter())
                    .filter_map(|(key, part)| Some((key.parse().ok()?, part.clone())))
                    .collect();
                parts.sort_by_key(|(at, _)| *at);
                if parts.is_empty() {
                    self.take_argument(expr, argument, &fact, &mut command);
                }
                for (at, part) in parts {
                    let place = list.and_then(|list| list.elems.get(at)).unwrap_or(argument);
                    self.take_argument(expr, place, &part, &mut command);
                }
            }
            "raw_arg" => {
                let fact = self.eval(argument);
                self.argument_sink(expr, argument, &fact, Purpose::Shell, "raw_arg");
            }
            _ => return None,
        }
        let after = Fact { command: Some(command.into()), ..receiver.clone() };
        if let Some(place) = self.root(&node.receiver)
            && self.env.read(&place).command.is_some()
        {
            self.env.write(&place, after.clone());
        }
        Some(after)
    }

    fn take_argument(&mut self, call: &'a Expr, argument: &'a Expr, fact: &Fact<'a>, command: &mut Command) {
        if let Some(purpose) = command.take(fact.text.as_deref()) {
            let sink = if purpose == Purpose::Shell {
                "the command line of a shell"
            } else {
                "an argument of a program"
            };
            self.argument_sink(call, argument, fact, purpose, sink);
        }
    }

    /// The binding at the start of a chain of methods.
    pub(super) fn root(&self, expr: &Expr) -> Option<crate::flow::env::Place> {
        let mut expr = expr;
        while let Expr::MethodCall(call) = expr {
            expr = &call.receiver;
        }
        self.place(expr)
    }
}

fn list_of(expr: &Expr) -> Option<&syn::ExprArray> {
    match expr {
        Expr::Array(array) => Some(array),
        Expr::Reference(inner) => list_of(&inner.expr),
        Expr::Paren(inner) => list_of(&inner.expr),
        _ => None,
    }
}
