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
        let mode = file.and_then(|file| file.mode.as_ref());
        let mode = mode.map_or_else(String::new, ToString::to_string);
        let owner = file.and_then(|file| file.owner.as_ref());
        let owner = owner.map_or_else(String::new, ToString::to_string);
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
            <div class="form-row">
                <TextInput
                    label=format!("Permissions of file {}", row + 1)
                    field=format!("spec.config_files[{row}].mode")
                    value=mode
                    placeholder="0644"
                    optional=true
                    mono=true
                />
                <TextInput
                    label=format!("Owner of file {}", row + 1)
                    field=format!("spec.config_files[{row}].owner")
                    value=owner
                    placeholder="root"
                    optional=true
                    mono=true
                />
            </div>
        }
    });
    let rows = rows.collect_view();
    view! {
        <MoreInputs summary="Configuration files" fields=&["spec.config_files"] open=open>
            <p class="field-hint">
                "Put into each instance before it starts. Everybody in it may read them and root owns them, unless you say otherwise: 0755 lets a script be run, 0400 with an owner keeps a key to one user. Empty rows do not count."
            </p>
            {rows}
        </MoreInputs>
    }
}
