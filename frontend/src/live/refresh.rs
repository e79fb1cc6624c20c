//! Fetching the page again.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, DomParser, RequestInit, Response, SupportedType};

use super::{morph::morph, regions};

/// What a region says that the page outside of it depends on.
const OUTSIDE: &str = "data-outside";

/// After so long without an answer there is none, in milliseconds.
const TIMEOUT_MS: u32 = 10_000;

/// Fetches the page again, and makes the regions of a stream what they are there.
///
/// When the server leads elsewhere, as it does when the session ended, so does this.
///
/// # Errors
/// Those of the browser; no answer is one.
pub(super) async fn redraw(stream: Option<&str>) -> Result<(), JsValue> {
    let location = window().location();
    let here = format!("{}{}", location.pathname()?, location.search()?);
    let asking = RequestInit::new();
    asking.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let answer = window().fetch_with_str_and_init(&here, &asking);
    let answer = JsFuture::from(answer).await?;
    let answer: Response = answer.dyn_into()?;
    if answer.redirected() {
        return location.assign(&answer.url());
    }
    // What it shows was deleted while nobody heard the server: the page that says so takes over.
    if answer.status() == 404 {
        return location.reload();
    }
    let Some(stream) = stream else { return Ok(()) };
    let text = JsFuture::from(answer.text()?).await?;
    let text = text.as_string().unwrap_or_default();
    let page = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    for old in regions::all() {
        let new = page.get_element_by_id(&old.id());
        let Some(new) = new.filter(|_| regions::stream_of(&old) == stream) else {
            continue;
        };
        if old.get_attribute(OUTSIDE) != new.get_attribute(OUTSIDE) {
            return location.reload();
        }
        morph(&old, &new)?;
    }
    Ok(())
}
