//! The keys `access = …` and `permission = Resource::Action on field`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Error, Ident, Result, Token,
    parse::{Parse, ParseStream},
};

use crate::declaration::{Head, Once, each_key, unknown_key};

/// A required permission: `Resource::Action on path_field`.
pub(crate) struct Permission {
    resource: Ident,
    action: Ident,
    on: Ident,
}

impl Parse for Permission {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let resource = input.parse()?;
        input.parse::<Token![::]>()?;
        let action = input.parse()?;
        let on: Ident = input.parse()?;
        if on != "on" {
            return Err(Error::new(
                on.span(),
                "expected `on path_field` after the permission",
            ));
        }
        Ok(Self {
            resource,
            action,
            on: input.parse()?,
        })
    }
}

/// The allowed callers, as an `Access` value and a `Caller` type.
pub(crate) struct Access {
    pub(crate) value: TokenStream,
    pub(crate) caller: TokenStream,
}

/// The two keys for access, of which exactly one must be given.
pub(crate) struct AccessKeys {
    pub(crate) access: Once<Ident>,
    pub(crate) permission: Once<Permission>,
}

impl AccessKeys {
    pub(crate) fn new() -> Self {
        Self {
            access: Once::new("access"),
            permission: Once::new("permission"),
        }
    }

    pub(crate) fn resolve(self, head: &Head) -> Result<Access> {
        if let Some(permission) = self.permission.optional() {
            self.access
                .forbidden("`permission` already sets the access; remove `access`")?;
            return permission_access(&permission, head);
        }
        let access = self.access.optional().ok_or_else(|| {
            Error::new(
                head.name.span(),
                "missing access; add `permission = Resource::Action on path_field`, or `access = public | signed_in | runner`",
            )
        })?;
        let (variant, caller) = match access.to_string().as_str() {
            "public" => ("Public", "Anyone"),
            "signed_in" => ("SignedIn", "Person"),
            "runner" => ("Runner", "RunnerProcess"),
            _ => {
                return Err(Error::new(
                    access.span(),
                    "expected public, signed_in or runner",
                ));
            }
        };
        let variant = Ident::new(variant, access.span());
        let caller = Ident::new(caller, access.span());
        Ok(Access {
            value: quote!(::models::endpoint::Access::#variant),
            caller: quote!(::models::endpoint::#caller),
        })
    }
}

fn permission_access(permission: &Permission, head: &Head) -> Result<Access> {
    let Permission {
        resource,
        action,
        on,
    } = permission;
    let scope = head.path_fields.type_of(on).ok_or_else(|| {
        Error::new(
            on.span(),
            "the permission must be on a field of the path; the path has no such field",
        )
    })?;
    let actions = format_ident!("{resource}Action", span = resource.span());
    let on = on.to_string();
    Ok(Access {
        value: quote! {
            ::models::endpoint::Access::Permission {
                permission: ::models::rbac::Permission::#resource(::models::rbac::#actions::#action),
                on: #on,
            }
        },
        caller: quote!(::models::endpoint::Granted<#scope>),
    })
}

/// The keys that both kinds of declaration share.
pub(crate) struct CommonKeys {
    pub(crate) access: AccessKeys,
    pub(crate) rate: Once<Ident>,
    pub(crate) query: Once<crate::fields::Fields>,
    pub(crate) errors: Once<Vec<Ident>>,
}

impl CommonKeys {
    pub(crate) fn new() -> Self {
        Self {
            access: AccessKeys::new(),
            rate: Once::new("rate"),
            query: Once::new("query"),
            errors: Once::new("errors"),
        }
    }

    /// Reads all keys. Passes those that are not shared to `other`, which returns false for
    /// unknown ones.
    pub(crate) fn read(
        &mut self,
        input: ParseStream<'_>,
        known: &[&str],
        mut other: impl FnMut(&Ident, ParseStream<'_>) -> Result<bool>,
    ) -> Result<()> {
        each_key(input, |key, input| match key.to_string().as_str() {
            "access" => self.access.access.read(key, input, Parse::parse),
            "permission" => self.access.permission.read(key, input, Parse::parse),
            "rate" => self.rate.read(key, input, Parse::parse),
            "query" => self.query.read(key, input, Parse::parse),
            "errors" => self.errors.read(key, input, error_list),
            _ if other(key, input)? => Ok(()),
            _ => Err(unknown_key(key, known)),
        })
    }
}

fn error_list(input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let content;
    syn::bracketed!(content in input);
    let codes = content.parse_terminated(Ident::parse, Token![,])?;
    Ok(codes.into_iter().collect())
}
