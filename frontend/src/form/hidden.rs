//! What a form carries beside its inputs.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
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

/// The address of this page, to show it again when the form is not accepted.
pub(super) fn page_of() -> String {
    let location = use_location();
    let search = location.search.get_untracked();
    let question = if search.is_empty() { "" } else { "?" };
    format!("{}{question}{search}", location.pathname.get_untracked())
}
