use syn::Expr;

use crate::prelude::*;

declare_lint! {
    /// A reader is handed uninitialised memory, so it can leak or act on what lay there before.
    ///
    /// `Read::read` may look at the buffer that it is given, and may say that it wrote more than it
    /// did. With a buffer whose length was only asserted, both give out old memory: keys and data of
    /// other requests. To make the slice is undefined behaviour in itself.
    ///
    /// ```rust,bad
    /// fn body(mut source: impl std::io::Read, length: usize) -> std::io::Result<Vec<u8>> {
    ///     let mut body = Vec::with_capacity(length);
    ///     // SAFETY: the capacity was reserved.
    ///     unsafe { body.set_len(length) };
    ///     source.read_exact(&mut body)?;
    ///     Ok(body)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn body(mut source: impl std::io::Read, length: usize) -> std::io::Result<Vec<u8>> {
    ///     let mut body = vec![0; length];
    ///     source.read_exact(&mut body)?;
    ///     Ok(body)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Zero the buffer (`vec![0; n]`, `resize(n, 0)`), or append with
    /// `source.take(n).read_to_end(&mut body)`, which needs no zeroes.
    ///
    /// ## Known limits
    /// The buffer is followed within one function, from its making to the first use. Files and
    /// sockets of the standard library are not reported: the system writes and never looks.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[908, 457],
        triggers: &["set_len", "assume_init", "from_raw_parts_mut", "uninitialized"],
        check: Check::Code(check),
    }
}

/// Methods of readers, with the position of the buffer.
const READERS: &[(&str, usize)] = &[
    ("read", 0),
    ("read_exact", 0),
    ("read_at", 0),
    ("read_exact_at", 0),
    ("seek_read", 0),
    ("read_until_full", 0),
    ("recv", 0),
    ("recv_from", 0),
    ("recv_exact", 0),
    ("poll_read", 1),
];

/// Types whose reading is a system call into the buffer.
const KERNEL: &[&str] = &[
    "std::fs::File",
    "std::io::Stdin",
    "std::io::StdinLock",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "std::os::unix::net::UnixStream",
    "std::os::unix::net::UnixDatagram",
    "std::process::ChildStdout",
    "std::process::ChildStderr",
];

/// Methods that make room without filling it.
const RESERVES: &[&str] = &["reserve", "reserve_exact", "try_reserve", "try_reserve_exact"];

/// Methods that leave the content of a buffer as it is.
const HARMLESS: &[&str] = &["capacity", "len", "is_empty", "clear", "reserve", "reserve_exact", "truncate"];

fn check(code: &Code<'_>, findings: &mut Findings) {
    // Every reader's method is named so; most code that sets lengths reads nothing.
    let text = code.file.snippet(code.outline().span);
    if !text.contains("read") && !text.contains("recv") {
        return;
    }
    for call in code.calls() {
        let made = match &*call.name {
            "set_len" => lengthened(code, call),
            "assume_init" | "uninitialized" => assumed(code, call),
            "from_raw_parts_mut" => spare(code, call),
            _ => None,
        };
        let Some((buffer, made)) = made else { continue };
        let Some(read) = first_read(code, &buffer, call.span.end) else { continue };
        let finding = findings
            .at(read, "this reader is given a buffer that is not initialised")
            .label(made, "nothing was written to this memory yet")
            .help("zero the buffer, or use `take(n).read_to_end(&mut buffer)`");
        if call.name == "set_len"
            && let Some(fix) = zeroed(code, call, &buffer)
        {
            finding.fix(fix);
        }
    }
}

/// The text of an expression that names a place, without blanks: `buffer`, `self.buffer`.
fn place(code: &Code<'_>, expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) if path.path.segments.len() == 1 => {}
        Expr::Field(field) => {
            place(code, &field.base)?;
        }
        Expr::Paren(inner) => return place(code, &inner.expr),
        Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => return place(code, &inner.expr),
        _ => return None,
    }
    Some(code.snippet(code.span(expr)).split_whitespace().collect())
}

/// `buffer.set_len(n)` after room was made and before anything was put there.
fn lengthened<'a>(code: &Code<'a>, call: &Call<'a>) -> Option<(String, Span)> {
    let [length] = call.args[..] else { return None };
    if code.constant(length) == Some(Constant::Int(0)) || call.kind != CallKind::Method {
        return None;
    }
    let receiver = call.receiver?;
    let buffer = place(code, receiver)?;
    let elements = code.type_of(receiver).and_then(|ty| ty.peeled().arg(0));
    // Elements that say themselves that they may be uninitialised.
    if elements.is_some_and(|ty| ty.path.is("std::mem::MaybeUninit")) {
        return None;
    }
    let reserved =
        reservations(code, &buffer).into_iter().filter(|span| span.end <= call.span.start).max()?;
    let between = |span: Span| span.start >= reserved.end && span.end <= call.span.start;
    let touched = mentions(code, &buffer)
        .into_iter()
        .any(|(span, method)| between(span) && !method.is_some_and(|method| HARMLESS.contains(&method)));
    (!touched).then_some((buffer, call.span))
}

/// Where room is made for a buffer: `let mut buffer = Vec::with_capacity(n)`, `buffer.reserve(n)`.
fn reservations(code: &Code<'_>, buffer: &str) -> Vec<Span> {
    let mut found: Vec<Span> = code
        .calls()
        .iter()
        .filter(|call| call.kind == CallKind::Method && RESERVES.contains(&&*call.name))
        .filter(|call| {
            call.receiver.and_then(|receiver| place(code, receiver)).is_some_and(|place| place == buffer)
        })
        .map(|call| call.span)
        .collect();
    for (name, init) in bindings(code) {
        if name == buffer && is_made_empty(code, init) {
            found.push(code.span(init));
        }
    }
    for expr in code.exprs() {
        if let Expr::Assign(assign) = expr
            && place(code, &assign.left).is_some_and(|place| place == buffer)
            && is_made_empty(code, &assign.right)
        {
            found.push(code.span(&assign.right));
        }
    }
    found
}

fn is_made_empty<'a>(code: &Code<'a>, init: &'a Expr) -> bool {
    code.call(init).is_some_and(|call| call.kind == CallKind::Path && call.name == "with_capacity")
}

/// Every `let name = init`, as the name and what it is bound to.
fn bindings<'a>(code: &Code<'a>) -> Vec<(String, &'a Expr)> {
    struct Bindings<'a>(Vec<(String, &'a Expr)>);
    impl<'a> syn::visit::Visit<'a> for Bindings<'a> {
        fn visit_local(&mut self, local: &'a syn::Local) {
            let pattern = match &local.pat {
                syn::Pat::Type(pattern) => &*pattern.pat,
                pattern => pattern,
            };
            if let (syn::Pat::Ident(bound), Some(init)) = (pattern, &local.init) {
                self.0.push((bound.ident.to_string(), &init.expr));
            }
            syn::visit::visit_local(self, local);
        }
    }
    let mut bindings = Bindings(Vec::new());
    code.visit(&mut bindings);
    bindings.0
}

/// Where a buffer is named, in order, with the method that is called on it there.
fn mentions<'c>(code: &'c Code<'_>, buffer: &str) -> Vec<(Span, Option<&'c str>)> {
    let mut found: Vec<(Span, Option<&str>)> = Vec::new();
    for expr in code.exprs() {
        if matches!(expr, Expr::Path(_) | Expr::Field(_))
            && place(code, expr).is_some_and(|place| place == buffer)
        {
            found.push((code.span(*expr), None));
        }
    }
    for call in code.calls() {
        let Some(receiver) = call.receiver else { continue };
        let at = code.span(receiver);
        if let Some(mention) = found.iter_mut().find(|(span, _)| *span == at) {
            mention.1 = Some(&call.name);
        }
    }
    found.sort();
    found
}

/// `let buffer = MaybeUninit::uninit().assume_init()` and its like.
fn assumed<'a>(code: &Code<'a>, call: &Call<'a>) -> Option<(String, Span)> {
    let never_written = match call.receiver {
        Some(receiver) => {
            let source = code.call(receiver)?;
            source.kind == CallKind::Path
                && ["uninit", "new_uninit_slice", "new_uninit", "uninit_array"].contains(&&*source.name)
        }
        None => call.is(&["std::mem::uninitialized"]),
    };
    if !never_written {
        return None;
    }
    // An array of elements that may be uninitialised is what it says.
    let owner = bindings(code).into_iter().find(|(_, init)| code.span(*init).contains(call.span))?;
    (!code.snippet(code.span(owner.1)).contains("[MaybeUninit")).then_some((owner.0, call.span))
}

/// `let buffer = from_raw_parts_mut(v.as_mut_ptr().add(v.len()), v.capacity() - v.len())`.
fn spare(code: &Code<'_>, call: &Call<'_>) -> Option<(String, Span)> {
    let [pointer, length] = call.args[..] else { return None };
    if !call.is(&["std::slice::from_raw_parts_mut"]) {
        return None;
    }
    let pointer = code.snippet(code.span(pointer));
    let length = code.snippet(code.span(length));
    let (vector, _) =
        pointer.split_once(".as_mut_ptr()").or_else(|| pointer.split_once(".spare_capacity_mut()"))?;
    let spare = length.contains(&format!("{vector}.capacity()"));
    if !spare || vector.is_empty() {
        return None;
    }
    let owner = bindings(code).into_iter().find(|(_, init)| code.span(*init).contains(call.span))?;
    Some((owner.0, call.span))
}

/// Where a buffer is read into, if that is the first thing that happens to it after `from`.
fn first_read(code: &Code<'_>, buffer: &str, from: u32) -> Option<Span> {
    let (first, _) = mentions(code, buffer).into_iter().find(|(span, method)| {
        span.start >= from && !method.is_some_and(|method| HARMLESS.contains(&method))
    })?;
    code.calls().iter().find_map(|call| {
        let (_, at) = READERS.iter().find(|(name, _)| call.is_method(name))?;
        let argument = call.args.get(*at)?;
        let span = code.span(*argument);
        let same = span.contains(first) && place(code, lent(argument)).is_some_and(|place| place == buffer);
        (same && !is_kernel(code, call.receiver?)).then_some(span)
    })
}

/// What is lent in `&mut buffer[..n]`, `buffer.as_mut()`, `&mut *buffer`.
fn lent(expr: &Expr) -> &Expr {
    match expr {
        Expr::Reference(inner) => lent(&inner.expr),
        Expr::Index(inner) => lent(&inner.expr),
        Expr::Unary(inner) => lent(&inner.expr),
        Expr::Paren(inner) => lent(&inner.expr),
        Expr::MethodCall(call)
            if ["as_mut", "as_mut_slice", "deref_mut", "borrow_mut"]
                .iter()
                .any(|name| call.method == name) =>
        {
            lent(&call.receiver)
        }
        expr => expr,
    }
}

fn is_kernel<'a>(code: &Code<'a>, reader: &'a Expr) -> bool {
    let Some(ty) = code.type_of(reader) else { return false };
    let mut ty = ty.peeled().clone();
    while ty.path.is("std::io::BufReader") {
        let Some(inner) = ty.arg(0) else { return true };
        ty = inner.peeled().clone();
    }
    KERNEL.iter().any(|kernel| ty.path.is(kernel))
}

/// `unsafe { buffer.set_len(n) }` as `buffer.resize(n, 0)`.
fn zeroed(code: &Code<'_>, call: &Call<'_>, buffer: &str) -> Option<Fix> {
    let length = code.snippet(code.span(*call.args.first()?));
    let block = code.exprs().iter().find_map(|expr| match expr {
        Expr::Unsafe(block) if block.block.stmts.len() == 1 && code.span(block).contains(call.span) => {
            Some(code.span(block))
        }
        _ => None,
    })?;
    let ends = code.file.text.get(block.end as usize..)?.trim_start().starts_with(';');
    let text = format!("{buffer}.resize({length}, 0){}", if ends { "" } else { ";" });
    Some(Fix::needs_review("zero the buffer instead").replace(block, text))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                fn f<R: Read>(r: &mut R, v: &mut Vec<u8>, n: usize) {
                    v.reserve(n);
                    unsafe {
                        v.set_len(n);
                //~     ------------ nothing was written to this memory yet
                    }
                    r.read(&mut v[..]).unwrap();
                //~        ^^^^^^^^^^ this reader is given a buffer that is not initialised
                //~ fix: zero the buffer instead
                }
            "#]],
            expect![[r#"
                struct S;
                impl S {
                    fn f(&mut self, n: usize) {
                        self.buf = Vec::with_capacity(n);
                        unsafe { self.buf.set_len(n) }
                //~              ------------------- nothing was written to this memory yet
                        self.inner.read_exact(&mut self.buf).ok();
                //~                           ^^^^^^^^^^^^^ this reader is given a buffer that is not initialised
                //~ fix: zero the buffer instead
                    }
                }
            "#]],
            expect![[r#"
                fn f(r: &mut dyn std::io::Read) {
                    let mut b: [u8; 64] = unsafe { std::mem::MaybeUninit::uninit().assume_init() };
                //~                                --------------------------------------------- nothing was written to this memory yet
                    r.read(&mut b);
                //~        ^^^^^^ this reader is given a buffer that is not initialised
                }
            "#]],
            expect![[r#"
                fn f(r: impl Read, n: usize) {
                    let mut b = unsafe { Box::<[u8]>::new_uninit_slice(n).assume_init() };
                //~                      ---------------------------------------------- nothing was written to this memory yet
                    r.read_exact(&mut b);
                //~              ^^^^^^ this reader is given a buffer that is not initialised
                }
            "#]],
            expect![[r#"
                fn f(r: impl Read) {
                    let mut v: Vec<u8> = Vec::new();
                    v.reserve(9);
                    let s = unsafe { std::slice::from_raw_parts_mut(v.as_mut_ptr(), v.capacity()) };
                //~                  ------------------------------------------------------------ nothing was written to this memory yet
                    let n = r.read(s)?;
                //~                ^ this reader is given a buffer that is not initialised
                }
            "#]],
            expect![[r#"
                fn f(r: impl Read) {
                    let mut b: [u8; 9] = unsafe { std::mem::uninitialized() };
                //~                               ------------------------- nothing was written to this memory yet
                    r.read(&mut b);
                //~        ^^^^^^ this reader is given a buffer that is not initialised
                }
            "#]],
            expect![[r#"
                async fn f<R: AsyncRead + Unpin>(r: &mut R, n: usize) -> std::io::Result<()> {
                    let mut b = BytesMut::with_capacity(n);
                    unsafe {
                        b.set_len(n);
                //~     ------------ nothing was written to this memory yet
                    }
                    r.read_exact(&mut b).await?;
                //~              ^^^^^^ this reader is given a buffer that is not initialised
                //~ fix: zero the buffer instead
                    Ok(())
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f(r: impl Read, n: usize) { let mut v = vec![0; n]; r.read_exact(&mut v); unsafe { v.set_len(n) } }",
            "fn f(fd: i32, n: usize) { let mut v: Vec<u8> = Vec::with_capacity(n); let got = unsafe { libc::read(fd, v.as_mut_ptr().cast(), n) }; unsafe { v.set_len(got as usize) } g(&v); }",
            "fn f(r: impl Read, n: usize) { let mut v = Vec::with_capacity(n); v.resize(n, 0u8); unsafe { v.set_len(n) } r.read(&mut v); }",
            "fn f(mut r: std::fs::File, n: usize) { let mut v: Vec<u8> = Vec::with_capacity(n); unsafe { v.set_len(n) } r.read_exact(&mut v); }",
            "fn f(r: impl Read, v: &mut Vec<u8>) { unsafe { v.set_len(0) } r.read(&mut v[..]); }",
            "fn f(r: impl Read, n: usize) { let mut v = Vec::with_capacity(n); unsafe { v.set_len(n) } v.fill(0u8); r.read(&mut v); }",
            "fn f() { let mut b: [MaybeUninit<u8>; 9] = unsafe { MaybeUninit::<[MaybeUninit<u8>; 9]>::uninit().assume_init() }; g(&mut b); }",
            "fn f(r: impl Read) { let mut b = MaybeUninit::<u64>::uninit(); g(&mut b); let b = unsafe { b.assume_init() }; r.read(&mut b); }",
        ]);
    }
}
