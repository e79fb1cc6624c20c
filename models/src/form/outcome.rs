//! The outcome of a form, for the page that is shown again.

use serde::{Deserialize, Serialize};

use super::{PasteRequest, PasteResult, field_path};
use crate::error::ApiError;

/// The outcome of a form that failed or was not sent on.
///
/// The page that is shown again displays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormOutcome {
    /// The endpoint's name.
    pub endpoint: String,
    /// The typed values; [`Self::of`] says which ones are left out.
    pub values: Vec<(String, String)>,
    /// The error; `None` if there was none.
    pub error: Option<ApiError>,
    /// The outcome of a pasted file; `None` if there was none.
    pub pasted: Option<PasteResult>,
}

impl FormOutcome {
    /// Returns the outcome of a submission.
    ///
    /// Drops inputs whose names contain words for passwords, secret values or tokens, so that no
    /// page ever returns them.
    pub fn of(endpoint: &str, fields: Vec<(String, String)>, error: ApiError) -> Self {
        Self {
            error: Some(error),
            ..Self::typed(endpoint, fields)
        }
    }

    /// Returns the outcome of a submission with a pasted file, applied to its rows.
    pub fn of_paste(
        endpoint: &str,
        mut fields: Vec<(String, String)>,
        paste: PasteRequest,
    ) -> Self {
        let pasted = paste.apply(&mut fields);
        Self {
            pasted: Some(pasted),
            ..Self::typed(endpoint, fields)
        }
    }

    fn typed(endpoint: &str, fields: Vec<(String, String)>) -> Self {
        let secret = |name: &str| {
            ["password", "secret_value", "token"]
                .iter()
                .any(|word| name.contains(word))
        };
        Self {
            endpoint: endpoint.to_owned(),
            values: fields
                .into_iter()
                .filter(|(name, _)| !secret(name))
                .collect(),
            error: None,
            pasted: None,
        }
    }

    /// Returns the typed value of an input.
    pub fn value(&self, input: &str) -> Option<&str> {
        let typed = self.values.iter().find(|(name, _)| name == input);
        typed.map(|(_, value)| value.as_str())
    }

    /// Returns the error message for an input.
    pub fn error(&self, input: &str) -> Option<&str> {
        self.error.as_ref()?.field(&field_path(input))
    }
}
