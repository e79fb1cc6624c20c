//! The registration of a runner, from its first frame to the decision.

use std::time::Duration;

use models::{
    EnrolmentId, RunnerId,
    api::runner::EnrolRunner,
    error::{ApiError, ErrorCode},
    runner::{EnrolmentAnswer, EnrolmentFrame, EnrolmentState, LINK_TIMEOUT_MS},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout, timeout_at};

use crate::{
    app::App,
    bus::{Event, Subscription, Topic},
    http::{Closed, Socket, StreamCtx},
    services::enrolment::{self, Begun, LIFETIME_MS},
};

/// The time that a runner has to introduce itself.
const ASK_TIMEOUT: Duration = Duration::from_secs(10);

/// The interval at which the registration is read again without an event.
///
/// Events may be lost, and codes expire without one.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// Serves a runner that asks to be registered, until a decision or its disconnect.
///
/// # Errors
/// [`Closed`] when the runner is gone.
pub async fn run(
    ctx: StreamCtx<EnrolRunner>,
    mut socket: Socket<EnrolRunner>,
) -> Result<(), Closed> {
    let StreamCtx { app, address, .. } = ctx;
    let first = timeout(ASK_TIMEOUT, socket.receive()).await;
    let Ok(Ok(EnrolmentFrame::Ask(ask))) = first else {
        return Err(Closed);
    };
    let answer = match enrolment::begin(&app, *ask, address).await {
        Ok(Begun::Known(runner_id)) => EnrolmentAnswer::Approved { runner_id },
        Ok(Begun::Waiting { enrolment_id, code }) => {
            let _waiting = Waiting {
                app: app.clone(),
                enrolment_id,
            };
            let events = app.bus.subscribe([Topic::Enrolment(enrolment_id)]);
            let url = format!("{}/enrol?code={code}", app.public_origin);
            let expires_in_ms = LIFETIME_MS.unsigned_abs();
            socket
                .send(&EnrolmentAnswer::Code {
                    code,
                    url,
                    expires_in_ms,
                })
                .await?;
            wait(&app, enrolment_id, events, &mut socket).await?
        }
        Err(error) => refused(error.answer()),
    };
    socket.send(&answer).await?;
    socket.close().await;
    Ok(())
}

/// Waits for a decision, the expiry of the code or the end of the connection.
async fn wait(
    app: &App,
    enrolment_id: EnrolmentId,
    mut events: Subscription,
    socket: &mut Socket<EnrolRunner>,
) -> Result<EnrolmentAnswer, Closed> {
    let silence = Duration::from_millis(LINK_TIMEOUT_MS);
    let mut heard_at = Instant::now();
    let mut looks = interval_at(heard_at + LOOK_INTERVAL, LOOK_INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            event = events.next() => match event {
                Event::EnrolmentChanged { .. } | Event::Resync => {}
                _ => continue,
            },
            _ = looks.tick() => {}
            said = timeout_at(heard_at + silence, socket.receive_or_heartbeat()) => {
                said.map_err(|_| Closed)??;
                heard_at = Instant::now();
                continue;
            }
        }
        // A database outage must not void a user code.
        if let Ok(known) = enrolment::state(app, enrolment_id).await
            && let Some(answer) = answer(known)
        {
            return Ok(answer);
        }
    }
}

fn answer(known: (EnrolmentState, Option<RunnerId>)) -> Option<EnrolmentAnswer> {
    match known {
        (EnrolmentState::Waiting, _) => None,
        (EnrolmentState::Approved, Some(runner_id)) => {
            Some(EnrolmentAnswer::Approved { runner_id })
        }
        (EnrolmentState::Refused, _) => Some(refused(&ErrorCode::EnrolmentRefused.into())),
        (EnrolmentState::Approved | EnrolmentState::Expired | EnrolmentState::Withdrawn, _) => {
            Some(refused(&ErrorCode::EnrolmentEnded.into()))
        }
    }
}

fn refused(error: &ApiError) -> EnrolmentAnswer {
    EnrolmentAnswer::Refused {
        code: error.code,
        message: error.message.clone(),
    }
}

/// A runner that waits on this connection.
///
/// Dropping it without a decision voids its user code, so that nobody registers a runner that
/// is gone.
struct Waiting {
    app: App,
    enrolment_id: EnrolmentId,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let (app, enrolment_id) = (self.app.clone(), self.enrolment_id);
        self.app.tasks.spawn(async move {
            if let Err(error) = enrolment::withdraw(&app, enrolment_id).await {
                tracing::warn!(
                    error = %error.chain(),
                    "the code of a runner that went away is valid until its time is over"
                );
            }
        });
    }
}
