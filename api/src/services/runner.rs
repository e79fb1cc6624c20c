//! Runners: registration, and the leases of their links.

use models::{
    RunnerId, WorkspaceId,
    error::ErrorCode,
    page::{Page, PageQuery},
    runner::{Runner, RunnerInfo},
    time::Timestamp,
    value::{ResourceName, ShownOnce},
};

use super::{page, rows_wanted, untrusted_text};
use crate::{
    app::App,
    bus::Event,
    client::ClientAddress,
    db::{Commit, Constraint, Source, StoreError, Tx},
    error::AppError,
    random::Token,
    store::{self, runner::NewRunner},
};

/// Registers a runner; its token is shown only this once.
pub async fn create(
    app: &App,
    workspace_id: WorkspaceId,
    name: ResourceName,
) -> Result<(Runner, ShownOnce), AppError> {
    let runner_id = RunnerId::from_uuid(app.ids.next());
    let token = Token::generate("berth_runner_");
    let token_hash = token.hash();
    let now = app.clock.now();
    let new = NewRunner {
        runner_id,
        workspace_id,
        name: &name,
        token_hash: token_hash.as_bytes(),
        at: now,
    };
    app.db
        .write(async |tx| {
            insert(tx, new).await?;
            changed(app, tx, workspace_id, runner_id);
            let runner = read(app, tx, workspace_id, runner_id).await?;
            Ok(Commit((runner, ShownOnce::new(token.expose()))))
        })
        .await
}

/// Inserts a runner as part of a larger change.
pub(super) async fn insert(tx: &mut Tx, new: NewRunner<'_>) -> Result<(), AppError> {
    store::runner::insert(tx, new).await.map_err(|error| {
        if error.is_conflict(Constraint::RunnerName) {
            ErrorCode::RunnerNameTaken.into()
        } else {
            AppError::from(error)
        }
    })
}

/// Gives a runner with a fixed name a new token; registers it if missing.
///
/// This is how this machine joins at every start without storing its token.
pub async fn register_local(
    app: &App,
    workspace_id: WorkspaceId,
    name: &ResourceName,
) -> Result<(RunnerId, Token), AppError> {
    let token = Token::generate("berth_runner_");
    let token_hash = token.hash();
    app.db
        .write(async |tx| {
            let token_hash = token_hash.as_bytes();
            let known = store::runner::by_name(tx, workspace_id, name).await?;
            let runner_id = known.unwrap_or_else(|| RunnerId::from_uuid(app.ids.next()));
            if known.is_some() {
                store::runner::set_token(tx, workspace_id, runner_id, token_hash).await?;
            } else {
                let new = NewRunner {
                    runner_id,
                    workspace_id,
                    name,
                    token_hash,
                    at: app.clock.now(),
                };
                store::runner::insert(tx, new).await?;
            }
            changed(app, tx, workspace_id, runner_id);
            Ok(Commit((runner_id, token)))
        })
        .await
}

/// Replaces a runner's token, which is shown only this once.
///
/// The old token becomes invalid and its link is closed.
pub async fn rotate_token(
    app: &App,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
) -> Result<(Runner, ShownOnce), AppError> {
    let token = Token::generate("berth_runner_");
    let hash = token.hash();
    app.db
        .write(async |tx| {
            if !store::runner::set_token(tx, workspace_id, runner_id, hash.as_bytes()).await? {
                return Err(ErrorCode::NotFound.into());
            }
            changed(app, tx, workspace_id, runner_id);
            let runner = read(app, tx, workspace_id, runner_id).await?;
            Ok(Commit((runner, ShownOnce::new(token.expose()))))
        })
        .await
}

/// Returns a runner of a workspace.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
) -> Result<Runner, AppError> {
    read(app, &app.db, workspace_id, runner_id).await
}

/// Returns a runner like [`get`], as part of a larger read or change.
pub(super) async fn read(
    app: &App,
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
) -> Result<Runner, AppError> {
    let found = store::runner::find(source, workspace_id, runner_id, app.clock.now()).await?;
    let mut runner = found.ok_or(ErrorCode::NotFound)?;
    runner.shares_dashboard_host = shares_dashboard_host(app, &runner);
    Ok(runner)
}

/// True if browsers would send the dashboard's cookies to a runner's apps.
fn shares_dashboard_host(app: &App, runner: &Runner) -> bool {
    let published = runner
        .about
        .as_ref()
        .and_then(|about| about.publish_address);
    let from = runner.address.as_ref().and_then(|ip| ip.parse().ok());
    published.is_some_and(|published| app.site.is_shared_with(published, from))
}

/// Lists a workspace's runners by name.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    query: &PageQuery,
) -> Result<Page<Runner>, AppError> {
    let behind = query.cursor.as_ref().map_or("", |cursor| cursor.0.as_str());
    let now = app.clock.now();
    let mut snapshot = app.db.snapshot().await?;
    let rows =
        store::runner::list(&mut snapshot, workspace_id, behind, rows_wanted(query), now).await?;
    let shown = |mut runner: Runner| {
        runner.shares_dashboard_host = shares_dashboard_host(app, &runner);
        Ok(runner)
    };
    page(rows, query, |last: &Runner| last.name.to_string(), shown)
}

/// Deletes a runner without deployments and volumes.
///
/// Its token becomes invalid and its link is closed.
pub async fn delete(
    app: &App,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let existed = store::runner::delete(tx, workspace_id, runner_id)
                .await
                .map_err(in_use)?;
            if !existed {
                return Err(ErrorCode::NotFound.into());
            }
            changed(app, tx, workspace_id, runner_id);
            Ok(Commit(()))
        })
        .await
}

fn in_use(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::ForeignKey) {
        ErrorCode::RunnerInUse.into()
    } else {
        error.into()
    }
}

/// Finds the runner that a token belongs to.
pub async fn by_token(app: &App, token: &str) -> Result<RunnerId, AppError> {
    store::runner::by_token(&app.db, Token::hash_of(token).as_bytes())
        .await?
        .ok_or_else(|| ErrorCode::Unauthenticated.into())
}

/// Acquires the lease of a runner's link; returns the link's epoch.
pub async fn acquire_lease(
    app: &App,
    runner_id: RunnerId,
    address: ClientAddress,
) -> Result<i64, AppError> {
    let now = app.clock.now();
    let (until, address) = (lease_end(now), address.0.to_string());
    app.db
        .write(async |tx| {
            let server_id = app.server_id;
            let epoch =
                store::runner::acquire_lease(tx, runner_id, server_id, until, now, &address)
                    .await?;
            Ok(Commit(epoch.ok_or(ErrorCode::RunnerAlreadyConnected)?))
        })
        .await
}

/// Stores a runner's facts about itself, and publishes that it is linked.
pub async fn record_info(
    app: &App,
    runner_id: RunnerId,
    epoch: i64,
    about: &RunnerInfo,
) -> Result<(), AppError> {
    let about = untrusted_text::sanitize_info(about.clone());
    let recording = app.db.write(async |tx| {
        let workspace_id = store::runner::workspace(tx, runner_id).await?;
        store::runner::describe(tx, runner_id, epoch, &about).await?;
        changed(app, tx, workspace_id, runner_id);
        let runner = read(app, tx, workspace_id, runner_id).await?;
        Ok::<_, AppError>(Commit(runner))
    });
    let runner = recording.await?;
    if runner.shares_dashboard_host {
        tracing::warn!(
            runner.id = %runner_id,
            runner.name = %runner.name,
            "apps on this runner share the dashboard's host name over plain HTTP, so browsers send \
             them the session cookies of anyone who opens them; use https in `server.public_url`, \
             or publish the apps on another address (`publish_address` of the runner)"
        );
    }
    Ok(())
}

/// Releases the lease of a link.
pub async fn release_lease(app: &App, runner_id: RunnerId, epoch: i64) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let now = app.clock.now();
            store::runner::release_lease(tx, runner_id, epoch, now).await?;
            let workspace_id = store::runner::workspace(tx, runner_id).await?;
            changed(app, tx, workspace_id, runner_id);
            Ok(Commit(()))
        })
        .await
}

/// Renews the leases of this server's links; returns the links still held.
pub async fn renew_leases(app: &App) -> Result<Vec<(RunnerId, i64)>, AppError> {
    let until = lease_end(app.clock.now());
    app.db
        .write(async |tx| {
            let held = store::runner::renew_leases(tx, app.server_id, until).await?;
            Ok(Commit(held))
        })
        .await
}

/// Releases the leases that this server held before its restart.
pub async fn release_stale_leases(app: &App) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            store::runner::release_leases(tx, app.server_id).await?;
            Ok(Commit(()))
        })
        .await
}

fn lease_end(now: Timestamp) -> Timestamp {
    now.plus_millis(store::runner::LEASE_MS)
}

/// Publishes, once the transaction is committed, that a runner changed.
pub(super) fn changed(app: &App, tx: &mut Tx, workspace_id: WorkspaceId, runner_id: RunnerId) {
    let event = Event::RunnerChanged {
        workspace_id,
        runner_id,
    };
    app.bus.publish_after(tx, event);
}
