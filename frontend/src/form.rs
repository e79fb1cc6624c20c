//! Forms that call endpoints, with and without scripts.
//!
//! On the server a form is plain HTML that posts to the server's form adapter, see
//! [`models::form`]. In the browser the same form is decoded, checked and sent by the same code
//! that the adapter uses. No second way leads to an endpoint.

mod hidden;
mod inputs;
mod send;
mod state;

use components::button::{ButtonKind, SubmitButton};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use models::{
    client::{Satisfies, Session},
    endpoint::{ApiEndpoint, Empty},
    form::{ACTION_PREFIX, PAGE, SUCCESS},
};
use web_sys::{SubmitEvent, wasm_bindgen::JsCast};

use crate::{client::use_client, paths};
use hidden::path_fields;
use send::{After, focus_first_error, submission_of};
use state::{FormError, FormState};

pub(crate) use inputs::{EnvironmentInput, SelectInput, TextInput};
pub(crate) use state::answer_of;

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
    /// Whether the browser always posts the form itself, so that the page is loaded anew.
    #[prop(optional)]
    native: bool,
    /// What to do with the answer instead of going anywhere, in the browser.
    #[prop(optional, into)]
    on_done: Option<Callback<E::Response>>,
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
    note: Option<String>,
    /// The inputs.
    children: Children,
) -> impl IntoView
where
    E: ApiEndpoint<Query = Empty>,
    Session: Satisfies<E::Caller>,
{
    // It stands there only to name its type: macros do not take type parameters well.
    let _ = endpoint;
    let state = FormState::new(E::INFO.name);
    provide_context(state);
    let mut hidden = path_fields(&path);
    hidden.push((PAGE.to_owned(), paths::of(&use_location())));
    if !success.is_empty() {
        hidden.push((SUCCESS.to_owned(), success.clone()));
    }
    let client = use_client();
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        if native {
            return;
        }
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into().ok());
        let Some(form) = form else { return };
        let Some(submission) = submission_of(&form) else {
            return;
        };
        if state.busy.get_untracked() {
            return;
        }
        state.begin();
        let sending = send::send::<E>(
            client.clone(),
            path.clone(),
            submission.fields.clone(),
            success.clone(),
            on_done,
        );
        let navigate = navigate.clone();
        leptos::task::spawn_local(async move {
            match sending.await {
                Ok(After::Stay) => state.end(),
                Ok(After::Go(page)) => {
                    state.end();
                    navigate(&page, NavigateOptions::default());
                }
                Err(error) => {
                    state.refuse(submission.fields, error);
                    request_animation_frame(move || focus_first_error(&form));
                }
            }
        });
    };
    view! {
        <form
            class="form"
            method="post"
            action=format!("{ACTION_PREFIX}{}", E::INFO.name)
            on:submit=submit
        >
            {hidden
                .into_iter()
                .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                .collect_view()}
            {children()}
            <FormError state=state />
            <div class="form-actions">
                <SubmitButton kind=kind label=label busy_label=busy_label busy=state.busy />
                {note.map(|note| view! { <span class="form-note">{note}</span> })}
            </div>
        </form>
    }
}
