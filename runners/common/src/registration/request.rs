//! One registration request, from the first message to the reply.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use garde::Validate;
use models::{
    RunnerId,
    runner::{RegistrationFrame, RegistrationReply, RegistrationRequest},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{RegistrationOptions, RegistrationPrompt};
use crate::{
    host::SystemHost,
    link::{LinkEnd, Refusal, Socket, open},
};

/// Sends the request, shows the code, and waits for the reply.
pub(super) async fn request(
    options: &RegistrationOptions,
    request: RegistrationRequest,
    show: &impl Fn(&RegistrationPrompt),
) -> Result<RunnerId, LinkEnd> {
    let timings = &options.timings;
    let server = &options.server_url;
    let opening = timeout(
        timings.link_open,
        open(&SystemHost, server, server.registration(), None),
    );
    let mut socket = opening
        .await
        .map_err(|_| LinkEnd::lost("the server is not responding"))??;
    let frame = serde_json::to_string(&RegistrationFrame::Request(Box::new(request)))
        .map_err(LinkEnd::lost)?;
    socket
        .send(Message::text(frame))
        .await
        .map_err(LinkEnd::lost)?;

    let mut heard_at = Instant::now();
    let mut beat = interval_at(heard_at + timings.heartbeat, timings.heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // Proxies on the way close connections that are silent for long.
            _ = beat.tick() => {
                socket.send(Message::Ping(Bytes::new())).await.map_err(LinkEnd::lost)?;
            }
            heard = timeout_at(heard_at + timings.link_timeout, receive(&mut socket)) => {
                let heard = heard
                    .map_err(|_| LinkEnd::lost("no message from the server for too long"))?;
                heard_at = Instant::now();
                match heard? {
                    Some(RegistrationReply::Approved { runner_id }) => return Ok(runner_id),
                    Some(RegistrationReply::Denied { code, message }) => {
                        return Err(LinkEnd::Refused(Refusal { code, message }));
                    }
                    Some(RegistrationReply::Code { user_code, verification_uri, expires_in_ms }) => {
                        if user_code.validate().is_err() || !is_one_line(&verification_uri) {
                            return Err(LinkEnd::lost("the server sent an invalid user code or URL"));
                        }
                        show(&RegistrationPrompt {
                            user_code: user_code.grouped(),
                            verification_uri,
                            expires_in: Duration::from_millis(expires_in_ms),
                        });
                    }
                    Some(RegistrationReply::Unknown) | None => {}
                }
            }
        }
    }
}

/// True if a text is safe to print on a terminal.
fn is_one_line(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns the next reply; `None` for a heartbeat.
async fn receive(socket: &mut Socket) -> Result<Option<RegistrationReply>, LinkEnd> {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| LinkEnd::Lost(format!("a reply could not be read: {error}"))),
        Some(Ok(Message::Close(_))) | None => {
            Err(LinkEnd::lost("the server closed the connection"))
        }
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(LinkEnd::lost(error)),
    }
}
