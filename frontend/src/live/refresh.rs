//! Fetching the page again.

use std::{cell::Cell, time::Duration};

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, DomParser, Location, RequestInit, Response, SupportedType};

use super::{morph::morph, regions};

/// What a region says that the page outside of it depends on.
const OUTSIDE: &str = "data-outside";

/// After so long without an answer there is none, in milliseconds.
const TIMEOUT_MS: u32 = 10_000;

/// How long a limited page waits when the answer does not say.
const UNSAID_WAIT: Duration = Duration::from_secs(10);

/// Why a look at the page showed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unshown {
    /// There was no answer, none that is a page, or the page is left.
    Failed,
    /// The person asked for too much; the next look may come after this time.
    Limited(Duration),
}

impl From<JsValue> for Unshown {
    fn from(_: JsValue) -> Self {
        Self::Failed
    }
}

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
/// When there is nothing to show: see [`Unshown`].
pub(super) async fn redraw(stream: Option<&str>) -> Result<(), Unshown> {
    if is_leaving() {
        return Err(Unshown::Failed);
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
    // What it shows was deleted while nobody heard the server: the page that says so takes over.
    if answer.status() == 404 {
        return Ok(leave(Location::reload)?);
    }
    if answer.status() == 429 {
        return Err(Unshown::Limited(retry_after(&answer)));
    }
    if !answer.ok() {
        return Err(Unshown::Failed);
    }
    let Some(stream) = stream else { return Ok(()) };
    let text = JsFuture::from(answer.text()?).await?;
    if is_leaving() {
        return Err(Unshown::Failed);
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

/// How long the server asks to wait.
fn retry_after(answer: &Response) -> Duration {
    let seconds = answer.headers().get("retry-after").ok().flatten();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    seconds.map_or(UNSAID_WAIT, Duration::from_secs)
}
