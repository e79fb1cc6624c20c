//! Registration of runners without a token, by a user code that a person approves.
//!
//! The runner makes its token itself and sends only the hash, so that approval is one
//! transaction with nothing to hand over. Whichever server dies at any time, a runner is either
//! registered with the token that it has, or not at all.

mod code;

use models::{
    RegistrationId, RunnerId, WorkspaceId,
    error::{ApiError, ErrorCode, FieldError},
    runner::{PROTOCOL_VERSION, Registration, RegistrationRequest, RegistrationState, Runner},
    value::{ResourceName, UserCode},
};

use crate::{
    actor::SignedIn,
    app::App,
    bus::Event,
    client::ClientAddress,
    db::{Commit, Source, Tx},
    error::AppError,
    store::{self, registration::NewRegistration, runner::NewRunner},
};

/// Lifetime of a user code, in milliseconds.
///
/// After approval, the runner has the same time to connect.
pub const LIFETIME_MS: i64 = 10 * 60_000;

/// Time that the result of a registration stays readable, in milliseconds.
const REMEMBERED_MS: i64 = 60 * 60_000;

/// Largest number of waiting runners.
///
/// Anyone may ask, so the number is limited.
const MAX_WAITING: usize = 100;

/// Largest number of waiting runners per address.
const MAX_WAITING_PER_ADDRESS: usize = 5;

/// Length of a SHA-256 hash, in bytes.
const HASH_BYTES: usize = 32;

/// Result of a registration request.
#[derive(Clone, Debug)]
pub enum BeginOutcome {
    /// The runner is registered already; its token is valid.
    Known(RunnerId),
    /// The runner must wait for a person who enters the user code.
    Pending {
        /// Id of the registration.
        registration_id: RegistrationId,
        /// The user code, known to nobody else.
        code: UserCode,
    },
}

/// Starts a registration; the runner's earlier one becomes void.
pub async fn begin(
    app: &App,
    ask: RegistrationRequest,
    address: ClientAddress,
) -> Result<BeginOutcome, AppError> {
    if ask.protocol != PROTOCOL_VERSION {
        return Err(ErrorCode::ProtocolVersionUnsupported.into());
    }
    let token_hash = ask.token_hash.0;
    if token_hash.len() != HASH_BYTES {
        return Err(ErrorCode::MalformedRequest.into());
    }
    if let Some(runner_id) = store::runner::by_token(&app.db, &token_hash).await? {
        return Ok(BeginOutcome::Known(runner_id));
    }
    let mut about = ask.about.sanitized();
    // Reported again when the runner connects. Here it would only be space for strangers to
    // fill.
    about.policy = None;
    let registration_id = RegistrationId::from_uuid(app.ids.next());
    let (now, code) = (app.clock.now(), code::new());
    let code_hash = code::hash(app, &code);
    let shown_address = address.0.to_string();
    let new = NewRegistration {
        registration_id,
        code_hash: code_hash.as_slice(),
        token_hash: &token_hash,
        about: &about,
        address: &shown_address,
        at: now,
        expires_at: now.plus_millis(LIFETIME_MS),
    };
    app.db
        .write(async |tx| {
            store::registration::forget_token(tx, &token_hash).await?;
            // Two concurrent requests may both pass as the last one, which does no harm.
            let waiting = store::registration::waiting(tx, now).await?;
            if is_full(&waiting, address) {
                return Err(AppError::from(ErrorCode::TooManyRegistrations));
            }
            store::registration::insert(tx, new).await?;
            Ok(Commit(()))
        })
        .await?;
    Ok(BeginOutcome::Pending {
        registration_id,
        code,
    })
}

/// True if no more runners may wait, in total or at this address.
fn is_full(waiting: &[String], address: ClientAddress) -> bool {
    let beside = waiting
        .iter()
        .filter(|other| shares_network(other, address));
    waiting.len() >= MAX_WAITING || beside.count() >= MAX_WAITING_PER_ADDRESS
}

/// True if rate limits count an address together with a recorded one.
fn shares_network(noted: &str, address: ClientAddress) -> bool {
    let noted = noted.parse().map(ClientAddress);
    noted.is_ok_and(|noted| noted.network() == address.network())
}

/// Returns the state of a registration, for the runner itself.
pub async fn state(
    app: &App,
    registration_id: RegistrationId,
) -> Result<(RegistrationState, Option<RunnerId>), AppError> {
    let known = store::registration::state_of(&app.db, registration_id, app.clock.now()).await?;
    Ok(known.unwrap_or((RegistrationState::Expired, None)))
}

/// Withdraws a registration whose runner left; its user code becomes void.
pub async fn withdraw(app: &App, registration_id: RegistrationId) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let withdrawn = store::registration::withdraw(tx, registration_id).await?;
            changed(app, tx, withdrawn, registration_id);
            Ok(Commit(()))
        })
        .await
}

/// Finds the registration with a user code and assigns it to this workspace.
///
/// Wrong and right codes count alike against the person's limit.
pub async fn find(
    app: &App,
    actor: &SignedIn,
    workspace_id: WorkspaceId,
    code: &UserCode,
) -> Result<Registration, AppError> {
    app.rate.check_guess(actor.user_id)?;
    let hash = code::hash(app, code);
    app.db
        .write(async |tx| {
            let now = app.clock.now();
            let found = store::registration::claim(tx, workspace_id, hash.as_slice(), now).await?;
            let registration_id = found.ok_or_else(unknown_code)?;
            changed(app, tx, Some(workspace_id), registration_id);
            Ok(Commit(read(app, tx, workspace_id, registration_id).await?))
        })
        .await
}

fn unknown_code() -> AppError {
    let mut error = ApiError::new(ErrorCode::RegistrationCodeUnknown);
    error.fields.push(FieldError {
        field: "code".to_owned(),
        message: "No waiting runner shows this code.".to_owned(),
    });
    error.into()
}

/// Returns a registration whose user code was entered in the workspace.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    registration_id: RegistrationId,
) -> Result<Registration, AppError> {
    read(app, &app.db, workspace_id, registration_id).await
}

async fn read(
    app: &App,
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    registration_id: RegistrationId,
) -> Result<Registration, AppError> {
    store::registration::find(source, workspace_id, registration_id, app.clock.now())
        .await?
        .ok_or_else(|| ErrorCode::NotFound.into())
}

/// Approves a waiting registration: registers the runner.
pub async fn approve(
    app: &App,
    workspace_id: WorkspaceId,
    registration_id: RegistrationId,
    name: &ResourceName,
) -> Result<Runner, AppError> {
    let runner_id = RunnerId::from_uuid(app.ids.next());
    let now = app.clock.now();
    let connects_until = now.plus_millis(LIFETIME_MS);
    app.db
        .write(async |tx| {
            let decided = store::registration::decide(
                tx,
                workspace_id,
                registration_id,
                true,
                connects_until,
                now,
            )
            .await?;
            let Some(token_hash) = decided else {
                return Err(not_pending(app, tx, workspace_id, registration_id).await);
            };
            let new = NewRunner {
                runner_id,
                workspace_id,
                name,
                token_hash: &token_hash,
                at: now,
            };
            super::runner::insert(tx, new).await?;
            store::registration::set_runner(tx, workspace_id, registration_id, runner_id).await?;
            changed(app, tx, Some(workspace_id), registration_id);
            super::runner::changed(app, tx, workspace_id, runner_id);
            let runner = super::runner::read(app, tx, workspace_id, runner_id).await?;
            Ok(Commit(runner))
        })
        .await
}

/// Denies a waiting registration.
pub async fn deny(
    app: &App,
    workspace_id: WorkspaceId,
    registration_id: RegistrationId,
) -> Result<(), AppError> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let decided =
                store::registration::decide(tx, workspace_id, registration_id, false, now, now)
                    .await?;
            if decided.is_none() {
                return Err(not_pending(app, tx, workspace_id, registration_id).await);
            }
            changed(app, tx, Some(workspace_id), registration_id);
            Ok(Commit(()))
        })
        .await
}

/// Returns the error for a registration that cannot be decided.
///
/// It belongs to another workspace, or it does not wait.
async fn not_pending(
    app: &App,
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    registration_id: RegistrationId,
) -> AppError {
    match read(app, tx, workspace_id, registration_id).await {
        Ok(_) => ErrorCode::RegistrationEnded.into(),
        Err(error) => error,
    }
}

/// Removes approved runners that never connected, and old registrations.
pub async fn prune(app: &App) -> Result<(), AppError> {
    let now = app.clock.now();
    let taken_back = app.db.write(async |tx| {
        let taken_back = store::registration::take_back(tx, now).await?;
        store::registration::prune(tx, now.plus_millis(-REMEMBERED_MS)).await?;
        for (workspace_id, runner_id) in &taken_back {
            super::runner::changed(app, tx, *workspace_id, *runner_id);
        }
        Ok::<_, AppError>(Commit(taken_back))
    });
    for (_, runner_id) in taken_back.await? {
        tracing::info!(runner.id = %runner_id, "removed an approved runner that never connected");
    }
    Ok(())
}

/// Publishes, once the transaction is committed, that a registration changed.
fn changed(
    app: &App,
    tx: &mut Tx,
    workspace_id: Option<WorkspaceId>,
    registration_id: RegistrationId,
) {
    let event = Event::RegistrationChanged {
        workspace_id,
        registration_id,
    };
    app.bus.publish_after(tx, event);
}
