//! Named fields of a path, a query, a request or a response, and their structs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, Error, Field, Ident, Result, Token, Type, braced,
    parse::{Parse, ParseStream},
    parse_quote,
    punctuated::Punctuated,
    spanned::Spanned,
};

/// Fields in braces.
#[derive(Default)]
pub(crate) struct Fields(Vec<Field>);

impl Parse for Fields {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let content;
        braced!(content in input);
        let fields: Punctuated<Field, Token![,]> =
            content.parse_terminated(Field::parse_named, Token![,])?;
        for field in &fields {
            documented(&field.attrs, field.ident.as_ref())?;
        }
        Ok(Self(fields.into_iter().collect()))
    }
}

/// Checks that a field has documentation, because users read it.
pub(crate) fn documented(attributes: &[Attribute], name: Option<&Ident>) -> Result<()> {
    let is_documented = attributes.iter().any(|a| a.path().is_ident("doc"));
    match name {
        Some(name) if !is_documented => Err(Error::new(
            name.span(),
            "missing doc comment: describe this field for users of the API",
        )),
        _ => Ok(()),
    }
}

/// The purpose of a struct, which decides which attributes its fields get.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Use {
    /// An incoming part of the URL: it is validated, and cannot contain secrets.
    Url,
    /// An incoming body: it is validated, and may contain secrets.
    Request,
    /// An outgoing body: it cannot contain secrets.
    Response,
}

impl Fields {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn idents(&self) -> impl Iterator<Item = &Ident> {
        self.0.iter().filter_map(|field| field.ident.as_ref())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.idents().any(|ident| ident == name)
    }

    /// Returns the type of the field with this name.
    pub(crate) fn type_of(&self, name: &Ident) -> Option<&Type> {
        let mut fields = self.0.iter();
        let field = fields.find(|field| field.ident.as_ref() == Some(name))?;
        Some(&field.ty)
    }

    /// Returns the struct's definition. Nothing without fields: [`Self::type_name`] is `Empty`
    /// then.
    pub(crate) fn define(&self, name: &Ident, doc: &str, purpose: Use) -> Result<TokenStream> {
        if self.is_empty() {
            return Ok(TokenStream::new());
        }
        let fields = self
            .0
            .iter()
            .map(|field| with_attributes(field, purpose))
            .collect::<Result<Vec<_>>>()?;
        let validate = match purpose {
            Use::Url | Use::Request => quote! {
                #[derive(::models::private::garde::Validate)]
            },
            Use::Response => TokenStream::new(),
        };
        let assertion = match purpose {
            Use::Url | Use::Request => TokenStream::new(),
            Use::Response => self.assert_serialize(),
        };
        Ok(quote! {
            #assertion
            #[doc = #doc]
            #[derive(
                Clone, Debug, PartialEq,
                ::models::private::serde::Serialize, ::models::private::serde::Deserialize,
            )]
            #validate
            #[cfg_attr(feature = "schema", derive(::models::private::schemars::JsonSchema))]
            #[serde(crate = "::models::private::serde")]
            pub struct #name { #(#fields,)* }
        })
    }

    /// Returns the struct of a path as requests have it.
    ///
    /// A name may stand there in place of an id.
    pub(crate) fn define_written(&self, name: &Ident, doc: &str) -> TokenStream {
        if self.is_empty() {
            return TokenStream::new();
        }
        let fields = self.0.iter().map(|field| {
            let docs = field.attrs.iter().filter(|a| a.path().is_ident("doc"));
            let (ident, ty) = (&field.ident, &field.ty);
            quote!(#(#docs)* pub #ident: <#ty as ::models::name_or_id::PathField>::Written)
        });
        quote! {
            #[doc = #doc]
            #[derive(
                Clone, Debug, PartialEq,
                ::models::private::serde::Serialize, ::models::private::serde::Deserialize,
            )]
            #[cfg_attr(feature = "schema", derive(::models::private::schemars::JsonSchema))]
            #[serde(crate = "::models::private::serde")]
            pub struct #name { #(#fields,)* }
        }
    }

    /// Returns the name and the kind of resource of each field.
    pub(crate) fn kinds(&self) -> TokenStream {
        let kinds = self.0.iter().map(|field| {
            let (name, ty) = (field.ident.as_ref().map(Ident::to_string), &field.ty);
            quote!((#name, <#ty as ::models::name_or_id::PathField>::KIND))
        });
        quote!(&[#(#kinds,)*])
    }

    /// Requires of each type what the derive requires too.
    ///
    /// So an error points to the type instead of the whole declaration.
    fn assert_serialize(&self) -> TokenStream {
        let types = self.0.iter().map(|field| {
            let ty = &field.ty;
            quote_spanned!(ty.span()=> ::models::private::is_serialize::<#ty>();)
        });
        quote!(const _: fn() = || { #(#types)* };)
    }

    /// Returns the name of the type with these fields.
    pub(crate) fn type_name(&self, name: &Ident) -> TokenStream {
        if self.is_empty() {
            quote!(::models::endpoint::Empty)
        } else {
            name.to_token_stream()
        }
    }
}

fn with_attributes(field: &Field, purpose: Use) -> Result<Field> {
    let mut field = field.clone();
    field.vis = parse_quote!(pub);
    let secret = take(&mut field.attrs, "secret");
    if let Some(secret) = secret {
        let refused = match purpose {
            Use::Request => None,
            Use::Url => Some("a URL cannot carry a secret, because URLs are logged; use `request`"),
            Use::Response => {
                Some("a response cannot carry a secret; show a new token once with `ShownOnce`")
            }
        };
        if let Some(why) = refused {
            return Err(Error::new_spanned(secret, why));
        }
        field
            .attrs
            .push(parse_quote!(#[serde(serialize_with = "::models::value::secret::expose")]));
    }
    if purpose != Use::Response && !field.attrs.iter().any(|a| a.path().is_ident("garde")) {
        field.attrs.push(parse_quote!(#[garde(skip)]));
    }
    if is_option(&field.ty) {
        field.attrs.push(
            parse_quote!(#[serde(default, skip_serializing_if = "::core::option::Option::is_none")]),
        );
    }
    Ok(field)
}

fn take(attributes: &mut Vec<Attribute>, name: &str) -> Option<Attribute> {
    let at = attributes.iter().position(|a| a.path().is_ident(name))?;
    Some(attributes.remove(at))
}

fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "Option"),
        _ => false,
    }
}
