//! Set-up of a new server.
//!
//! Nobody becomes administrator without a token that a server printed.

use std::time::Duration;

use models::{UserId, api::setup::CompleteSetupRequest};
use models::{error::ErrorCode, user::User, value::SecretText, workspace::Workspace};

use super::workspace;
use crate::{
    actor::Actor,
    app::App,
    audit::AuditTrail,
    client::ClientAddress,
    db::{Commit, Constraint, StoreError},
    error::AppError,
    random::Token,
    store::{self, app_user::NewUser},
};

/// Longest wait of set-up for this machine to become a runner.
const MACHINE_WAIT: Duration = Duration::from_secs(2);
/// Interval of the checks during this wait.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Lifetime of a set-up link, in days.
pub const TOKEN_DAYS: i64 = 7;
const DAY_MS: i64 = 86_400_000;

/// True if the server has its administrator.
pub async fn is_done(app: &App) -> Result<bool, AppError> {
    Ok(store::app_user::count(&app.db).await? > 0)
}

/// Creates a set-up token; `None` once set-up is done.
///
/// Tokens of other servers and earlier starts stay valid.
pub async fn new_token(app: &App) -> Result<Option<Token>, AppError> {
    if is_done(app).await? {
        return Ok(None);
    }
    let token = Token::generate("berth_setup_");
    let now = app.clock.now();
    let expires_at = now.plus_millis(TOKEN_DAYS * DAY_MS);
    app.db
        .write(async |tx| {
            store::setup_token::prune(tx, now).await?;
            store::setup_token::insert(tx, &token.hash(), expires_at).await?;
            Ok(Commit(Some(token)))
        })
        .await
}

/// Creates the first account and the first workspace.
///
/// # Errors
/// `setup_already_done`, or `setup_token_invalid`.
pub async fn complete(
    app: &App,
    trail: &AuditTrail,
    address: ClientAddress,
    request: CompleteSetupRequest,
) -> Result<(User, Workspace), AppError> {
    check_token(app, &request.token).await?;
    // Before the transaction, because on SQLite a transaction blocks every other writer.
    let password_hash = app
        .passwords
        .hash(request.password.expose())
        .await
        .map_err(AppError::internal)?;
    let user_id = UserId::from_uuid(app.ids.next());
    trail.set_actor(Actor::person(user_id, request.name.as_str(), address));
    let user = NewUser {
        user_id,
        email: &request.email,
        name: request.name.as_str(),
        password_hash: &password_hash,
        at: app.clock.now(),
    };
    let creating = app.db.write(async |tx| {
        // Of two concurrent set-ups, perhaps each with its own token, the second finds no
        // tokens, because the first deleted all of them, or finds the first one's account.
        let is_first = store::setup_token::clear(tx).await?;
        if !is_first || store::app_user::count(&mut *tx).await? > 0 {
            return Err(ErrorCode::SetupAlreadyDone.into());
        }
        let inserted = store::app_user::insert(tx, user).await;
        inserted.map_err(already_done)?;
        let name = request.workspace_name;
        let workspace = workspace::create_in(app, tx, user_id, name).await?;
        Ok::<_, AppError>(Commit(workspace))
    });
    let workspace = creating.await?;
    app.features.set_up.done.notify_waiters();
    let user = User {
        user_id,
        name: request.name.to_string(),
        email: request.email,
    };
    Ok((user, workspace))
}

fn already_done(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::UserEmail) {
        ErrorCode::SetupAlreadyDone.into()
    } else {
        error.into()
    }
}

/// Waits briefly for this machine to become a runner.
///
/// Otherwise the first page after set-up would say that there is no runner. Without a Docker
/// Engine there is no wait.
pub async fn wait_for_local_runner(app: &App) {
    let linked = async {
        let mut is_ready = app.features.set_up.local_runner_is_ready.subscribe();
        // Not known right after a start.
        let known = is_ready.wait_for(Option::is_some).await;
        if known.is_ok_and(|is_ready| *is_ready == Some(false)) {
            return;
        }
        while app.links.is_empty() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    // Set-up is done in any case. A slower runner appears once it connects.
    let _ = tokio::time::timeout(MACHINE_WAIT, linked).await;
}

async fn check_token(app: &App, token: &SecretText) -> Result<(), AppError> {
    // The token is read first: if a concurrent set-up has deleted it, that set-up is done by
    // now.
    let hash = Token::hash_of(token.expose());
    let is_right = store::setup_token::is_valid(&app.db, &hash, app.clock.now()).await?;
    if is_done(app).await? {
        Err(ErrorCode::SetupAlreadyDone.into())
    } else if is_right {
        Ok(())
    } else {
        Err(ErrorCode::SetupTokenInvalid.into())
    }
}
