//! The structs of a path: with ids for handlers, with names as requests have it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Result;

use crate::{declaration::Head, fields::Use};

/// The expansion of a declaration's path.
pub(crate) struct Path {
    /// The structs, and their connection to the endpoint.
    pub(crate) definitions: TokenStream,
    /// The associated types of the endpoint's trait.
    pub(crate) types: TokenStream,
}

pub(crate) fn expand(head: &Head) -> Result<Path> {
    let name = &head.name;
    let fields = &head.path_fields;
    let (by_id, by_name) = (
        format_ident!("{name}Path"),
        format_ident!("{name}NamedPath"),
    );
    let (path, named_path) = (fields.type_name(&by_id), fields.type_name(&by_name));
    let path_of = |ty| quote!(impl ::models::endpoint::PathOf<#name> for #ty {});
    let with_ids = fields.define(&by_id, &format!("The path of [`{name}`]."), Use::Url)?;
    let doc = format!("The path of [`{name}`], with ids or names.");
    let with_names = fields.define_written(&by_name, &doc);
    let mut implementations = path_of(&path);
    if !fields.is_empty() {
        implementations.extend(path_of(&named_path));
    }
    Ok(Path {
        definitions: quote!(#with_ids #with_names #implementations),
        types: quote! {
            type Path = #path;
            type NamedPath = #named_path;
        },
    })
}
