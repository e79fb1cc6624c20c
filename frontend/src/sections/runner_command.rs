//! The command that starts a runner with a token that is shown once.

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    code::CodeBlock,
    section::Section,
    status::Tone,
};
use leptos::prelude::*;
use models::{runner::Runner, value::ShownOnce};

use crate::{context::PublicUrl, paths};

/// The command that connects a runner.
#[component]
pub(crate) fn RunnerCommand(
    runner: Runner,
    token: ShownOnce,
    /// The remedy for a lost token.
    #[prop(into)]
    lost: String,
) -> impl IntoView {
    let server = use_context::<PublicUrl>().map_or_else(String::new, |url| url.0);
    let command = command(&server, token.expose());
    view! {
        <Section
            title=format!("Run this command to start {}", runner.name)
            lead="The host needs Docker Engine and the berth-runner-docker program."
        >
            <CodeBlock label="Command to start the runner" text=command />
            <Alert tone=Tone::Warn title="The token is shown only once">
                <p>{format!("Anyone who has it can connect as this runner. {lost}")}</p>
            </Alert>
            <div class="cluster">
                <LinkButton
                    kind=ButtonKind::Primary
                    href=paths::runners(runner.workspace_id)
                    label="Go to runners"
                />
                <span class="form-note">"The runner shows as connected shortly after you run the command."</span>
            </div>
        </Section>
    }
}

/// Passes the token in the environment: everyone on the host can see arguments.
fn command(server: &str, token: &str) -> String {
    format!("BERTH_RUNNER_TOKEN={token} \\\n  berth-runner-docker --server {server}")
}
