//! Generation of the `EndpointInfo` of a declaration.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta};

use crate::{access::Access, declaration::Head};

/// The parts of an `EndpointInfo` that the head does not contain.
pub(crate) struct Info<'a> {
    pub(crate) access: &'a Access,
    pub(crate) rate: &'a Ident,
    pub(crate) audit: Option<String>,
    pub(crate) success: u16,
    pub(crate) errors: &'a [Ident],
    pub(crate) paginated: bool,
    pub(crate) stream: bool,
    pub(crate) text: bool,
}

impl Info<'_> {
    pub(crate) fn expand(&self, head: &Head) -> TokenStream {
        let name = head.name.to_string();
        let doc = doc_text(&head.docs);
        let (method, path) = (&head.method, &head.path);
        let path_fields = head.path_fields.kinds();
        let access = &self.access.value;
        let (rate, success, errors) = (self.rate, self.success, self.errors);
        let (paginated, stream, text) = (self.paginated, self.stream, self.text);
        let audit = if let Some(action) = &self.audit {
            quote!(::core::option::Option::Some(#action))
        } else {
            quote!(::core::option::Option::None)
        };
        quote! {
            const INFO: ::models::endpoint::EndpointInfo = ::models::endpoint::EndpointInfo {
                name: #name,
                doc: #doc,
                method: ::models::private::http::Method::#method,
                path: #path,
                path_fields: #path_fields,
                access: #access,
                rate: ::models::endpoint::RateClass::#rate,
                audit: #audit,
                success: match ::models::private::http::StatusCode::from_u16(#success) {
                    Ok(status) => status,
                    Err(_) => panic!("the macro lets only success codes through"),
                },
                declared_errors: &[#(::models::error::ErrorCode::#errors,)*],
                paginated: #paginated,
                stream: #stream,
                text: #text,
            };
        }
    }
}

/// Returns the doc comment as one text, without the blank that starts each line.
fn doc_text(docs: &[Attribute]) -> String {
    let lines = docs.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}
