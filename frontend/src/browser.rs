//! The few things that only a browser can do.

use components::theme::Theme;
use leptos::prelude::document;
use web_sys::{HtmlDocument, HtmlElement, wasm_bindgen::JsCast};

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

/// The element of the whole document.
pub(crate) fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

#[cfg(feature = "hydrate")]
mod start {
    use leptos::prelude::{window, window_event_listener_untyped};
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{HtmlElement, HtmlFormElement, PageTransitionEvent};

    use super::root;

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
            if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
                button.set_text_content(button.dataset().get("busy").as_deref());
                let _ = button.set_attribute("aria-disabled", "true");
            }
        });
        // For as long as there is a page.
        std::mem::forget(handle);
        let handle = window_event_listener_untyped("pageshow", |event| {
            let event: Option<PageTransitionEvent> = event.dyn_into().ok();
            // The browser kept the page as it was when it went away: on its way.
            if event.is_some_and(|event| event.persisted()) {
                let _ = window().location().reload();
            }
        });
        std::mem::forget(handle);
    }
}

#[cfg(feature = "hydrate")]
pub(crate) use start::{send_forms_once, show_own_address};
