//! Every duration that the reconcile loop and the link know, in one place.

use std::time::Duration;

use models::runner::{
    HEARTBEAT_INTERVAL_MS, LINK_TIMEOUT_MS, LOOK_INTERVAL_MS, SAMPLE_INTERVAL_MS,
};

/// How long things take and how often they are tried. [`Timings::default`] is what runners use;
/// tests shorten it.
#[derive(Clone, Debug)]
pub struct Timings {
    /// How long a pull may take. Less than the server's own limit for the phase, so that the
    /// runner, which knows more, says why.
    pub pull_limit: Duration,
    /// How long creating and starting may take, all tries together; also less than the server's.
    pub start_limit: Duration,
    /// How often an operation is tried when the platform fails, the first time included.
    pub tries: u32,
    /// The first pause between two tries; doubles.
    pub retry_first: Duration,
    /// The longest pause between two tries.
    pub retry_max: Duration,
    /// How often a new instance may end before it worked until its release fails, the first time
    /// included.
    pub starts: u32,
    /// How long an app may take until it shows that it works, all its starts together.
    pub answer_limit: Duration,
    /// The longest that an image's health check may take to say that an app works, whatever start
    /// period it has. Twice that is less than the server's limit for the phase.
    pub check_limit: Duration,
    /// The first pause between two questions to an app that does not answer yet; doubles. Short,
    /// since most apps answer at once and somebody is waiting for it.
    pub answer_first: Duration,
    /// The longest pause between two questions to an app that does not answer yet.
    pub answer_max: Duration,
    /// The longest pause between two questions of a start-up probe, also where its interval is longer.
    pub startup_probe_max: Duration,
    /// How long the switch to new instances waits for the old ones to end. Less than the server's
    /// limit for the phase; those that take longer go afterwards.
    pub take_over_limit: Duration,
    /// How long an app without a port must stay up. Long enough for a wrong flag, a missing file
    /// or a refused database to end the process, short enough to wait for.
    pub settle: Duration,
    /// The pause before an app that ended by itself is started again; doubles each time.
    pub restart_first: Duration,
    /// The longest pause before it is started again.
    pub restart_max: Duration,
    /// After this long without ending, an app counts as well and its restarts are forgotten.
    pub steady: Duration,
    /// How often all instances are listed though nothing seems to have changed.
    pub relist: Duration,
    /// After this long without an answer from the platform, the link is given up: what the
    /// server knows is then shown as old, which is the truth.
    pub platform_grace: Duration,
    /// How long the last lines of an ended instance may take to be read before it is removed.
    pub last_lines: Duration,
    /// How long a line may wait for others to be sent with it.
    pub log_batch: Duration,
    /// The most that a pull's progress is told, one in this long.
    pub progress: Duration,
    /// How often it is measured what each instance uses.
    pub sample: Duration,
    /// How often it is looked whether removed data was kept for long enough.
    pub trash: Duration,
    /// How often a registry is asked what a tag means, give or take a tenth; also the first pause
    /// after a question that failed, and the shortest between two to a registry that counts them.
    pub look: Duration,
    /// The longest pause after questions that failed.
    pub look_max: Duration,
    /// The shortest pause between two questions for one tag, however often somebody wants it.
    pub look_soon: Duration,
    /// The shortest pause between two questions for any tags.
    pub look_gap: Duration,
    /// How long a registry may take to answer.
    pub look_limit: Duration,
    /// The time that a deploy waits for a registry to say what a tag means, before the machine's copy
    /// is used.
    pub resolve_limit: Duration,
    /// The time during which no deploy waits again for a registry that did not answer.
    pub registry_pause: Duration,
    /// How long what should be true may wait to be written down after it was written last.
    pub state_pause: Duration,
    /// How long opening a link may take, up to the server's welcome.
    pub link_open: Duration,
    /// The first pause between two links; doubles, each time with full jitter.
    pub link_first: Duration,
    /// The longest pause between two links. Whoever restarts the server waits this long for its
    /// runners.
    pub link_max: Duration,
    /// The pause after a refusal, which another try does not mend.
    pub link_refused: Duration,
    /// A link that held this long was a good one: the next pause is a short one again.
    pub link_good: Duration,
    /// How often the runner shows that it is there.
    pub heartbeat: Duration,
    /// After this long without anything from the server the link is dead.
    pub link_timeout: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            pull_limit: Duration::from_mins(14),
            start_limit: Duration::from_secs(100),
            tries: 5,
            retry_first: Duration::from_secs(1),
            retry_max: Duration::from_secs(15),
            starts: 3,
            answer_limit: Duration::from_mins(2),
            check_limit: Duration::from_mins(9),
            answer_first: Duration::from_millis(10),
            answer_max: Duration::from_millis(250),
            startup_probe_max: Duration::from_secs(2),
            take_over_limit: Duration::from_secs(30),
            settle: Duration::from_secs(3),
            restart_first: Duration::from_secs(1),
            restart_max: Duration::from_mins(1),
            steady: Duration::from_mins(1),
            relist: Duration::from_secs(30),
            platform_grace: Duration::from_secs(15),
            last_lines: Duration::from_secs(2),
            log_batch: Duration::from_millis(100),
            progress: Duration::from_millis(250),
            sample: Duration::from_millis(SAMPLE_INTERVAL_MS),
            trash: Duration::from_hours(1),
            look: Duration::from_millis(LOOK_INTERVAL_MS),
            look_max: Duration::from_hours(1),
            look_soon: Duration::from_secs(10),
            look_gap: Duration::from_secs(1),
            look_limit: Duration::from_secs(30),
            resolve_limit: Duration::from_secs(2),
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
