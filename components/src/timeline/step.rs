//! Phases of a release as steps: finished, current or pending.

use models::{
    deployment::{Release, ReleasePhase},
    time::Timestamp,
};

/// State of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepState {
    /// Finished successfully.
    Done,
    /// Skipped by the release.
    Skipped,
    /// In progress.
    Present,
    /// The release failed in this step.
    Failed,
    /// The release was canceled or superseded in this step.
    Ended,
    /// Not begun; may never begin.
    Todo,
}

/// One step of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) phase: ReleasePhase,
    pub(super) state: StepState,
    /// Start of the step.
    pub(super) at: Option<Timestamp>,
    /// Duration of a finished step, in milliseconds.
    pub(super) took_ms: Option<i64>,
}

/// Returns all steps of a release, in order.
pub(super) fn steps(release: &Release) -> Vec<Step> {
    let last = last_step(release);
    ReleasePhase::STEPS
        .iter()
        .map(|&phase| {
            let at = began(release, phase);
            let state = match phase.cmp(&last) {
                std::cmp::Ordering::Less if at.is_some() => StepState::Done,
                std::cmp::Ordering::Less => StepState::Skipped,
                std::cmp::Ordering::Greater => StepState::Todo,
                std::cmp::Ordering::Equal => state_of_last(release.phase),
            };
            let took_ms = at
                .zip(ended(release, phase))
                .map(|(begin, end)| end.millis_since(begin));
            Step {
                phase,
                state,
                at,
                took_ms,
            }
        })
        .collect()
}

/// Returns the last step that the release reached.
pub(super) fn last_step(release: &Release) -> ReleasePhase {
    release
        .timeline
        .iter()
        .map(|change| change.phase)
        .chain([release.phase])
        .filter(|phase| ReleasePhase::STEPS.contains(phase))
        .max()
        .unwrap_or(ReleasePhase::Queued)
}

fn state_of_last(phase: ReleasePhase) -> StepState {
    match phase {
        ReleasePhase::Live => StepState::Done,
        ReleasePhase::Failed => StepState::Failed,
        ReleasePhase::Cancelled | ReleasePhase::Superseded => StepState::Ended,
        _ => StepState::Present,
    }
}

fn began(release: &Release, phase: ReleasePhase) -> Option<Timestamp> {
    release
        .timeline
        .iter()
        .find(|change| change.phase == phase)
        .map(|change| change.at)
}

/// Returns the end of a phase: the start of the next one that took place.
fn ended(release: &Release, phase: ReleasePhase) -> Option<Timestamp> {
    let at = release
        .timeline
        .iter()
        .position(|change| change.phase == phase)?;
    release.timeline.get(at + 1).map(|change| change.at)
}

#[cfg(test)]
mod tests {
    use models::deployment::Release;

    use super::{StepState, steps};

    fn release(phase: &str, timeline: &[(&str, u32)]) -> Release {
        let timeline: Vec<_> = timeline
            .iter()
            .map(|(phase, second)| {
                serde_json::json!({"phase": phase, "at": format!("2026-01-01T00:00:{second:02}Z")})
            })
            .collect();
        serde_json::from_value(serde_json::json!({
            "release_id": "01890000-0000-7000-8000-000000000000",
            "number": 1,
            "phase": phase,
            "timeline": timeline,
            "spec": {"image": "app"},
            "reason": "created",
            "created_by": {"kind": "person", "name": "Ada"},
            "created_at": "2026-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_release_on_its_way_has_one_present_step() {
        let steps = steps(&release(
            "starting",
            &[("queued", 0), ("pulling", 1), ("starting", 5)],
        ));
        let states: Vec<_> = steps.iter().map(|step| step.state).collect();
        assert_eq!(
            states,
            [
                StepState::Done,
                StepState::Done,
                StepState::Present,
                StepState::Todo,
                StepState::Todo,
                StepState::Todo,
            ]
        );
        assert_eq!(steps[1].took_ms, Some(4_000));
        assert_eq!(steps[2].took_ms, None);
    }

    #[test]
    fn a_failure_marks_the_step_it_happened_in() {
        let steps = steps(&release(
            "failed",
            &[("queued", 0), ("pulling", 1), ("failed", 9)],
        ));
        assert_eq!(steps[1].state, StepState::Failed);
        assert_eq!(steps[1].took_ms, Some(8_000));
        assert_eq!(steps[2].state, StepState::Todo);
    }

    #[test]
    fn a_phase_that_was_left_out_is_skipped() {
        let steps = steps(&release(
            "live",
            &[("queued", 0), ("starting", 1), ("live", 2)],
        ));
        assert_eq!(steps[1].state, StepState::Skipped);
        assert_eq!(steps[5].state, StepState::Done);
    }
}
