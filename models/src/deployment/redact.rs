//! Redaction of values for readers without permission, and merging when they write.

use super::{ConfigFile, Deployment, Release, Spec};
use crate::{
    error::FieldError,
    page::Page,
    run::Run,
    value::{EnvironmentValue, EnvironmentVariable, FileContent},
};

/// Types with values that are redacted for readers without permission.
pub trait Redact {
    /// Removes the values and keeps the names.
    fn redact(&mut self);
}

impl Redact for EnvironmentVariable {
    /// Keeps the reference to a secret. Its name is visible to everyone who sees the
    /// deployment.
    fn redact(&mut self) {
        if self.secret_id.is_none() {
            self.value = EnvironmentValue::default();
            self.is_hidden = true;
        }
    }
}

impl Redact for ConfigFile {
    fn redact(&mut self) {
        if self.secret_id.is_none() {
            self.content = FileContent::default();
            self.is_hidden = true;
        }
    }
}

impl Redact for Spec {
    fn redact(&mut self) {
        for variable in &mut self.environment {
            variable.redact();
        }
        for file in &mut self.config_files {
            file.redact();
        }
    }
}

impl Redact for Release {
    fn redact(&mut self) {
        self.spec.redact();
    }
}

impl Redact for Run {
    fn redact(&mut self) {
        self.spec.redact();
    }
}

impl Redact for Deployment {
    fn redact(&mut self) {
        self.spec.redact();
        if let Some(release) = &mut self.release {
            release.redact();
        }
    }
}

impl<T: Redact> Redact for Page<T> {
    fn redact(&mut self) {
        for item in &mut self.items {
            item.redact();
        }
    }
}

impl Spec {
    /// Replaces redacted values of a request with the previous values.
    ///
    /// # Errors
    /// The redacted fields without a previous value.
    pub fn restore_redacted(mut self, before: Option<&Self>) -> Result<Self, Vec<FieldError>> {
        let mut wrong = Vec::new();
        for (number, variable) in self.environment.iter_mut().enumerate() {
            if !variable.is_hidden {
                continue;
            }
            let mut known = before.iter().flat_map(|spec| &spec.environment);
            match known.find(|known| known.name == variable.name) {
                Some(known) => *variable = known.clone(),
                None => wrong.push(no_previous_value("environment", number)),
            }
        }
        for (number, file) in self.config_files.iter_mut().enumerate() {
            if !file.is_hidden {
                continue;
            }
            let mut known = before.iter().flat_map(|spec| &spec.config_files);
            match known.find(|known| known.path == file.path) {
                // Only the content was redacted; the file's other fields come from the request.
                Some(known) => {
                    file.content = known.content.clone();
                    file.secret_id = known.secret_id;
                    file.is_hidden = false;
                }
                None => wrong.push(no_previous_value("config_files", number)),
            }
        }
        if wrong.is_empty() {
            Ok(self)
        } else {
            Err(wrong)
        }
    }
}

fn no_previous_value(list: &str, number: usize) -> FieldError {
    FieldError {
        field: format!("spec.{list}[{number}].is_hidden"),
        message: "There is no saved value. Enter a value, or choose a secret.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::{Value, json};

    use super::Redact;
    use crate::deployment::{Spec, diff};

    const SECRET: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn spec(value: Value) -> Spec {
        serde_json::from_value(value).unwrap()
    }

    fn whole() -> Spec {
        spec(json!({
            "image": "app",
            "environment": [
                {"name": "PLAIN", "value": "canary"},
                {"name": "EMPTY", "value": ""},
                {"name": "SECRET", "secret_id": SECRET},
            ],
            "config_files": [
                {"path": "/etc/plain", "content": "canary"},
                {"path": "/etc/secret", "secret_id": SECRET},
            ],
        }))
    }

    #[test]
    fn redaction_leaves_only_names() {
        let mut hidden = whole();
        hidden.redact();
        assert_eq!(
            serde_json::to_value(&hidden).unwrap(),
            json!({
                "image": "app",
                "environment": [
                    {"name": "PLAIN", "value": "", "is_hidden": true},
                    {"name": "EMPTY", "value": "", "is_hidden": true},
                    {"name": "SECRET", "value": "", "secret_id": SECRET},
                ],
                "config_files": [
                    {"path": "/etc/plain", "content": "", "is_hidden": true},
                    {"path": "/etc/secret", "content": "", "secret_id": SECRET},
                ],
            })
        );
    }

    #[test]
    fn hidden_values_are_kept_when_sent_back() {
        let mut hidden = whole();
        hidden.redact();
        assert!(hidden.validate().is_ok());
        assert_eq!(
            hidden.clone().restore_redacted(Some(&whole())).unwrap(),
            whole()
        );
        let wrong = hidden.restore_redacted(None).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "spec.environment[0].is_hidden",
                "spec.environment[1].is_hidden",
                "spec.config_files[0].is_hidden",
            ]
        );
    }

    #[test]
    fn a_hidden_variable_cannot_have_a_value() {
        for variable in [
            json!({"name": "A", "value": "1", "is_hidden": true}),
            json!({"name": "A", "secret_id": SECRET, "is_hidden": true}),
        ] {
            let spec = spec(json!({"image": "app", "environment": [variable]}));
            assert!(spec.validate().is_err(), "{spec:?}");
        }
        let file = json!({"path": "/a", "content": "1", "secret_id": SECRET});
        let spec = spec(json!({"image": "app", "config_files": [file]}));
        assert!(spec.validate().is_err(), "{spec:?}");
    }

    #[test]
    fn differences_name_hidden_values_without_showing_them() {
        let mut hidden = whole();
        hidden.redact();
        let mut found = diff(&spec(json!({"image": "app"})), &hidden);
        found.sort_by(|a, b| a.what.cmp(&b.what));
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.what.as_str(), one.after.as_deref().unwrap()))
            .collect();
        let secret = format!("secret {SECRET}");
        assert_eq!(
            found,
            [
                ("config files /etc/plain", "hidden"),
                ("config files /etc/secret", secret.as_str()),
                ("environment EMPTY", "hidden"),
                ("environment PLAIN", "hidden"),
                ("environment SECRET", secret.as_str()),
            ]
        );
    }
}
