//! Notices that the page may be out of date.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::ages;

/// Reason why a page may be out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// The connection to the server is lost.
    Lost,
    /// The person's open pages exceed the rate limit.
    Limited,
}

/// Shows the reason and the start of the outage, or hides the notice.
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
        ages::update_all();
    }
    notice.set_hidden(!is_so);
}
