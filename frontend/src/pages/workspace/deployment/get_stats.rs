//! `/workspace/{workspace_id}/deployment/{deployment_id}/metrics`: resource usage.

use components::time::Clock;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use models::{
    api::workspace::deployment::{
        GetStats, GetStatsPath, GetStatsQuery, GetStatsResponse, StreamStats, StreamStatsPath,
    },
    deployment::Deployment,
};

use super::tabs::{DeploymentHeader, DeploymentPage, DeploymentTab};
use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, load},
    paths,
    region::Region,
    sections::{
        stats::Stats,
        stats_range::{StatsRange, StatsRanges},
    },
};

/// Age up to which a measurement counts as current, in milliseconds.
///
/// It is the same for every range: samples come every 5 seconds, from clocks that may be a
/// minute late.
const NOW_MS: i64 = 90_000;

/// The resource usage of a deployment's instances.
#[component]
pub(crate) fn GetStatsPage() -> impl IntoView {
    view! { <DeploymentPage tab=DeploymentTab::Metrics body=stats /> }
}

fn stats(deployment: Deployment, grants: Grants) -> AnyView {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = deployment;
    let range = use_query_map().with_untracked(|query| {
        let name = query.get_str("range").unwrap_or_default();
        StatsRange::by_name(name).unwrap_or_default()
    });
    let path = GetStatsPath {
        workspace_id,
        deployment_id,
    };
    let now = use_context::<Clock>().map(|clock| clock.0);
    let last = |millis: i64| GetStatsQuery {
        from: now.map(|now| now.plus_millis(-millis)),
        to: None,
    };
    let query = last(range.millis());
    let stats = load::<GetStats>(Some(path.clone()), query.clone());
    let newest = load::<GetStats>(Some(path.clone()), last(NOW_MS));
    let stream = StreamStatsPath {
        workspace_id,
        deployment_id,
    };
    let resources = deployment.spec.resources;
    let gone = paths::deployments(workspace_id);
    let view = move |(stats, newest): (GetStatsResponse, GetStatsResponse), _| {
        let (path, gone) = (stream.clone(), gone.clone());
        view! {
            <Region stream=StreamStats path=path gone=gone pause_ms=range.pause_ms()>
                <Stats stats=stats newest=newest.series resources=resources />
            </Region>
        }
        .into_any()
    };
    let page = paths::metrics(workspace_id, deployment_id);
    view! {
        <DeploymentHeader tab=DeploymentTab::Metrics deployment=deployment grants=grants />
        <StatsRanges page=page current=range />
        <Loaded loading=(stats, newest) view=view />
        <ApiCall endpoint=GetStats path=path query=query />
    }
    .into_any()
}
