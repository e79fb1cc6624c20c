//! Names with the environments and projects that they are unique in.
//!
//! The parts are separated by colons, from the outside in: `web`, `staging:web`,
//! `shop:staging:web`. No name contains a colon, and a URL's path needs no escape for one
//! (RFC 3986 §3.3).

use std::{fmt, str::FromStr};

use crate::value::ResourceName;

const SEPARATOR: char = ':';

/// The name of an environment: `staging` or `shop:staging`.
///
/// Without a project, it is in the workspace's default project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualifiedEnvironment {
    /// The project; the workspace's default project if absent.
    pub project: Option<ResourceName>,
    /// The environment.
    pub name: ResourceName,
}

/// The name of a resource: `web`, `staging:web` or `shop:staging:web`.
///
/// Without an environment, it is in the default environment of the workspace's default project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qualified<N> {
    /// The environment; the default one if absent.
    pub environment: Option<QualifiedEnvironment>,
    /// The resource.
    pub name: N,
}

impl FromStr for QualifiedEnvironment {
    type Err = garde::Report;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (project, name) = split_qualified(text);
        Ok(Self {
            project: project.map(str::parse).transpose()?,
            name: name.parse()?,
        })
    }
}

impl<N: FromStr<Err = garde::Report>> FromStr for Qualified<N> {
    type Err = garde::Report;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (environment, name) = split_qualified(text);
        Ok(Self {
            environment: environment.map(str::parse).transpose()?,
            name: name.parse()?,
        })
    }
}

/// Splits a qualified name into the place around it, if any, and the name.
pub fn split_qualified(text: &str) -> (Option<&str>, &str) {
    match text.rsplit_once(SEPARATOR) {
        Some((place, name)) => (Some(place), name),
        None => (None, text),
    }
}

impl fmt::Display for QualifiedEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(project) = &self.project {
            write!(f, "{project}{SEPARATOR}")?;
        }
        self.name.fmt(f)
    }
}

impl<N: fmt::Display> fmt::Display for Qualified<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(environment) = &self.environment {
            write!(f, "{environment}{SEPARATOR}")?;
        }
        self.name.fmt(f)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for QualifiedEnvironment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "QualifiedEnvironment".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "The name of an environment, after its project's and a colon unless it is in the default project: `staging` or `shop:staging`.",
        })
    }
}

#[cfg(feature = "schema")]
impl<N: schemars::JsonSchema> schemars::JsonSchema for Qualified<N> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Qualified{}", N::schema_name()).into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "The name of a resource, after its environment's and a colon unless it is in the default environment: `web`, `staging:web` or `shop:staging:web`.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Qualified, QualifiedEnvironment};
    use crate::value::{ResourceName, SecretName};

    #[test]
    fn a_qualified_name_is_read_from_the_inside_out() {
        let name = |text: &str| ResourceName::trusted(text);
        let parsed: Qualified<SecretName> = "shop:staging:db.KEY".parse().unwrap();
        let environment = parsed.environment.unwrap();
        assert_eq!(parsed.name.as_str(), "db.KEY");
        assert_eq!(environment.name, name("staging"));
        assert_eq!(environment.project, Some(name("shop")));

        let parsed: Qualified<ResourceName> = "staging:web".parse().unwrap();
        let environment = QualifiedEnvironment {
            project: None,
            name: name("staging"),
        };
        assert_eq!(parsed.environment, Some(environment));
    }

    #[test]
    fn a_qualified_name_is_written_as_it_was_read() {
        for text in ["web", "staging:web", "shop:staging:web"] {
            let parsed: Qualified<ResourceName> = text.parse().unwrap();
            assert_eq!(parsed.to_string(), text);
        }
    }

    #[test]
    fn a_name_with_an_invalid_part_is_refused() {
        for wrong in [
            "",
            ":web",
            "staging:",
            "a:b:c:d",
            "Staging:web",
            "shop::web",
        ] {
            assert!(wrong.parse::<Qualified<ResourceName>>().is_err(), "{wrong}");
        }
    }
}
