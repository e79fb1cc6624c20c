//! The tasks that serve runners: their links, and their registration.

mod link;
mod registration;

use std::time::Duration;

use crate::{app::App, services};

pub use link::run as run_link;
pub use registration::run as run_registration;

/// The interval between lease renewals for all links.
///
/// It is a third of [`crate::store::runner::LEASE_MS`], so that two renewals may fail.
const RENEW_INTERVAL: Duration = Duration::from_secs(10);

/// Renews the leases of all links in one write, until the server stops.
pub async fn renew_leases(app: App) {
    let mut ticks = tokio::time::interval(RENEW_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let before = app.links.epochs();
        if before.is_empty() {
            continue;
        }
        match services::runner::renew_leases(&app).await {
            Ok(held) => app.links.close_lost_links(&before, &held),
            Err(error) => {
                tracing::warn!(error = %error.chain(), "failed to renew the leases of the runners");
            }
        }
    }
}
