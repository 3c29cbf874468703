//! What the parameters of a function are: what a client sent, or whatever the caller passes.

use syn::FnArg;

use crate::code::Code;
use crate::flow::analysis::Analysis;
use crate::flow::checked::Checked;
use crate::flow::fact::Fact;
use crate::models::sources;
use crate::vocabulary::ApiPath;
use crate::vocabulary::Ty;
use crate::vocabulary::{OriginKind, Purpose, SELF};

/// Binds every parameter.
pub(super) fn bind_parameters<'a>(analysis: &mut Analysis<'_, 'a>, signature: &'a syn::Signature) {
    if let Some(receiver) = signature.receiver() {
        let origin = analysis.origin(OriginKind::Parameter(SELF), &receiver.self_token, "`self`");
        analysis.parameters.push((SELF, analysis.env.len()));
        analysis.env.bind("self", Fact::of_origin(origin));
    }
    let place = Place::of(analysis.code, signature);
    let typed = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (position, param) in typed.enumerate() {
        let position = u8::try_from(position).unwrap_or(SELF - 1).min(SELF - 1);
        let slot = analysis.env.len();
        let fact = parameter(analysis, &place, param, position);
        analysis.bind(&param.pat, &fact);
        if matches!(&*param.pat, syn::Pat::Ident(_)) {
            analysis.parameters.push((position, slot));
        }
    }
}

/// Whether a unit is a function that takes what a client sends.
pub fn takes_input(code: &Code<'_>) -> bool {
    let Some(signature) = code.signature() else { return false };
    let place = Place::of(code, signature);
    place.handler
        || place.resolver
        || signature.inputs.iter().any(|input| match input {
            FnArg::Typed(typed) => code.ty(&typed.ty).is_some_and(|ty| extractor(&ty, false).is_some()),
            FnArg::Receiver(_) => false,
        })
}

/// What the function around the parameters is.
struct Place {
    /// A handler by its attribute, or by its parameters and what it returns: what it takes as plain
    /// text is the client's.
    handler: bool,
    /// The names that rocket fills, and whether it does from a segment of the route's path.
    routed: Vec<(String, bool)>,
    /// A method whose parameters come from a GraphQL client.
    resolver: bool,
}

impl Place {
    fn of(code: &Code<'_>, signature: &syn::Signature) -> Place {
        let attribute = code.tree().attributes().iter().find(|attribute| {
            let name = attribute.path().segments.last().map(|segment| segment.ident.to_string());
            name.is_some_and(|name| sources::HANDLER_ATTRIBUTES.contains(&name.as_str()))
        });
        let frameworks = ["actix-web", "rocket", "poem", "salvo", "poem-openapi"];
        let by_attribute = attribute.is_some() && code.package.depends_on(&frameworks);
        let routed = match attribute {
            Some(attribute) if code.package.depends_on(&["rocket"]) => {
                routed_names(code.snippet(code.span(attribute)))
            }
            _ => Vec::new(),
        };
        let is_one = |path: &ApiPath| {
            sources::is_extractor(path) || sources::HANDLER_PARAMETERS.iter().any(|pattern| path.is(pattern))
        };
        let by_types = signature.inputs.iter().any(|input| match input {
            FnArg::Typed(typed) => code.ty(&typed.ty).is_some_and(|ty| is_one(&ty.path)),
            FnArg::Receiver(_) => false,
        });
        let resolver = code.owner().is_some_and(|owner| {
            let names = code.file.outline.attributes(owner, &code.file.text);
            let written: Vec<String> = names.map(|attribute| attribute.path()).collect();
            written.iter().any(|path| {
                let name = path.rsplit("::").next().unwrap_or(path).trim();
                sources::RESOLVER_ATTRIBUTES.contains(&name)
            })
        });
        let resolver = resolver && code.package.depends_on(&["async-graphql", "juniper"]);
        let handler = by_attribute || (by_types && answers(code, signature));
        Place { handler, routed, resolver }
    }
}

/// Whether a function that takes extractors is called by the framework rather than by another
/// function, which may hand a request on as well: it waits, it owns what it takes, and it answers.
fn answers(code: &Code<'_>, signature: &syn::Signature) -> bool {
    const WORDS: &[&str] = &["Respon", "Html", "Json", "Redirect", "StatusCode", "NamedFile"];
    let typed = || {
        signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        })
    };
    if signature.asyncness.is_none() || typed().any(|param| matches!(&*param.ty, syn::Type::Reference(_))) {
        return false;
    }
    if typed().filter_map(|param| code.ty(&param.ty)).any(|ty| !may_be_extracted(&ty)) {
        return false;
    }
    let returned = match &signature.output {
        syn::ReturnType::Type(_, ty) => code.snippet(code.span(&**ty)),
        syn::ReturnType::Default => "",
    };
    WORDS.iter().any(|word| returned.contains(word))
        // Only what a framework calls takes its extractors apart in its signature.
        || typed().any(|param| matches!(&*param.pat, syn::Pat::TupleStruct(_)))
        || is_routed(&code.file.text, &signature.ident.to_string())
}

/// Whether a framework may hand over a value of this type: of the standard library's, it does texts and
/// what wraps others. A list or a time is handed over by a caller.
fn may_be_extracted(ty: &Ty) -> bool {
    let path = ty.path.0.as_str();
    let is_primitive = !path.contains("::") && path.starts_with(|c: char| c.is_ascii_lowercase());
    let is_std = path.starts_with("std::");
    !is_std && !is_primitive || matches!(ty.path.name(), "String" | "Option" | "Result" | "str")
}

/// Whether a file hands a function to a router: `get(name)`, `.to(name)`.
fn is_routed(text: &str, name: &str) -> bool {
    const ROUTERS: &[&str] =
        &["get", "post", "put", "patch", "delete", "any", "to", "service", "handler", "on"];
    let last_word = |text: &str| {
        let word = text.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
        word.is_some_and(|word| ROUTERS.contains(&word))
    };
    let handed = format!("({name})");
    text.match_indices(&handed).any(|(at, _)| text.get(..at).is_some_and(last_word))
}

/// The names in `<…>` of a rocket route, and whether each is a segment of its path rather than a
/// part of the query or the body. Trailing `<path..>` segments are checked by rocket as they become
/// a `PathBuf`.
fn routed_names(attribute: &str) -> Vec<(String, bool)> {
    let route = attribute.split('"').nth(1).unwrap_or("");
    let path = route.split('?').next().unwrap_or("");
    let parts = attribute.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    let names = parts.map(|(name, _)| name.trim()).filter(|name| !name.ends_with(".."));
    names.map(|name| (name.to_owned(), path.contains(&format!("<{name}>")))).collect()
}

fn parameter<'a>(
    analysis: &mut Analysis<'_, 'a>,
    place: &Place,
    param: &'a syn::PatType,
    position: u8,
) -> Fact<'a> {
    let code = analysis.code;
    let ty = code.ty(&param.ty);
    let name = code.snippet(code.span(&*param.pat)).to_owned();
    let outside = ty.as_ref().and_then(|ty| extractor(ty, place.handler));
    let plain_name = name.trim_start_matches("mut ").trim();
    let routed = place.routed.iter().find(|(routed, _)| routed == plain_name);
    let resolved = place.resolver && ty.as_ref().is_none_or(|ty| ty.path.name() != "Context");
    let origin = if let Some(extractor) = outside {
        analysis.origin(OriginKind::Request, &*param.pat, format!("`{extractor}` extractor `{name}`"))
    } else if routed.is_some() {
        analysis.origin(OriginKind::Request, &*param.pat, format!("route parameter `{name}`"))
    } else if resolved {
        analysis.origin(OriginKind::Request, &*param.pat, format!("argument `{name}` of a resolver"))
    } else if let Some(kind) = ty.as_ref().and_then(|ty| code.names.models.source(&ty.peeled().path)) {
        let what = format!("parameter `{name}`");
        analysis.origin(kind, &*param.pat, what)
    } else if is_static_text(&param.ty) {
        return Fact::fixed();
    } else {
        analysis.origin(OriginKind::Parameter(position), &*param.pat, format!("parameter `{name}`"))
    };
    let mut fact = Fact::of_origin(origin);
    if let Some(ty) = &ty {
        fact.make_safe(promised(
            analysis,
            ty,
            routed.is_some_and(|(_, in_path)| *in_path),
            outside.is_some(),
        ));
    }
    match ty {
        Some(ty) if analysis.is_scalar(&ty) => analysis.as_scalar(fact, &ty),
        // `Path<u64>`: the extractor is as harmless as what it extracts.
        Some(ty)
            if outside.is_some()
                && !ty.args.is_empty()
                && ty.args.iter().all(|arg| analysis.is_scalar(arg)) =>
        {
            let inner = ty.args[0].clone();
            analysis.as_scalar(fact, &inner)
        }
        Some(_) => fact,
        None => analysis.cut_by_annotation(fact, &param.ty),
    }
}

/// What a parameter is safe for because of how a value of its type comes into being.
fn promised(analysis: &mut Analysis<'_, '_>, ty: &Ty, segment: bool, extracted: bool) -> &'static [Purpose] {
    // Rocket refuses `..` and separators in what becomes a path.
    if segment && ty.peeled().path.is("std::path::PathBuf") {
        return &[Purpose::Path];
    }
    let checked = match extracted {
        true => ty.args.iter().map(|arg| analysis.checked(arg)).min().unwrap_or_default(),
        false => analysis.checked(ty),
    };
    match checked {
        Checked::Everywhere => &[Purpose::Any],
        Checked::InRoutes if segment => &[Purpose::Any],
        _ => &[],
    }
}

/// The name of the extractor that a type is, also inside `Result` and `Option`.
fn extractor(ty: &Ty, handler: bool) -> Option<&str> {
    let path = &ty.peeled().path;
    if sources::is_extractor(path) {
        return Some(path.name());
    }
    if handler && sources::BARE_EXTRACTORS.iter().any(|pattern| path.0 == *pattern || path.is(pattern)) {
        return Some(path.name());
    }
    match path.name() {
        "Result" | "Option" => ty.peeled().args.first().and_then(|inner| extractor(inner, false)),
        _ => None,
    }
}

fn is_static_text(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Reference(reference) => {
            reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_routed, routed_names};

    #[test]
    fn routers_are_told_their_handlers() {
        assert!(is_routed("Router::new().route(\"/\", axum::routing::get(show))", "show"));
        assert!(is_routed("web::resource(\"/\").route(web::post().to(show))", "show"));
        assert!(!is_routed("let shown = widget(show);", "show"));
    }

    #[test]
    fn rocket_routes_name_their_parameters() {
        let names = routed_names(r#"#[post("/a/<id>/<path..>?<q>", data = "<form>")]"#);
        assert_eq!(names, [("id".into(), true), ("q".into(), false), ("form".into(), false)]);
    }
}
