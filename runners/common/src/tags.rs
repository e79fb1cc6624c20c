//! Watched tags: registries are asked at intervals for the digests of image tags.
//!
//! One task asks for all of them, one request at a time, because registries count and limit
//! requests. Deployments that watch the same tag with the same credential share the request.
//! Without a link there are no requests, since nobody would receive the answers.

mod schedule;

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use models::{
    DeploymentId,
    deployment::{Failure, FailureCode},
    runner::{RunnerFrame, TagReport, WatchedTag, WorkloadId},
    value::ImageDigest,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout},
};
use tracing::info;

use self::schedule::{PollSchedule, TagQuery};
use crate::{
    context::AgentContext,
    platform::{Reconciler, Retry, RunnerError},
    policy,
    sync::lock,
};

/// The tags that the server wants watched.
#[derive(Debug, Default)]
pub(crate) struct WatchedTags {
    watched: Mutex<BTreeMap<DeploymentId, WatchedTag>>,
    changed: Notify,
}

impl WatchedTags {
    /// Sets the tag that a deployment watches from now on.
    pub(crate) fn watch(&self, deployment: DeploymentId, tag: Option<WatchedTag>) {
        let mut watched = lock(&self.watched);
        let previous = match tag.clone() {
            Some(tag) => watched.insert(deployment, tag),
            None => watched.remove(&deployment),
        };
        drop(watched);
        if previous != tag {
            self.changed.notify_one();
        }
    }

    /// Drops all deployments but these.
    pub(crate) fn keep_only(&self, named: &HashSet<WorkloadId>) {
        lock(&self.watched).retain(|id, _| named.contains(&(*id).into()));
        self.changed.notify_one();
    }
}

/// Resolves due tags, one after the other, forever.
pub(crate) async fn poll_tags<R: Reconciler>(context: Arc<AgentContext>, reconciler: Arc<R>) {
    let timings = &context.timings;
    let mut schedule = PollSchedule::new(timings);
    loop {
        schedule.set_watched(&lock(&context.tags.watched), Instant::now());
        let due = schedule.due();
        tokio::select! {
            () = context.tags.changed.notified() => continue,
            () = sleep_until(due.unwrap_or_else(far_away)), if due.is_some() => {}
        }
        if !context.outbox.is_open() {
            tokio::time::sleep(timings.tag_poll_gap).await;
            continue;
        }
        let Some(tag_query) = schedule.take_due(Instant::now()) else {
            continue;
        };
        let answer = query((&context, &*reconciler), &tag_query).await;
        let least = match &answer {
            Ok(_) => None,
            Err(error) => Some(match error.retry {
                Retry::After(least) => least,
                Retry::Never => Duration::ZERO,
            }),
        };
        let watchers = schedule.record_answer(&tag_query, Instant::now(), least);
        report(&context, &tag_query, &watchers, answer);
        tokio::time::sleep(timings.tag_poll_gap).await;
    }
}

/// A distant time, for the arm of a `select!` that is disabled when nothing is due.
fn far_away() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

async fn query<R: Reconciler>(
    (context, reconciler): (&AgentContext, &R),
    tag_query: &TagQuery,
) -> Result<ImageDigest, RunnerError> {
    if !context.capabilities.tags {
        return Err(RunnerError::no_tags());
    }
    let TagQuery { image, credential } = tag_query;
    policy::check_image(context.policy.registries.as_deref(), image)?;
    let asking = reconciler.resolve_tag(image, credential.as_ref());
    let answer = timeout(context.timings.tag_poll_timeout, asking).await;
    answer.unwrap_or_else(|_| {
        Err(RunnerError::platform(
            FailureCode::RegistrySilent,
            format!("The registry {} did not respond in time.", image.registry()),
        ))
    })
}

fn report(
    context: &AgentContext,
    tag_query: &TagQuery,
    watchers: &[(DeploymentId, i64)],
    answer: Result<ImageDigest, RunnerError>,
) {
    let (digest, failure) = match answer {
        Ok(digest) => (Some(digest), None),
        Err(error) => {
            info!(
                image = %tag_query.image,
                %error.code,
                error = %error,
                source = ?error.source,
                "failed to resolve a tag"
            );
            (None, Some(Failure::from(error)))
        }
    };
    for (deployment_id, poll_serial) in watchers {
        context.outbox.push(RunnerFrame::TagResolved(TagReport {
            deployment_id: *deployment_id,
            image: tag_query.image.clone(),
            poll_serial: *poll_serial,
            digest: digest.clone(),
            failure: failure.clone(),
        }));
    }
}
