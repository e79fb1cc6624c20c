//! Expansion of `declare_stream_endpoint!`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Error, Ident, Result, Token, Type, Variant, braced,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token,
};

use crate::{
    access::CommonKeys,
    declaration::{Head, Once},
    fields::{Use, documented},
    info::Info,
    path,
};

const KEYS: [&str; 7] = [
    "access",
    "permission",
    "rate",
    "query",
    "client_message",
    "server_message",
    "errors",
];

struct Declaration {
    head: Head,
    common: CommonKeys,
    client_message: Once<Messages>,
    server_message: Once<Messages>,
}

/// The messages of one direction: `{ variants }`, or an existing type.
enum Messages {
    Variants(Vec<Variant>),
    Type(Box<Type>),
}

impl Parse for Messages {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(token::Brace) {
            return Ok(Self::Type(Box::new(input.parse()?)));
        }
        let content;
        braced!(content in input);
        let variants: Punctuated<Variant, Token![,]> =
            content.parse_terminated(Variant::parse, Token![,])?;
        for variant in &variants {
            documented(&variant.attrs, Some(&variant.ident))?;
            for field in &variant.fields {
                documented(&field.attrs, field.ident.as_ref())?;
            }
        }
        Ok(Self::Variants(variants.into_iter().collect()))
    }
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let head: Head = input.parse()?;
        if !head.is_get() {
            return Err(Error::new(head.method.span(), "a stream must use GET"));
        }
        let mut common = CommonKeys::new();
        let mut client_message = Once::new("client_message");
        let mut server_message = Once::new("server_message");
        common.read(input, &KEYS, |key, input| {
            match key.to_string().as_str() {
                "client_message" => client_message.read(key, input, Parse::parse)?,
                "server_message" => server_message.read(key, input, Parse::parse)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            head,
            common,
            client_message,
            server_message,
        })
    }
}

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let Declaration {
        head,
        common,
        client_message,
        server_message,
    } = syn::parse2(input)?;
    let access = common.access.resolve(&head)?;
    let rate = common.rate.required(&head)?;
    let errors = common.errors.optional().unwrap_or_default();
    let query = common.query.optional().unwrap_or_default();

    let name = &head.name;
    let path = path::expand(&head)?;
    let query_name = format_ident!("{name}Query");
    let client = message(
        &format_ident!("{name}ClientMessage"),
        &format!("What a client of [`{name}`] sends."),
        client_message.optional(),
    );
    let server = message(
        &format_ident!("{name}ServerMessage"),
        &format!("What [`{name}`] sends."),
        Some(server_message.required(&head)?),
    );
    let definitions = [
        path.definitions,
        query.define(&query_name, &format!("The query of [`{name}`]."), Use::Url)?,
        client.definition,
        server.definition,
    ];
    let info = Info {
        access: &access,
        rate: &rate,
        audit: None,
        // A successful stream switches protocols, which is not a success status in `http`'s
        // sense, so the registry contains 200 instead.
        success: 200,
        errors: &errors,
        paginated: false,
        stream: true,
        text: false,
    }
    .expand(&head);
    let docs = &head.docs;
    let path_types = path.types;
    let query_type = query.type_name(&query_name);
    let (client_type, server_type) = (client.name, server.name);
    let caller = &access.caller;
    Ok(quote! {
        #(#docs)*
        #[derive(Clone, Copy, Debug)]
        pub struct #name;

        #(#definitions)*

        impl ::models::endpoint::StreamEndpoint for #name {
            #info
            #path_types
            type Query = #query_type;
            type ClientMessage = #client_type;
            type ServerMessage = #server_type;
            type Caller = #caller;
        }
    })
}

struct Message {
    name: TokenStream,
    definition: TokenStream,
}

fn message(name: &Ident, doc: &str, messages: Option<Messages>) -> Message {
    let variants = match messages {
        Some(Messages::Variants(variants)) => variants,
        Some(Messages::Type(existing)) => {
            return Message {
                name: quote!(#existing),
                definition: TokenStream::new(),
            };
        }
        None => {
            return Message {
                name: quote!(::models::endpoint::Empty),
                definition: TokenStream::new(),
            };
        }
    };
    Message {
        name: quote!(#name),
        definition: quote! {
            #[doc = #doc]
            #[derive(
                Clone, Debug, PartialEq,
                ::models::private::serde::Serialize, ::models::private::serde::Deserialize,
            )]
            #[cfg_attr(feature = "schema", derive(::models::private::schemars::JsonSchema))]
            #[serde(crate = "::models::private::serde", tag = "type", rename_all = "snake_case")]
            pub enum #name { #(#variants,)* }
        },
    }
}
