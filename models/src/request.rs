//! Deserialization of requests that ignores nothing.
//!
//! A field that the endpoint does not have is a mistake: a misspelled name, or a setting that
//! this version does not know. Accepting the rest would hide it. Frames of the runner protocol
//! are different: there, a receiver ignores unknown fields of a newer version by design.

mod mismatch;

use serde::{Deserialize, Deserializer};
use serde_ignored::Path;

use crate::error::FieldError;

/// The most unknown fields that an error names.
const MAX_NAMED: usize = 20;

/// The reason why a request could not be read.
#[derive(Debug)]
pub enum DecodeError<E> {
    /// It has fields that are unknown, missing, or of the wrong type.
    Fields(Vec<FieldError>),
    /// It is not valid in its format.
    Malformed(E),
}

/// Reads a request. `is_about_a_field` distinguishes an error in a value from one in the
/// format.
///
/// # Errors
/// [`DecodeError::Fields`] with the value that does not fit and every unknown field up to there,
/// or [`DecodeError::Malformed`].
pub fn read<'de, T, D>(
    deserializer: D,
    is_about_a_field: impl Fn(&D::Error) -> bool,
) -> Result<T, DecodeError<D::Error>>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut fields = Vec::new();
    let mut note = |path: Path<'_>| {
        if fields.len() < MAX_NAMED {
            fields.push(FieldError {
                field: place(&path),
                message: "Unknown field. Check its name, or remove it.".to_owned(),
            });
        }
    };
    let noting = serde_ignored::Deserializer::new(deserializer, &mut note);
    match serde_path_to_error::deserialize(noting) {
        Ok(request) if fields.is_empty() => Ok(request),
        Ok(_) => Err(DecodeError::Fields(fields)),
        Err(error) if is_about_a_field(error.inner()) => {
            fields.insert(0, mismatch::describe(&error));
            Err(DecodeError::Fields(fields))
        }
        Err(error) => Err(DecodeError::Malformed(error.into_inner())),
    }
}

/// Returns the path of a field as in [`FieldError`]: `spec.ports[0].number`.
fn place(path: &Path<'_>) -> String {
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", place(parent)),
        Path::Map { parent, key } => {
            let parent = place(parent);
            if parent.is_empty() {
                key.clone()
            } else {
                format!("{parent}.{key}")
            }
        }
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => place(parent),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{DecodeError, read};
    use crate::{api::workspace::deployment::UpdateDeploymentRequest, error::FieldError};

    fn refused(spec: Value) -> Vec<FieldError> {
        let request = json!({"spec": spec});
        match read::<UpdateDeploymentRequest, _>(request, serde_json::Error::is_data) {
            Ok(_) => Vec::new(),
            Err(DecodeError::Fields(fields)) => fields,
            Err(DecodeError::Malformed(error)) => panic!("{error}"),
        }
    }

    fn unknown(spec: Value) -> Vec<String> {
        let fields = refused(spec).into_iter();
        fields.map(|error| error.field).collect()
    }

    #[test]
    fn a_value_of_another_kind_is_named_with_the_one_that_fits() {
        let file = |mode: Value| json!({"path": "/a", "content": "", "mode": mode});
        for (spec, field, message) in [
            (
                json!({"image": "app", "config_files": [file(json!(400))]}),
                "spec.config_files[0].mode",
                "Expected a string, not a number.",
            ),
            (
                json!({"image": "app", "instances": "two"}),
                "spec.instances",
                "Expected a whole number from 0 to 65535, not a string.",
            ),
            (
                json!({"image": "app", "ports": [{"number": 70_000}]}),
                "spec.ports[0].number",
                "Expected a whole number from 0 to 65535, not another number.",
            ),
            (
                json!({"image": "app", "ports": null}),
                "spec.ports",
                "Expected a list, not null.",
            ),
            (json!({}), "spec.image", "This field is required."),
        ] {
            let fields = refused(spec);
            let expected = FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
            };
            assert_eq!(fields, [expected]);
        }
    }

    #[test]
    fn a_choice_that_is_none_names_all_there_are() {
        let fields = refused(json!({"image": "app", "restart": "on-failure", "privileged": true}));
        assert_eq!(fields[0].field, "spec.restart");
        assert!(fields[0].message.contains("on_failure"), "{fields:?}");
    }

    #[test]
    fn a_field_that_nothing_reads_is_named_wherever_it_is() {
        assert_eq!(unknown(json!({"image": "app"})), [""; 0]);
        assert_eq!(
            unknown(json!({"image": "app", "privileged": true})),
            ["spec.privileged"]
        );
        let deep = json!({
            "image": "app",
            "resources": {"gpus": 1},
            "ports": [{"number": 80}, {"number": 81, "host": {"port": 80}}],
            "environment": [{"name": "A", "valeu": "b"}],
        });
        assert_eq!(
            unknown(deep),
            [
                "spec.environment[0].valeu",
                "spec.ports[1].host",
                "spec.resources.gpus"
            ]
        );
    }

    #[test]
    fn many_unknown_fields_give_a_short_error() {
        let mut spec = json!({"image": "app"});
        for number in 0..1_000 {
            spec[format!("a{number}")] = json!(1);
        }
        assert_eq!(unknown(spec).len(), 20);
    }
}
