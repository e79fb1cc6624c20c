//! The head that both kinds of declaration share, and their `key = value` lists.

use proc_macro2::Span;
use syn::{
    Attribute, Error, Ident, LitStr, Result, Token,
    parse::{Parse, ParseStream},
    token,
};

use crate::fields::Fields;

/// Documentation, name, method and path.
pub(crate) struct Head {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) method: Ident,
    pub(crate) path: LitStr,
    pub(crate) path_fields: Fields,
}

/// The methods that an endpoint may have.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let docs = input.call(Attribute::parse_outer)?;
        let name: Ident = input.parse()?;
        if docs.is_empty() {
            return Err(Error::new(
                name.span(),
                "missing doc comment: describe what the endpoint does",
            ));
        }
        input.parse::<Token![,]>()?;
        let method: Ident = input.parse()?;
        if !METHODS.iter().any(|known| method == known) {
            let message = format!("expected one of {}", METHODS.join(", "));
            return Err(Error::new(method.span(), message));
        }
        let path: LitStr = input.parse()?;
        let path_fields = if input.peek(token::Brace) {
            input.parse()?
        } else {
            Fields::default()
        };
        input.parse::<Token![,]>()?;
        let head = Self {
            docs,
            name,
            method,
            path,
            path_fields,
        };
        head.check_path()?;
        Ok(head)
    }
}

impl Head {
    /// Checks that the `{fields}` of the path template are exactly the declared fields.
    fn check_path(&self) -> Result<()> {
        let template = self.path.value();
        if !template.starts_with('/') || (template.len() > 1 && template.ends_with('/')) {
            return Err(Error::new(
                self.path.span(),
                "a path must start with a slash and must not end with one",
            ));
        }
        let mut named = Vec::new();
        for segment in template.split('/').filter(|segment| !segment.is_empty()) {
            match segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(name) => named.push(name),
                None if segment.bytes().all(is_kebab_case) => {}
                None => {
                    let message = format!("`{segment}` is neither a `{{field}}` nor in kebab-case");
                    return Err(Error::new(self.path.span(), message));
                }
            }
        }
        for name in &named {
            if !self.path_fields.has(name) {
                let message = format!(
                    "`{{{name}}}` has no field: declare `{name}: Type` in braces after the path"
                );
                return Err(Error::new(self.path.span(), message));
            }
        }
        for field in self.path_fields.idents() {
            if !named.iter().any(|name| field == name) {
                let message = format!("the path does not contain `{{{field}}}`");
                return Err(Error::new(field.span(), message));
            }
        }
        Ok(())
    }

    pub(crate) fn is_get(&self) -> bool {
        self.method == "GET"
    }
}

const fn is_kebab_case(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// A value that may be given only once.
pub(crate) struct Once<T> {
    key: &'static str,
    pub(crate) value: Option<(Span, T)>,
}

impl<T> Once<T> {
    pub(crate) fn new(key: &'static str) -> Self {
        Self { key, value: None }
    }

    /// Reads the value after `key =`.
    pub(crate) fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        parse: impl FnOnce(ParseStream<'_>) -> Result<T>,
    ) -> Result<()> {
        if self.value.is_some() {
            let message = format!("`{}` is given twice", self.key);
            return Err(Error::new(key.span(), message));
        }
        self.value = Some((key.span(), parse(input)?));
        Ok(())
    }

    pub(crate) fn required(self, head: &Head) -> Result<T> {
        let missing = || {
            let message = format!("`{} = …` is missing", self.key);
            Error::new(head.name.span(), message)
        };
        self.value.map(|(_, value)| value).ok_or_else(missing)
    }

    pub(crate) fn optional(self) -> Option<T> {
        self.value.map(|(_, value)| value)
    }

    /// Returns an error at the key if it was given.
    pub(crate) fn forbidden(&self, why: &str) -> Result<()> {
        match &self.value {
            Some((span, _)) => Err(Error::new(*span, why)),
            None => Ok(()),
        }
    }
}

/// Reads `key = value, …` until the end, and passes each key to `read`.
pub(crate) fn each_key(
    input: ParseStream<'_>,
    mut read: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    while !input.is_empty() {
        let key: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        read(&key, input)?;
        if input.is_empty() {
            break;
        }
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

/// Returns the error for an unknown key.
pub(crate) fn unknown_key(key: &Ident, known: &[&str]) -> Error {
    let message = format!("unknown key; there are {}", known.join(", "));
    Error::new(key.span(), message)
}
