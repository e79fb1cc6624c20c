//! Reading a request so that nothing in it is ignored.
//!
//! A field that the endpoint does not have is a mistake: a misspelled name, or a setting that this
//! version does not know. Taking the rest and saying that all is well would hide it. Frames of the
//! runner protocol are read otherwise: there a field of a newer version is ignored by design.

use serde::{Deserialize, Deserializer};
use serde_ignored::Path;

use crate::error::FieldError;

/// The cap on how many unknown fields are named, whatever is sent.
const MAX_NAMED: usize = 20;

/// The reason why a request could not be read.
#[derive(Debug)]
pub enum Unread<E> {
    /// It has fields that the endpoint does not have.
    UnknownFields(Vec<FieldError>),
    /// A field is missing, or its value is of another kind.
    Wrong(serde_path_to_error::Error<E>),
}

/// Reads a request.
///
/// # Errors
/// When a value does not fit, or else when there are fields that nothing reads.
pub fn read<'de, T, D>(deserializer: D) -> Result<T, Unread<D::Error>>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut unknown = Vec::new();
    let mut note = |path: Path<'_>| {
        if unknown.len() < MAX_NAMED {
            unknown.push(FieldError {
                field: place(&path),
                message: "There is no such field. Check its name, or leave it out.".to_owned(),
            });
        }
    };
    let noting = serde_ignored::Deserializer::new(deserializer, &mut note);
    let request = serde_path_to_error::deserialize(noting).map_err(Unread::Wrong)?;
    if unknown.is_empty() {
        Ok(request)
    } else {
        Err(Unread::UnknownFields(unknown))
    }
}

/// The place of a field as [`FieldError`] has it, for example `spec.ports[0].number`.
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

    use super::{Unread, read};
    use crate::api::workspace::deployment::UpdateDeploymentRequest;

    fn unknown(spec: Value) -> Vec<String> {
        match read::<UpdateDeploymentRequest, _>(json!({"spec": spec})) {
            Ok(_) => Vec::new(),
            Err(Unread::UnknownFields(fields)) => {
                fields.into_iter().map(|error| error.field).collect()
            }
            Err(Unread::Wrong(error)) => panic!("{error}"),
        }
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
    fn however_much_is_unknown_little_is_said() {
        let mut spec = json!({"image": "app"});
        for number in 0..1_000 {
            spec[format!("a{number}")] = json!(1);
        }
        assert_eq!(unknown(spec).len(), 20);
    }
}
