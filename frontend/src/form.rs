//! Forms that call endpoints.
//!
//! A form is plain HTML that posts to the server's form adapter, see [`models::form`]: the adapter
//! calls the endpoint as any client would, and either sends the browser on or shows the page again
//! with what was typed and what was wrong. The page's script only keeps a form from being sent
//! twice.

mod inputs;
mod paste;
mod state;

use components::button::{ButtonKind, SubmitButton};
use leptos::{context::Provider, prelude::*};
use models::{
    endpoint::{ApiEndpoint, Empty},
    form::{ACTION_PREFIX, PAGE, PATH_PREFIX, SUCCESS},
};
use serde_json::Value;

use state::{FormError, FormState};

pub(crate) use inputs::{
    BasedOn, EnvironmentInput, MoreInputs, SelectInput, TextAreaInput, TextInput, typed_rows,
    typed_value,
};
pub(crate) use state::Posted;
#[cfg(feature = "ssr")]
pub(crate) use state::{FormPage, answer_of};

/// A form that calls an endpoint.
#[component]
pub(crate) fn EndpointForm<E>(
    /// The endpoint.
    endpoint: E,
    /// The fields of the endpoint's path.
    path: E::Path,
    /// Where to go afterwards; `{a.b}` stands for a value of the answer. Without it, the page
    /// shows the answer itself.
    #[prop(optional, into)]
    success: String,
    /// How much the button asks to be pressed.
    #[prop(default = ButtonKind::Secondary)]
    kind: ButtonKind,
    /// What the button says.
    #[prop(into)]
    label: String,
    /// What the button says while it is at work.
    #[prop(into)]
    busy_label: String,
    /// Stands beside the button.
    #[prop(optional, into)]
    note: String,
    /// The inputs.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    E: ApiEndpoint<Query = Empty>,
{
    // It stands there only to name its type: macros do not take type parameters well.
    let _ = endpoint;
    let path = serde_json::to_value(path).unwrap_or_default();
    form_view(
        E::INFO.name,
        hidden_inputs(&path, success),
        Submit {
            kind,
            label,
            busy_label,
            note,
        },
        children,
    )
}

/// The button at the end of a form.
struct Submit {
    kind: ButtonKind,
    label: String,
    busy_label: String,
    note: String,
}

fn form_view(
    endpoint: &'static str,
    hidden: Vec<(String, String)>,
    submit: Submit,
    children: Option<Children>,
) -> AnyView {
    let state = FormState::new(endpoint);
    let Submit {
        kind,
        label,
        busy_label,
        note,
    } = submit;
    let hidden = hidden
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    view! {
        <form class="form" method="post" action=format!("{ACTION_PREFIX}{endpoint}")>
            {hidden}
            // Around them alone: inputs that wait for something look for it when the page's other
            // forms have theirs.
            <Provider value=state>{children.map(|children| children())}</Provider>
            <FormError state=state />
            <div class="form-actions">
                <SubmitButton kind=kind label=label busy_label=busy_label />
                {(!note.is_empty()).then(|| view! { <span class="form-note">{note}</span> })}
            </div>
        </form>
    }
    .into_any()
}

/// What a form carries beside its inputs.
fn hidden_inputs(path: &Value, success: String) -> Vec<(String, String)> {
    let fields = path.as_object().into_iter().flatten().map(|(name, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (format!("{PATH_PREFIX}{name}"), text)
    });
    let page = (PAGE.to_owned(), state::page());
    let success = (!success.is_empty()).then(|| (SUCCESS.to_owned(), success));
    fields.chain([page]).chain(success).collect()
}
