//! One row of the environment, and its position among the others.

#![expect(
    unreachable_pub,
    reason = "the component macro makes what it writes public"
)]

use leptos::prelude::*;

use super::{Source, Variable};
use crate::{
    area_text::area_text,
    field::{FieldError, id_of},
    icon::{Glyph, Icon},
};

/// A row being edited; its key stays the same when other rows are removed.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    pub(super) key: usize,
    name: RwSignal<String>,
    value: RwSignal<String>,
    secret: RwSignal<String>,
}

impl Draft {
    pub(super) fn new(key: usize, variable: Variable) -> Self {
        Self {
            key,
            name: RwSignal::new(variable.name),
            value: RwSignal::new(variable.value),
            secret: RwSignal::new(variable.secret),
        }
    }

    fn is_blank(&self) -> bool {
        let all = [self.name, self.value, self.secret];
        all.iter().all(|one| one.read().is_empty())
    }
}

/// Returns the number of a row in the form.
///
/// Filled rows come first, as the server counts them, so that an error finds its row; blank
/// rows follow.
pub(super) fn place_of(drafts: &[Draft], key: usize) -> usize {
    let (blank, filled): (Vec<&Draft>, Vec<&Draft>) =
        drafts.iter().partition(|draft| draft.is_blank());
    filled
        .into_iter()
        .chain(blank)
        .position(|draft| draft.key == key)
        .unwrap_or_default()
}

/// Adds the leading line break that a browser drops from a `textarea`.
///
/// Only if the text begins with a line break: in a page that an island hydrates, a `textarea`
/// with nothing but a line break would have no text node at all.
fn with_its_first_line_break(text: String) -> String {
    if text.starts_with(['\n', '\r']) {
        format!("\n{text}")
    } else {
        text
    }
}

#[component]
pub(super) fn EnvironmentRow(
    draft: Draft,
    place: Memo<usize>,
    prefix: StoredValue<String>,
    secrets: StoredValue<Vec<Source>>,
    error: Option<String>,
    removable: ReadSignal<bool>,
    on_remove: Callback<usize>,
) -> impl IntoView {
    let name_of = move |half| format!("{}[{}][{half}]", prefix.read_value(), place.get());
    let number = move || place.get() + 1;
    // The key, not the position: an id must not move to another input during typing.
    let id = format!("{}-{}", id_of(&prefix.read_value()), draft.key);
    let error_id = format!("{id}-error");
    let invalid = error.is_some().then_some("true");
    view! {
        <div class="environment-row">
            <input
                id=format!("{id}-name")
                class="input environment-name"
                type="text"
                name=move || name_of("name")
                value=draft.name.get_untracked()
                on:input=move |event| draft.name.set(event_target_value(&event))
                aria-label=move || format!("Name of variable {}", number())
                aria-invalid=invalid
                aria-describedby=error_id.clone()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
            // A `textarea`, because an input would drop the line breaks of multi-line values.
            <textarea
                id=format!("{id}-value")
                class="input environment-value"
                rows="1"
                name=move || name_of("value")
                on:input=move |event| draft.value.set(event_target_value(&event))
                aria-label=move || format!("Value of variable {}", number())
                aria-invalid=invalid
                aria-describedby=error_id.clone()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            >
                {area_text(&with_its_first_line_break(draft.value.get_untracked()))}
            </textarea>
            <Secrets
                secret=draft.secret
                secrets=secrets
                name=move || name_of("secret_id")
                label=move || format!("Source of variable {}", number())
                id=format!("{id}-secret")
            />
            <button
                type="button"
                class="button button-quiet button-icon"
                hidden=move || !removable.get()
                aria-label=move || format!("Remove variable {}", number())
                on:click=move |_| on_remove.run(draft.key)
            >
                <Icon glyph=Glyph::Cross />
            </button>
            <FieldError id=error_id error=error />
        </div>
    }
}

/// The choice of the value's source, if there is more than one.
#[component]
fn Secrets(
    secret: RwSignal<String>,
    secrets: StoredValue<Vec<Source>>,
    name: impl Fn() -> String + Send + Sync + 'static,
    label: impl Fn() -> String + Send + Sync + 'static,
    id: String,
) -> impl IntoView {
    let secrets = secrets.get_value();
    if secrets.is_empty() {
        return None;
    }
    let options = secrets
        .into_iter()
        .map(|source| {
            let selected = source.id == secret.get_untracked();
            view! {
                <option value=source.id selected=selected>
                    {format!("Secret {}", source.name)}
                </option>
            }
        })
        .collect_view();
    Some(view! {
        <select
            id=id
            class="input environment-secret"
            name=name
            aria-label=label
            on:change=move |event| secret.set(event_target_value(&event))
        >
            <option value="">"Value"</option>
            {options}
        </select>
    })
}

#[cfg(test)]
mod tests {
    use leptos::prelude::Owner;

    use super::{Draft, Variable, place_of, with_its_first_line_break};

    #[test]
    fn a_first_line_break_is_there_once_more_for_the_browser_to_drop() {
        for (value, written) in [
            ("", ""),
            ("a\n", "a\n"),
            ("\na", "\n\na"),
            ("\r\na", "\n\r\na"),
        ] {
            assert_eq!(with_its_first_line_break(value.to_owned()), written);
        }
    }

    #[test]
    fn blank_rows_are_counted_behind_filled_ones() {
        let owner = Owner::new();
        owner.set();
        let drafts = [("A", "", ""), ("", "", ""), ("", "b", ""), ("", "", "c")]
            .into_iter()
            .enumerate()
            .map(|(key, (name, value, secret))| {
                let variable = Variable {
                    name: name.to_owned(),
                    value: value.to_owned(),
                    secret: secret.to_owned(),
                };
                Draft::new(key, variable)
            })
            .collect::<Vec<_>>();
        let places: Vec<_> = (0..4).map(|key| place_of(&drafts, key)).collect();
        assert_eq!(places, [0, 3, 1, 2]);
    }
}
