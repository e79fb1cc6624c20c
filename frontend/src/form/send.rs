//! Sending a form from the browser.

use garde::Validate;
use leptos::prelude::{Callable, Callback};
use models::{
    client::{Satisfies, Session},
    endpoint::{ApiEndpoint, Empty},
    error::{ApiError, ErrorCode},
    form::{Submission, decode, success_path},
};
use web_sys::{FormData, HtmlElement, HtmlFormElement, UrlSearchParams, wasm_bindgen::JsCast};

use crate::client::PageClient;

/// What follows a form that was accepted.
pub(super) enum After {
    /// Nothing; the page has what it needs.
    Stay,
    /// Another page.
    Go(String),
}

/// What is in a form, encoded just as the browser would post it.
pub(super) fn submission_of(form: &HtmlFormElement) -> Option<Submission> {
    let data = FormData::new_with_form(form).ok()?;
    let encoded = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    let encoded = String::from(encoded.to_string());
    Some(Submission::parse(encoded.as_bytes()))
}

/// Brings people to the first input that needs another look.
pub(super) fn focus_first_error(form: &HtmlFormElement) {
    let input = form.query_selector("[aria-invalid=true]").ok().flatten();
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlElement>().ok()) {
        let _ = input.focus();
    }
}

/// Decodes, checks and sends a form.
pub(super) async fn send<E>(
    client: PageClient,
    path: E::Path,
    fields: Vec<(String, String)>,
    success: String,
    on_done: Option<Callback<E::Response>>,
) -> Result<After, ApiError>
where
    E: ApiEndpoint<Query = Empty>,
    Session: Satisfies<E::Caller>,
{
    let request: E::Request = decode(&fields)?;
    request
        .validate()
        .map_err(|report| ApiError::from(&report))?;
    let answer = client.call::<E>(&path, &Empty {}, &request).await?;
    if let Some(on_done) = on_done {
        on_done.run(answer);
        return Ok(After::Stay);
    }
    let answer = serde_json::to_value(answer).map_err(|_| ErrorCode::Internal)?;
    Ok(success_path(&success, &answer).map_or(After::Stay, After::Go))
}
