//! Configuration files of a deployment.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    SecretId,
    value::{
        ContainerPath, ContainerUser, FileContent, FileMode, is_false, nothing_beside, one_source,
    },
};

/// A file that is placed into each instance before it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfigFile {
    /// The path inside the instance. Missing folders are created, and belong to the file's
    /// owner.
    #[garde(dive, custom(|path: &ContainerPath, (): &()| path.is_for_files()))]
    pub path: ContainerPath,
    /// The text; empty if `secret_id` names the source, and if `is_hidden` is set.
    ///
    /// Line breaks are stored as LF: CR LF and CR become LF.
    #[garde(dive)]
    #[serde(default)]
    pub content: FileContent,
    /// The secret that provides the content. Each release uses the secret's value at that time.
    #[garde(custom(one_source(self.content.as_str())))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_id: Option<SecretId>,
    /// True if the content is redacted.
    ///
    /// In a response: the file has content of its own that your role does not allow you to see.
    /// In a request: the file keeps its current content.
    #[garde(custom(nothing_beside(self.content.as_str(), self.secret_id)))]
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_hidden: bool,
    /// The permissions in octal digits, for example `0755` for a script. `0644` when left out.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<FileMode>,
    /// The owner; root when left out.
    ///
    /// `uid` or `name`, each optionally with `:gid` or `:group`.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<ContainerUser>,
}

impl ConfigFile {
    /// Creates a file with content of its own, owned by root and readable by everyone.
    pub const fn new(path: ContainerPath, content: FileContent) -> Self {
        Self {
            path,
            content,
            secret_id: None,
            is_hidden: false,
            mode: None,
            owner: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::json;

    use super::ConfigFile;

    fn wrong(mode: &str, owner: &str) -> String {
        let file = json!({"path": "/run.sh", "content": "", "mode": mode, "owner": owner});
        let file: ConfigFile = serde_json::from_value(file).unwrap();
        let report = file.validate().err();
        report.map_or_else(String::new, |report| report.to_string())
    }

    #[test]
    fn a_file_has_a_mode_and_an_owner() {
        assert_eq!(wrong("0755", "1000:1001"), "");
        assert!(wrong("4755", "0").starts_with("mode: "));
        assert!(wrong("0755", "a b").starts_with("owner: "));
        let plain = json!({"path": "/a", "content": "b"});
        let file: ConfigFile = serde_json::from_value(plain.clone()).unwrap();
        assert_eq!(serde_json::to_value(&file).unwrap(), plain);
    }
}
