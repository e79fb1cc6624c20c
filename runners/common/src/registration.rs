//! Registration: the token of a runner without one, approved in the dashboard.
//!
//! The runner makes the token itself and the server learns only its hash, so the token never
//! travels before its first use. A lost reply costs nothing: the server repeats it.

mod request;
mod token_file;

use std::{io, path::PathBuf, time::Duration};

use models::{
    error::ErrorCode,
    runner::{HostPolicy, PROTOCOL_VERSION, RegistrationRequest},
    value::{Base64, SecretText, UserCode},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use self::token_file::TokenFile;
use crate::{
    agent::{self, AgentError, Options},
    backoff::{Backoff, jittered},
    link::{LinkEnd, ServerUrl, millis, pause_after},
    platform::Platform,
    state::{StateFolder, StateKey},
    timings::Timings,
};

/// Settings for a registration.
#[derive(Clone, Debug)]
pub struct RegistrationOptions {
    /// URL of the server.
    pub server_url: ServerUrl,
    /// Folder that keeps the token; use the one of [`StateFolder`](crate::StateFolder).
    pub folder: PathBuf,
    /// Timeouts, intervals and retry limits.
    pub timings: Timings,
}

/// The code that a person needs to register the runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationPrompt {
    /// User code to enter.
    pub user_code: UserCode,
    /// Verification URI, with the code filled in.
    pub verification_uri: String,
    /// Remaining validity of the code.
    pub expires_in: Duration,
}

/// Reasons why a runner has no token.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// A person denied the registration.
    #[error("{0}")]
    Denied(String),
    /// The token's file cannot be read or written.
    #[error("the token {}: {source}", path.display())]
    Token {
        /// Path of the token's file.
        path: PathBuf,
        /// Cause of the failure.
        #[source]
        source: io::Error,
    },
}

/// Returns the saved token, else a new one as soon as a person approves it.
///
/// `show` must put each code before whoever started the runner. `None` when told to stop first.
///
/// # Errors
/// When a person denies the registration, or the token cannot be saved.
pub async fn register<P: Platform>(
    platform: &P,
    options: &RegistrationOptions,
    show: impl Fn(&RegistrationPrompt),
    shutdown: &CancellationToken,
) -> Result<Option<SecretText>, RegistrationError> {
    let mut file = TokenFile::new(options.folder.clone());
    if let Some(saved) = file.saved().await? {
        return Ok(Some(saved));
    }
    let token = file.pending()?;
    let hash = Base64(token_file::hash(&token));
    // Boxed: the future is large, and done long before the runner's own work begins.
    let registering = Box::pin(wait_for_decision(platform, options, hash, show));
    match shutdown.run_until_cancelled(registering).await {
        None => Ok(None),
        Some(Ok(())) => {
            file.keep()?;
            Ok(Some(token))
        }
        Some(Err(refused)) => {
            file.forget()?;
            Err(RegistrationError::Denied(refused))
        }
    }
}

/// Reasons why a runner that may have to register first cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The runner has no token.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The runner must be restarted.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// Runs a runner with the given token, else with the one from [`register`].
///
/// Meanwhile it keeps the desired state of the previous process converged.
///
/// # Errors
/// Those of [`register`] and of [`run`](crate::run).
pub async fn run_registered<P: Platform>(
    platform: P,
    token: Option<SecretText>,
    registration: RegistrationOptions,
    policy: HostPolicy,
    show: impl Fn(&RegistrationPrompt),
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let token = match token {
        Some(token) => Some(token),
        None => register(&platform, &registration, show, &shutdown).await?,
    };
    let Some(token) = token else {
        return Ok(());
    };
    let options = Options {
        server_url: registration.server_url,
        timings: registration.timings,
        state: Some(StateFolder {
            path: registration.folder,
            key: StateKey::from_token(&token),
        }),
        token,
        policy,
    };
    Ok(agent::run(platform, options, shutdown).await?)
}

/// Sends requests until the token is valid, or returns the message of a denial.
async fn wait_for_decision<P: Platform>(
    platform: &P,
    options: &RegistrationOptions,
    token_hash: Base64,
    show: impl Fn(&RegistrationPrompt),
) -> Result<(), String> {
    let timings = &options.timings;
    let mut backoff = Backoff::new(timings.link_first, timings.link_max);
    loop {
        let about = match platform.fingerprint().await {
            Ok(fingerprint) => platform.capabilities().added_to(fingerprint),
            Err(error) => {
                warn!(%error, "the platform is not responding; retrying");
                sleep(timings.retry_max).await;
                continue;
            }
        };
        let sent = RegistrationRequest {
            protocol: PROTOCOL_VERSION,
            about,
            token_hash: token_hash.clone(),
        };
        let pause = match request::request(options, sent, &show).await {
            Ok(runner_id) => {
                info!(runner.id = %runner_id, "an operator approved this runner");
                return Ok(());
            }
            Err(LinkEnd::Refused(refusal)) if refusal.code == ErrorCode::RegistrationDenied => {
                return Err(refusal.message);
            }
            Err(LinkEnd::Refused(refusal)) if refusal.code == ErrorCode::RegistrationEnded => {
                info!("the code expired; requesting another one");
                backoff.reset();
                jittered(timings.link_first)
            }
            Err(LinkEnd::Refused(refusal)) => {
                let pause = pause_after(&refusal, &mut backoff, timings.link_refused);
                error!(
                    code = ?refusal.code,
                    reason = refusal.message,
                    pause_ms = millis(pause),
                    "registration failed; retrying"
                );
                pause
            }
            Err(LinkEnd::Lost(why)) => {
                let pause = jittered(backoff.next());
                warn!(
                    why,
                    pause_ms = millis(pause),
                    "the server is not responding; retrying"
                );
                pause
            }
            Err(LinkEnd::Stopped | LinkEnd::OtherRunner(_)) => backoff.next(),
        };
        sleep(pause).await;
    }
}
