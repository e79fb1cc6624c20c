//! The few things that only a browser can do. On the server they do nothing.

use components::theme::Theme;
use leptos::prelude::{document, window};
use models::time::Timestamp;
use web_sys::{HtmlDocument, HtmlElement, js_sys, wasm_bindgen::JsCast, wasm_bindgen::JsValue};

/// Whether this code runs in a browser.
const IN_BROWSER: bool = cfg!(target_arch = "wasm32");

/// A choice of colours is remembered for a year.
const THEME_SECONDS: u32 = 365 * 24 * 60 * 60;

/// What time the browser believes it is.
pub(crate) fn now() -> Timestamp {
    // Milliseconds since the epoch fit a float exactly until far beyond any calendar.
    #[expect(clippy::cast_possible_truncation, reason = "see above")]
    let millis = js_sys::Date::now() as i64;
    Timestamp::from_micros(millis.saturating_mul(1_000))
}

/// Scheme, host and port of the page.
#[cfg(not(feature = "ssr"))]
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Leaves the application for another page of this site.
pub(crate) fn leave_for(path: &str) {
    if IN_BROWSER {
        let _ = window().location().assign(path);
    }
}

/// Shows another address without loading it.
pub(crate) fn replace_address(path: &str) {
    if IN_BROWSER && let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(path));
    }
}

/// Puts colours on, and remembers them where the server finds them.
pub(crate) fn wear(theme: Theme) {
    let root = document().document_element();
    if let Some(root) = root.and_then(|root| root.dyn_into::<HtmlElement>().ok()) {
        let _ = root.dataset().set("theme", theme.name());
    }
    let _ = document()
        .unchecked_into::<HtmlDocument>()
        .set_cookie(&format!(
            "{}={}; Path=/; Max-Age={THEME_SECONDS}; SameSite=Lax",
            crate::shell::THEME_COOKIE,
            theme.name()
        ));
}

/// A number from 0 to below 1, different every time.
pub(crate) fn chance() -> f64 {
    js_sys::Math::random()
}
