//! One link, from the hello to its end.

use std::sync::Arc;

use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use models::{
    RunnerId,
    error::ErrorCode,
    runner::{
        Hello, MAX_REMOVALS_PER_FRAME, MAX_RETAINED_IMAGES, PROTOCOL_VERSION, RunnerFrame,
        RunnerInfo, ServerFrame,
    },
};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tracing::info;

use super::{dial::Socket, reassembly::Reassembly, refusal::Refusal};
use crate::{
    agent::{Agent, Core},
    context::AgentContext,
    exec::{ExecFrames, Execs},
    identity::PinError,
    platform::{Platform, Reconciler},
    supervisor::Command,
};

type Outgoing = SplitSink<Socket, Message>;
type Incoming = SplitStream<Socket>;

/// Reasons why a link ended.
#[derive(Debug)]
pub(crate) enum LinkEnd {
    /// The runner is told to stop.
    Stopped,
    /// It broke, for this reason.
    Lost(String),
    /// The server refused it.
    Refused(Refusal),
    /// The server takes this runner for another one.
    OtherRunner(PinError),
}

impl LinkEnd {
    pub(crate) fn lost(why: impl ToString) -> Self {
        Self::Lost(why.to_string())
    }
}

/// Runs a link until it ends.
///
/// Introduces the runner, then carries frames both ways.
pub(super) async fn run_link<P: Platform>(agent: &Agent<P>, socket: Socket) -> LinkEnd {
    let (mut outgoing, mut incoming) = socket.split();
    let open = timeout(
        agent.timings.link_open,
        handshake(agent, &mut outgoing, &mut incoming),
    );
    let (core, about) = match open.await {
        Ok(Ok(established)) => established,
        Ok(Err(end)) => return end,
        Err(_) => return LinkEnd::lost("the server did not accept the runner in time"),
    };
    core.context.log_queue.requeue_unacknowledged();
    core.context.status.resync();

    let (heard, last_heard) = watch::channel(Instant::now());
    // Execs end with this link.
    let (execs, mut exec_frames) =
        Execs::new(Arc::clone(&core.context), Arc::clone(&core.reconciler));
    let end = tokio::select! {
        end = recv_loop(core, execs, &mut incoming, &heard) => end,
        end = send_loop(agent, core, &mut exec_frames, &mut outgoing) => end,
        () = idle_timeout(agent, last_heard) => {
            LinkEnd::lost("no message from the server for too long")
        }
        () = agent.platform_is_silent() => LinkEnd::lost("the platform is not responding"),
        () = agent.platform_is_another(core, &about) => {
            LinkEnd::lost("the platform has changed; reconnecting to report it")
        }
        () = agent.shutdown.cancelled() => LinkEnd::Stopped,
    };
    core.context.outbox.close();
    // The other side may be gone; a goodbye is not worth a long wait.
    timeout(agent.timings.link_first, outgoing.close())
        .await
        .ok();
    end
}

/// Says hello and waits for the welcome. Returns the reported facts of the platform.
async fn handshake<'agent, P: Platform>(
    agent: &'agent Agent<P>,
    outgoing: &mut Outgoing,
    incoming: &mut Incoming,
) -> Result<(&'agent Core<P::Reconciler>, RunnerInfo), LinkEnd> {
    let fingerprint = agent.platform.fingerprint().await.map_err(LinkEnd::lost)?;
    let about = agent.platform.capabilities().added_to(fingerprint);
    // The runner may know better how its policy applies on this host.
    let policy = about.policy.clone().unwrap_or_else(|| agent.policy.clone());
    let hello = RunnerFrame::Hello(Box::new(Hello {
        protocol: PROTOCOL_VERSION,
        about: RunnerInfo {
            policy: Some(policy),
            ..about.clone()
        },
    }));
    send(outgoing, &hello).await?;
    let runner_id = recv_welcome(incoming).await?;
    agent.identity.pin(runner_id).map_err(|error| match error {
        PinError::NotKept(error) => LinkEnd::lost(error),
        other @ PinError::OtherRunner { .. } => LinkEnd::OtherRunner(other),
    })?;
    let core = agent.core(runner_id).await.map_err(LinkEnd::lost)?;
    info!(
        runner.id = %runner_id,
        server = %agent.server_url,
        platform = about.kind,
        platform.version = about.platform_version,
        platform.standing = ?about.platform_support(),
        "connected to the server"
    );
    Ok((core, about))
}

async fn recv_welcome(incoming: &mut Incoming) -> Result<RunnerId, LinkEnd> {
    loop {
        match receive(incoming).await? {
            Some(ServerFrame::Welcome {
                protocol: PROTOCOL_VERSION,
                runner_id,
                epoch: _,
            }) => return Ok(runner_id),
            Some(ServerFrame::Welcome { protocol, .. }) => {
                return Err(LinkEnd::Refused(Refusal {
                    code: ErrorCode::ProtocolVersionUnsupported,
                    message: format!(
                        "The server uses protocol version {protocol}, but this runner uses \
                         {PROTOCOL_VERSION}. Install the runner version that matches the server."
                    ),
                }));
            }
            Some(ServerFrame::Refused { code, message }) => {
                return Err(LinkEnd::Refused(Refusal { code, message }));
            }
            _ => {}
        }
    }
}

async fn recv_loop<R: Reconciler>(
    core: &Core<R>,
    mut execs: Execs<R>,
    incoming: &mut Incoming,
    heard: &watch::Sender<Instant>,
) -> LinkEnd {
    let mut reassembly = Reassembly::default();
    loop {
        let received = receive_sized(incoming).await;
        heard.send_replace(Instant::now());
        let (frame, bytes) = match received {
            Ok(received) => received,
            Err(end) => return end,
        };
        let command = match frame {
            Some(ServerFrame::DesiredState {
                epoch,
                workloads,
                more,
            }) => match reassembly.add(epoch, workloads, bytes, more) {
                Ok(Some(workloads)) => Command::All { epoch, workloads },
                Ok(None) => continue,
                Err(error) => return LinkEnd::lost(error),
            },
            Some(ServerFrame::WorkloadChanged { epoch, workload }) => {
                Command::One { epoch, workload }
            }
            Some(ServerFrame::RemoveVolumes { epoch, volume_ids }) => {
                if volume_ids.len() > MAX_REMOVALS_PER_FRAME {
                    return LinkEnd::lost("the server requested too many volume removals at once");
                }
                Command::RemoveVolumes { epoch, volume_ids }
            }
            Some(ServerFrame::RetainImages { epoch, digests }) => {
                if digests.len() > MAX_RETAINED_IMAGES {
                    return LinkEnd::lost("the server sent too many images");
                }
                Command::RetainImages { epoch, digests }
            }
            Some(ServerFrame::LogsAcknowledged { batch }) => {
                core.context.log_queue.acknowledge(batch);
                continue;
            }
            Some(ServerFrame::ExecOpen(open)) => {
                if let Err(error) = execs.open(*open) {
                    return LinkEnd::lost(error);
                }
                continue;
            }
            Some(ServerFrame::ExecInput { exec_id, bytes }) => {
                execs.input(exec_id, &bytes.0);
                continue;
            }
            Some(ServerFrame::ExecResize { exec_id, size }) => {
                execs.resize(exec_id, size);
                continue;
            }
            Some(ServerFrame::ExecCredit { exec_id, bytes }) => {
                execs.credit(exec_id, bytes);
                continue;
            }
            Some(ServerFrame::ExecClose { exec_id }) => {
                execs.close(exec_id);
                continue;
            }
            Some(ServerFrame::Refused { code, message }) => {
                return LinkEnd::Refused(Refusal { code, message });
            }
            Some(ServerFrame::Welcome { .. } | ServerFrame::Unknown) | None => continue,
        };
        if core.commands.send(command).await.is_err() {
            return LinkEnd::lost("the runner's own tasks have ended");
        }
    }
}

async fn send_loop<P: Platform>(
    agent: &Agent<P>,
    core: &Core<P::Reconciler>,
    exec_frames: &mut ExecFrames,
    outgoing: &mut Outgoing,
) -> LinkEnd {
    let context = &core.context;
    let heartbeat = agent.timings.heartbeat;
    let mut ticks = interval_at(Instant::now() + heartbeat, heartbeat);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // Frames that people wait for go before printed output.
        let sent = tokio::select! {
            biased;
            _ = ticks.tick() => send_heartbeat(outgoing).await,
            frame = context.outbox.next() => send(outgoing, &frame).await,
            frame = next_output(context, exec_frames) => send(outgoing, &frame).await,
        };
        if let Err(end) = sent {
            return end;
        }
    }
}

/// Output of instances, for their logs or an exec; neither always goes first.
async fn next_output(context: &AgentContext, exec_frames: &mut ExecFrames) -> RunnerFrame {
    tokio::select! {
        batch = context.log_queue.next() => RunnerFrame::Logs(batch),
        frame = exec_frames.next() => frame,
    }
}

/// Sends a heartbeat, which makes the server send one back.
async fn send_heartbeat(outgoing: &mut Outgoing) -> Result<(), LinkEnd> {
    send(outgoing, &RunnerFrame::Heartbeat).await?;
    let ping = Message::Ping(Bytes::new());
    outgoing.send(ping).await.map_err(LinkEnd::lost)
}

/// Resolves when nothing was received for too long.
async fn idle_timeout<P: Platform>(agent: &Agent<P>, mut last_heard: watch::Receiver<Instant>) {
    loop {
        let dead = *last_heard.borrow_and_update() + agent.timings.link_timeout;
        tokio::select! {
            Ok(()) = last_heard.changed() => {}
            () = sleep_until(dead) => return,
        }
    }
}

async fn send(outgoing: &mut Outgoing, frame: &RunnerFrame) -> Result<(), LinkEnd> {
    let text = serde_json::to_string(frame).map_err(LinkEnd::lost)?;
    outgoing
        .send(Message::text(text))
        .await
        .map_err(LinkEnd::lost)
}

/// Returns the next frame; `None` for a message that is not a frame.
async fn receive(incoming: &mut Incoming) -> Result<Option<ServerFrame>, LinkEnd> {
    let (frame, _) = receive_sized(incoming).await?;
    Ok(frame)
}

/// Returns the next frame and its length in bytes.
async fn receive_sized(incoming: &mut Incoming) -> Result<(Option<ServerFrame>, usize), LinkEnd> {
    let message = match incoming.next().await {
        Some(message) => message.map_err(LinkEnd::lost)?,
        None => return Err(LinkEnd::lost("the server closed the link")),
    };
    match message {
        Message::Text(text) => match serde_json::from_str(&text) {
            Ok(frame) => Ok((Some(frame), text.len())),
            Err(error) => Err(LinkEnd::Lost(format!("cannot read a frame: {error}"))),
        },
        Message::Close(reason) => {
            let why = reason.map(|reason| reason.reason.to_string());
            let why = why.filter(|why| !why.is_empty());
            Err(LinkEnd::Lost(
                why.unwrap_or_else(|| "the server closed the link".to_owned()),
            ))
        }
        Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
            Ok((None, 0))
        }
    }
}
