//! The running instances, as their runner observed them.

use components::{
    code::CodeInline,
    facts::{Fact, Facts},
    section::{Card, Section},
    status::{ObservedStatus, desired_word},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    deployment::{Deployment, Failure, Instance, InstanceState, Observed, Port},
    machine_type::MachineType,
};

use super::scale::ScaleNow;
use crate::sections::machine_type;

use super::tag::tag_line;

/// Exit code of a killed process: 128 plus the number of `SIGKILL`.
const KILLED: i64 = 137;

/// The desired state, the observed state, and each instance.
#[component]
pub(super) fn Instances(
    deployment: Deployment,
    /// The machine types offered.
    machine_types: Vec<MachineType>,
) -> impl IntoView {
    let Deployment {
        deployment_id,
        runner_name,
        spec,
        desired,
        scale,
        release,
        observed,
        auto_deploy,
        tag,
        created_at,
        ..
    } = deployment;
    let phase = release.as_ref().map(|release| release.phase);
    let digest = match release.and_then(|release| release.image_digest) {
        Some(digest) => view! { <CodeInline text=digest /> }.into_any(),
        None => view! { <span class="soft">"unknown"</span> }.into_any(),
    };
    let tag = auto_deploy.then(|| tag_line(&spec.image, tag, desired));
    let tag = tag.map(|line| view! { <Fact name="Auto-deploy">{line}</Fact> });
    let instances = instances(&observed);
    let size = machine_type::named(spec.resources, &machine_types);
    let facts = view! {
        <Facts>
            <Fact name="Desired state">{desired_word(desired)}</Fact>
            <Fact name="Observed state">
                <ObservedStatus observed=observed desired=desired phase=phase with_source=true />
            </Fact>
            <Fact name="Instances">
                <ScaleNow scale=scale />
                {instances}
            </Fact>
            <Fact name="Machine type">{size}</Fact>
            <Fact name="Runner">{runner_name.to_string()}</Fact>
            <Fact name="Image">
                <code>{spec.image.to_string()}</code>
            </Fact>
            <Fact name="Digest">{digest}</Fact>
            {tag}
            <Fact name="Id">
                <CodeInline text=deployment_id.to_string() />
            </Fact>
            <Fact name="Created">
                <Moment at=created_at />
            </Fact>
        </Facts>
    };
    view! {
        <Section title="Status">
            <Card>{facts}</Card>
        </Section>
    }
}

fn instances(observed: &Observed) -> AnyView {
    if observed.instances.is_empty() {
        return view! { <span class="soft">"none"</span> }.into_any();
    }
    // An error of the whole deployment is not repeated for each instance.
    let told = observed.error.as_ref().map(|error| &error.failure);
    let lines = observed.instances.iter();
    let lines = lines.map(|instance| instance_line(instance, told));
    let lines = lines.collect::<Vec<_>>();
    view! { <ul class="stack-tight">{lines}</ul> }.into_any()
}

fn instance_line(instance: &Instance, told: Option<&Failure>) -> AnyView {
    let error = instance.error.as_ref().map(|error| &error.failure);
    let error = error.filter(|failure| told != Some(*failure));
    let error = error.map(|failure| failure.message.clone());
    let error = error.map(|message| view! { <p class="soft">{message}</p> });
    let others = instance.ports.iter().filter(|port| !port.port.is_http());
    let others = others.map(|published| {
        let Port { number, protocol } = published.port;
        let (protocol, address) = (protocol.name(), &published.address);
        view! { {format!(", port {number} ({protocol}) at {address}")} }
    });
    let others = others.collect_view();
    let url = instance.url();
    let started_at = instance.started_at;
    view! {
        <li>
            {state(instance.state)}
            {started_at.map(|at| view! { ", started " <Moment at=at /> })}
            {url
                .map(|url| {
                    view! {
                        ", "
                        <a href=url.clone() target="_blank" rel="noopener noreferrer">
                            {url.clone()}
                        </a>
                    }
                })}
            {others} {error}
        </li>
    }
    .into_any()
}

fn state(state: InstanceState) -> String {
    match state {
        InstanceState::Pending => "waiting".to_owned(),
        InstanceState::Pulling => "pulling its image".to_owned(),
        InstanceState::Starting => "starting".to_owned(),
        InstanceState::Running => "running".to_owned(),
        InstanceState::Unhealthy => "running, unhealthy".to_owned(),
        InstanceState::Stopping => "stopping".to_owned(),
        InstanceState::Restarting => "failed its liveness probe, about to restart".to_owned(),
        InstanceState::Exited { code, oom_killed } => end(code, oom_killed),
        InstanceState::CrashLoop {
            code,
            oom_killed,
            restarts,
        } => {
            let end = end(code, oom_killed);
            format!("{end} after {restarts} restarts; the runner waits before the next restart")
        }
    }
}

fn end(code: i64, oom_killed: bool) -> String {
    match (code, oom_killed) {
        (KILLED, true) => "killed, out of memory".to_owned(),
        (code, true) => format!("exited with code {code}, one of its processes ran out of memory"),
        (code, false) => format!("exited with code {code}"),
    }
}
