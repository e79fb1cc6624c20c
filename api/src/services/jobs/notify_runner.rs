//! The notice to a runner that a desired state changed.

use models::{DeploymentId, RunId, RunnerId};

use crate::{app::App, bus::Event, jobs::Outcome};

pub(super) fn run(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    run_id: Option<RunId>,
) -> Outcome {
    app.bus.publish(Event::DesiredChanged {
        runner_id,
        deployment_id: Some(deployment_id),
        run_id,
    });
    Outcome::Done
}
