//! One registration request, from the first message to the answer.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use garde::Validate;
use models::{
    RunnerId,
    runner::{EnrolmentAnswer, EnrolmentAsk, EnrolmentFrame},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{Enrolling, ShownCode};
use crate::{
    link::{End, Refusal, Socket, open},
    machine::ThisMachine,
};

/// Sends the request, shows the code, and waits for the answer.
pub(super) async fn ask(
    options: &Enrolling,
    asked: EnrolmentAsk,
    show: &impl Fn(&ShownCode),
) -> Result<RunnerId, End> {
    let timings = &options.timings;
    let server = &options.server_url;
    let opening = timeout(
        timings.link_open,
        open(&ThisMachine, server, server.enrolment(), None),
    );
    let mut socket = opening
        .await
        .map_err(|_| End::lost("the server does not answer"))??;
    let frame = serde_json::to_string(&EnrolmentFrame::Ask(Box::new(asked))).map_err(End::lost)?;
    socket.send(Message::text(frame)).await.map_err(End::lost)?;

    let mut heard_at = Instant::now();
    let mut beat = interval_at(heard_at + timings.heartbeat, timings.heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // Proxies on the way close connections that are silent for long.
            _ = beat.tick() => {
                socket.send(Message::Ping(Bytes::new())).await.map_err(End::lost)?;
            }
            heard = timeout_at(heard_at + timings.link_timeout, receive(&mut socket)) => {
                let heard = heard
                    .map_err(|_| End::lost("nothing was heard of the server for too long"))?;
                heard_at = Instant::now();
                match heard? {
                    Some(EnrolmentAnswer::Approved { runner_id }) => return Ok(runner_id),
                    Some(EnrolmentAnswer::Refused { code, message }) => {
                        return Err(End::Refused(Refusal { code, message }));
                    }
                    Some(EnrolmentAnswer::Code { code, url, expires_in_ms }) => {
                        if code.validate().is_err() || !is_one_line(&url) {
                            return Err(End::lost("the server's code cannot be shown"));
                        }
                        show(&ShownCode {
                            code: code.shown(),
                            url,
                            expires_in: Duration::from_millis(expires_in_ms),
                        });
                    }
                    Some(EnrolmentAnswer::Unknown) | None => {}
                }
            }
        }
    }
}

/// True if a text is safe to print on a terminal.
fn is_one_line(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns the next answer; `None` for a heartbeat.
async fn receive(socket: &mut Socket) -> Result<Option<EnrolmentAnswer>, End> {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| End::Lost(format!("an answer could not be read: {error}"))),
        Some(Ok(Message::Close(_))) | None => Err(End::lost("the server closed the connection")),
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(End::lost(error)),
    }
}
