//! Fetching the page again.

use std::{cell::Cell, time::Duration};

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, DomParser, Location, RequestInit, Response, SupportedType};

use super::{morph::morph, regions};

/// Attribute of a region for the state that the page outside depends on.
const OUTSIDE: &str = "data-outside";

/// Timeout of a request, in milliseconds.
const TIMEOUT_MS: u32 = 10_000;

/// Pause of a rate-limited page if the response names none.
const UNSAID_WAIT: Duration = Duration::from_secs(10);

/// Reason why a redraw showed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefreshError {
    /// No response, a response that is not a page, or the page is being left.
    Failed,
    /// The rate limit was reached; retry after this time.
    Limited(Duration),
}

impl From<JsValue> for RefreshError {
    fn from(_: JsValue) -> Self {
        Self::Failed
    }
}

thread_local! {
    /// True once this page navigates to another one.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// Navigates to another page or reloads, unless this page is being left already.
///
/// # Errors
/// Fails with the browser's errors.
pub(super) fn leave(go: impl FnOnce(&Location) -> Result<(), JsValue>) -> Result<(), JsValue> {
    if is_leaving() {
        return Ok(());
    }
    LEAVING.set(true);
    go(&window().location())
}

/// True if this page is being left.
///
/// A form that was sent navigates by itself, and may have deleted the thing that this page
/// shows.
fn is_leaving() -> bool {
    let sent = document().query_selector("form[data-sent]");
    LEAVING.get() || sent.is_ok_and(|form| form.is_some())
}

/// Fetches the page again, and morphs the regions of a stream.
///
/// Follows a redirect of the server, for example when the session ended.
///
/// # Errors
/// If there is nothing to show: see [`RefreshError`].
pub(super) async fn redraw(stream: Option<&str>) -> Result<(), RefreshError> {
    if is_leaving() {
        return Err(RefreshError::Failed);
    }
    let location = window().location();
    let here = format!("{}{}", location.pathname()?, location.search()?);
    let asking = RequestInit::new();
    asking.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let answer = window().fetch_with_str_and_init(&here, &asking);
    let answer = JsFuture::from(answer).await?;
    let answer: Response = answer.dyn_into()?;
    if answer.redirected() {
        return Ok(leave(|location| location.assign(&answer.url()))?);
    }
    // The thing was deleted while the connection was lost: show the page that says so.
    if answer.status() == 404 {
        return Ok(leave(Location::reload)?);
    }
    if answer.status() == 429 {
        return Err(RefreshError::Limited(retry_after(&answer)));
    }
    if !answer.ok() {
        return Err(RefreshError::Failed);
    }
    let Some(stream) = stream else { return Ok(()) };
    let text = JsFuture::from(answer.text()?).await?;
    if is_leaving() {
        return Err(RefreshError::Failed);
    }
    let text = text.as_string().unwrap_or_default();
    let page = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    for old in regions::all() {
        let new = page.get_element_by_id(&old.id());
        let Some(new) = new.filter(|_| regions::stream_of(&old) == stream) else {
            continue;
        };
        if old.get_attribute(OUTSIDE) != new.get_attribute(OUTSIDE) {
            return Ok(leave(Location::reload)?);
        }
        morph(&old, &new)?;
    }
    Ok(())
}

/// Returns the pause that the server asks for.
fn retry_after(answer: &Response) -> Duration {
    let seconds = answer.headers().get("retry-after").ok().flatten();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    seconds.map_or(UNSAID_WAIT, Duration::from_secs)
}
