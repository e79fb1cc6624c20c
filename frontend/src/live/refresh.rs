//! Fetching the page again.

use std::cell::Cell;

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, DomParser, Location, RequestInit, Response, SupportedType};

use super::{morph::morph, regions};

/// What a region says that the page outside of it depends on.
const OUTSIDE: &str = "data-outside";

/// After so long without an answer there is none, in milliseconds.
const TIMEOUT_MS: u32 = 10_000;

thread_local! {
    /// Whether this page is on its way to another one.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// Goes to another page, or loads this one anew, unless this page is left already.
///
/// # Errors
/// Those of the browser.
pub(super) fn leave(go: impl FnOnce(&Location) -> Result<(), JsValue>) -> Result<(), JsValue> {
    if is_leaving() {
        return Ok(());
    }
    LEAVING.set(true);
    go(&window().location())
}

/// Whether this page is left. A form that was sent leads somewhere by itself, and what it did may have
/// taken away what this page shows.
fn is_leaving() -> bool {
    let sent = document().query_selector("form[data-sent]");
    LEAVING.get() || sent.is_ok_and(|form| form.is_some())
}

/// Fetches the page again, and makes the regions of a stream what they are there.
///
/// When the server leads elsewhere, as it does when the session ended, so does this.
///
/// # Errors
/// When there is nothing to show: those of the browser, no answer, an answer that is no page, a page
/// that is left.
pub(super) async fn redraw(stream: Option<&str>) -> Result<(), JsValue> {
    if is_leaving() {
        return Err(JsValue::UNDEFINED);
    }
    let location = window().location();
    let here = format!("{}{}", location.pathname()?, location.search()?);
    let asking = RequestInit::new();
    asking.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let answer = window().fetch_with_str_and_init(&here, &asking);
    let answer = JsFuture::from(answer).await?;
    let answer: Response = answer.dyn_into()?;
    if answer.redirected() {
        return leave(|location| location.assign(&answer.url()));
    }
    // What it shows was deleted while nobody heard the server: the page that says so takes over.
    if answer.status() == 404 {
        return leave(Location::reload);
    }
    if !answer.ok() {
        return Err(JsValue::UNDEFINED);
    }
    let Some(stream) = stream else { return Ok(()) };
    let text = JsFuture::from(answer.text()?).await?;
    if is_leaving() {
        return Err(JsValue::UNDEFINED);
    }
    let text = text.as_string().unwrap_or_default();
    let page = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    for old in regions::all() {
        let new = page.get_element_by_id(&old.id());
        let Some(new) = new.filter(|_| regions::stream_of(&old) == stream) else {
            continue;
        };
        if old.get_attribute(OUTSIDE) != new.get_attribute(OUTSIDE) {
            return leave(Location::reload);
        }
        morph(&old, &new)?;
    }
    Ok(())
}
