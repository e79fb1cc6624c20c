//! Errors of the API.

mod code;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use code::ErrorCode;

/// The body of every response under `/api` that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{message}")]
pub struct ApiError {
    /// The HTTP status; each code has exactly one.
    pub status: u16,
    /// The error, for programs.
    pub code: ErrorCode,
    /// A description of the error and of what to do next, for people.
    pub message: String,
    /// The invalid fields of the request; empty if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
}

/// An invalid field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// The path of the field, for example `environment[2].name`.
    pub field: String,
    /// A description of the problem.
    pub message: String,
}

impl ApiError {
    /// Creates an error with the status and the default message of its code.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            status: code.status().as_u16(),
            code,
            message: code.message().to_owned(),
            fields: Vec::new(),
        }
    }

    /// Replaces the message with a more specific one.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Creates a [`ErrorCode::ValidationFailed`] with the invalid fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::new(ErrorCode::ValidationFailed)
        }
    }

    /// Returns the message for a field, if the error names it.
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

/// Rewords a message of the validation library about a value that is out of bounds.
fn bound(message: &str) -> String {
    for (theirs, ours) in [
        ("length is lower than ", "Too short. The minimum is "),
        ("length is greater than ", "Too long. The maximum is "),
        ("lower than ", "The minimum is "),
        ("greater than ", "The maximum is "),
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
    fn a_bound_is_described_in_a_sentence() {
        assert_eq!(bound("lower than 16"), "The minimum is 16.");
        assert_eq!(
            bound("length is greater than 500"),
            "Too long. The maximum is 500."
        );
        assert_eq!(
            bound("Enter a name, lower than low."),
            "Enter a name, lower than low."
        );
    }
}
