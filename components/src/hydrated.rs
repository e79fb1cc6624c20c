//! Whether the browser has taken over.

use leptos::prelude::*;

/// False on the server and in the first picture of the browser, then true.
///
/// What only works with scripts hides behind it: the first picture must be what the server sent.
pub(crate) fn hydrated() -> ReadSignal<bool> {
    let (hydrated, set_hydrated) = signal(false);
    Effect::new(move |_| set_hydrated.set(true));
    hydrated
}
