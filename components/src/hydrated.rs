//! Detection of hydration.

use leptos::prelude::*;

/// Returns a signal that is false until the browser has hydrated the page.
///
/// Controls that need scripts stay hidden until then: the first rendering in the browser must
/// match the server's HTML.
pub(crate) fn hydrated() -> ReadSignal<bool> {
    let (hydrated, set_hydrated) = signal(false);
    Effect::new(move |_| set_hydrated.set(true));
    hydrated
}
