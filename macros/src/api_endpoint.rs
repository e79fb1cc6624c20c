//! Expansion of `declare_api_endpoint!`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Error, Ident, LitInt, LitStr, Result, Type,
    parse::{Parse, ParseStream},
    token,
};

use crate::{
    access::CommonKeys,
    declaration::{Head, Once},
    fields::{Fields, Use},
    info::Info,
    path,
};

const KEYS: [&str; 10] = [
    "access",
    "permission",
    "rate",
    "audit",
    "query",
    "request",
    "response",
    "page",
    "page_query",
    "errors",
];

/// The declared response: `201 { fields }`, or `200 text`.
struct Response {
    status: u16,
    fields: Fields,
    text: bool,
}

impl Parse for Response {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let literal: LitInt = input.parse()?;
        let status: u16 = literal.base10_parse()?;
        if !(200..300).contains(&status) {
            return Err(Error::new(
                literal.span(),
                "expected a success status, 200 to 299; failures belong to `errors`",
            ));
        }
        let mut text = false;
        if input.peek(Ident) {
            let word: Ident = input.parse()?;
            text = word == "text";
            if !text {
                let message = "expected `{ fields }`, or `text` for a response that is not JSON";
                return Err(Error::new(word.span(), message));
            }
        }
        let fields = if !text && input.peek(token::Brace) {
            input.parse()?
        } else {
            Fields::default()
        };
        if status == 204 && (text || !fields.is_empty()) {
            return Err(Error::new(literal.span(), "a 204 response has no body"));
        }
        Ok(Self {
            status,
            fields,
            text,
        })
    }
}

struct Declaration {
    head: Head,
    common: CommonKeys,
    audit: Once<LitStr>,
    request: Once<Fields>,
    response: Once<Response>,
    page: Once<Type>,
    page_query: Once<Type>,
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let head = input.parse()?;
        let mut common = CommonKeys::new();
        let mut audit = Once::new("audit");
        let mut request = Once::new("request");
        let mut response = Once::new("response");
        let mut page = Once::new("page");
        let mut page_query = Once::new("page_query");
        common.read(input, &KEYS, |key, input| {
            match key.to_string().as_str() {
                "audit" => audit.read(key, input, Parse::parse)?,
                "request" => request.read(key, input, Parse::parse)?,
                "response" => response.read(key, input, Parse::parse)?,
                "page" => page.read(key, input, Parse::parse)?,
                "page_query" => page_query.read(key, input, Parse::parse)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let declaration = Self {
            head,
            common,
            audit,
            request,
            response,
            page,
            page_query,
        };
        declaration.check()?;
        Ok(declaration)
    }
}

impl Declaration {
    fn check(&self) -> Result<()> {
        if self.head.is_get() {
            self.request
                .forbidden("GET has no body; use `query` or another method")?;
            self.audit
                .forbidden("GET changes nothing, so it cannot have `audit`")?;
        } else {
            self.page.forbidden("only GET can return pages")?;
            if self.audit.value.is_none() {
                return Err(Error::new(
                    self.head.name.span(),
                    "`audit = \"noun.verb\"` is missing: every change is recorded",
                ));
            }
        }
        if self.page.value.is_none() {
            self.page_query
                .forbidden("only a page has this query; use `query`")?;
        } else {
            self.response
                .forbidden("a page is the response; remove `response`")?;
            self.common
                .query
                .forbidden("a page already has a query, `limit` and `cursor`; remove `query`")?;
        }
        Ok(())
    }
}

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let declaration: Declaration = syn::parse2(input)?;
    let Declaration {
        head,
        common,
        audit,
        request,
        response,
        page,
        page_query,
    } = declaration;
    let access = common.access.resolve(&head)?;
    let rate = common.rate.required(&head)?;
    let errors = common.errors.optional().unwrap_or_default();
    let query = common.query.optional().unwrap_or_default();
    let request = request.optional().unwrap_or_default();

    let name = &head.name;
    let names = Names::of(&head);
    let paginated = page.value.is_some();
    let mut text = false;
    let (success, response_type, response_struct, query_type);
    if let Some(item) = page.optional() {
        success = 200;
        response_type = quote!(::models::page::Page<#item>);
        response_struct = TokenStream::new();
        let query = page_query.optional().map(|query| quote!(#query));
        query_type = query.unwrap_or_else(|| quote!(::models::page::PageQuery));
    } else {
        let response = response.required(&head)?;
        let doc = format!("The answer of [`{name}`].");
        success = response.status;
        text = response.text;
        response_type = if text {
            quote!(::models::endpoint::Text)
        } else {
            response.fields.type_name(&names.response)
        };
        response_struct = response
            .fields
            .define(&names.response, &doc, Use::Response)?;
        query_type = query.type_name(&names.query);
    }
    let path = path::expand(&head)?;
    let definitions = [
        path.definitions,
        query.define(&names.query, &format!("The query of [`{name}`]."), Use::Url)?,
        request.define(
            &names.request,
            &format!("The request of [`{name}`]."),
            Use::Request,
        )?,
        response_struct,
    ];
    let info = Info {
        access: &access,
        rate: &rate,
        audit: audit.optional().map(|action| action.value()),
        success,
        errors: &errors,
        paginated,
        stream: false,
        text,
    }
    .expand(&head);
    let docs = &head.docs;
    let path_types = path.types;
    let request_type = request.type_name(&names.request);
    let caller = &access.caller;
    Ok(quote! {
        #(#docs)*
        #[derive(Clone, Copy, Debug)]
        pub struct #name;

        #(#definitions)*

        impl ::models::endpoint::ApiEndpoint for #name {
            #info
            #path_types
            type Query = #query_type;
            type Request = #request_type;
            type Response = #response_type;
            type Caller = #caller;
        }
    })
}

/// The names of the structs that a declaration defines.
struct Names {
    query: syn::Ident,
    request: syn::Ident,
    response: syn::Ident,
}

impl Names {
    fn of(head: &Head) -> Self {
        let name = &head.name;
        Self {
            query: format_ident!("{name}Query"),
            request: format_ident!("{name}Request"),
            response: format_ident!("{name}Response"),
        }
    }
}
