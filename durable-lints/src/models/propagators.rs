//! How values travel through calls, by the names of methods and functions.

/// What a method makes of the value it is called on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Hands it, or a part of it, through.
    Through,
    /// Puts its argument behind it, in a new value.
    Append,
    /// Puts its argument behind it, in place.
    AppendInPlace,
    /// Adds its arguments to a collection in place.
    Collect,
    /// Looks something up in it: the arguments only choose.
    Lookup,
    /// Gives a number or a truth value about it.
    Measure,
    /// Gives what the closure makes of it.
    Map,
    /// Gives it, or what the argument or closure holds.
    Or,
    /// Reads from it into its first argument.
    ReadInto,
    /// Replaces it by its argument, in place.
    Replace,
    /// Parses it; the type tells as what.
    Parse,
}

const THROUGH: &[&str] = &[
    "to_string", "to_owned", "into", "try_into", "clone", "cloned", "copied", "as_str", "as_ref", "as_mut", "as_bytes",
    "as_deref", "as_deref_mut", "borrow", "borrow_mut", "into_owned", "into_string", "into_bytes", "into_boxed_str",
    "into_os_string", "as_os_str", "as_path", "to_path_buf", "into_path_buf", "to_str", "to_string_lossy", "display",
    "into_inner", "get_ref", "get_mut", "inner", "to_vec", "as_slice", "into_vec", "trim", "trim_start", "trim_end",
    "trim_matches", "trim_start_matches", "trim_end_matches", "strip_prefix", "strip_suffix", "trim_ascii", "to_lowercase",
    "to_uppercase", "to_ascii_lowercase", "to_ascii_uppercase", "split", "rsplit", "splitn", "rsplitn", "split_once",
    "rsplit_once", "split_at", "split_whitespace", "split_ascii_whitespace", "split_terminator", "split_first", "split_last",
    "lines", "chars", "bytes", "char_indices", "iter", "iter_mut", "into_iter", "drain", "rev", "skip", "step_by", "peekable",
    "enumerate", "collect", "try_collect", "chunks", "windows", "nth", "next", "next_back", "last", "first", "peek", "by_ref",
    "fuse", "flatten", "dedup", "sorted", "unwrap", "expect", "unwrap_or_default", "ok", "err", "ok_or", "ok_or_else",
    "map_err", "transpose", "unwrap_unchecked", "filter", "skip_while", "take_while", "inspect", "inspect_err", "await_ready",
    "context", "with_context", "wrap_err", "attach", "boxed", "lock", "read_lock", "text", "bytes_stream", "chunk", "json",
    "body", "into_body", "body_mut", "headers", "header", "header_value", "uri", "path", "query", "query_string", "query_pairs",
    "param", "params", "path_params", "raw_path_param", "match_info", "cookie", "cookies", "metadata_value", "file_names",
    "field", "next_field", "fields", "content_disposition", "get_filename", "get_name", "data", "try_next", "recv", "message",
    "into_text", "into_data", "to_text", "form", "form_data", "queries", "file", "first_file", "payload", "parse_json",
    "parse_form", "parse_queries", "parse_params", "parse_body", "body_string", "body_bytes", "body_json", "body_form",
    "error_for_status", "error_for_status_ref", "send", "call", "read_json", "into_reader", "as_reader", "into_read",
    "compat", "split_io", "reader", "buffer", "components", "ancestors", "parent", "as_url", "as_array", "as_object",
    "pointer", "values", "keys", "encode_utf8", "unescape", "decode", "repeat", "escape_debug", "escape_default", "deref",
    "canonicalize", "normalize", "normalize_lexically", "clean", "absolutize", "values_of", "value_of", "get_one", "get_many",
    "open", "limit", "capitalize", "swap", "take_value", "to_bytes", "copy_to_bytes", "into_future", "entries", "by_index",
    "remove", "pop", "pop_front", "pop_back", "get_param", "try_param", "try_query", "try_form", "to_mut",
];

const APPEND: &[&str] = &["join", "concat", "with_file_name", "with_extension", "chain", "zip", "append_pair"];

const APPEND_IN_PLACE: &[&str] = &["push_str", "insert_str", "write_str", "set_file_name", "set_extension", "push_fmt"];

const COLLECT: &[&str] =
    &["push", "push_back", "push_front", "insert", "extend", "extend_from_slice", "append", "entry", "put", "put_slice"];

const LOOKUP: &[&str] = &[
    "get", "find", "find_map", "position", "binary_search", "binary_search_by", "get_key_value", "get_all", "max_by", "min_by",
    "max_by_key", "min_by_key", "replace", "replacen", "replace_all", "remove_entry",
];

const MEASURE: &[&str] = &[
    "len", "is_empty", "count", "is_some", "is_none", "is_ok", "is_err", "contains", "contains_key", "starts_with", "ends_with",
    "eq", "ne", "cmp", "partial_cmp", "eq_ignore_ascii_case", "is_absolute", "is_relative", "exists", "is_file", "is_dir",
    "all", "any", "is_match", "matches", "is_alphanumeric", "is_ascii", "is_char_boundary", "hash", "status", "elapsed",
    "content_length", "capacity", "is_some_and", "is_ok_and", "is_none_or", "as_u64", "as_i64", "as_f64", "as_bool",
    "is_null", "timestamp", "port", "ordinal", "rows_affected", "id", "version", "method",
];

const MAP: &[&str] = &[
    "map", "filter_map", "flat_map", "and_then", "then", "map_or", "map_or_else", "map_while", "scan", "for_each", "try_for_each",
    "fold", "try_fold", "then_some", "with", "reduce",
];

const OR: &[&str] =
    &["unwrap_or", "unwrap_or_else", "or", "or_else", "or_insert", "or_insert_with", "get_or_insert_with", "xor"];

const READ_INTO: &[&str] = &[
    "read", "read_exact", "read_line", "read_until", "read_to_string", "read_to_end", "read_buf", "recv_from", "read_vectored",
    "copy_to_slice",
];

const PARSE: &[&str] = &["parse", "try_parse", "from_str_radix", "deserialize"];

/// What a method makes of the value it is called on, by its name. `None`: nothing is known.
pub fn method(name: &str) -> Option<Method> {
    let groups = [
        (Method::Through, THROUGH),
        (Method::Append, APPEND),
        (Method::AppendInPlace, APPEND_IN_PLACE),
        (Method::Collect, COLLECT),
        (Method::Lookup, LOOKUP),
        (Method::Measure, MEASURE),
        (Method::Map, MAP),
        (Method::Or, OR),
        (Method::ReadInto, READ_INTO),
        (Method::Replace, &["clone_from", "copy_from_slice", "clone_from_slice"]),
        (Method::Parse, PARSE),
    ];
    groups.into_iter().find(|(_, names)| names.contains(&name)).map(|(method, _)| method)
}

/// Functions that hand their arguments through into what they make, by their last name.
const MAKERS: &[&str] = &[
    "new", "from", "try_from", "from_str", "from_utf8", "from_utf8_lossy", "from_utf8_unchecked", "from_slice", "from_reader",
    "from_value", "from_string", "from_vec", "from_bytes", "from_static", "from_iter", "decode", "parse", "canonicalize",
    "take", "min", "max", "wrap", "pin", "copy_from_slice", "identity", "black_box", "with_capacity_and_hasher", "from_fn",
    "decode_all", "percent_decode_str", "percent_decode", "unescape", "Borrowed", "Owned", "absolute", "once", "repeat",
    "repeat_n", "timeout", "block_on", "spawn_blocking", "spawn", "join", "from_path", "from_file_path", "to_string",
    "to_vec", "clone", "from_os_str", "stream", "buffered", "with_capacity_from",
];

/// Whether a function hands its arguments through into its result: constructors, conversions, and
/// anything that is called as a tuple struct or variant is.
pub fn makes(name: &str) -> bool {
    MAKERS.contains(&name) || name.starts_with(|c: char| c.is_uppercase())
}

/// Types that cannot carry text: what has one is harmless in a statement, a path or a page.
const SCALARS: &[&str] = &[
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
    "NonZeroU8", "NonZeroU16", "NonZeroU32", "NonZeroU64", "NonZeroUsize", "NonZeroI32", "NonZeroI64", "Uuid", "Ulid",
    "NaiveDate", "NaiveTime", "NaiveDateTime", "DateTime", "OffsetDateTime", "PrimitiveDateTime", "Date", "Timestamp",
    "Duration", "Instant", "SystemTime", "Decimal", "BigDecimal", "ObjectId", "StatusCode", "Weekday", "Zoned", "BigInt",
    "BigUint", "Ordering",
];

/// Whether a type, by its last name, cannot carry text.
pub fn is_scalar(name: &str) -> bool {
    SCALARS.contains(&name)
}

/// Whether a type is too small for its values to be sizes that hurt.
pub fn is_small(name: &str) -> bool {
    matches!(name, "bool" | "u8" | "i8" | "u16" | "i16" | "char")
}

/// Wrappers that are as harmless as what they hold.
pub fn is_wrapper(name: &str) -> bool {
    matches!(
        name,
        "Option" | "Vec" | "Box" | "Arc" | "Rc" | "Cow" | "Result" | "HashSet" | "BTreeSet" | "VecDeque" | "(tuple)" | "[array]"
    )
}
