//! What resolution promises, as texts.

use super::testing::{calls, probe};
use super::{Constant, Ty};

/// Checks that the calls of a text resolve to these paths, in order.
#[track_caller]
fn resolves(text: &str, paths: &[&str]) {
    let found = calls(text);
    let found: Vec<&str> = found.lines().filter_map(|line| Some(line.split_once(": ")?.1)).collect();
    assert_eq!(found, paths, "\n{text}");
}

mod names {
    use super::resolves;

    #[test]
    fn use_declarations_are_followed() {
        resolves(
            "use reqwest::{self, Client as Http, blocking::{Client, get}, Url};
             use std::fs::*;
             fn f() { Http::new(); Client::builder(); get(x); reqwest::get(x); Url::parse(x); File::open(x); }",
            &[
                "reqwest::Client::new",
                "reqwest::blocking::Client::builder",
                "reqwest::blocking::get",
                "reqwest::get",
                "url::Url::parse",
                "std::fs::File::open",
            ],
        );
    }

    #[test]
    fn modules_and_reexports_are_followed_to_the_definition() {
        resolves(
            "// file: src/lib.rs
             mod net; pub use net::tls::connect; pub mod prelude { pub use crate::net::*; }
             fn f() { connect(); prelude::tls::connect(); self::net::open(); inline::deep::g(); }
             mod inline { pub mod deep { pub fn g() { super::h(); super::super::f(); } } fn h() {} }
             // file: src/net/mod.rs
             pub mod tls; pub fn open() { tls::connect(); crate::inline::deep::g() }
             // file: src/net/tls.rs
             use super::*; pub fn connect() { open(); }",
            &[
                "app::net::tls::connect",
                "app::net::tls::connect",
                "app::net::open",
                "app::inline::deep::g",
                "app::inline::h",
                "app::f",
                "app::net::tls::connect",
                "app::inline::deep::g",
                "app::net::open",
            ],
        );
    }

    #[test]
    fn many_globs_bring_in_what_few_would() {
        let modules = |range: std::ops::Range<u32>| {
            range
                .map(|i| format!("mod m{i} {{ pub use super::*; pub fn f{i}() {{}} pub use std::fs; }} pub use m{i}::*;\n"))
                .collect::<String>()
        };
        for count in [3, 30] {
            resolves(
                &format!(
                    "use reqwest::*; use std::process::*;
                     {}
                     fn f() {{ f0(); Client::new(); Command::new(x); fs::read(x); m2::f1(); gone::f(); }}",
                    modules(0..count)
                ),
                &[
                    "app::m0::f0",
                    "reqwest::Client::new",
                    "std::process::Command::new",
                    "std::fs::read",
                    "app::m1::f1",
                    "gone::f",
                ],
            );
        }
    }

    #[test]
    fn packages_of_the_workspace_lead_into_each_other() {
        resolves(
            "// package: app
             // crates: my-core, tls = tokio-rustls, md-5, digest
             use my_core::{Key, hash}; use tls::rustls::ClientConfig; use core::mem;
             fn f() { Key::new(); hash(); ClientConfig::builder(); md5::Md5::new(); mem::drop(x); rand::random(); }
             // package: my-core
             // crates: sha2
             mod key { pub struct Key; } pub use key::Key; pub use sha2::hash;",
            &[
                "my_core::key::Key::new",
                "sha2::hash",
                "rustls::ClientConfig::builder",
                "md5::Md5::new",
                "std::mem::drop",
                "?random",
            ],
        );
    }

    #[test]
    fn aliases_and_self_and_variants_lead_on() {
        resolves(
            "use md5::Md5; type H = Md5; type G = H; enum E { A(u8), B } use E::*;
             struct S; impl S { const N: u8 = 1; fn new() { Self::make(); G::new(); <H as Digest>::new(); } fn make() {} }
             fn f<T: Digest>() { A(1); E::B(2); T::new(); Some(1); Vec::<u8>::new(); <S>::make(); str::from_utf8(x); }
             use digest::Digest;",
            &[
                "app::S::make",
                "md5::Md5::new",
                "digest::Digest::new",
                "app::E::A",
                "app::E::B",
                "?new",
                "std::option::Option::Some",
                "std::vec::Vec::new",
                "app::S::make",
                "str::from_utf8",
            ],
        );
    }

    #[test]
    fn what_is_near_hides_what_is_far() {
        resolves(
            "use reqwest::get; use log::log;
             fn f() { use other::get; get(1); fn local() {} local(); { use third::get; get(2); } get(3); log(1); }
             fn g(get: fn()) { get(4); } struct Vec; fn h() { Vec::new(); }",
            &[
                "other::get",
                "app::f::local",
                "third::get",
                "other::get",
                "log::log",
                "?get",
                "app::Vec::new",
            ],
        );
    }

    #[test]
    fn the_edition_of_2015_starts_at_the_root() {
        resolves(
            "// edition: 2015
             // crates: reqwest
             extern crate reqwest as http; mod a { use b::f; use http::get; fn g() { f(); get(); ::b::f(); } }
             mod b { pub fn f() {} }",
            &["app::b::f", "reqwest::get", "app::b::f"],
        );
    }

    #[test]
    fn circles_end() {
        resolves(
            "use self::a::*; use self::x as y; use self::y as x; type A = B; type B = A;
             mod a { pub use super::b::*; } mod b { pub use super::a::*; pub use super::*; }
             fn f() { x(); A::new(); nothing(); }
             impl<T: Into<Self>> Tr<Self::X> for Vec<Self> where T: Get<Self> { fn g(mut n: T::N) { n = n.h(n) + n; Self::g(n); } }",
            &["?x", "app::A::new", "?nothing", "?h", "std::vec::Vec::g"],
        );
    }
}

mod values {
    use super::*;

    #[track_caller]
    fn evaluate(text: &str, values: &[&str]) {
        let found = probe(text, |code, call| match call.args.first().and_then(|arg| code.constant(arg)) {
            None => "-".to_owned(),
            Some(Constant::Bytes(bytes)) => format!("b{:?}", String::from_utf8_lossy(&bytes)),
            Some(Constant::Str(text)) => format!("{text:?}"),
            Some(value) => format!("{value:?}"),
        });
        assert_eq!(found.lines().collect::<Vec<_>>(), values, "\n{text}");
    }

    #[test]
    fn literals_and_arithmetic() {
        evaluate(
            r#"fn f() { probe(!true); probe(3 * (4 + 1) - 60 / 2); probe(-1); probe("a\n"); probe(b"k"); probe(2.5);
                probe('c'); probe([1u8, 2]); probe(&[0; 2]); probe(300 as u8); probe(1 << 10); probe(x); probe(u16::MAX); }"#,
            &[
                "Bool(false)",
                "Int(-15)",
                "Int(-1)",
                r#""a\n""#,
                r#"b"k""#,
                "Float(2.5)",
                "Char('c')",
                r#"b"\u{1}\u{2}""#,
                "List([Int(0), Int(0)])",
                "Int(44)",
                "Int(1024)",
                "-",
                "Int(65535)",
            ],
        );
    }

    #[test]
    fn constants_are_followed_across_files() {
        evaluate(
            r#"// file: src/lib.rs
            mod keys; use keys::*; use std::sync::LazyLock; use std::time::Duration;
            static LAZY: LazyLock<String> = LazyLock::new(|| format!("{PREFIX}-{}", 1 + 1));
            static mut CHANGING: u8 = 1; const LOOP: u8 = keys::BACK; fn key() -> [u8; 2] { [7; 2] }
            fn f() { probe(KEY); probe(Holder::SECRET); probe(&*LAZY); probe(CHANGING); probe(LOOP); probe(key());
                probe(TTL); probe(concat!("a", 1, "b")); probe(include_str!("../k.pem")); probe(env!("X"));
                probe(include_bytes!(concat!(env!("OUT_DIR"), "/k"))); probe(hex!("6b 65")); probe(Mode::Off); probe(Unknown); }
            enum Mode { Off }
            // file: src/keys.rs
            pub const PREFIX: &str = "pre"; pub const KEY: [u8; 2] = [65, 66]; pub const BACK: u8 = crate::LOOP;
            pub const TTL: std::time::Duration = std::time::Duration::from_secs(60 * 2);
            pub struct Holder; impl Holder { pub const SECRET: &'static str = PREFIX; }"#,
            &[
                r#"b"AB""#,
                r#""pre""#,
                r#""pre-2""#,
                "-",
                "-",
                r#"b"\u{7}\u{7}""#,
                "Duration(120000000000)",
                r#""a1b""#,
                r#"Embedded("../k.pem")"#,
                "-",
                r#"Embedded("$OUT_DIR/k")"#,
                r#"b"ke""#,
                "Opaque",
                "-",
            ],
        );
    }

    #[test]
    fn conversions_hand_on() {
        evaluate(
            r#"use std::{sync::Arc, borrow::Cow}; use aes_gcm::{Key, Aes256Gcm};
            fn f() { probe("a".to_string().into()); probe(String::from("b")); probe("c".as_bytes()); probe(b"d".to_vec());
                probe(&b"efg"[..2]); probe(Arc::new(Cow::from("h"))); probe(vec![b'i'; 2]); probe(hex::decode("6a").unwrap());
                probe(base64::decode("aw==")?); probe(Key::<Aes256Gcm>::from_slice(b"l")); probe("m".parse::<u8>().unwrap());
                probe(if x { 1 } else { 1 }); probe(match x { A => 1, B => 2, C => return }); probe(Some(1)); probe(format!("{x}")); }"#,
            &[
                r#""a""#, r#""b""#, r#"b"c""#, r#"b"d""#, r#"b"ef""#, r#""h""#, r#"b"ii""#, r#"b"j""#,
                "Opaque", r#"b"l""#, "Opaque", "Int(1)", "Opaque", "Int(1)", "-",
            ],
        );
    }

    #[test]
    fn bindings_are_constant_until_something_writes_to_them() {
        evaluate(
            r#"fn f(p: u8) {
                let a = [0u8; 2]; probe(a);
                let mut b = [0u8; 2]; probe(b); rng.fill_bytes(&mut b); probe(b);
                let mut c = [0u8; 1]; c[0] = p; probe(c);
                let mut d = String::from("x"); d.push_str(p); probe(d);
                let mut e = vec![0u8; 1]; probe(e.len()); probe(e); e.as_mut_slice().copy_from_slice(p); probe(e);
                let g = "k"; { let g = p; probe(g); } probe(g); probe(p);
                let h; h = 5; probe(h);
                let (i, j) = (1, p); probe(i); probe(j);
                let mut k = 1; loop { probe(k); k += 1; }
                let buf = &mut [0u8; 2]; rng.fill(buf); probe(buf);
                let l: [u8; 2] = [66, 67]; probe(l); const M: u8 = 9; probe(M); println!("{}", probe(M));
            }"#,
            &[
                r#"b"\0\0""#,
                r#"b"\0\0""#,
                "-",
                "-",
                "-",
                "Int(1)",
                r#"b"\0""#,
                "-",
                "-",
                r#""k""#,
                "-",
                "Int(5)",
                "Int(1)",
                "-",
                "-",
                "-",
                r#"b"BC""#,
                "Int(9)",
                "Int(9)",
            ],
        );
    }
}

mod types {
    use super::*;

    fn shown(ty: &Ty) -> String {
        let args: Vec<String> = ty.args.iter().map(shown).collect();
        if args.is_empty() { ty.path.0.clone() } else { format!("{}<{}>", ty.path.0, args.join(", ")) }
    }

    #[track_caller]
    fn infers(text: &str, types: &[&str]) {
        let found = probe(text, |code, call| {
            let ty = call.args.first().and_then(|arg| code.type_of(arg));
            ty.map_or_else(
                || "-".to_owned(),
                |ty| shown(&ty).replace("std::result::", "").replace("std::option::", ""),
            )
        });
        assert_eq!(found.lines().collect::<Vec<_>>(), types, "\n{text}");
    }

    #[test]
    fn builders_are_followed_through_their_chain() {
        resolves(
            "use std::process::Command; use reqwest::Client;
             fn f() -> R { let c = Client::builder().timeout(t).danger_accept_invalid_certs(true).build()?; c.get(u).send().await?.text();
               let b = reqwest::blocking::ClientBuilder::new(); b.use_rustls_tls(); Command::new(x).arg(y).output().unwrap().stdout; }",
            &[
                "reqwest::ClientBuilder::build",
                "reqwest::ClientBuilder::danger_accept_invalid_certs",
                "reqwest::ClientBuilder::timeout",
                "reqwest::Client::builder",
                "reqwest::Response::text",
                "reqwest::RequestBuilder::send",
                "reqwest::Client::get",
                "reqwest::blocking::ClientBuilder::new",
                "reqwest::blocking::ClientBuilder::use_rustls_tls",
                "std::result::Result::unwrap",
                "std::process::Command::output",
                "std::process::Command::arg",
                "std::process::Command::new",
            ],
        );
    }

    #[test]
    fn parameters_fields_and_signatures_tell() {
        infers(
            "// file: src/lib.rs
             mod db; use db::{Pool, Shared}; use std::sync::{Arc, Mutex}; use axum::extract::{Path, State};
             struct App { pool: Pool<Client>, name: Option<String>, lock: Arc<Mutex<Vec<u8>>> } use postgres::Client;
             impl App { fn pool(&self) -> &Pool<Client> { &self.pool }
               fn f(&self, Path((id, n)): Path<(String, u64)>, State(app): State<Arc<App>>, s: Shared, r: anyhow::Result<u8>) {
                 probe(self.pool); probe(self.pool()); probe(self.pool().get()); probe(id); probe(n); probe(app.name); probe(&s);
                 probe(app.lock.lock().unwrap().first()); probe(r?); probe(self.missing); probe(db::open(1)?.inner); } }
             // file: src/db.rs
             pub struct Pool<T> { pub inner: T } pub type Shared = std::sync::Arc<Pool<u8>>;
             impl<T> Pool<T> { pub fn get(&self) -> Option<String> { None } }
             pub fn open(n: u8) -> std::io::Result<Pool<bool>> { todo!() }",
            &[
                "app::db::Pool<postgres::Client>",
                "app::db::Pool<postgres::Client>",
                "Option<std::string::String>",
                "std::string::String",
                "u64",
                "Option<std::string::String>",
                "std::sync::Arc<app::db::Pool<u8>>",
                "Option<u8>",
                "u8",
                "-",
                "bool",
            ],
        );
    }

    #[test]
    fn patterns_and_closures_bind() {
        infers(
            "struct P { a: String, b: Vec<u16> } enum E { A(u8) } struct W(char); use std::collections::HashMap;
             fn f(o: Option<P>, v: Vec<P>, m: HashMap<String, W>, r: Result<u8, std::io::Error>, k: impl Iterator<Item = P>) {
               if let Some(P { a, b: c }) = &o { probe(a); probe(c[0]); }
               for p in &v { probe(p.a); } for (i, p) in v.iter().enumerate() { probe(i); probe(p); }
               v.iter().map(|p| p.b.clone()).for_each(|b| probe(b));
               match r { Ok(n) => probe(n), Err(e) => probe(e) }
               let Some(W(c)) = m.get(x) else { return }; probe(c);
               let x = if y { o.unwrap() } else { z }; probe(x.a); let (s, t) = (1u8, true); probe(s);
               probe(E::A(1)); probe(P { a, b }); probe(format!(\"{}\", 1)); probe(vec![1u8]); probe(x.b.len() as u64);
               probe(k.next()); probe(async { 1u8 }.await); let late; late = true; probe(late); probe(nothing()); }",
            &[
                "std::string::String", "u16", "std::string::String", "usize", "app::P", "std::vec::Vec<u16>", "u8",
                "std::io::Error", "char", "std::string::String", "u8", "app::E", "app::P", "std::string::String",
                "std::vec::Vec<u8>", "u64", "Option<app::P>", "u8", "bool", "-",
            ],
        );
    }
}
