//! Progress of a release, phase by phase.

pub mod failure;
mod step;

use leptos::prelude::*;
use models::{
    deployment::{Progress, Release},
    time::Timestamp,
};

use crate::{
    format,
    icon::{Glyph, Icon},
    status::{Tone, phase_note, phase_word},
    time::{Moment, TimeFormat},
};

use step::{Step, StepState, steps};

/// Every phase of a release: the finished, the current with its deadline, the next.
#[component]
pub fn ReleaseTimeline(
    /// The release.
    release: Release,
) -> impl IntoView {
    let steps = steps(&release)
        .into_iter()
        .map(|step| {
            let present = step.state == StepState::Present;
            let deadline = release.deadline_at.filter(|_| present);
            let progress = release.progress.clone().filter(|_| present);
            view! { <StepView step=step deadline=deadline progress=progress /> }.into_any()
        })
        .collect::<Vec<_>>();
    view! {
        <ol class="timeline" aria-label="Phases">
            {steps}
        </ol>
    }
}

#[component]
fn StepView(step: Step, deadline: Option<Timestamp>, progress: Option<Progress>) -> impl IntoView {
    let (class, tone, glyph) = match step.state {
        StepState::Done => ("step step-done", Tone::Ok, Glyph::Check),
        StepState::Skipped => ("step step-done", Tone::Neutral, Glyph::Check),
        StepState::Present => ("step step-present", Tone::Busy, Glyph::Spinner),
        StepState::Failed => ("step step-failed", Tone::Bad, Glyph::Cross),
        StepState::Ended => ("step step-failed", Tone::Neutral, Glyph::Stop),
        StepState::Todo => ("step step-todo", Tone::Neutral, Glyph::Dot),
    };
    let present = step.state == StepState::Present;
    view! {
        <li class=format!("{class} {}", tone.class()) aria-current=present.then_some("step")>
            <span class="step-mark">
                <Icon glyph=glyph turning=present />
            </span>
            <div class="step-body">
                <span class="step-name">{phase_word(step.phase)}</span>
                <span class="step-note">{note(step, deadline)}</span>
                {progress.map(|progress| view! { <ProgressView progress=progress /> })}
            </div>
        </li>
    }
}

/// Returns the note of a step.
///
/// The note is the duration of a finished step, or the current activity with its deadline.
fn note(step: Step, deadline: Option<Timestamp>) -> AnyView {
    let text = match (step.state, step.took_ms) {
        (StepState::Present, _) => return waiting(step, deadline).into_any(),
        (StepState::Done, Some(took)) => format!("took {}", format::duration(took)),
        (StepState::Done, None) => phase_note(step.phase).to_owned(),
        (StepState::Skipped, _) => "not needed".to_owned(),
        (StepState::Failed, Some(took)) => format!("failed after {}", format::duration(took)),
        (StepState::Failed, None) => "failed".to_owned(),
        (StepState::Ended, _) => "stopped here".to_owned(),
        (StepState::Todo, _) => String::new(),
    };
    text.into_any()
}

fn waiting(step: Step, deadline: Option<Timestamp>) -> impl IntoView {
    view! {
        {phase_note(step.phase)}
        {step.at.map(|at| view! { " for " <Moment at=at format=TimeFormat::Since /> })}
        {deadline.map(|at| view! { ", times out in " <Moment at=at format=TimeFormat::Until /> })}
    }
}

#[component]
fn ProgressView(progress: Progress) -> impl IntoView {
    let done = progress.done_bytes;
    let total = progress.total_bytes;
    let label = progress.message.clone();
    view! {
        <span class="step-note">{progress.message}</span>
        {done
            .zip(total)
            .map(|(done, total)| {
                view! {
                    <progress
                        class="progress"
                        max=total.to_string()
                        value=done.min(total).to_string()
                        aria-label=label
                    ></progress>
                    <span class="step-note">
                        {format!("{} of {}", format::bytes(done), format::bytes(total))}
                    </span>
                }
            })}
    }
}
