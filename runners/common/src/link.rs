//! The link to the server, reopened whenever it breaks.

mod dial;
mod reassembly;
mod refusal;
mod session;
mod url;

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::{error, warn};

pub use self::url::{ServerUrl, ServerUrlInvalid};
pub(crate) use self::{
    dial::{Socket, open},
    refusal::Refusal,
    session::LinkEnd,
};
use crate::{
    agent::Agent,
    backoff::{Backoff, jittered},
    platform::Platform,
};

/// Maintains a link to the server until the runner is told to stop.
pub(crate) async fn maintain_link<P: Platform>(agent: &Agent<P>) {
    let timings = &agent.timings;
    let mut backoff = Backoff::new(timings.link_first, timings.link_max);
    loop {
        agent.platform_answers().await;
        let opened = Instant::now();
        let end = match dial::dial(agent).await {
            Ok(socket) => session::run_link(agent, socket).await,
            Err(end) => end,
        };
        if opened.elapsed() >= timings.link_good {
            backoff.reset();
        }
        let pause = match end {
            LinkEnd::Stopped => return,
            LinkEnd::OtherRunner(why) => {
                error!(
                    %why,
                    pause_ms = millis(timings.link_refused),
                    advice = "running apps are not affected; if this is the right server and its \
                              database was replaced, stop the runner, remove its state folder and \
                              start it again; otherwise, change server_url",
                    "closed the link, because a server must not change the identity of this runner"
                );
                timings.link_refused
            }
            LinkEnd::Lost(why) => {
                let pause = jittered(backoff.next());
                warn!(
                    why,
                    pause_ms = millis(pause),
                    "no link to the server; reconnecting"
                );
                pause
            }
            LinkEnd::Refused(refusal) => {
                let pause = pause_after(&refusal, &mut backoff, timings.link_refused);
                error!(
                    code = ?refusal.code,
                    reason = refusal.message,
                    pause_ms = millis(pause),
                    advice = refusal.advice(),
                    "the server rejected this runner"
                );
                pause
            }
        };
        sleep(pause).await;
    }
}

/// Returns the pause between a refusal and the next try.
pub(crate) fn pause_after(refusal: &Refusal, backoff: &mut Backoff, longest: Duration) -> Duration {
    if refusal.passes_by_itself() {
        jittered(backoff.next())
    } else {
        longest
    }
}

/// Milliseconds of a duration, for log lines.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
