//! Fetching the page again.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DomParser, Response, SupportedType};

use super::morph::morph;

/// Fetches the page again, and makes a region of this one what it is there.
///
/// When the server leads elsewhere, as it does when the session ended, so does this.
pub(super) fn refresh(region: Option<String>) {
    spawn_local(async move {
        // Without an answer there is nothing to show; the stream's notice says so.
        let _ = fetch_region(region).await;
    });
}

async fn fetch_region(region: Option<String>) -> Result<(), JsValue> {
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
    let Some(region) = region else { return Ok(()) };
    let text = JsFuture::from(answer.text()?).await?;
    let text = text.as_string().unwrap_or_default();
    let page = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    if let (Some(old), Some(new)) = (
        document().get_element_by_id(&region),
        page.get_element_by_id(&region),
    ) {
        morph(&old, &new)?;
    }
    Ok(())
}
