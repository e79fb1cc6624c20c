//! The server's clock, which ages are told from.

use components::time::Clock;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use models::time::Timestamp;

/// Provides the time of rendering.
#[cfg(feature = "ssr")]
pub(crate) fn provide(now: Timestamp) {
    provide_context(Clock(Signal::stored(now)));
}

/// Provides the server's time, ticking: a wrong clock in the browser falsifies no age.
#[cfg(feature = "hydrate")]
pub(crate) fn provide_ticking() {
    use std::time::Duration;

    use crate::browser;

    let rendered_at = browser::rendered_at().unwrap_or_else(browser::now);
    let ahead_ms = rendered_at.millis_since(browser::now());
    let now = RwSignal::new(rendered_at);
    provide_context(Clock(now.into()));
    set_interval(
        move || now.set(browser::now().plus_millis(ahead_ms)),
        Duration::from_secs(1),
    );
}

/// What time it is on the server.
#[cfg(feature = "ssr")]
pub(crate) fn server_time() -> Timestamp {
    let since_epoch = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}
