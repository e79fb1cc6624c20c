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
            title="One command"
            lead="It runs without a shell and without input; what it printed shows when it has ended."
        >
            {answer.map(|answer| view! { <Printed answer=answer /> })}
            <Card>
                <EndpointForm
                    endpoint=RunCommand
                    path=path
                    kind=ButtonKind::Primary
                    label="Run"
                    busy_label="Running…"
                    note="After 10 seconds it is not waited for any longer."
                >
                    <SelectInput label="In the instance" field="instance_id" choices=instances />
                    <TextAreaInput
                        label="Command"
                        field="command"
                        required=true
                        hint="One argument a line, or a JSON list; no shell reads it."
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
        Some(0) => (Tone::Ok, "The command ended with exit code 0".to_owned()),
        Some(code) => (
            Tone::Warn,
            format!("The command ended with exit code {code}"),
        ),
        None => (Tone::Warn, "The command did not end in time".to_owned()),
    };
    let cut = answer
        .truncated
        .then_some(" It printed more than is shown here.");
    let output = answer.output;
    let printed = (!output.is_empty())
        .then(|| view! { <CodeBlock label="What the command printed" text=output /> });
    view! {
        <Alert tone=tone title=title>
            <p>{format!("It ran in the instance {}.", answer.instance_id)} {cut}</p>
        </Alert>
        {printed}
    }
}

fn killed(memory_limit_mib: Option<u32>) -> String {
    match memory_limit_mib {
        Some(limit) => format!("The command was killed at its memory limit of {limit} MiB"),
        None => "The command was killed for want of memory".to_owned(),
    }
}
