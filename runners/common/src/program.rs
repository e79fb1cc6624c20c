//! Start and stop of runner programs.

use std::{future::pending, pin::pin};

use tokio::signal::{
    ctrl_c,
    unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use tracing::info;

/// Runs a future until it ends, or until Ctrl-C or the service manager stops it.
pub async fn run_until_stopped<F: Future>(run: impl FnOnce(CancellationToken) -> F) -> F::Output {
    let shutdown = CancellationToken::new();
    let mut running = pin!(run(shutdown.clone()));
    tokio::select! {
        ended = &mut running => ended,
        () = asked_to_stop() => {
            info!("stopping; running apps are not affected");
            shutdown.cancel();
            running.await
        }
    }
}

async fn asked_to_stop() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => pending().await,
        }
    };
    tokio::select! {
        _ = ctrl_c() => {}
        () = terminated => {}
    }
}
