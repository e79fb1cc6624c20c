//! Forms that call endpoints.
//!
//! A form is plain HTML that posts to the server's form adapter, see [`models::form`]. The
//! adapter calls the endpoint like any client. On success it redirects the browser; otherwise
//! it shows the page again, with the input and the errors. The page's script only keeps a form
//! from being sent twice.

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
    /// Path parameters of the endpoint.
    path: E::Path,
    /// Address to go to on success; `{a.b}` stands for a value of the response. Without it, the
    /// page shows the response itself.
    #[prop(optional, into)]
    success: String,
    /// Visual emphasis of the button.
    #[prop(default = ButtonKind::Secondary)]
    kind: ButtonKind,
    /// Label of the button.
    #[prop(into)]
    label: String,
    /// Label of the button while the form is being sent.
    #[prop(into)]
    busy_label: String,
    /// A note beside the button.
    #[prop(optional, into)]
    note: String,
    /// The inputs.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    E: ApiEndpoint<Query = Empty>,
{
    // The parameter only fixes the type: macros do not handle type parameters well.
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

/// The submit button at the end of a form.
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
            // The provider wraps only these inputs: an input that loads something looks up its
            // state later, when the state of another form on the page would be in scope.
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

/// Returns the hidden inputs of a form.
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
