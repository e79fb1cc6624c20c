//! A run, and its attempts.

use components::{
    alert::Alert,
    format,
    icon::Glyph,
    rows::{Row, Rows},
    section::{Card, Section},
    status::{Badge, Status, Tone},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    deployment::Fault,
    run::{Run, RunAttempt, RunPhase},
};

use crate::paths;

/// A run in a list.
#[component]
pub(crate) fn RunRow(run: Run, workspace_id: WorkspaceId) -> impl IntoView {
    let (status, at) = (Status::of_run(run.phase), run.created_at);
    let program: Vec<String> = run
        .spec
        .entrypoint
        .iter()
        .chain(&run.spec.arguments)
        .map(ToString::to_string)
        .collect();
    let program = if program.is_empty() {
        run.spec.image.to_string()
    } else {
        program.join(" ")
    };
    let detail = match (&run.failure, run.exit_code()) {
        (Some(failure), _) => failure.message.clone(),
        (None, _) => format!("{program}, by {}", run.created_by.name),
    };
    view! {
        <Row
            title=format!("Run {}", run.number)
            href=paths::run(workspace_id, run.deployment_id, run.run_id)
            detail=detail
            state=move || view! { <Badge status=status /> }
            end=move || view! { <Moment at=at /> }
        />
    }
}

/// A run: its phase, its result and its author.
#[component]
pub(crate) fn RunSection(
    run: Run,
    /// The actions on the run.
    #[prop(optional, into)]
    actions: ViewFn,
) -> impl IntoView {
    let status = Status::of_run(run.phase);
    let progress = run
        .progress
        .as_ref()
        .map(|progress| progress.message.clone());
    let what = match run.phase {
        RunPhase::Queued => "Waiting for the runner.".to_owned(),
        RunPhase::Pulling => progress.unwrap_or_else(|| "Pulling the image.".to_owned()),
        RunPhase::Starting => "Starting an attempt.".to_owned(),
        RunPhase::Running => "Running.".to_owned(),
        RunPhase::Succeeded => "Exited with code 0.".to_owned(),
        RunPhase::Failed => "Failed.".to_owned(),
        RunPhase::Cancelled => "Canceled. The runner stops its instance.".to_owned(),
    };
    let took = run.ended_at.map(|ended_at| {
        let millis = ended_at.millis_since(run.created_at);
        format!(", took {}", format::duration(millis))
    });
    let (by, at) = (run.created_by.name.to_string(), run.created_at);
    view! {
        <Section
            title=format!("Run {}", run.number)
            actions=move || view! { <Badge status=status /> {actions.run()} }
        >
            <Card>
                <p aria-live="polite">{what}</p>
                <RunFailure run=run />
                <p class="soft">"Created by " {by} ", " <Moment at=at /> {took}</p>
            </Card>
        </Section>
    }
}

/// The cause of a failure and the party at fault; nothing if the run did not fail.
#[component]
fn RunFailure(run: Run) -> impl IntoView {
    let failure = run.failure?;
    let whose = match failure.fault {
        Fault::User => "The cause is in the task or its settings.",
        Fault::Platform => {
            "The cause is not your task: it is Berth, the runner's host or the network."
        }
    };
    Some(view! {
        <Alert tone=Tone::Bad title=format!("Run {} failed", run.number)>
            <p>{failure.message}</p>
            <p class="soft">{whose} " " <code>{failure.code.to_string()}</code></p>
        </Alert>
    })
}

/// The attempts of a run, each with its result and a link to its lines.
#[component]
pub(crate) fn Attempts(run: Run, workspace_id: WorkspaceId) -> impl IntoView {
    if run.attempts.is_empty() {
        return None;
    }
    let (deployment_id, has_ended) = (run.deployment_id, run.phase.is_terminal());
    let rows = run.attempts.into_iter().map(move |attempt| {
        let log = paths::instance_log(workspace_id, deployment_id, attempt.instance_id);
        let detail = detail(&attempt, has_ended);
        let started_at = attempt.started_at;
        let status = status(&attempt, has_ended);
        view! {
            <Row
                title=format!("Log of attempt {}", attempt.number)
                href=log
                detail=detail
                state=move || view! { <Badge status=status /> }
                end=move || started_at.map(|at| view! { <Moment at=at /> })
            />
        }
    });
    Some(view! {
        <Section title="Attempts">
            <Rows label="Attempts">{rows.collect_view()}</Rows>
        </Section>
    })
}

fn status(attempt: &RunAttempt, has_ended: bool) -> Status {
    Status::of_run(match attempt.exit_code {
        None if has_ended => {
            return Status::new(Tone::Neutral, Glyph::Question, "Unknown");
        }
        None => RunPhase::Running,
        Some(0) => RunPhase::Succeeded,
        Some(_) => RunPhase::Failed,
    })
}

fn detail(attempt: &RunAttempt, has_ended: bool) -> String {
    let took = attempt
        .started_at
        .zip(attempt.ended_at)
        .map_or_else(String::new, |(from, to)| {
            format!(" after {}", format::duration(to.millis_since(from)))
        });
    match attempt.exit_code {
        None if has_ended => "No result was reported".to_owned(),
        None => "Running".to_owned(),
        Some(code) if attempt.oom_killed => {
            format!("Killed for lack of memory, exit code {code}{took}")
        }
        Some(code) => format!("Exited with code {code}{took}"),
    }
}
