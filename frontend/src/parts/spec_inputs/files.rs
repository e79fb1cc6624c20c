//! The inputs for configuration files.

use leptos::prelude::*;
use models::deployment::ConfigFile;

use super::BLANK_ROWS;
use crate::form::{MoreInputs, TextAreaInput, TextInput};

/// Files that are put into each instance.
#[component]
pub(super) fn Files(files: Vec<ConfigFile>) -> impl IntoView {
    let open = !files.is_empty();
    let rows = 0..files.len() + BLANK_ROWS;
    let rows = rows.map(|row| {
        let file = files.get(row);
        let (path, content) = file.map_or_else(Default::default, |file| {
            (file.path.to_string(), file.content.to_string())
        });
        view! {
            <TextInput
                label=format!("Path of file {}", row + 1)
                field=format!("spec.config_files[{row}].path")
                value=path
                placeholder="/etc/app.toml"
                optional=true
                mono=true
            />
            <TextAreaInput
                label=format!("Content of file {}", row + 1)
                field=format!("spec.config_files[{row}].content")
                value=content
            />
        }
    });
    let rows = rows.collect_view();
    view! {
        <MoreInputs summary="Configuration files" fields=&["spec.config_files"] open=open>
            <p class="field-hint">
                "Put into each instance before it starts. Empty rows do not count."
            </p>
            {rows}
        </MoreInputs>
    }
}
