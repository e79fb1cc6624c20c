//! What runs now, as its runner saw it.

use components::{
    code::CodeInline,
    facts::{Fact, Facts},
    section::{Card, Section},
    status::{ObservedStatus, desired_word},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    deployment::{Deployment, Instance, InstanceState, Port},
    machine_type::MachineType,
};

use super::scale::ScaleNow;
use crate::parts::machine_type;

use super::tag::tag_line;

/// What is wanted, what the runner saw, and each instance.
#[component]
pub(super) fn Instances(
    deployment: Deployment,
    /// The sizes that have names.
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
        deploy_on_push,
        tag,
        created_at,
        ..
    } = deployment;
    let phase = release.as_ref().map(|release| release.phase);
    let digest = match release.and_then(|release| release.image_digest) {
        Some(digest) => view! { <CodeInline text=digest /> }.into_any(),
        None => view! { <span class="soft">"not known yet"</span> }.into_any(),
    };
    let tag = deploy_on_push.then(|| tag_line(&spec.image, tag, desired));
    let tag = tag.map(|line| view! { <Fact name="When the tag moves">{line}</Fact> });
    let instances = instances(&observed.instances);
    let size = machine_type::named(spec.resources, &machine_types);
    let facts = view! {
        <Facts>
            <Fact name="It should be">{desired_word(desired)}</Fact>
            <Fact name="It is">
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
            <Fact name="Made">
                <Moment at=created_at />
            </Fact>
        </Facts>
    };
    view! {
        <Section title="Now">
            <Card>{facts}</Card>
        </Section>
    }
}

fn instances(instances: &[Instance]) -> AnyView {
    if instances.is_empty() {
        return view! { <span class="soft">"none"</span> }.into_any();
    }
    let lines = instances.iter().map(instance_line).collect::<Vec<_>>();
    view! { <ul class="stack-tight">{lines}</ul> }.into_any()
}

fn instance_line(instance: &Instance) -> AnyView {
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
            {others}
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
        InstanceState::Unhealthy => "running, does not answer as it should".to_owned(),
        InstanceState::Stopping => "stopping".to_owned(),
        InstanceState::Exited { code } => format!("ended with exit code {code}"),
        InstanceState::CrashLoop { code, restarts } => {
            format!(
                "ended with exit code {code} after {restarts} restarts; the runner waits before the next try"
            )
        }
    }
}
