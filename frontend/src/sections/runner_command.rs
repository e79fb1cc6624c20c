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
            title=format!("Run this where {} shall be", runner.name)
            lead="The machine needs a Docker Engine and the program berth-runner-docker."
        >
            <CodeBlock label="Command to start the runner" text=command />
            <Alert tone=Tone::Warn title="The token is shown this once">
                <p>{format!("Whoever has it can connect as this runner. {lost}")}</p>
            </Alert>
            <div class="cluster">
                <LinkButton
                    kind=ButtonKind::Primary
                    href=paths::runners(runner.workspace_id)
                    label="To the runners"
                />
                <span class="form-note">"It shows as connected a moment after the command runs."</span>
            </div>
        </Section>
    }
}

/// Passes the token in the environment: everybody on the host can see arguments.
fn command(server: &str, token: &str) -> String {
    format!("BERTH_RUNNER_TOKEN={token} \\\n  berth-runner-docker --server {server}")
}
