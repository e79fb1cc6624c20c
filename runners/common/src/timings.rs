//! All durations of the reconcile loop and the link, in one place.

use std::time::Duration;

use models::runner::{
    HEARTBEAT_INTERVAL_MS, LINK_TIMEOUT_MS, SAMPLE_INTERVAL_MS, TAG_POLL_INTERVAL_MS,
};

/// Timeouts, intervals and retry limits.
///
/// Runners use [`Timings::default`]; tests shorten it.
#[derive(Clone, Debug)]
pub struct Timings {
    /// Longest pull.
    ///
    /// Less than the server's own limit for the phase, so that the runner, which knows more,
    /// reports the reason.
    pub pull_timeout: Duration,
    /// Longest time for creating and starting, all tries together.
    ///
    /// Also less than the server's own limit for the phase.
    pub start_timeout: Duration,
    /// Number of tries of an operation when the platform fails, including the first.
    pub tries: u32,
    /// The first pause between two tries; doubles.
    pub retry_first: Duration,
    /// The longest pause between two tries.
    pub retry_max: Duration,
    /// Number of starts before a release fails, if new instances exit unverified.
    ///
    /// Includes the first start.
    pub starts: u32,
    /// Longest time for an app to be verified, all its starts together.
    pub verify_timeout: Duration,
    /// Longest wait for an image's health check, whatever its start period.
    ///
    /// Twice that is less than the server's limit for the phase.
    pub health_check_timeout: Duration,
    /// The first pause between two checks of an app that does not answer yet; doubles.
    ///
    /// Short, since most apps answer at once and someone waits.
    pub verify_first: Duration,
    /// The longest pause between two checks of an app that does not answer yet.
    pub verify_max: Duration,
    /// The longest pause between two startup probes, even if their interval is longer.
    pub startup_probe_max: Duration,
    /// Longest wait for old instances to drain and stop after a switch.
    ///
    /// Less than the server's limit for the phase; instances that take longer go afterwards.
    pub switch_timeout: Duration,
    /// Longest wait for the traffic plane to check or to change a routing.
    pub traffic_timeout: Duration,
    /// Longest wait for the requests under way at an instance that is to stop.
    ///
    /// With the usual grace of 10 s for the stop, less than [`Self::switch_timeout`].
    pub drain_timeout: Duration,
    /// Minimum uptime of an app without a port.
    ///
    /// Long enough for a wrong flag, a missing file or a refused database to end the process,
    /// short enough to wait for.
    pub min_uptime: Duration,
    /// The pause before an app that exited is restarted; doubles each time.
    pub restart_first: Duration,
    /// The longest pause before a restart.
    pub restart_max: Duration,
    /// Uptime after which an app counts as working and its restarts are forgotten.
    pub crash_reset: Duration,
    /// Interval of relists when nothing seems to have changed.
    pub relist: Duration,
    /// Silence of the platform after which the link is closed.
    ///
    /// The server then shows its last state as old, which is the truth.
    pub platform_grace: Duration,
    /// Longest time to read the last lines of an exited instance before its removal.
    pub log_drain: Duration,
    /// Longest time that a line waits for others in its batch.
    pub log_batch: Duration,
    /// Shortest time between two reports of a pull's progress.
    pub progress: Duration,
    /// Interval between two measurements of each instance.
    pub sample: Duration,
    /// Interval between two checks of the trash.
    pub trash_check: Duration,
    /// Interval between two searches for private networks that nothing needs.
    pub network_check: Duration,
    /// Interval between two requests for a tag, give or take a tenth.
    ///
    /// Also the first pause after a failed request, and the shortest between two requests to a
    /// registry that counts them.
    pub tag_poll: Duration,
    /// The longest pause after failed requests.
    pub tag_poll_max: Duration,
    /// The shortest pause between two requests for one tag, whoever wants one.
    pub tag_poll_min: Duration,
    /// The shortest pause between two requests for any tags.
    pub tag_poll_gap: Duration,
    /// Timeout of a request to a registry.
    pub tag_poll_timeout: Duration,
    /// Longest wait of a deploy for a registry, before the host's copy is used.
    pub resolve_timeout: Duration,
    /// Time for which the circuit breaker skips a registry that did not answer.
    pub registry_pause: Duration,
    /// The shortest pause between two saves of the desired state.
    pub state_pause: Duration,
    /// Longest time to open a link, up to the server's welcome.
    pub link_open: Duration,
    /// The first pause between two links; doubles, each time with full jitter.
    pub link_first: Duration,
    /// The longest pause between two links.
    ///
    /// Whoever restarts the server waits this long for its runners.
    pub link_max: Duration,
    /// The pause after a refusal, which another try does not fix.
    pub link_refused: Duration,
    /// Age from which a link counts as good: the next pause is short again.
    pub link_good: Duration,
    /// Interval between two heartbeats.
    pub heartbeat: Duration,
    /// Silence of the server after which the link is dead.
    pub link_timeout: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            pull_timeout: Duration::from_mins(14),
            start_timeout: Duration::from_secs(100),
            tries: 5,
            retry_first: Duration::from_secs(1),
            retry_max: Duration::from_secs(15),
            starts: 3,
            verify_timeout: Duration::from_mins(2),
            health_check_timeout: Duration::from_mins(9),
            verify_first: Duration::from_millis(10),
            verify_max: Duration::from_millis(250),
            startup_probe_max: Duration::from_secs(2),
            switch_timeout: Duration::from_secs(30),
            traffic_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(10),
            min_uptime: Duration::from_secs(3),
            restart_first: Duration::from_secs(1),
            restart_max: Duration::from_mins(1),
            crash_reset: Duration::from_mins(1),
            relist: Duration::from_secs(30),
            platform_grace: Duration::from_secs(15),
            log_drain: Duration::from_secs(2),
            log_batch: Duration::from_millis(100),
            progress: Duration::from_millis(250),
            sample: Duration::from_millis(SAMPLE_INTERVAL_MS),
            trash_check: Duration::from_hours(1),
            network_check: Duration::from_mins(5),
            tag_poll: Duration::from_millis(TAG_POLL_INTERVAL_MS),
            tag_poll_max: Duration::from_hours(1),
            tag_poll_min: Duration::from_secs(10),
            tag_poll_gap: Duration::from_secs(1),
            tag_poll_timeout: Duration::from_secs(30),
            resolve_timeout: Duration::from_secs(2),
            registry_pause: Duration::from_mins(1),
            state_pause: Duration::from_secs(1),
            link_open: Duration::from_secs(15),
            link_first: Duration::from_secs(1),
            link_max: Duration::from_secs(5),
            link_refused: Duration::from_mins(1),
            link_good: Duration::from_secs(10),
            heartbeat: Duration::from_millis(HEARTBEAT_INTERVAL_MS),
            link_timeout: Duration::from_millis(LINK_TIMEOUT_MS),
        }
    }
}
