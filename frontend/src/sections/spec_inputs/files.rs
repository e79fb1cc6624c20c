//! The inputs for configuration files.

use components::select::Choice;
use leptos::prelude::*;
use models::{deployment::ConfigFile, secret::Secret};

use super::BLANK_ROWS;
use crate::form::{MoreInputs, SelectInput, TextAreaInput, TextInput, typed_value};

/// The files that are placed into each instance.
#[component]
pub(super) fn Files(
    files: Vec<ConfigFile>,
    /// The workspace's secrets.
    secrets: Vec<Secret>,
) -> impl IntoView {
    let open = !files.is_empty();
    let rows = 0..files.len() + BLANK_ROWS;
    let rows = rows
        .map(|row| view! { <File row=row file=files.get(row).cloned() secrets=secrets.clone() /> });
    let rows = rows.collect_view();
    view! {
        <MoreInputs summary="Configuration files" fields=&["spec.config_files"] open=open>
            <p class="field-hint">
                "Added to each instance before it starts. By default, root owns the files and every user in the instance can read them. Use 0755 to make a script executable, or 0400 with an owner to restrict a key to one user. Empty rows are ignored."
            </p>
            {rows}
        </MoreInputs>
    }
}

#[component]
fn File(row: usize, file: Option<ConfigFile>, secrets: Vec<Secret>) -> impl IntoView {
    let field = |part: &str| format!("spec.config_files[{row}].{part}");
    let mode = file.as_ref().and_then(|file| file.mode.as_ref());
    let mode = mode.map_or_else(String::new, ToString::to_string);
    let owner = file.as_ref().and_then(|file| file.owner.as_ref());
    let owner = owner.map_or_else(String::new, ToString::to_string);
    let (path, content, secret) = file.map_or_else(Default::default, |file| {
        let secret = file.secret_id.map_or_else(String::new, |id| id.to_string());
        (
            file.path.to_string(),
            file.content.as_str().to_owned(),
            secret,
        )
    });
    let choices = options(&secrets, [&secret, &typed_value(&field("secret_id"))]);
    view! {
        <TextInput
            label=format!("Path of file {}", row + 1)
            field=field("path")
            value=path
            placeholder="/etc/app.toml"
            optional=true
            mono=true
        />
        <TextAreaInput
            label=format!("Content of file {}", row + 1)
            field=field("content")
            value=content
        />
        {(choices.len() > 1)
            .then(|| {
                view! {
                    <SelectInput
                        label=format!("Secret of file {}", row + 1)
                        field=field("secret_id")
                        choices=choices
                        value=secret
                        hint="Replaces the content."
                        optional=true
                    />
                }
            })}
        <div class="form-row">
            <TextInput
                label=format!("Permissions of file {}", row + 1)
                field=field("mode")
                value=mode
                placeholder="0644"
                optional=true
                mono=true
            />
            <TextInput
                label=format!("Owner of file {}", row + 1)
                field=field("owner")
                value=owner
                placeholder="root"
                optional=true
                mono=true
            />
        </div>
    }
}

/// Returns the secrets, and the option for none.
///
/// A secret that the list lacks is kept; otherwise saving would drop it.
fn options(secrets: &[Secret], named: [&str; 2]) -> Vec<Choice> {
    let none = Choice {
        value: String::new(),
        label: "No secret, use the content above".to_owned(),
    };
    let listed = secrets.iter().map(|secret| Choice {
        value: secret.secret_id.to_string(),
        label: secret.name.to_string(),
    });
    let mut choices: Vec<Choice> = std::iter::once(none).chain(listed).collect();
    for id in named {
        if !choices.iter().any(|choice| choice.value == id) {
            choices.push(Choice {
                value: id.to_owned(),
                label: id.to_owned(),
            });
        }
    }
    choices
}
