//! Properties of a runner.

use components::{
    alert::Alert,
    code::CodeInline,
    facts::{Fact, Facts},
    section::Card,
    status::{Badge, Status, Tone},
    time::{Moment, TimeFormat},
};
use leptos::prelude::*;
use models::runner::{HostPolicy, Runner};

use crate::sections::{runner_facts::HostFacts, runner_policy};

/// The runner's link, its address and its self-description.
#[component]
pub(super) fn About(runner: Runner) -> impl IntoView {
    let Runner {
        runner_id,
        connected,
        address,
        seen_at,
        about,
        created_at,
        ..
    } = runner;
    let status = Status::of_runner(connected, seen_at.is_some());
    let seen = seen_at.map(|at| {
        let (name, format) = if connected {
            ("Connected for", TimeFormat::Since)
        } else {
            ("Last seen", TimeFormat::Age)
        };
        view! {
            <Fact name=name>
                <Moment at=at format=format />
            </Fact>
        }
    });
    let address = address.map(|address| {
        let name = if connected {
            "Connected from"
        } else {
            "Last connected from"
        };
        view! {
            <Fact name=name>
                <CodeInline text=address />
            </Fact>
        }
    });
    let waits = seen_at.is_none().then(|| {
        view! {
            <Alert tone=Tone::Busy title="Not connected yet">
                <p>
                    "The runner connects as soon as it runs with the right token and can reach this server."
                </p>
            </Alert>
        }
    });
    let firewall = about.as_ref().and_then(|about| about.app_firewall);
    let firewall = runner_policy::firewall_warning(firewall).map(|warning| {
        view! {
            <Alert tone=Tone::Warn title="Apps can reach the host">
                <p>{warning}</p>
            </Alert>
        }
    });
    let policy = about.as_ref().and_then(|about| about.policy.clone());
    let allowed = policy.map(|policy| view! { <Allowed policy=policy /> });
    view! {
        {waits}
        {firewall}
        <Card>
            <Facts>
                <Fact name="State">
                    <Badge status=status />
                </Fact>
                {seen}
                {address}
                {about.map(|about| view! { <HostFacts about=about /> })}
                {allowed}
                <Fact name="Added">
                    <Moment at=created_at />
                </Fact>
                <Fact name="Id">
                    <CodeInline text=runner_id.to_string() />
                </Fact>
            </Facts>
        </Card>
    }
}

/// The host policy, as the runner reports it.
#[component]
fn Allowed(policy: HostPolicy) -> impl IntoView {
    let removal = runner_policy::removal(&policy);
    let removal = removal.map(|removal| view! { <Fact name="Removed volumes">{removal}</Fact> });
    let rules = runner_policy::rules(&policy);
    let rules = if rules.is_empty() {
        view! { <span class="soft">"anything a deployment can request"</span> }.into_any()
    } else {
        let rules = rules.into_iter().map(|rule| view! { <li>{rule}</li> });
        view! { <ul class="stack-tight">{rules.collect_view()}</ul> }.into_any()
    };
    view! {
        <Fact name="Host policy allows">{rules}</Fact>
        {removal}
    }
}
