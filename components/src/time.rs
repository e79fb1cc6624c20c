//! Moments: relative for reading, exact for those who hover.

use leptos::prelude::*;
use models::time::Timestamp;

use crate::{changing::changing_text, format};

/// What time it is, for everything on the page that has an age.
///
/// The application provides it as context: the server's time while it renders, the same and then
/// ticking in the browser, so that a wrong clock there cannot falsify an age.
#[derive(Clone, Copy)]
pub struct Clock(pub Signal<Timestamp>);

/// The page's clock. Without one, every moment counts as now.
pub fn use_clock() -> Option<Signal<Timestamp>> {
    use_context::<Clock>().map(|clock| clock.0)
}

/// A moment, relative to now, with the exact one on hover.
#[component]
pub fn Moment(
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    let clock = use_clock();
    let text = changing_text(move || match clock {
        Some(now) => format::relative(now.get(), at),
        None => format::exact(at),
    });
    view! {
        <time datetime=at.to_string() title=format::exact(at)>
            {text}
        </time>
    }
}
