//! Every error that the API can answer with.

mod code;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use code::ErrorCode;

/// The body of every answer under `/api` that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{message}")]
pub struct ApiError {
    /// The HTTP status; it always belongs to the code.
    pub status: u16,
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong and what to do next, for people.
    pub message: String,
    /// Which fields of the request were wrong; empty when none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
}

/// One field of a request that was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// Where the field is, for example `environment[2].name`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl ApiError {
    /// An error with its code's own status and message.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            status: code.status().as_u16(),
            code,
            message: code.message().to_owned(),
            fields: Vec::new(),
        }
    }

    /// The same error with a more telling message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// A [`ErrorCode::ValidationFailed`] that names the wrong fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::new(ErrorCode::ValidationFailed)
        }
    }

    /// The message for one field, if the error is about it.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|error| error.field == name)
            .map(|error| error.message.as_str())
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<&garde::Report> for ApiError {
    fn from(report: &garde::Report) -> Self {
        let fields = report
            .iter()
            .map(|(path, error)| FieldError {
                field: path.to_string(),
                message: bound(error.message()),
            })
            .collect();
        Self::invalid(fields)
    }
}

/// The message about a value that is out of bounds, where the checking library has its own.
fn bound(message: &str) -> String {
    for (theirs, ours) in [
        ("length is lower than ", "Too short: the least is "),
        ("length is greater than ", "Too long: the most is "),
        ("lower than ", "The least is "),
        ("greater than ", "The most is "),
    ] {
        if let Some(limit) = message.strip_prefix(theirs) {
            return format!("{ours}{limit}.");
        }
    }
    message.to_owned()
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::bound;

    #[test]
    fn a_bound_is_said_in_a_sentence() {
        assert_eq!(bound("lower than 16"), "The least is 16.");
        assert_eq!(
            bound("length is greater than 500"),
            "Too long: the most is 500."
        );
        assert_eq!(
            bound("Enter a name, lower than low."),
            "Enter a name, lower than low."
        );
    }
}
