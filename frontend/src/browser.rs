//! The few things that only a browser can do.

use components::theme::Theme;
use leptos::prelude::{document, window};
use web_sys::{HtmlDocument, HtmlElement, js_sys, wasm_bindgen::JsCast};

/// The cookie with the colours that a person chose.
pub(crate) const THEME_COOKIE: &str = "berth_theme";

/// A choice of colours is remembered for a year.
const THEME_SECONDS: u32 = 365 * 24 * 60 * 60;

/// Puts colours on, and remembers them where the server finds them.
pub(crate) fn wear(theme: Theme) {
    if let Some(root) = root() {
        let _ = root.dataset().set("theme", theme.name());
    }
    let _ = document()
        .unchecked_into::<HtmlDocument>()
        .set_cookie(&format!(
            "{THEME_COOKIE}={}; Path=/; Max-Age={THEME_SECONDS}; SameSite=Lax",
            theme.name()
        ));
}

/// Sends people who are no longer signed in to sign in, and then back.
pub(crate) fn sign_in() {
    let page = js_sys::encode_uri_component(&address());
    let _ = window()
        .location()
        .assign(&format!("{}?next={page}", crate::paths::SIGN_IN));
}

/// A number from 0 to below 1, different every time.
pub(crate) fn chance() -> f64 {
    js_sys::Math::random()
}

/// The path and query of the page.
pub(crate) fn address() -> String {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    format!("{path}{}", location.search().unwrap_or_default())
}

fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

#[cfg(feature = "hydrate")]
mod start {
    use leptos::prelude::{document, window, window_event_listener_untyped};
    use models::time::Timestamp;
    use web_sys::{
        HtmlButtonElement, HtmlFormElement, js_sys,
        wasm_bindgen::{JsCast, JsValue},
    };

    use super::root;

    /// What time the browser believes it is.
    pub(crate) fn now() -> Timestamp {
        // Milliseconds since the epoch fit a float exactly until far beyond any calendar.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        let millis = js_sys::Date::now() as i64;
        Timestamp::from_micros(millis.saturating_mul(1_000))
    }

    /// What time it was on the server when it rendered the page.
    pub(crate) fn rendered_at() -> Option<Timestamp> {
        let micros = root()?.dataset().get("now")?.parse().ok()?;
        Some(Timestamp::from_micros(micros))
    }

    /// A posted form shows its page under the form's own address; a reload would post again.
    pub(crate) fn show_own_address() {
        let page = root().and_then(|root| root.dataset().get("page"));
        if let (Some(page), Ok(history)) = (page, window().history()) {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&page));
        }
    }

    /// A form that is on its way says so and cannot be sent again.
    pub(crate) fn send_forms_once() {
        let handle = window_event_listener_untyped("submit", |event| {
            let form = event.target().and_then(|target| target.dyn_into().ok());
            let Some(form): Option<HtmlFormElement> = form else {
                return;
            };
            if form.dataset().get("sent").is_some() {
                event.prevent_default();
                return;
            }
            let _ = form.dataset().set("sent", "");
            let button = form.query_selector("button[data-busy]").ok().flatten();
            if let Some(button) = button.and_then(|b| b.dyn_into::<HtmlButtonElement>().ok()) {
                button.set_text_content(button.dataset().get("busy").as_deref());
                let _ = button.set_attribute("aria-disabled", "true");
            }
        });
        // For as long as there is a page.
        std::mem::forget(handle);
        let _ = document();
    }
}

#[cfg(feature = "hydrate")]
pub(crate) use start::{now, rendered_at, send_forms_once, show_own_address};
