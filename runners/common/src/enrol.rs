//! Getting a token for a runner that was given none: its own, which somebody in the dashboard
//! approves.
//!
//! The runner makes the token itself and the server learns only its hash, so it never travels before
//! it is used, and an answer that is lost costs nothing: asked again, the server says the same.

mod ask;
mod token_file;

use std::{io, path::PathBuf, time::Duration};

use models::{
    error::ErrorCode,
    runner::{EnrolmentAsk, HostPolicy, PROTOCOL_VERSION},
    value::{Base64, SecretText, UserCode},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use self::token_file::TokenFile;
use crate::{
    agent::{self, AgentError, Options},
    backoff::{Backoff, jittered},
    link::{End, ServerUrl, millis, pause_after},
    runner::Runner,
    state::{StateFolder, StateKey},
    timings::Timings,
};

/// What a runner needs to know to get a token.
#[derive(Clone, Debug)]
pub struct Enrolling {
    /// Where the server is.
    pub server_url: ServerUrl,
    /// The folder that keeps the token; the one of [`StateFolder`](crate::StateFolder) is right.
    pub folder: PathBuf,
    /// How long things take and how often they are tried.
    pub timings: Timings,
}

/// What a person must see to register the runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCode {
    /// What they type.
    pub code: UserCode,
    /// Where they type it; the code is in it already.
    pub url: String,
    /// For how long it is valid.
    pub expires_in: Duration,
}

/// Why a runner has no token.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// Somebody does not want it.
    #[error("{0}")]
    Refused(String),
    /// The token cannot be kept or read.
    #[error("the token {}: {source}", path.display())]
    Token {
        /// Where it is kept.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The token of a runner that was given none: the one that it saved, else a new one, as soon as
/// somebody approves. `show` must put each code before whoever started the runner. None when it is
/// asked to stop first.
///
/// # Errors
/// When somebody refuses, or the token cannot be kept.
pub async fn enrol<R: Runner>(
    runner: &R,
    options: &Enrolling,
    show: impl Fn(&ShownCode),
    shutdown: &CancellationToken,
) -> Result<Option<SecretText>, EnrolError> {
    let mut file = TokenFile::new(options.folder.clone());
    if let Some(saved) = file.saved().await? {
        return Ok(Some(saved));
    }
    let token = file.asked_for()?;
    let hash = Base64(token_file::hash(&token));
    // Large, and over long before the runner's own work begins.
    let asking = Box::pin(until_answered(runner, options, hash, show));
    match shutdown.run_until_cancelled(asking).await {
        None => Ok(None),
        Some(Ok(())) => {
            file.keep()?;
            Ok(Some(token))
        }
        Some(Err(refused)) => {
            file.forget()?;
            Err(EnrolError::Refused(refused))
        }
    }
}

/// Why a runner cannot go on that may have to get its token first.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It has no token.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// It must be started afresh.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// Runs a runner with the token that it was given, else with the one that [`enrol`] gets it, and
/// keeps what should run beside that.
///
/// # Errors
/// Those of [`enrol`] and of [`run`](crate::run).
pub async fn run_enrolled<R: Runner>(
    runner: R,
    token: Option<SecretText>,
    enrolling: Enrolling,
    policy: HostPolicy,
    show: impl Fn(&ShownCode),
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let token = match token {
        Some(token) => Some(token),
        None => enrol(&runner, &enrolling, show, &shutdown).await?,
    };
    let Some(token) = token else {
        return Ok(());
    };
    let options = Options {
        server_url: enrolling.server_url,
        timings: enrolling.timings,
        state: Some(StateFolder {
            path: enrolling.folder,
            key: StateKey::from_token(&token),
        }),
        token,
        policy,
    };
    Ok(agent::run(runner, options, shutdown).await?)
}

/// Asks again and again until the token is valid, or somebody refuses with these words.
async fn until_answered<R: Runner>(
    runner: &R,
    options: &Enrolling,
    token_hash: Base64,
    show: impl Fn(&ShownCode),
) -> Result<(), String> {
    let timings = &options.timings;
    let mut backoff = Backoff::new(timings.link_first, timings.link_max);
    loop {
        let about = match runner.about().await {
            Ok(about) => about,
            Err(error) => {
                warn!(%error, "the platform does not answer; trying again");
                sleep(timings.retry_max).await;
                continue;
            }
        };
        let asked = EnrolmentAsk {
            protocol: PROTOCOL_VERSION,
            about,
            token_hash: token_hash.clone(),
        };
        let pause = match ask::ask(options, asked, &show).await {
            Ok(runner_id) => {
                info!(runner.id = %runner_id, "somebody registered this runner");
                return Ok(());
            }
            Err(End::Refused(refusal)) if refusal.code == ErrorCode::EnrolmentRefused => {
                return Err(refusal.message);
            }
            Err(End::Refused(refusal)) if refusal.code == ErrorCode::EnrolmentEnded => {
                info!("nobody entered the code in time; here is another one");
                backoff.reset();
                jittered(timings.link_first)
            }
            Err(End::Refused(refusal)) => {
                let pause = pause_after(&refusal, &mut backoff, timings.link_refused);
                error!(
                    code = ?refusal.code,
                    reason = refusal.message,
                    pause_ms = millis(pause),
                    "the server does not register this runner now"
                );
                pause
            }
            Err(End::Lost(why)) => {
                let pause = jittered(backoff.next());
                warn!(
                    why,
                    pause_ms = millis(pause),
                    "no answer of the server; trying again"
                );
                pause
            }
            Err(End::Stopped | End::OtherRunner(_)) => backoff.next(),
        };
        sleep(pause).await;
    }
}
