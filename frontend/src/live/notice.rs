//! The notices that what the page shows may be old.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::ages;

/// Why a page may be old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// There is no line to the server.
    Lost,
    /// The person's open pages ask for more than the server gives one person.
    Limited,
}

/// Shows since when the page may be old and why, or takes the notice away.
pub(super) fn show(notice: Notice, is_so: bool) {
    let id = match notice {
        Notice::Lost => "link-notice",
        Notice::Limited => "limit-notice",
    };
    let notice = document()
        .get_element_by_id(id)
        .and_then(|notice| notice.dyn_into::<HtmlElement>().ok());
    let Some(notice) = notice else { return };
    if notice.hidden() != is_so {
        return;
    }
    let time = notice.query_selector("time").ok().flatten();
    if let Some(time) = time.filter(|_| is_so) {
        let _ = time.set_attribute("data-at", &ages::now().micros().to_string());
        ages::tell_all();
    }
    notice.set_hidden(!is_so);
}
