//! Reading deployments.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::{Deployment, DeploymentSummary, DesiredState, Scale, Spec},
    page::{EnvironmentPageQuery, Page, PageQuery},
};

use crate::{
    app::App,
    db::{OneState, Source},
    error::AppError,
    services::{
        Redactable, behind, environment, name_cursor, page, release, rows_wanted, runner,
        sealed_spec,
    },
    store,
};

/// Returns a deployment with its newest release and its observed state.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Redactable<Deployment>, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    load(app, &mut snapshot, workspace_id, deployment_id).await
}

/// Lists a workspace's deployments by name.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    query: &EnvironmentPageQuery,
) -> Result<Page<DeploymentSummary>, AppError> {
    let page = query.page();
    let (behind, wanted) = (behind(&page)?, rows_wanted(&page));
    let mut snapshot = app.db.snapshot().await?;
    let within = environment::within(&mut snapshot, workspace_id, query).await?;
    let rows = store::deployment::list(&mut snapshot, workspace_id, within, behind, wanted).await?;
    summaries(app, rows, &page)
}

/// Lists a runner's deployments by name.
pub async fn list_on(
    app: &App,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    query: &PageQuery,
) -> Result<Page<DeploymentSummary>, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    runner::read(app, &mut snapshot, workspace_id, runner_id).await?;
    let (behind, wanted) = (behind(query)?, rows_wanted(query));
    let rows =
        store::deployment::list_on(&mut snapshot, workspace_id, runner_id, behind, wanted).await?;
    summaries(app, rows, query)
}

fn summaries(
    app: &App,
    rows: store::Rows<store::deployment::Listed>,
    query: &PageQuery,
) -> Result<Page<DeploymentSummary>, AppError> {
    let now = app.clock.now();
    page(
        rows,
        query,
        |last: &DeploymentSummary| name_cursor(&last.name, last.deployment_id.uuid()),
        |row| Ok(row.read(now)?),
    )
}

pub(super) async fn load(
    app: &App,
    source: impl Into<OneState<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Redactable<Deployment>, AppError> {
    let mut source = source.into();
    let row = store::deployment::find(source.reborrow(), workspace_id, deployment_id).await?;
    let newest = store::release::newest(source.reborrow(), &row).await?;
    let release = match newest {
        Some(row) => Some(release::load(app, source.reborrow(), workspace_id, &row).await?),
        None => None,
    };
    let image = store::release::newest_image(source.reborrow(), &row).await?;
    let scale = scale(source.reborrow(), &row).await?;
    let spec = current_spec(app, source.reborrow(), &row).await?;
    let watch = store::tag_watch::find(source, workspace_id, deployment_id).await?;
    let desired = row.desired()?;
    Ok(Redactable::new(Deployment {
        deployment_id: row.deployment_id(),
        workspace_id: row.workspace_id(),
        environment: row.environment(),
        name: row.name(),
        runner_id: row.runner_id(),
        runner_name: row.runner_name(),
        spec,
        desired,
        generation: row.generation,
        scale,
        release,
        image,
        observed: row.observed(app.clock.now()),
        auto_deploy: watch.as_ref().is_some_and(|watch| watch.is_on),
        tag: watch.and_then(|watch| watch.read()),
        created_at: row.created_at(),
        updated_at: row.updated_at(),
    }))
}

/// Returns the instance count of the live release, and the reason for it.
async fn scale(
    source: impl Into<Source<'_>>,
    row: &store::deployment::Deployment,
) -> Result<Option<Scale>, AppError> {
    let Some(live) = row.live_spec() else {
        return Ok(None);
    };
    if row.desired()? != DesiredState::Running {
        return Ok(None);
    }
    // A decision from before a stop, or for another range, is not the reason now.
    let last_change = match row.scaled_to() {
        Some(count) => store::scaling_change::newest(source, row)
            .await?
            .filter(|change| change.to == count),
        None => None,
    };
    Ok(Some(Scale {
        instances: live.clamp_instances(row.scaled_to()),
        min_instances: live.instances,
        max_instances: live.most_instances(),
        last_change,
    }))
}

/// Opens the whole specification in the settings.
pub(super) async fn current_spec(
    app: &App,
    source: impl Into<Source<'_>>,
    row: &store::deployment::Deployment,
) -> Result<Spec, AppError> {
    let key = sealed_spec::data_key(app, source, row.workspace_id()).await?;
    sealed_spec::open(
        &key,
        row.workspace_id(),
        row.deployment_id().uuid(),
        row.spec(),
        &row.sealed_fields,
    )
}
