//! The notice to a runner that a desired state changed.

use models::{DeploymentId, RunnerId};

use crate::{app::App, bus::Event, jobs::Outcome};

pub(super) fn run(app: &App, runner_id: RunnerId, deployment_id: DeploymentId) -> Outcome {
    app.bus.publish(Event::DesiredChanged {
        runner_id,
        deployment_id: Some(deployment_id),
    });
    Outcome::Done
}
