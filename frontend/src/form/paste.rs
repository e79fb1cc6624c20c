//! Pasting a `.env` file into the environment of a form.

use components::{
    alert::Alert,
    diff::DiffTable,
    disclosure::Disclosure,
    select::{Choice, Select},
    status::Tone,
    text_area::TextArea,
};
use leptos::prelude::*;
use models::form::{PASTE, PASTE_FILLS, PASTE_REPLACES, PASTE_SHOWS, PasteResult};

use super::state::FormState;

/// The changes that a pasted file made to the rows, before they are saved.
#[component]
pub(super) fn PastePreview() -> impl IntoView {
    let changes = expect_context::<FormState>().pasted()?.changes?;
    Some(view! {
        <Alert tone=Tone::Neutral title="Variables are filled in. Nothing is saved yet." urgent=true>
            <p>"Changes:"</p>
            <DiffTable changes=changes none="None. The file matches the current variables." />
        </Alert>
    })
}

/// The text area for pasting a file or for editing all rows at once.
#[component]
pub(super) fn PasteInput() -> impl IntoView {
    let pasted = expect_context::<FormState>().pasted();
    let PasteResult {
        text,
        replaces,
        errors,
        changes,
    } = pasted.unwrap_or(PasteResult {
        text: String::new(),
        replaces: false,
        errors: Vec::new(),
        changes: None,
    });
    let open = !errors.is_empty() || !text.is_empty();
    // The paste is applied, so the next one begins with the default choice.
    let replaces = replaces && changes.is_none();
    let choices = [("", "Keep"), ("true", "Remove")].map(|(value, label)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
    });
    let errors = (!errors.is_empty()).then(|| {
        let lines = errors.into_iter().map(|line| view! { <li>{line}</li> });
        view! {
            <Alert tone=Tone::Bad title="The file could not be read. No variable was changed." urgent=true>
                <ul class="stack-tight">{lines.collect_view()}</ul>
            </Alert>
        }
    });
    view! {
        // The Enter key presses the first button of a form.
        <button type="submit" hidden></button>
        <Disclosure summary="Paste a .env file or edit as text" open=open>
            <div class="form">
                {errors}
                <TextArea
                    label="Paste a .env file"
                    name=PASTE
                    value=text
                    hint="Lines like NAME=value. Variables are not expanded: $HOME stays as written. You can review the changes before you save."
                    optional=true
                    mono=true
                />
                <Select
                    label="Variables not in the file"
                    name=PASTE_REPLACES
                    choices=choices.into()
                    value=if replaces { "true" } else { "" }
                    hint="Variables that use a secret are always kept."
                    optional=true
                />
                <div class="form-actions">
                    <button type="submit" class="button" name=PASTE_FILLS value="true">
                        "Fill in variables"
                    </button>
                    <button type="submit" class="button button-quiet" name=PASTE_SHOWS value="true">
                        "Edit as text"
                    </button>
                </div>
            </div>
        </Disclosure>
    }
}
