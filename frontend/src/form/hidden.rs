//! What a form carries beside its inputs.

use models::{endpoint::Wire, form::PATH_PREFIX};
use serde_json::Value;

/// The fields of the endpoint's path, as hidden inputs.
pub(super) fn path_fields(path: &impl Wire) -> Vec<(String, String)> {
    match serde_json::to_value(path) {
        Ok(Value::Object(fields)) => fields
            .into_iter()
            .map(|(name, value)| {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                (format!("{PATH_PREFIX}{name}"), text)
            })
            .collect(),
        _ => Vec::new(),
    }
}
