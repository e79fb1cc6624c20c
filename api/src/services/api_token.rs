//! API tokens: creation, use and deletion.

use models::{
    ApiTokenId, WorkspaceId,
    api::workspace::api_token::CreateApiTokenRequest,
    api_token::{ApiToken, DEFAULT_LIFETIME_DAYS, MAX_API_TOKENS},
    error::{ApiError, ErrorCode, FieldError},
    page::{Page, PageQuery},
    rbac::Role,
    value::ShownOnce,
};

use super::{page, rows_wanted};
use crate::{
    actor::{Actor, SignedIn},
    app::App,
    bus::Event,
    db::{Commit, Constraint, StoreError},
    error::AppError,
    random::Token,
    store::{
        self,
        api_token::{Bearer, NewApiToken},
    },
};

/// Prefix of every API token, for people and for secret scanners.
pub const PREFIX: &str = "berth_api_";

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// The time for which an expired token is still listed, in milliseconds.
const KEPT_EXPIRED_MS: i64 = 30 * DAY_MS;

/// Refuses a token that manages tokens, other than itself.
///
/// Otherwise a stolen token could outlive its expiry and deletion, or delete those of others.
fn check_manages(actor: &Actor, api_token_id: Option<ApiTokenId>) -> Result<(), AppError> {
    match actor.api_token_id() {
        Some(own) if api_token_id != Some(own) => Err(ApiError::new(ErrorCode::PermissionDenied)
            .with_message(
                "An API token can only see and delete itself. Sign in to manage API tokens.",
            )
            .into()),
        _ => Ok(()),
    }
}

/// Creates an API token of a person; its text is shown only this once.
pub async fn create(
    app: &App,
    owner: &SignedIn,
    workspace_id: WorkspaceId,
    request: CreateApiTokenRequest,
) -> Result<(ApiToken, ShownOnce), AppError> {
    check_manages(&owner.actor, None)?;
    check_role(&owner.actor, request.role)?;
    let api_token_id = ApiTokenId::from_uuid(app.ids.next());
    let token = Token::generate(PREFIX);
    let (hash, now) = (token.hash(), app.clock.now());
    let days = request.expires_in_days.unwrap_or(DEFAULT_LIFETIME_DAYS);
    let new = NewApiToken {
        api_token_id,
        workspace_id,
        user_id: owner.user_id,
        name: &request.name,
        role: request.role,
        token_hash: hash.as_bytes(),
        at: now,
        expires_at: now.plus_millis(i64::from(days) * DAY_MS),
    };
    app.db
        .write(async |tx| {
            let long_ago = now.plus_millis(-KEPT_EXPIRED_MS);
            store::api_token::delete_expired(tx, workspace_id, owner.user_id, long_ago).await?;
            // Several at once may exceed the maximum, which only bounds the table.
            let count = store::api_token::count(tx, workspace_id, owner.user_id).await?;
            if count >= MAX_API_TOKENS {
                return Err(ErrorCode::TooManyApiTokens.into());
            }
            let inserted = store::api_token::insert(tx, new).await;
            inserted.map_err(name_taken)?;
            let created =
                store::api_token::find(tx, workspace_id, owner.user_id, api_token_id).await?;
            Ok(Commit((created, ShownOnce::new(token.expose()))))
        })
        .await
}

/// Refuses a role that allows more than the creator may do.
///
/// Calls are limited by the person's own role anyway, but that role may grow later.
fn check_role(actor: &Actor, role: Role) -> Result<(), AppError> {
    if role.grants().iter().all(|permission| actor.may(permission)) {
        return Ok(());
    }
    Err(ApiError::invalid(vec![FieldError {
        field: "role".to_owned(),
        message: "Your own role does not allow this much. Choose another one.".to_owned(),
    }])
    .into())
}

fn name_taken(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::ApiTokenName) {
        ErrorCode::ApiTokenNameTaken.into()
    } else {
        error.into()
    }
}

/// Returns an API token of a person.
pub async fn get(
    app: &App,
    owner: &SignedIn,
    workspace_id: WorkspaceId,
    api_token_id: ApiTokenId,
) -> Result<ApiToken, AppError> {
    check_manages(&owner.actor, Some(api_token_id))?;
    let mut snapshot = app.db.snapshot().await?;
    let user_id = owner.user_id;
    Ok(store::api_token::find(&mut snapshot, workspace_id, user_id, api_token_id).await?)
}

/// Lists a person's API tokens in a workspace by name.
pub async fn list(
    app: &App,
    owner: &SignedIn,
    workspace_id: WorkspaceId,
    query: &PageQuery,
) -> Result<Page<ApiToken>, AppError> {
    check_manages(&owner.actor, None)?;
    let behind = query.cursor.as_ref().map_or("", |cursor| cursor.0.as_str());
    let (user_id, wanted) = (owner.user_id, rows_wanted(query));
    let mut snapshot = app.db.snapshot().await?;
    let rows = store::api_token::list(&mut snapshot, workspace_id, user_id, behind, wanted).await?;
    page(rows, query, |last: &ApiToken| last.name.to_string(), Ok)
}

/// Deletes an API token of a person; open streams check their callers again.
pub async fn delete(
    app: &App,
    owner: &SignedIn,
    workspace_id: WorkspaceId,
    api_token_id: ApiTokenId,
) -> Result<(), AppError> {
    check_manages(&owner.actor, Some(api_token_id))?;
    let user_id = owner.user_id;
    app.db
        .write(async |tx| {
            if !store::api_token::delete(tx, workspace_id, user_id, api_token_id).await? {
                return Err(ErrorCode::NotFound.into());
            }
            app.bus
                .publish_after(tx, Event::SessionsChanged { user_id });
            Ok(Commit(()))
        })
        .await
}

/// Finds the bearer of a token that is valid now, and records the use.
///
/// # Errors
/// `unauthenticated` when the token is unknown, deleted or expired.
pub async fn by_token(app: &App, token: &str) -> Result<Bearer, AppError> {
    let found = store::api_token::by_token(&app.db, Token::hash_of(token).as_bytes()).await?;
    let now = app.clock.now();
    let bearer = found
        .filter(|bearer| now < bearer.expires_at())
        .ok_or_else(|| {
            ApiError::new(ErrorCode::Unauthenticated).with_message(
            "This API token is invalid, expired or deleted. Create another one in the dashboard.",
        )
        })?;
    let record = async {
        let (app, bearer) = (app.clone(), bearer.clone());
        let tasks = app.tasks.clone();
        tasks.spawn(async move { record_use(&app, &bearer).await });
    };
    let uses = &app.features.api_token_uses;
    uses.record(bearer.api_token_id(), now, record).await;
    Ok(bearer)
}

/// Records a use, beside the call.
///
/// The call neither waits for a busy database nor fails because of it.
async fn record_use(app: &App, bearer: &Bearer) {
    let (workspace_id, api_token_id) = (bearer.workspace_id(), bearer.api_token_id());
    let now = app.clock.now();
    let recorded: Result<(), StoreError> = app
        .db
        .write(async |tx| {
            store::api_token::set_used(tx, workspace_id, api_token_id, now).await?;
            Ok(Commit(()))
        })
        .await;
    if let Err(error) = recorded {
        tracing::warn!(
            api_token.id = %api_token_id,
            error = &error as &dyn std::error::Error,
            "the use of an API token was not recorded"
        );
    }
}
