//! Fetching the page again.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DomParser, Response, SupportedType};

use super::{morph::morph, regions};

/// What a region says that the page outside of it depends on.
const OUTSIDE: &str = "data-outside";

/// Fetches the page again, and makes the regions of a stream what they are there.
///
/// When the server leads elsewhere, as it does when the session ended, so does this.
pub(super) fn refresh(stream: Option<String>) {
    spawn_local(async move {
        // Without an answer there is nothing to show; the stream's notice says so.
        let _ = fetch_regions(stream).await;
    });
}

async fn fetch_regions(stream: Option<String>) -> Result<(), JsValue> {
    let location = window().location();
    let here = format!("{}{}", location.pathname()?, location.search()?);
    let answer = JsFuture::from(window().fetch_with_str(&here)).await?;
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
