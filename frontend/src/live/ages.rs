//! Ages that grow and countdowns.
//!
//! The page carries the server's time, so a wrong clock in the browser distorts no age.

use std::{cell::Cell, time::Duration};

use components::time::TimeFormat;
use leptos::prelude::{document, set_interval};
use models::time::Timestamp;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, js_sys};

use crate::browser;

thread_local! {
    /// Offset of the server's clock from the browser's, in milliseconds.
    static AHEAD_MS: Cell<i64> = const { Cell::new(0) };
}

/// Updates all ages of the page every second.
pub(super) fn start() {
    let rendered_at = browser::root()
        .and_then(|root| root.dataset().get("now"))
        .and_then(|micros| micros.parse().ok())
        .map(Timestamp::from_micros);
    if let Some(rendered_at) = rendered_at {
        AHEAD_MS.set(rendered_at.millis_since(browser_time()));
    }
    set_interval(update_all, Duration::from_secs(1));
}

/// Returns the current time by the server's clock.
pub(super) fn now() -> Timestamp {
    browser_time().plus_millis(AHEAD_MS.get())
}

fn browser_time() -> Timestamp {
    // A float holds milliseconds since the epoch exactly, far beyond any calendar.
    #[expect(clippy::cast_possible_truncation, reason = "see above")]
    let millis = js_sys::Date::now() as i64;
    Timestamp::from_micros(millis.saturating_mul(1_000))
}

pub(super) fn update_all() {
    let Ok(times) = document().query_selector_all("time[data-at]") else {
        return;
    };
    let now = now();
    for index in 0..times.length() {
        let time = times.get(index).and_then(|time| time.dyn_into().ok());
        if let Some(time) = time {
            update(&time, now);
        }
    }
}

fn update(time: &HtmlElement, now: Timestamp) {
    let data = time.dataset();
    let at = data.get("at").and_then(|micros| micros.parse().ok());
    let format = data
        .get("format")
        .and_then(|name| TimeFormat::from_name(&name));
    if let (Some(at), Some(format)) = (at.map(Timestamp::from_micros), format) {
        let text = format.text(now, at);
        // Screen readers must not announce text that did not change.
        if time.text_content().as_deref() != Some(&text) {
            time.set_text_content(Some(&text));
        }
    }
}
