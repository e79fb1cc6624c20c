//! Specifications as a runner is told them: values, and no references.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    deployment::{Spec, SpecFile, SpecStage, SpecVariable},
    value::{
        ContainerPath, ContainerUser, EnvironmentName, EnvironmentValue, FileContent, FileMode,
    },
};

/// The specification that a runner is told.
///
/// On the wire it is one for people without references.
pub type RunnerSpec = Spec<Resolved>;

/// The stage that a runner is told: every variable and file has its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {}

impl SpecStage for Resolved {
    type Variable = RunnerVariable;
    type File = RunnerFile;
}

/// An environment variable with its value. The value never prints itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunnerVariable {
    /// The variable's name.
    #[garde(dive)]
    pub name: EnvironmentName,
    /// The variable's value; may be empty.
    #[garde(dive)]
    #[serde(default)]
    pub value: EnvironmentValue,
}

/// A configuration file with its content. The content never prints itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunnerFile {
    /// The path inside the instance. Missing folders are created, and belong to the file's
    /// owner.
    #[garde(dive, custom(|path: &ContainerPath, (): &()| path.is_for_files()))]
    pub path: ContainerPath,
    /// The text.
    #[garde(dive)]
    #[serde(default)]
    pub content: FileContent,
    /// The permissions in octal digits; `0644` when left out.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<FileMode>,
    /// The owner; root when left out.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<ContainerUser>,
}

impl RunnerVariable {
    /// Creates a variable.
    pub const fn new(name: EnvironmentName, value: EnvironmentValue) -> Self {
        Self { name, value }
    }
}

impl RunnerFile {
    /// Creates a file that is owned by root and readable by everyone.
    pub const fn new(path: ContainerPath, content: FileContent) -> Self {
        Self {
            path,
            content,
            mode: None,
            owner: None,
        }
    }
}

impl SpecVariable for RunnerVariable {
    fn name(&self) -> &EnvironmentName {
        &self.name
    }

    fn value(&self) -> &EnvironmentValue {
        &self.value
    }
}

impl SpecFile for RunnerFile {
    fn path(&self) -> &ContainerPath {
        &self.path
    }

    fn content(&self) -> &FileContent {
        &self.content
    }
}

/// Names the schema of a specification at this stage: `RunnerSpec`.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for Resolved {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Runner".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        false.into()
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::json;

    use super::RunnerSpec;

    #[test]
    fn values_for_a_runner_are_redacted_in_debug_output() {
        let told = json!({
            "image": "app",
            "environment": [{"name": "A", "value": "canary"}, {"name": "B"}],
            "config_files": [{"path": "/etc/a", "content": "canary", "mode": "0600"}],
        });
        let spec: RunnerSpec = serde_json::from_value(told).unwrap();
        assert!(spec.validate().is_ok());
        assert!(!format!("{spec:?}").contains("canary"));
        let again: RunnerSpec =
            serde_json::from_value(serde_json::to_value(&spec).unwrap()).unwrap();
        assert_eq!(again, spec);
    }

    #[test]
    fn a_runner_checks_a_specification_like_the_server_does() {
        for wrong in [
            json!({"image": "app", "environment": [{"name": "A"}, {"name": "A"}]}),
            json!({"image": "app", "environment": [{"name": "A B"}]}),
            json!({"image": "app", "config_files": [{"path": "/sbin/init"}]}),
            json!({"image": "app", "config_files": [{"path": "/a"}, {"path": "/a"}]}),
        ] {
            let spec: RunnerSpec = serde_json::from_value(wrong).unwrap();
            assert!(spec.validate().is_err(), "{spec:?}");
        }
    }
}
