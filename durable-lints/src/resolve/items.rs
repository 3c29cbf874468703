//! What the headers of items say in types: `impl`s, structs, functions, aliases. Headers are short,
//! so they are parsed when first asked for; what is kept is plain data.

use std::sync::Arc;

use super::PackageIndex;
use super::declarations::{self, Written};
use super::names::{Names, Signature};
use super::paths::{Place, Search, Target};
use super::types::{ItemScope, read, read_generics};
use crate::outline::{Item, ItemKind, nesting};
use crate::vocabulary::ApiPath;
use crate::vocabulary::{Span, Ty};

/// The types in the header of an `impl` or `trait`.
#[derive(Debug, Default)]
pub(super) struct ImplTypes {
    /// What it is for.
    pub(super) self_ty: Option<Ty>,
    /// The trait that it implements.
    pub(super) implements: Option<ApiPath>,
}

/// The fields of a struct: names (or positions) and types with placeholders for `params`.
#[derive(Debug, Default)]
pub(super) struct FieldTypes {
    pub(super) params: Vec<Arc<str>>,
    pub(super) fields: Vec<(Arc<str>, Option<Ty>)>,
}

/// Headers and structs nested deeper than this are not read; people stop at ten.
const MAX_HEADER_NESTING: u32 = 1_000;
/// Structs longer than this are generated and not read.
const MAX_STRUCT_BYTES: u32 = 200_000;

/// Parses a short text with `syn`.
pub(super) fn parse<T: syn::parse::Parse>(text: &str) -> Option<T> {
    if nesting(text) > MAX_HEADER_NESTING {
        return None;
    }
    syn::parse_str(text).ok()
}

impl<'a> Names<'a> {
    fn outline_item(&self, index: &'a PackageIndex, file: u32, item: u32) -> Option<&'a Item> {
        index.files.get(file as usize)?.outline.items.get(item as usize)
    }

    fn item_scope(
        &self,
        index: &'a PackageIndex,
        file: u32,
        item: u32,
        parameters: Vec<(Arc<str>, Option<Ty>)>,
    ) -> Option<ItemScope<'_, 'a>> {
        let at = self.place(index, file, Some(item))?;
        Some(ItemScope { names: self, at, item: Some(item), parameters, in_impl_header: false })
    }

    /// The innermost `impl`, trait or type around an item, itself included.
    pub(super) fn self_item(&self, at: Place<'a>, item: Option<u32>) -> Option<(u32, &'a Item)> {
        let mut around = item;
        while let Some(index) = around {
            let item = self.outline_item(at.index, at.file, index)?;
            match item.kind {
                ItemKind::Impl | ItemKind::Trait | ItemKind::Struct | ItemKind::Enum | ItemKind::Union => {
                    return Some((index, item));
                }
                _ => around = item.parent,
            }
        }
        None
    }

    /// What `Self` is in an item.
    pub(super) fn self_ty_in(&self, at: Place<'a>, item: Option<u32>) -> Option<Ty> {
        let (item, outline) = self.self_item(at, item)?;
        match outline.kind {
            ItemKind::Impl => self.impl_types(at.index, at.file, item).self_ty.clone(),
            _ => Some(Ty::plain(self.item_path(at.index, at.file, item)?)),
        }
    }

    /// Whether a name is a generic parameter of an item or of what is around it.
    pub(super) fn is_parameter(&self, at: Place<'a>, item: Option<u32>, name: &str) -> bool {
        if !name.starts_with(|c: char| c.is_uppercase()) {
            return false;
        }
        let mut around = item;
        while let Some(item) = around {
            let Some(outline) = self.outline_item(at.index, at.file, item) else { return false };
            let source = &at.index.files[at.file as usize];
            let may_have = !matches!(outline.kind, ItemKind::Mod | ItemKind::Use | ItemKind::Const);
            if may_have && source.snippet(outline.header).contains('<') {
                let memo = &at.index.remembered().generics;
                let read = || declarations::generics(&source.text, outline.header).into();
                if memo.get_or((at.file, item), read).iter().any(|param| **param == *name) {
                    return true;
                }
            }
            around = outline.parent;
        }
        false
    }

    /// The types in the header of an `impl`.
    pub(super) fn impl_types(&self, index: &'a PackageIndex, file: u32, item: u32) -> Arc<ImplTypes> {
        let memo = &index.remembered().impls;
        memo.get_or((file, item), || Arc::new(self.read_impl(index, file, item).unwrap_or_default()))
    }

    fn read_impl(&self, index: &'a PackageIndex, file: u32, item: u32) -> Option<ImplTypes> {
        let outline = self.outline_item(index, file, item)?;
        let header = index.files[file as usize].snippet(outline.header);
        let parsed: syn::ItemImpl = parse(&format!("{header} {{}}"))?;
        let scope = self.item_scope(index, file, item, Vec::new())?;
        let scope = ItemScope { in_impl_header: true, ..scope };
        let parameters = read_generics(&scope, &parsed.generics);
        let scope = ItemScope { parameters, ..scope };
        let implements = parsed.trait_.as_ref().and_then(|(path, _)| {
            let mut search = Search::new(self);
            let target = self.target_in(scope.at, None, &Written::of(path))?;
            Some(ApiPath(self.canonical(&mut search, target)?))
        });
        Some(ImplTypes { self_ty: read(&scope, &parsed.self_ty), implements })
    }

    /// What a type alias stands for, with placeholders for its parameters. `None` where the item is
    /// no alias, or one of something that is not followed.
    pub(super) fn alias_type(
        &self,
        index: &'a PackageIndex,
        file: u32,
        item: u32,
    ) -> Option<(Arc<[Arc<str>]>, Ty)> {
        let outline = self.outline_item(index, file, item)?;
        if outline.kind != ItemKind::Type {
            return None;
        }
        let source = &index.files[file as usize];
        let read_params = || declarations::generics(&source.text, outline.header).into();
        let params = index.remembered().generics.get_or((file, item), read_params);
        let memo = &index.remembered().types;
        if let Some(known) = memo.read(|map| map.get(&(file, item)).cloned()) {
            return known.map(|ty| (params, ty));
        }
        // An alias that leads back to itself finds this while it is being read.
        memo.write(|map| {
            map.insert((file, item), None);
        });
        let ty = (|| {
            let parsed: syn::ItemType = parse(source.snippet(outline.header))?;
            let own = params.iter().map(|name| (name.clone(), Some(Ty::placeholder(name)))).collect();
            let scope = self.item_scope(index, file, item, own)?;
            read(&scope, &parsed.ty)
        })();
        memo.write(|map| {
            map.insert((file, item), ty.clone());
        });
        Some((params, ty?))
    }

    /// The declared type of a constant or static.
    pub(super) fn value_type(&self, index: &'a PackageIndex, file: u32, item: u32) -> Option<Ty> {
        index.remembered().types.get_or((file, item), || {
            let outline = self.outline_item(index, file, item)?;
            let source = &index.files[file as usize];
            let header = source.snippet(outline.header);
            let written = header.split_once(':')?.1.trim_end().trim_end_matches(['=', ';']);
            let scope = self.item_scope(index, file, item, Vec::new())?;
            read(&scope, &parse::<syn::Type>(written)?)
        })
    }

    /// The fields of a struct of the workspace.
    pub(super) fn fields(&self, index: &'a PackageIndex, file: u32, item: u32) -> Arc<FieldTypes> {
        let memo = &index.remembered().fields;
        memo.get_or((file, item), || Arc::new(self.read_fields(index, file, item).unwrap_or_default()))
    }

    fn read_fields(&self, index: &'a PackageIndex, file: u32, item: u32) -> Option<FieldTypes> {
        let outline = self.outline_item(index, file, item)?;
        let span = Span::new(outline.header.start, outline.span.end);
        if !matches!(outline.kind, ItemKind::Struct | ItemKind::Union) || span.len() > MAX_STRUCT_BYTES {
            return None;
        }
        let source = &index.files[file as usize];
        let params = declarations::generics(&source.text, outline.header);
        let own = params.iter().map(|name| (name.clone(), Some(Ty::placeholder(name)))).collect();
        let scope = self.item_scope(index, file, item, own)?;
        let of_fields = |fields: &syn::Fields| -> Vec<(Arc<str>, Option<Ty>)> {
            let fields = fields.iter().enumerate().map(|(at, field)| {
                let name = field.ident.as_ref().map_or_else(|| at.to_string().into(), declarations::ident);
                (name, read(&scope, &field.ty))
            });
            fields.collect()
        };
        let fields = match parse::<syn::Item>(source.snippet(span))? {
            syn::Item::Struct(item) => of_fields(&item.fields),
            syn::Item::Union(item) => of_fields(&syn::Fields::Named(item.fields)),
            _ => return None,
        };
        Some(FieldTypes { params, fields })
    }

    /// The signature of a function of the workspace.
    pub(super) fn signature_of(
        &self,
        index: &'a PackageIndex,
        file: u32,
        item: u32,
    ) -> Option<Arc<Signature>> {
        let read = || self.read_signature(index, file, item).map(Arc::new);
        index.remembered().signatures.get_or((file, item), read)
    }

    fn read_signature(&self, index: &'a PackageIndex, file: u32, item: u32) -> Option<Signature> {
        let outline = self.outline_item(index, file, item)?;
        let header = index.files[file as usize].snippet(outline.header);
        let header = header.trim_end().trim_end_matches(';');
        let parsed: syn::ImplItemFn = parse(&format!("{header} {{}}"))?;
        let scope = self.item_scope(index, file, item, Vec::new())?;
        let parameters = read_generics(&scope, &parsed.sig.generics);
        let scope = ItemScope { parameters, ..scope };
        let mut signature = Signature::default();
        for input in &parsed.sig.inputs {
            match input {
                syn::FnArg::Receiver(_) => signature.takes_self = true,
                syn::FnArg::Typed(param) => {
                    let name = match &*param.pat {
                        syn::Pat::Ident(name) => declarations::ident(&name.ident).to_string(),
                        _ => String::new(),
                    };
                    signature.params.push((name, read(&scope, &param.ty)));
                }
            }
        }
        signature.output = match &parsed.sig.output {
            syn::ReturnType::Default => Some(Ty::tuple(Vec::new())),
            syn::ReturnType::Type(_, ty) => read(&scope, ty),
        };
        Some(signature)
    }

    /// What a path leads to from an item; `Self` and type parameters are known.
    pub(super) fn target_in(&self, at: Place<'a>, item: Option<u32>, path: &Written) -> Option<Target<'a>> {
        let first = path.segments.first()?;
        if &**first == "Self" && !path.global {
            return self.target_of_self(at, item, path);
        }
        if !path.global && self.is_parameter(at, item, first) {
            return None;
        }
        Search::new(self).code_path(at, path)
    }

    fn target_of_self(&self, at: Place<'a>, item: Option<u32>, path: &Written) -> Option<Target<'a>> {
        let ty = self.self_ty_in(at, item)?;
        // `Self` of `impl Trait for &T` and the like has no path to go on from.
        if !ty.path.0.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let mut full = ty.path.0;
        for segment in &path.segments[1..] {
            full.push_str("::");
            full.push_str(segment);
        }
        Some(Target::Path(full.into()))
    }
}
