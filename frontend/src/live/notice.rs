//! The notice that what the page shows may be old.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::ages;

/// Shows since when the page may be old, or takes the notice away.
pub(super) fn show(lost: bool) {
    let notice = document()
        .get_element_by_id("link-notice")
        .and_then(|notice| notice.dyn_into::<HtmlElement>().ok());
    let Some(notice) = notice else { return };
    if notice.hidden() != lost {
        return;
    }
    let time = notice.query_selector("time").ok().flatten();
    if let Some(time) = time.filter(|_| lost) {
        let _ = time.set_attribute("data-at", &ages::now().micros().to_string());
        ages::tell_all();
    }
    notice.set_hidden(!lost);
}
