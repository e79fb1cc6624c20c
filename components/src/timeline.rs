//! A release on its way, phase by phase.

pub mod failure;
mod step;

use leptos::prelude::*;
use models::{
    deployment::{Progress, Release},
    time::Timestamp,
};

use crate::{
    changing::{ChangingText, changing_text},
    format,
    icon::{Glyph, Icon},
    status::{Tone, phase_note, phase_word},
    time::use_clock,
};

use step::{Step, StepState, steps};

/// Every phase of a release: what is over, what is under way and until when, what follows.
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

/// What there is to say of a step: how long it took, or what happens and until when at most.
fn note(step: Step, deadline: Option<Timestamp>) -> ChangingText {
    let clock = use_clock();
    changing_text(move || match (step.state, step.took_ms) {
        (StepState::Done, Some(took)) => format!("took {}", format::duration(took)),
        (StepState::Done, None) => phase_note(step.phase).to_owned(),
        (StepState::Skipped, _) => "not needed".to_owned(),
        (StepState::Failed, Some(took)) => format!("failed after {}", format::duration(took)),
        (StepState::Failed, None) => "failed".to_owned(),
        (StepState::Ended, _) => "ended here".to_owned(),
        (StepState::Todo, _) => String::new(),
        (StepState::Present, _) => {
            let now = clock.map(|clock| clock.get());
            let since = now.zip(step.at).map(|(now, at)| now.millis_since(at));
            let left = now.zip(deadline).map(|(now, at)| at.millis_since(now));
            waiting(phase_note(step.phase), since, left)
        }
    })
}

fn waiting(what: &str, since_ms: Option<i64>, left_ms: Option<i64>) -> String {
    let since = since_ms.map_or_else(String::new, |ms| format!(" for {}", format::roughly(ms)));
    let until = match left_ms {
        Some(ms @ 1..) => format!(", gives up in {}", format::roughly(ms)),
        Some(_) => ", about to give up".to_owned(),
        None => String::new(),
    };
    format!("{what}{since}{until}")
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

#[cfg(test)]
mod tests {
    use super::waiting;

    #[test]
    fn a_wait_says_for_how_long_and_until_when() {
        assert_eq!(
            waiting("Getting the image", Some(12_000), Some(880_000)),
            "Getting the image for 12 s, gives up in 14 min",
        );
        assert_eq!(
            waiting("Waiting", Some(0), Some(-5)),
            "Waiting for 0 s, about to give up"
        );
        assert_eq!(waiting("Waiting", None, None), "Waiting");
    }
}
