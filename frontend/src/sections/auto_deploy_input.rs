//! The input for auto-deploy.

use components::select::Choice;
use leptos::prelude::*;
use models::runner::TAG_POLL_INTERVAL_MS;

use crate::form::SelectInput;

/// Turns auto-deploy on or off: a new release when the tag of the image moves.
#[component]
pub(crate) fn AutoDeployInput(
    /// True if auto-deploy is on.
    is_on: bool,
) -> impl IntoView {
    let option = |value: bool, label: &str| Choice {
        value: value.to_string(),
        label: label.to_owned(),
    };
    let choices = vec![option(false, "Off"), option(true, "On")];
    let hint = format!(
        "The runner checks the tag in the registry about every {} minutes and deploys a new image \
         when the tag moves.",
        TAG_POLL_INTERVAL_MS / 60_000
    );
    view! {
        <SelectInput
            label="Auto-deploy"
            field="auto_deploy"
            choices=choices
            value=is_on.to_string()
            hint=hint
        />
    }
}
