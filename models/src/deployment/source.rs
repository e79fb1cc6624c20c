//! Sources: where the image of a deployment comes from.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::value::{GitBranch, GitRepository};

/// The source of a deployment's image.
///
/// It is a flat struct, like [`Probe`](super::Probe), so that a form can ask for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Source {
    /// The kind of source.
    #[garde(skip)]
    #[serde(default)]
    pub kind: SourceKind,
    /// The repository, for `git`; for example `https://github.com/owner/app.git`.
    #[garde(dive, custom(is_for_git(self.kind, true)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<GitRepository>,
    /// The branch, for `git`; the repository's default branch when left out.
    #[garde(dive, custom(is_for_git(self.kind, false)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<GitBranch>,
}

/// The kind of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A registry, which has the image of the specification.
    #[default]
    Image,
    /// A git repository, from which the image of the specification is built.
    ///
    /// Refused with `source_not_supported`: this version of Berth cannot build images.
    Git,
}

/// Checks a field that only sources of kind `git` have.
fn is_for_git<T>(kind: SourceKind, is_required: bool) -> impl Fn(&Option<T>, &()) -> garde::Result {
    move |value, ()| match (kind, value) {
        (SourceKind::Image, Some(_)) => Err(garde::Error::new(
            "Only a source of kind `git` has this. Leave it out, or set the kind.",
        )),
        (SourceKind::Git, None) if is_required => {
            Err(garde::Error::new("A source of kind `git` needs this."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::{Value, json};

    use super::Source;

    fn wrong(source: Value) -> String {
        let source: Source = serde_json::from_value(source).unwrap();
        let report = source.validate().err();
        report.map_or_else(String::new, |report| report.to_string())
    }

    #[test]
    fn a_repository_is_needed_by_git_and_by_nothing_else() {
        let repository = "https://git.example.org/app.git";
        assert_eq!(wrong(json!({})), "");
        assert_eq!(wrong(json!({"kind": "git", "repository": repository})), "");
        let full = json!({"kind": "git", "repository": repository, "branch": "main"});
        assert_eq!(wrong(full), "");
        assert!(wrong(json!({"kind": "git"})).starts_with("repository: "));
        assert!(wrong(json!({"repository": repository})).starts_with("repository: "));
        assert!(wrong(json!({"kind": "image", "branch": "main"})).starts_with("branch: "));
    }
}
