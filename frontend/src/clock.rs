//! The server's clock, the reference for ages.

use components::time::Clock;
use leptos::prelude::*;
use models::time::Timestamp;

/// Provides the time of rendering to the page as context.
#[expect(
    clippy::disallowed_methods,
    reason = "pages only tell ages by it: nothing is decided"
)]
pub(crate) fn provide() -> Timestamp {
    let since_epoch = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let micros = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
    let now = Timestamp::from_micros(micros);
    provide_context(Clock(now));
    now
}
