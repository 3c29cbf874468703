//! What the generic methods of the standard library return: those of `Option`, `Result`, iterators,
//! collections, locks and cells, which no table of paths can say.

use crate::vocabulary::Ty;

const OPTION: &str = "std::option::Option";
const RESULT: &str = "std::result::Result";
const ITERATOR: &str = "std::iter::Iterator";
const VEC: &str = "std::vec::Vec";

/// Types that hold what their constructor is given.
pub(super) fn wraps(owner: &str) -> bool {
    matches!(
        owner,
        "std::boxed::Box"
            | "std::sync::Arc"
            | "std::rc::Rc"
            | "std::sync::Mutex"
            | "std::sync::RwLock"
            | "std::sync::OnceLock"
            | "std::cell::Cell"
            | "std::cell::RefCell"
            | "std::pin::Pin"
            | "tokio::sync::Mutex"
            | "tokio::sync::RwLock"
            | "parking_lot::Mutex"
            | "parking_lot::RwLock"
            | "actix_web::web::Data"
            | "zeroize::Zeroizing"
            | "axum::Json"
            | "axum::extract::State"
    )
}

/// Methods that mean the same on every type.
pub(super) fn universal(ty: &Ty, name: &str) -> Option<Ty> {
    match name {
        "clone" | "by_ref" => Some(ty.clone()),
        "to_string" => Some(Ty::plain("std::string::String")),
        "to_owned" => Some(match ty.path.0.as_str() {
            "str" => Ty::plain("std::string::String"),
            "std::path::Path" => Ty::plain("std::path::PathBuf"),
            "std::ffi::OsStr" => Ty::plain("std::ffi::OsString"),
            "[array]" => Ty::of(VEC, ty.arg(0)),
            _ => ty.clone(),
        }),
        _ => None,
    }
}

/// The type of a closure's parameter, by the method that the closure is given to.
pub(super) fn closure_parameter(receiver: &Ty, method: &str, at: usize) -> Option<Ty> {
    let ty = receiver.peeled();
    match (ty.path.0.as_str(), method) {
        (OPTION, _) => ty.arg(0),
        (RESULT, "map_err" | "or_else" | "unwrap_or_else" | "inspect_err" | "is_err_and" | "map_or_else") => {
            ty.arg(1)
        }
        (RESULT, _) => ty.arg(0),
        (_, "fold" | "try_fold" | "scan") => {
            if at == 1 {
                ty.item()
            } else {
                None
            }
        }
        (_, "sort_by" | "max_by" | "min_by" | "reduce" | "sort_unstable_by" | "dedup_by") => ty.item(),
        (
            _,
            "map"
            | "for_each"
            | "filter"
            | "filter_map"
            | "flat_map"
            | "find"
            | "find_map"
            | "any"
            | "all"
            | "inspect"
            | "position"
            | "take_while"
            | "skip_while"
            | "map_while"
            | "partition"
            | "max_by_key"
            | "min_by_key"
            | "retain"
            | "sort_by_key"
            | "try_for_each"
            | "sort_by_cached_key"
            | "sort_unstable_by_key",
        ) if at == 0 => ty.item(),
        _ => None,
    }
}

/// What a method of the standard library's generic types returns; the outer `None` where the type
/// has no such method.
pub(super) fn returned(
    ty: &Ty,
    name: &str,
    closure: &dyn Fn(usize) -> Option<Ty>,
    turbofish: &dyn Fn() -> Option<Ty>,
) -> Option<Option<Ty>> {
    match ty.path.0.as_str() {
        OPTION | RESULT => fallible(ty, name, closure),
        "str" | "std::string::String" => text(name, turbofish),
        "[array]" | VEC | "std::collections::VecDeque" | "bytes::Bytes" => sequence(ty, name),
        "std::collections::HashMap" | "std::collections::BTreeMap" | "indexmap::IndexMap" => map(ty, name),
        ITERATOR => iterator(ty, name, closure, turbofish),
        "std::path::Path" | "std::path::PathBuf" | "std::ffi::OsStr" | "std::ffi::OsString" => match name {
            "as_ref" => Some(Some(ty.clone())),
            "to_string_lossy" => Some(Some(Ty::of("std::borrow::Cow", Some(Ty::plain("str"))))),
            "exists" | "is_file" | "is_dir" | "starts_with" => Some(Some(Ty::plain("bool"))),
            _ => None,
        },
        _ => lock(ty, name).or_else(|| any_type(ty, name)),
    }
}

fn fallible(ty: &Ty, name: &str, closure: &dyn Fn(usize) -> Option<Ty>) -> Option<Option<Ty>> {
    let is_option = ty.path.0 == OPTION;
    let with = |ok: Option<Ty>| {
        let mut with = Ty::of(ty.path.0.clone(), ok);
        with.args.extend(ty.args.get(1).cloned());
        with
    };
    Some(match name {
        "unwrap" | "expect" | "unwrap_or" | "unwrap_or_else" | "unwrap_or_default" | "unwrap_unchecked"
        | "get_or_insert" | "get_or_insert_with" | "insert" => ty.arg(0),
        "unwrap_err" | "expect_err" => ty.arg(1),
        "as_ref" | "as_mut" | "as_deref_mut" | "cloned" | "copied" | "take" | "filter" | "or" | "or_else"
        | "inspect" | "inspect_err" | "replace" => Some(ty.clone()),
        "as_deref" => Some(with(ty.arg(0).map(|inner| match inner.path.0.as_str() {
            "std::string::String" => Ty::plain("str"),
            _ => inner.peeled().clone(),
        }))),
        "ok" if !is_option => Some(Ty::of(OPTION, ty.arg(0))),
        "err" if !is_option => Some(Ty::of(OPTION, ty.arg(1))),
        "ok_or" | "ok_or_else" => Some(Ty::of(RESULT, ty.arg(0))),
        // `anyhow`, `eyre` and `snafu` add these.
        "context" | "with_context" | "wrap_err" | "wrap_err_with" => Some(Ty::of(RESULT, ty.arg(0))),
        "map_err" => Some(Ty::of(RESULT, ty.arg(0))),
        "map" => Some(with(closure(0))),
        "and_then" => closure(0),
        "map_or" | "map_or_else" => closure(1),
        "flatten" => ty.arg(0),
        "iter" | "into_iter" | "iter_mut" => Some(Ty::of(ITERATOR, ty.arg(0))),
        "is_some" | "is_none" | "is_ok" | "is_err" | "is_some_and" | "is_ok_and" | "is_none_or" => {
            Some(Ty::plain("bool"))
        }
        _ => return None,
    })
}

fn text(name: &str, turbofish: &dyn Fn() -> Option<Ty>) -> Option<Option<Ty>> {
    Some(match name {
        "as_ref" | "borrow" | "as_mut_str" | "trim_left" | "trim_right" => Some(Ty::plain("str")),
        "parse" => Some(Ty::of(RESULT, turbofish())),
        "contains" | "starts_with" | "ends_with" | "eq_ignore_ascii_case" => Some(Ty::plain("bool")),
        "get" => Some(Ty::of(OPTION, Some(Ty::plain("str")))),
        "find" | "rfind" => Some(Ty::of(OPTION, Some(Ty::plain("usize")))),
        _ => return None,
    })
}

fn sequence(ty: &Ty, name: &str) -> Option<Option<Ty>> {
    Some(match name {
        "iter" | "iter_mut" | "into_iter" | "drain" => Some(Ty::of(ITERATOR, ty.item())),
        "first" | "last" | "get" | "get_mut" | "pop" | "first_mut" | "last_mut" | "pop_front"
        | "pop_back" | "front" | "back" => Some(Ty::of(OPTION, ty.item())),
        "remove" | "swap_remove" => ty.item(),
        "to_vec" | "into_vec" => Some(Ty::of(VEC, ty.item())),
        "as_slice" | "as_mut_slice" | "as_ref" | "as_mut" => Some(Ty::of("[array]", ty.item())),
        "chunks" | "windows" | "chunks_exact" => Some(Ty::of(ITERATOR, Some(Ty::of("[array]", ty.item())))),
        "len" => Some(Ty::plain("usize")),
        "is_empty" | "contains" | "starts_with" | "ends_with" => Some(Ty::plain("bool")),
        _ => return None,
    })
}

fn map(ty: &Ty, name: &str) -> Option<Option<Ty>> {
    Some(match name {
        "get" | "get_mut" | "remove" | "insert" => Some(Ty::of(OPTION, ty.arg(1))),
        "iter" | "iter_mut" | "into_iter" | "drain" => {
            Some(Ty::of(ITERATOR, Some(Ty::tuple(vec![ty.arg(0), ty.arg(1)]))))
        }
        "keys" | "into_keys" => Some(Ty::of(ITERATOR, ty.arg(0))),
        "values" | "values_mut" | "into_values" => Some(Ty::of(ITERATOR, ty.arg(1))),
        "contains_key" | "is_empty" => Some(Ty::plain("bool")),
        "len" => Some(Ty::plain("usize")),
        _ => return None,
    })
}

fn iterator(
    ty: &Ty,
    name: &str,
    closure: &dyn Fn(usize) -> Option<Ty>,
    turbofish: &dyn Fn() -> Option<Ty>,
) -> Option<Option<Ty>> {
    let item = ty.arg(0);
    Some(match name {
        "filter" | "skip" | "take" | "take_while" | "skip_while" | "rev" | "inspect" | "cloned"
        | "copied" | "peekable" | "fuse" | "chain" | "step_by" | "cycle" | "iter" | "into_iter" => {
            Some(ty.clone())
        }
        "enumerate" => Some(Ty::of(ITERATOR, Some(Ty::tuple(vec![Some(Ty::plain("usize")), item])))),
        "map" => Some(Ty::of(ITERATOR, closure(0))),
        "filter_map" | "flat_map" | "map_while" => {
            Some(Ty::of(ITERATOR, closure(0).and_then(|ty| ty.item())))
        }
        "flatten" => Some(Ty::of(ITERATOR, item.and_then(|ty| ty.item()))),
        "next" | "last" | "nth" | "find" | "max" | "min" | "max_by_key" | "min_by_key" | "peek"
        | "next_back" | "reduce" | "max_by" | "min_by" => Some(Ty::of(OPTION, item)),
        "find_map" => closure(0),
        "collect" => turbofish().map(|target| {
            let open = target.args.len() == 1 && target.arg(0).is_none() || target.args.is_empty();
            let of_items = target.is_any(&[VEC, "std::collections::HashSet", "std::collections::BTreeSet"]);
            if open && of_items { Ty::of(target.path.0, item) } else { target }
        }),
        "any" | "all" => Some(Ty::plain("bool")),
        "count" => Some(Ty::plain("usize")),
        _ => return None,
    })
}

/// Locks and cells, whose content comes behind a guard.
fn lock(ty: &Ty, name: &str) -> Option<Option<Ty>> {
    let content = || ty.arg(0);
    Some(match (ty.path.0.as_str(), name) {
        ("std::sync::Mutex", "lock" | "try_lock") => {
            Some(Ty::of(RESULT, Some(Ty::of("std::sync::MutexGuard", content()))))
        }
        ("std::sync::RwLock", "read" | "write") => {
            Some(Ty::of(RESULT, Some(Ty::of("std::sync::RwLockReadGuard", content()))))
        }
        ("tokio::sync::Mutex", "lock") => Some(Ty::of("tokio::sync::MutexGuard", content())),
        ("tokio::sync::RwLock", "read" | "write") => Some(Ty::of("tokio::sync::RwLockReadGuard", content())),
        ("parking_lot::Mutex", "lock") => Some(Ty::of("parking_lot::MutexGuard", content())),
        ("parking_lot::RwLock", "read" | "write") => Some(Ty::of("parking_lot::RwLockReadGuard", content())),
        ("std::cell::RefCell", "borrow") => Some(Ty::of("std::cell::Ref", content())),
        ("std::cell::RefCell", "borrow_mut") => Some(Ty::of("std::cell::RefMut", content())),
        ("std::sync::OnceLock" | "once_cell::sync::OnceCell", "get") => Some(Ty::of(OPTION, content())),
        ("std::sync::OnceLock" | "once_cell::sync::OnceCell", "get_or_init") => content(),
        ("std::sync::Mutex" | "std::sync::RwLock", "into_inner") => Some(Ty::of(RESULT, content())),
        ("std::cell::RefCell" | "tokio::sync::Mutex" | "parking_lot::Mutex", "into_inner") => content(),
        _ => return None,
    })
}

/// What holds on types that are known by path alone.
fn any_type(ty: &Ty, name: &str) -> Option<Option<Ty>> {
    Some(match name {
        // A constructor that may fail is known by the type it makes.
        "unwrap" | "expect" | "unwrap_or_else" | "unwrap_or_default" | "context" | "with_context"
        | "map_err" | "wrap_err"
            if ty.path.0.contains("::") =>
        {
            Some(ty.clone())
        }
        "into_inner" if crate::models::types::is_extractor(ty) || ty.path.is("actix_web::web::Data") => {
            ty.arg(0)
        }
        "get_ref" if ty.path.is("actix_web::web::Data") => ty.arg(0),
        _ => return None,
    })
}
