//! The one-time set-up: nobody becomes administrator without the token that the server printed.

use std::time::Duration;

use models::{UserId, api::setup::CompleteSetupRequest};
use models::{error::ErrorCode, user::User, value::SecretText, workspace::Workspace};
use tower_sessions::Session;

use super::{session, workspace};
use crate::{
    app::App,
    db::Constraint,
    error::AppError,
    random::Token,
    store::{self, app_user::NewUser},
};

/// How long set-up waits for this machine to become a runner.
const MACHINE_WAIT: Duration = Duration::from_secs(2);
/// The pause between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The setting that keeps the hash of the token.
const TOKEN_SETTING: &str = "setup_token_hash";

/// Whether the server has its administrator.
pub async fn is_done(app: &App) -> Result<bool, AppError> {
    Ok(store::app_user::count(&app.db).await? > 0)
}

/// Makes a new one-time token, which replaces the one before; none once set-up is done.
pub async fn new_token(app: &App) -> Result<Option<Token>, AppError> {
    if is_done(app).await? {
        return Ok(None);
    }
    let token = Token::generate("berth_setup_");
    let mut tx = app.db.begin().await?;
    store::setting::set(&mut tx, TOKEN_SETTING, &token.hash().to_hex()).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Makes the first account and the first workspace, and signs the person in.
pub async fn complete(
    app: &App,
    http_session: &Session,
    request: CompleteSetupRequest,
) -> Result<(User, Workspace), AppError> {
    check_token(app, &request.token).await?;
    // Before the transaction, which on SQLite holds up every other writer.
    let password_hash = app
        .passwords
        .hash(request.password.expose())
        .await
        .map_err(AppError::internal)?;
    let user_id = UserId::from_uuid(app.ids.next());
    let mut tx = app.db.begin().await?;
    // Two at once: the token goes away in the same transaction, so only one of them finds it.
    if !store::setting::delete(&mut tx, TOKEN_SETTING).await? {
        return Err(ErrorCode::SetupAlreadyDone.into());
    }
    let user = NewUser {
        user_id,
        email: &request.email,
        name: request.name.as_str(),
        password_hash: &password_hash,
        at: app.clock.now(),
    };
    store::app_user::insert(&mut tx, user)
        .await
        .map_err(|error| {
            if error.is_conflict(Constraint::UserEmail) {
                ErrorCode::SetupAlreadyDone.into()
            } else {
                AppError::from(error)
            }
        })?;
    let workspace = workspace::create_in(app, &mut tx, user_id, request.workspace_name).await?;
    tx.commit().await?;
    session::begin(app, http_session, user_id).await?;
    app.setup_done.notify_waiters();
    wait_for_machine(app).await;
    let user = User {
        user_id,
        name: request.name.to_string(),
        email: request.email,
    };
    Ok((user, workspace))
}

/// Gives this machine a moment to become a runner, so that the first page that a newcomer sees does
/// not say that there is none. Without a Docker Engine nothing is waited for.
async fn wait_for_machine(app: &App) {
    let linked = async {
        let mut is_ready = app.machine_is_ready.subscribe();
        // Right after a start it is not known yet.
        let known = is_ready.wait_for(Option::is_some).await;
        if known.is_ok_and(|is_ready| *is_ready == Some(false)) {
            return;
        }
        while app.hub.is_empty() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    // Setting up is done in any case; a runner that takes longer is seen when it comes.
    let _ = tokio::time::timeout(MACHINE_WAIT, linked).await;
}

async fn check_token(app: &App, token: &SecretText) -> Result<(), AppError> {
    // First the token: where it is gone already because somebody else was faster, that one is done.
    let kept = store::setting::get(&app.db, TOKEN_SETTING).await?;
    let is_right = kept.is_some_and(|kept| Token::matches_hex(token.expose(), &kept));
    if is_done(app).await? {
        Err(ErrorCode::SetupAlreadyDone.into())
    } else if is_right {
        Ok(())
    } else {
        Err(ErrorCode::SetupTokenInvalid.into())
    }
}
