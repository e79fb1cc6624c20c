//! The registration of a runner, from its first frame to the decision.

use std::time::Duration;

use models::{
    RegistrationId, RunnerId,
    api::runner::RegisterRunner,
    error::{ApiError, ErrorCode},
    runner::{LINK_TIMEOUT_MS, RegistrationFrame, RegistrationReply, RegistrationState},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout, timeout_at};

use crate::{
    app::App,
    bus::{Event, Subscription, Topic},
    http::{Closed, Socket, StreamCtx},
    services::registration::{self, BeginOutcome, LIFETIME_MS},
};

/// The time that a runner has to introduce itself.
const ASK_TIMEOUT: Duration = Duration::from_secs(10);

/// The interval at which the registration is read again without an event.
///
/// Events may be lost, and codes expire without one.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Serves a runner that asks to be registered, until a decision or its disconnect.
///
/// # Errors
/// [`Closed`] when the runner is gone.
pub async fn run(
    ctx: StreamCtx<RegisterRunner>,
    mut socket: Socket<RegisterRunner>,
) -> Result<(), Closed> {
    let StreamCtx { app, address, .. } = ctx;
    let first = timeout(ASK_TIMEOUT, socket.receive()).await;
    let Ok(Ok(RegistrationFrame::Request(ask))) = first else {
        return Err(Closed);
    };
    let answer = match registration::begin(&app, *ask, address).await {
        Ok(BeginOutcome::Known(runner_id)) => RegistrationReply::Approved { runner_id },
        Ok(BeginOutcome::Pending {
            registration_id,
            code,
        }) => {
            let _guard = PendingGuard {
                app: app.clone(),
                registration_id,
            };
            let events = app.bus.subscribe([Topic::Registration(registration_id)]);
            let verification_uri = format!("{}/register?code={code}", app.public_origin);
            let expires_in_ms = LIFETIME_MS.unsigned_abs();
            socket
                .send(&RegistrationReply::Code {
                    user_code: code,
                    verification_uri,
                    expires_in_ms,
                })
                .await?;
            wait(&app, registration_id, events, &mut socket).await?
        }
        Err(error) => denied(error.answer()),
    };
    socket.send(&answer).await?;
    socket.close().await;
    Ok(())
}

/// Waits for a decision, the expiry of the code or the end of the connection.
async fn wait(
    app: &App,
    registration_id: RegistrationId,
    mut events: Subscription,
    socket: &mut Socket<RegisterRunner>,
) -> Result<RegistrationReply, Closed> {
    let silence = Duration::from_millis(LINK_TIMEOUT_MS);
    let mut heard_at = Instant::now();
    let mut polls = interval_at(heard_at + POLL_INTERVAL, POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            event = events.next() => match event {
                Event::RegistrationChanged { .. } | Event::Resync => {}
                _ => continue,
            },
            _ = polls.tick() => {}
            said = timeout_at(heard_at + silence, socket.receive_or_heartbeat()) => {
                said.map_err(|_| Closed)??;
                heard_at = Instant::now();
                continue;
            }
        }
        // A database outage must not void a user code.
        if let Ok(known) = registration::state(app, registration_id).await
            && let Some(answer) = answer(known)
        {
            return Ok(answer);
        }
    }
}

fn answer(known: (RegistrationState, Option<RunnerId>)) -> Option<RegistrationReply> {
    match known {
        (RegistrationState::Waiting, _) => None,
        (RegistrationState::Approved, Some(runner_id)) => {
            Some(RegistrationReply::Approved { runner_id })
        }
        (RegistrationState::Denied, _) => Some(denied(&ErrorCode::RegistrationDenied.into())),
        (
            RegistrationState::Approved | RegistrationState::Expired | RegistrationState::Withdrawn,
            _,
        ) => Some(denied(&ErrorCode::RegistrationEnded.into())),
    }
}

fn denied(error: &ApiError) -> RegistrationReply {
    RegistrationReply::Denied {
        code: error.code,
        message: error.message.clone(),
    }
}

/// A runner that waits on this connection.
///
/// Dropping it without a decision voids its user code, so that nobody registers a runner that
/// is gone.
struct PendingGuard {
    app: App,
    registration_id: RegistrationId,
}

impl Drop for PendingGuard {
    fn drop(&mut self) {
        let (app, registration_id) = (self.app.clone(), self.registration_id);
        self.app.tasks.spawn(async move {
            if let Err(error) = registration::withdraw(&app, registration_id).await {
                tracing::warn!(
                    error = %error.chain(),
                    "the user code of a disconnected runner stays valid until it expires"
                );
            }
        });
    }
}
