//! Whether a new instance works.

use models::deployment::{Failure, Progress};
use tokio::time::sleep;

use super::{failure, probe};
use crate::{
    backoff::Backoff,
    context::Context,
    observer::View,
    runner::{InstanceKey, PlatformState, Runner},
};

/// What verifying an instance waits for, for people.
pub(super) fn waits_for<R>(context: &Context<R>, port: Option<u16>) -> Progress {
    let message = match port {
        Some(port) => format!("Waiting for port {port} to answer"),
        None => format!(
            "Waiting {} s to see whether it stays up",
            context.timings.settle.as_secs()
        ),
    };
    Progress {
        message,
        done_bytes: None,
        total_bytes: None,
    }
}

/// Waits until the instance has shown that it works.
///
/// With a port it must answer HTTP there; without one, staying up for a moment is all that can be
/// asked of it.
///
/// # Errors
/// Why it did not.
pub(super) async fn verify<R: Runner>(
    context: &Context<R>,
    key: &InstanceKey,
    port: Option<u16>,
) -> Result<(), Failure> {
    let (shown, limit) = match port {
        Some(_) => (true, context.timings.answer_limit),
        None => (false, context.timings.settle),
    };
    let answered = async {
        if shown {
            answers(context, key).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        end = ended(context, key) => return Err(end.failure(context, key, port).await),
        () = answered => return Ok(()),
        () = sleep(limit) => {}
    }
    let view = context.observer.fresh().await;
    match (view.map(|view| End::of(&view, key)), port) {
        (Ok(Some(end)), _) => Err(end.failure(context, key, port).await),
        (Ok(None), None) => Ok(()),
        (Ok(None), Some(port)) => Err(not_answering(context, key, port).await),
        (Err(error), _) => Err(error.into()),
    }
}

/// How an instance went away.
#[derive(Clone, Copy, Debug)]
enum End {
    Exited { code: i64 },
    Removed,
}

impl End {
    fn of(view: &View, key: &InstanceKey) -> Option<Self> {
        match view.get(key).map(|instance| instance.state) {
            Some(PlatformState::Exited { code }) => Some(Self::Exited { code }),
            Some(_) => None,
            None => Some(Self::Removed),
        }
    }

    async fn failure<R: Runner>(
        self,
        context: &Context<R>,
        key: &InstanceKey,
        port: Option<u16>,
    ) -> Failure {
        match self {
            Self::Exited { code } => {
                let when = match port {
                    Some(port) => format!("before it answered on port {port}"),
                    None => "right after it was started".to_owned(),
                };
                let message = format!("The app ended with exit code {code} {when}.");
                let failure = failure::user("app_exited", message);
                failure::with_last_lines(context, key, failure).await
            }
            Self::Removed => failure::platform(
                "instance_removed",
                "Something on the machine removed the new instance. Deploy again.".to_owned(),
            ),
        }
    }
}

/// Waits until the instance has ended or is gone.
async fn ended<R: Runner>(context: &Context<R>, key: &InstanceKey) -> End {
    // An older view may not have it yet, and that is not the same as having lost it.
    let mut views = context.observer.views();
    while context.observer.fresh().await.is_err() {
        sleep(context.timings.retry_first).await;
    }
    let mut end = None;
    let waited = views
        .wait_for(|view| {
            end = End::of(view, key);
            end.is_some()
        })
        .await
        .is_ok();
    match end {
        Some(end) if waited => end,
        // The runner is stopping.
        _ => std::future::pending().await,
    }
}

/// Waits until the instance answers HTTP.
async fn answers<R: Runner>(context: &Context<R>, key: &InstanceKey) {
    let url = |view: &View| view.get(key).and_then(|instance| instance.url.clone());
    let mut views = context.observer.views();
    let mut pause = Backoff::new(context.timings.answer_first, context.timings.answer_max);
    loop {
        let published = views.wait_for(|view| url(view).is_some()).await;
        let published = published.ok().and_then(|view| url(&view));
        if let Some(url) = published
            && probe::answers(&url).await
        {
            return;
        }
        sleep(pause.next()).await;
    }
}

async fn not_answering<R: Runner>(context: &Context<R>, key: &InstanceKey, port: u16) -> Failure {
    let message = format!(
        "The app runs, but nothing answered HTTP on port {port} within {} s. Make it listen on \
         0.0.0.0:{port}, or set the port that it listens on.",
        context.timings.answer_limit.as_secs()
    );
    let failure = failure::user("port_not_answering", message);
    failure::with_last_lines(context, key, failure).await
}
