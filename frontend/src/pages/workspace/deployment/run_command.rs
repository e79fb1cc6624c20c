//! A plain form that runs one command in an instance and shows the output.

use components::{
    alert::Alert,
    button::ButtonKind,
    code::CodeBlock,
    section::{Card, Section},
    select::Choice,
    status::Tone,
};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        RunCommand, RunCommandPath, RunCommandRequest, RunCommandResponse,
    },
    deployment::Deployment,
    endpoint::{ApiEndpoint, Empty},
    value::Argument,
};

use crate::{
    api_call::ApiCall,
    form::{EndpointForm, SelectInput, TextAreaInput, answer_of},
};

/// The form that runs a command in one of these instances.
#[component]
pub(super) fn OneCommand(deployment: Deployment, instances: Vec<Choice>) -> impl IntoView {
    let path = RunCommandPath {
        workspace_id: deployment.workspace_id,
        deployment_id: deployment.deployment_id,
    };
    let call = path.clone();
    let example = RunCommandRequest {
        command: ["/bin/ls", "-l"].map(Argument::trusted).to_vec(),
        instance_id: None,
        limit_ms: None,
    };
    let answer = answer_of::<RunCommandResponse>(RunCommand::INFO.name);
    // Without a success page, this page shows the response.
    view! {
        <Section
            title="Run a command"
            lead="Runs without a shell and without input. The output appears when the command exits."
        >
            {answer.map(|answer| view! { <Printed answer=answer /> })}
            <Card>
                <EndpointForm
                    endpoint=RunCommand
                    path=path
                    kind=ButtonKind::Primary
                    label="Run command"
                    busy_label="Running…"
                    note="Times out after 10 seconds."
                >
                    <SelectInput label="Run in instance" field="instance_id" choices=instances />
                    <TextAreaInput
                        label="Command"
                        field="command"
                        required=true
                        hint="One argument per line, or a JSON list. Not run through a shell."
                    />
                </EndpointForm>
            </Card>
            <ApiCall endpoint=RunCommand path=call query=Empty {} request=example />
        </Section>
    }
}

/// The output and exit status of a command.
#[component]
fn Printed(answer: RunCommandResponse) -> impl IntoView {
    let (tone, title) = match answer.code {
        _ if answer.oom_killed => (Tone::Bad, killed(answer.memory_limit_mib)),
        Some(0) => (Tone::Ok, "The command exited with code 0".to_owned()),
        Some(code) => (Tone::Warn, format!("The command exited with code {code}")),
        None => (Tone::Warn, "The command timed out".to_owned()),
    };
    let cut = answer.truncated.then_some(" The output is truncated.");
    let output = answer.output;
    let printed =
        (!output.is_empty()).then(|| view! { <CodeBlock label="Command output" text=output /> });
    view! {
        <Alert tone=tone title=title>
            <p>{format!("Ran in instance {}.", answer.instance_id)} {cut}</p>
        </Alert>
        {printed}
    }
}

fn killed(memory_limit_mib: Option<u32>) -> String {
    match memory_limit_mib {
        Some(limit) => {
            format!("The command was killed: it reached its memory limit of {limit} MiB")
        }
        None => "The command was killed: out of memory".to_owned(),
    }
}
