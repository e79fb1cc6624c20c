//! The stages of a specification's life, by what its variables and files may be.

use std::fmt;

use garde::Validate;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    deployment::ConfigFile,
    value::{ContainerPath, EnvironmentName, EnvironmentValue, EnvironmentVariable, FileContent},
};

/// A stage of a specification's life.
///
/// All settings but environment and configuration files are the same at every stage.
pub trait SpecStage: Clone + fmt::Debug + Eq {
    /// An environment variable at this stage.
    type Variable: SpecVariable;
    /// A configuration file at this stage.
    type File: SpecFile;
}

/// The traits of every part of a specification.
pub trait SpecPart:
    Clone + fmt::Debug + Eq + Serialize + DeserializeOwned + Validate<Context = ()> + Schema
{
}

impl<T> SpecPart for T where
    T: Clone + fmt::Debug + Eq + Serialize + DeserializeOwned + Validate<Context = ()> + Schema
{
}

/// A type with a JSON schema, if schemas are compiled in.
#[cfg(feature = "schema")]
pub use schemars::JsonSchema as Schema;

/// A type with a JSON schema, if schemas are compiled in.
#[cfg(not(feature = "schema"))]
pub trait Schema {}

#[cfg(not(feature = "schema"))]
impl<T> Schema for T {}

/// An environment variable at some stage.
pub trait SpecVariable: SpecPart {
    /// Returns its name.
    fn name(&self) -> &EnvironmentName;
    /// Returns its value; empty if it has none of its own.
    fn value(&self) -> &EnvironmentValue;
}

/// A configuration file at some stage.
pub trait SpecFile: SpecPart {
    /// Returns its path inside the instance.
    fn path(&self) -> &ContainerPath;
    /// Returns its content; empty if it has none of its own.
    fn content(&self) -> &FileContent;
}

/// The stage that people write and read.
///
/// A variable or file has a value of its own, or a reference to a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referenced {}

impl SpecStage for Referenced {
    type Variable = EnvironmentVariable;
    type File = ConfigFile;
}

impl SpecVariable for EnvironmentVariable {
    fn name(&self) -> &EnvironmentName {
        &self.name
    }

    fn value(&self) -> &EnvironmentValue {
        &self.value
    }
}

impl SpecFile for ConfigFile {
    fn path(&self) -> &ContainerPath {
        &self.path
    }

    fn content(&self) -> &FileContent {
        &self.content
    }
}

/// Names the schema of a specification at this stage: `Spec`.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for Referenced {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        false.into()
    }
}
