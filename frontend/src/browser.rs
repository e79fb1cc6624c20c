//! Functions that only exist in a browser.

use components::theme::Theme;
use leptos::prelude::document;
use web_sys::{HtmlDocument, HtmlElement, wasm_bindgen::JsCast};

/// Name of the cookie with the chosen theme.
pub(crate) const THEME_COOKIE: &str = "berth_theme";

/// Lifetime of the theme cookie: one year.
const THEME_SECONDS: u32 = 365 * 24 * 60 * 60;

/// Applies a theme, and stores it in a cookie for the server.
pub(crate) fn apply_theme(theme: Theme) {
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

/// Returns the document's root element.
pub(crate) fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

#[cfg(feature = "hydrate")]
mod start {
    use leptos::prelude::{window, window_event_listener_untyped};
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{HtmlElement, HtmlFormElement, PageTransitionEvent};

    use super::root;

    /// Replaces the address after a posted form, so that a reload does not post again.
    ///
    /// The server answers a posted form with its page, under the address of the form's action.
    pub(crate) fn show_own_address() {
        let page = root().and_then(|root| root.dataset().get("page"));
        if let (Some(page), Ok(history)) = (page, window().history()) {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&page));
        }
    }

    /// Marks a form as sent, so that it cannot be sent again.
    pub(crate) fn prevent_double_submit() {
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
        // The listener lives as long as the page.
        std::mem::forget(handle);
        let handle = window_event_listener_untyped("pageshow", |event| {
            let event: Option<PageTransitionEvent> = event.dyn_into().ok();
            // The back/forward cache restored the page with its form still marked as sent.
            if event.is_some_and(|event| event.persisted()) {
                let _ = window().location().reload();
            }
        });
        std::mem::forget(handle);
    }
}

#[cfg(feature = "hydrate")]
pub(crate) use start::{prevent_double_submit, show_own_address};
