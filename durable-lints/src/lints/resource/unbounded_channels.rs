use syn::Expr;
use syn::visit::{self, Visit};

use crate::models::services::is_service;
use crate::prelude::*;

declare_lint! {
    /// Clients fill a queue that has no bound, so they can fill it faster than it is emptied.
    ///
    /// An unbounded channel never makes its sender wait. Where each request or connection adds to
    /// it, the memory of the process is the only limit, and a slow consumer is enough to reach it.
    ///
    /// ```rust,bad
    /// fn app() -> axum::Router {
    ///     let (events, queue) = tokio::sync::mpsc::unbounded_channel::<Event>();
    ///     tokio::spawn(store(queue));
    ///     axum::Router::new().route("/event", axum::routing::post(push)).with_state(events)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn app() -> axum::Router {
    ///     let (events, queue) = tokio::sync::mpsc::channel::<Event>(1024);
    ///     tokio::spawn(store(queue));
    ///     axum::Router::new().route("/event", axum::routing::post(push)).with_state(events)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Use a bounded channel and decide what a full one means: wait with `send(…).await`, or answer
    /// 503 when `try_send` fails.
    ///
    /// ## Known limits
    /// The sender must be seen to go to handlers or to per-connection tasks in the function that
    /// makes the channel. `std::sync::mpsc::channel` is not reported.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        cwe: &[400, 770],
        modelled: |_| Modelled::apis(UNBOUNDED.iter().copied()).in_crates(UNBOUNDED.iter().copied()),
        check: Check::Code(check),
    }
}

const UNBOUNDED: &[&str] = &[
    "tokio::sync::mpsc::unbounded_channel",
    "crossbeam_channel::unbounded",
    "crossbeam::channel::unbounded",
    "flume::unbounded",
    "async_channel::unbounded",
    "async_std::channel::unbounded",
    "smol::channel::unbounded",
    "futures::channel::mpsc::unbounded",
    "futures_channel::mpsc::unbounded",
    "kanal::unbounded",
    "kanal::unbounded_async",
];

/// Calls that hand what they are given to every handler.
const SHARES: &[&str] = &["with_state", "app_data", "manage", "layer", "Extension", "Data", "data"];

/// Parameters of functions that run once for each connection.
const CONNECTIONS: &[&str] = &[
    "axum::extract::ws::WebSocket",
    "warp::ws::WebSocket",
    "poem::web::websocket::WebSocketStream",
    "tokio_tungstenite::WebSocketStream",
    "async_tungstenite::WebSocketStream",
    "tokio::net::TcpStream",
    "std::net::TcpStream",
    "hyper::body::Incoming",
];

fn check(code: &Code<'_>, findings: &mut Findings) {
    let mut channels = Channels { code, found: Vec::new() };
    code.visit(&mut channels);
    for (sender, made) in channels.found {
        let Some(fed) = fed_by_clients(code, &sender) else { continue };
        findings
            .at(made, "clients fill this queue, and nothing bounds it")
            .label(fed, "the sender goes to them here")
            .help("use a bounded channel and decide what a full one means");
    }
}

/// Every `let (sender, receiver) = unbounded_channel()`: the sender's name, and where it is made.
struct Channels<'c, 'a> {
    code: &'c Code<'a>,
    found: Vec<(syn::Ident, Span)>,
}

impl<'a> Visit<'a> for Channels<'_, 'a> {
    fn visit_local(&mut self, local: &'a syn::Local) {
        visit::visit_local(self, local);
        let Some(init) = &local.init else { return };
        let Some(call) = self.code.call(&init.expr) else { return };
        let pattern = match &local.pat {
            syn::Pat::Type(pattern) => &*pattern.pat,
            pattern => pattern,
        };
        let syn::Pat::Tuple(pair) = pattern else { return };
        if call.is(UNBOUNDED)
            && !carries_nothing(self.code, local, &call)
            && let Some(syn::Pat::Ident(sender)) = pair.elems.first()
        {
            self.found.push((sender.ident.clone(), call.span));
        }
    }
}

/// A channel of `()` is a signal, sent once.
fn carries_nothing(code: &Code<'_>, local: &syn::Local, call: &Call<'_>) -> bool {
    let written = code.snippet(code.span(&local.pat)).to_owned() + code.snippet(call.span);
    written.contains("<()>")
}

/// Where the sender is handed to what clients drive.
fn fed_by_clients(code: &Code<'_>, sender: &syn::Ident) -> Option<Span> {
    let named = |expr: &Expr| matches!(expr, Expr::Path(path) if path.path.is_ident(sender));
    let uses: Vec<Span> =
        code.exprs().iter().filter(|expr| named(expr)).map(|expr| code.span(*expr)).collect();
    let first_in = |around: Span| uses.iter().copied().find(|at| around.contains(*at));
    // A semaphore bounds what waits.
    if !is_service(code.package, code.file) || code.file.mentions("Semaphore") {
        return None;
    }
    let shares = || code.calls().iter().filter(|call| SHARES.contains(&&*call.name));
    let shared = shares().find_map(|call| call.args.iter().find_map(|arg| first_in(code.span(*arg))));
    let in_state = || {
        shares().next()?;
        let states = code.exprs().iter().filter(|expr| match expr {
            Expr::Struct(literal) => literal.path.segments.last().is_some_and(|last| {
                let name = last.ident.to_string();
                ["State", "Context", "Data", "Ctx"].iter().any(|end| name.ends_with(end))
            }),
            _ => false,
        });
        states.map(|expr| code.span(*expr)).find_map(first_in)
    };
    shared.or_else(in_state).or_else(|| in_accept_loop(code).find_map(first_in)).or_else(|| {
        let per_connection = is_per_connection(code);
        per_connection.then(|| uses.first().copied()).flatten()
    })
}

/// The loops that accept connections.
fn in_accept_loop(code: &Code<'_>) -> impl Iterator<Item = Span> {
    let accepts: Vec<Span> = code
        .calls()
        .iter()
        .filter(|call| {
            call.kind == CallKind::Method
                && matches!(&*call.name, "accept" | "incoming")
                && call.args.is_empty()
        })
        .map(|call| call.span)
        .collect();
    let loops: Vec<Span> = code
        .exprs()
        .iter()
        .filter(|expr| matches!(expr, Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_)))
        .map(|expr| code.span(*expr))
        .filter(|around| accepts.iter().any(|accept| around.contains(*accept)))
        .collect();
    loops.into_iter()
}

/// Whether the function runs once for each connection.
fn is_per_connection(code: &Code<'_>) -> bool {
    let Some(signature) = code.signature() else { return false };
    signature.inputs.iter().any(|input| match input {
        syn::FnArg::Typed(parameter) => code
            .ty(&parameter.ty)
            .is_some_and(|ty| CONNECTIONS.iter().any(|connection| ty.peeled().path.is(connection))),
        syn::FnArg::Receiver(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use tokio::sync::mpsc;
                async fn serve(l: TcpListener) {
                    let (tx, rx) = mpsc::unbounded_channel();
                //~                ^^^^^^^^^^^^^^^^^^^^^^^^^ clients fill this queue, and nothing bounds it
                    spawn(work(rx));
                    loop {
                        let (s, _) = l.accept().await.unwrap();
                        let tx = tx.clone();
                //~              -- the sender goes to them here
                        spawn(handle(s, tx));
                    }
                }
            "#]],
            expect![[r#"
                use axum::extract::ws::WebSocket;
                async fn client(socket: WebSocket) {
                    let (out, rx) = tokio::sync::mpsc::unbounded_channel();
                //~                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ clients fill this queue, and nothing bounds it
                    users().insert(1, out);
                //~                   --- the sender goes to them here
                    pump(rx, socket).await;
                }
            "#]],
            expect![[r#"
                use axum::Router;
                fn app() {
                    let (tx, rx) = flume::unbounded::<Job>();
                //~                ^^^^^^^^^^^^^^^^^^^^^^^^^ clients fill this queue, and nothing bounds it
                    let state = AppState { jobs: tx, n: 1 };
                //~                              -- the sender goes to them here
                    Router::new().with_state(Arc::new(state));
                }
            "#]],
            expect![[r#"
                use actix_web::web;
                fn app() {
                    let (tx, rx) = crossbeam_channel::unbounded();
                //~                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ clients fill this queue, and nothing bounds it
                    HttpServer::new(move || App::new().app_data(web::Data::new(tx.clone())));
                //~                                                            -- the sender goes to them here
                }
            "#]],
            expect![[r#"
                use futures::channel::mpsc::unbounded;
                fn app() {
                    let (tx, rx) = unbounded();
                //~                ^^^^^^^^^^^ clients fill this queue, and nothing bounds it
                    rocket::build().manage(tx);
                //~                        -- the sender goes to them here
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use axum::Router;\nfn app() { let (stop, rx) = tokio::sync::mpsc::unbounded_channel::<()>(); Router::new().with_state(stop); }",
            "use axum::Router;\nasync fn run() { let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel(); for n in 0..9 { tx.send(n); } while let Some(n) = rx.recv().await { g(n); } }",
            "use axum::Router;\nfn app() { let (tx, rx) = tokio::sync::mpsc::channel(99); Router::new().with_state(tx); }",
            "use axum::Router;\nfn app() { let (tx, rx) = flume::bounded(99); Router::new().with_state(tx); }",
            "use axum::Router;\nfn app() { let (tx, rx) = tokio::sync::mpsc::unbounded_channel(); spawn(watch_files(tx)); Router::new().with_state(rx); }",
            "use axum::Router;\nfn unbounded_channel() -> (u8, u8) { (1, 2) }\nfn app() { let (tx, rx) = unbounded_channel(); Router::new().with_state(tx); }",
        ]);
    }
}
