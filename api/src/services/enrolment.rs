//! Registration of runners without a token, by a user code that a person approves.
//!
//! The runner makes its token itself and sends only the hash, so that approval is one
//! transaction with nothing to hand over. Whichever server dies at any time, a runner is either
//! registered with the token that it has, or not at all.

mod code;

use models::{
    EnrolmentId, RunnerId, WorkspaceId,
    error::{ApiError, ErrorCode, FieldError},
    runner::{Enrolment, EnrolmentAsk, EnrolmentState, PROTOCOL_VERSION, Runner},
    value::{ResourceName, UserCode},
};

use crate::{
    actor::SignedIn,
    app::App,
    bus::Event,
    client::ClientAddress,
    error::AppError,
    store::{self, enrolment::NewEnrolment, runner::NewRunner},
};

/// Lifetime of a user code, in milliseconds.
///
/// After approval, the runner has the same time to connect.
pub const LIFETIME_MS: i64 = 10 * 60_000;

/// Interval of pruning, in milliseconds.
pub const PRUNE_EVERY_MS: i64 = 60_000;

/// Time that the result of a registration stays readable, in milliseconds.
const REMEMBERED_MS: i64 = 60 * 60_000;

/// Largest number of waiting runners.
///
/// Anybody may ask, so the number is limited.
const MAX_WAITING: usize = 100;

/// Largest number of waiting runners per address.
const MAX_WAITING_PER_ADDRESS: usize = 5;

/// Length of a SHA-256 hash, in bytes.
const HASH_BYTES: usize = 32;

/// Result of a registration request.
#[derive(Clone, Debug)]
pub enum Begun {
    /// The runner is registered already; its token is valid.
    Known(RunnerId),
    /// The runner must wait for a person who enters the user code.
    Waiting {
        /// Id of the registration.
        enrolment_id: EnrolmentId,
        /// The user code, known to nobody else.
        code: UserCode,
    },
}

/// Starts a registration; the runner's earlier one becomes void.
pub async fn begin(
    app: &App,
    ask: EnrolmentAsk,
    address: ClientAddress,
) -> Result<Begun, AppError> {
    if ask.protocol != PROTOCOL_VERSION {
        return Err(ErrorCode::ProtocolVersionUnsupported.into());
    }
    let token_hash = ask.token_hash.0;
    if token_hash.len() != HASH_BYTES {
        return Err(ErrorCode::MalformedRequest.into());
    }
    if let Some(runner_id) = store::runner::by_token(&app.db, &token_hash).await? {
        return Ok(Begun::Known(runner_id));
    }
    let mut about = ask.about.presentable();
    // Reported again when the runner connects. Here it would only be space for strangers to
    // fill.
    about.policy = None;
    let enrolment_id = EnrolmentId::from_uuid(app.ids.next());
    let (now, code) = (app.clock.now(), code::new());
    let code_hash = code::hash(app, &code);
    let mut tx = app.db.begin().await?;
    store::enrolment::forget_token(&mut tx, &token_hash).await?;
    // Two concurrent requests may both pass as the last one, which does no harm.
    let waiting = store::enrolment::waiting(&mut tx, now).await?;
    let beside = waiting.iter().filter(|other| is_near(other, address));
    if waiting.len() >= MAX_WAITING || beside.count() >= MAX_WAITING_PER_ADDRESS {
        return Err(ErrorCode::TooManyEnrolments.into());
    }
    let new = NewEnrolment {
        enrolment_id,
        code_hash: code_hash.as_slice(),
        token_hash: &token_hash,
        about: &about,
        address: &address.0.to_string(),
        at: now,
        expires_at: now.plus_millis(LIFETIME_MS),
    };
    store::enrolment::insert(&mut tx, new).await?;
    tx.commit().await?;
    Ok(Begun::Waiting { enrolment_id, code })
}

/// True if rate limits count an address together with a recorded one.
fn is_near(noted: &str, address: ClientAddress) -> bool {
    let noted = noted.parse().map(ClientAddress);
    noted.is_ok_and(|noted| noted.network() == address.network())
}

/// Returns the state of a registration, for the runner itself.
pub async fn state(
    app: &App,
    enrolment_id: EnrolmentId,
) -> Result<(EnrolmentState, Option<RunnerId>), AppError> {
    let known = store::enrolment::state_of(&app.db, enrolment_id, app.clock.now()).await?;
    Ok(known.unwrap_or((EnrolmentState::Expired, None)))
}

/// Withdraws a registration whose runner left; its user code becomes void.
pub async fn withdraw(app: &App, enrolment_id: EnrolmentId) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    let withdrawn = store::enrolment::withdraw(&mut tx, enrolment_id).await?;
    tx.commit().await?;
    changed(app, withdrawn, enrolment_id);
    Ok(())
}

/// Finds the registration with a user code and assigns it to this workspace.
///
/// Wrong and right codes count alike against the person's limit.
pub async fn find(
    app: &App,
    actor: &SignedIn,
    workspace_id: WorkspaceId,
    code: &UserCode,
) -> Result<Enrolment, AppError> {
    app.rate.check_guess(actor.user_id)?;
    let hash = code::hash(app, code);
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    let found = store::enrolment::claim(&mut tx, workspace_id, hash.as_slice(), now).await?;
    let enrolment_id = found.ok_or_else(unknown_code)?;
    tx.commit().await?;
    changed(app, Some(workspace_id), enrolment_id);
    get(app, workspace_id, enrolment_id).await
}

fn unknown_code() -> AppError {
    let mut error = ApiError::new(ErrorCode::EnrolmentCodeUnknown);
    error.fields.push(FieldError {
        field: "code".to_owned(),
        message: "No runner that waits shows this.".to_owned(),
    });
    error.into()
}

/// Returns a registration whose user code was entered in the workspace.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    enrolment_id: EnrolmentId,
) -> Result<Enrolment, AppError> {
    store::enrolment::find(&app.db, workspace_id, enrolment_id, app.clock.now())
        .await?
        .ok_or_else(|| ErrorCode::NotFound.into())
}

/// Approves a waiting registration: registers the runner.
pub async fn approve(
    app: &App,
    workspace_id: WorkspaceId,
    enrolment_id: EnrolmentId,
    name: &ResourceName,
) -> Result<Runner, AppError> {
    let runner_id = RunnerId::from_uuid(app.ids.next());
    let now = app.clock.now();
    let connects_until = now.plus_millis(LIFETIME_MS);
    let mut tx = app.db.begin().await?;
    let decided = store::enrolment::decide(
        &mut tx,
        workspace_id,
        enrolment_id,
        true,
        connects_until,
        now,
    )
    .await?;
    let Some(token_hash) = decided else {
        drop(tx);
        return Err(not_waiting(app, workspace_id, enrolment_id).await);
    };
    let new = NewRunner {
        runner_id,
        workspace_id,
        name,
        token_hash: &token_hash,
        at: now,
    };
    super::runner::insert(&mut tx, new).await?;
    store::enrolment::set_runner(&mut tx, workspace_id, enrolment_id, runner_id).await?;
    tx.commit().await?;
    changed(app, Some(workspace_id), enrolment_id);
    super::runner::changed(app, workspace_id, runner_id);
    super::runner::get(app, workspace_id, runner_id).await
}

/// Denies a waiting registration.
pub async fn refuse(
    app: &App,
    workspace_id: WorkspaceId,
    enrolment_id: EnrolmentId,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let decided =
        store::enrolment::decide(&mut tx, workspace_id, enrolment_id, false, now, now).await?;
    if decided.is_none() {
        drop(tx);
        return Err(not_waiting(app, workspace_id, enrolment_id).await);
    }
    tx.commit().await?;
    changed(app, Some(workspace_id), enrolment_id);
    Ok(())
}

/// Returns the error for a registration that cannot be decided.
///
/// It belongs to another workspace, or it does not wait.
async fn not_waiting(app: &App, workspace_id: WorkspaceId, enrolment_id: EnrolmentId) -> AppError {
    match get(app, workspace_id, enrolment_id).await {
        Ok(_) => ErrorCode::EnrolmentEnded.into(),
        Err(error) => error,
    }
}

/// Removes approved runners that never connected, and old registrations.
pub async fn prune(app: &App) -> Result<(), AppError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let taken_back = store::enrolment::take_back(&mut tx, now).await?;
    store::enrolment::prune(&mut tx, now.plus_millis(-REMEMBERED_MS)).await?;
    tx.commit().await?;
    for (workspace_id, runner_id) in taken_back {
        tracing::info!(runner.id = %runner_id, "an approved runner never connected and was removed");
        super::runner::changed(app, workspace_id, runner_id);
    }
    Ok(())
}

fn changed(app: &App, workspace_id: Option<WorkspaceId>, enrolment_id: EnrolmentId) {
    app.bus.publish(Event::EnrolmentChanged {
        workspace_id,
        enrolment_id,
    });
}
