//! Color, icon and word of each state.

use models::{
    deployment::{DesiredState, ReleasePhase, Summary},
    run::RunPhase,
};

use super::{Status, Tone};
use crate::icon::Glyph;

/// Returns the status for an observed state, given the desired state.
pub(super) const fn observed(summary: Summary, desired: DesiredState, under_way: bool) -> Status {
    match (summary, desired) {
        (Summary::Stopped, DesiredState::Running) if under_way => {
            Status::new(Tone::Busy, Glyph::Clock, "Not started yet")
        }
        (Summary::Unknown, _) => Status::new(Tone::Neutral, Glyph::Question, "Unknown"),
        (Summary::Stopped, DesiredState::Running) => {
            Status::new(Tone::Warn, Glyph::Stop, "Not running")
        }
        (Summary::Stopped, _) => Status::new(Tone::Neutral, Glyph::Stop, "Stopped"),
        (Summary::Starting, _) => Status::new(Tone::Busy, Glyph::Spinner, "Starting"),
        (Summary::Running, DesiredState::Running) => Status::new(Tone::Ok, Glyph::Play, "Running"),
        (Summary::Running, _) => Status::new(Tone::Warn, Glyph::Play, "Still running"),
        (Summary::Unhealthy, _) => Status::new(Tone::Warn, Glyph::Warning, "Unhealthy"),
        (Summary::Stopping, _) => Status::new(Tone::Busy, Glyph::Spinner, "Stopping"),
        (Summary::Crashed, _) => Status::new(Tone::Bad, Glyph::Cross, "Crashed"),
        (Summary::CrashLoop, _) => Status::new(Tone::Bad, Glyph::Cross, "Crash loop"),
    }
}

/// Returns the status for a release's phase.
pub(super) const fn phase(phase: ReleasePhase) -> Status {
    let (tone, glyph) = match phase {
        ReleasePhase::Queued => (Tone::Busy, Glyph::Clock),
        ReleasePhase::Pulling
        | ReleasePhase::Starting
        | ReleasePhase::Verifying
        | ReleasePhase::Switching => (Tone::Busy, Glyph::Spinner),
        ReleasePhase::Live => (Tone::Ok, Glyph::Check),
        ReleasePhase::Failed => (Tone::Bad, Glyph::Cross),
        ReleasePhase::Cancelled => (Tone::Neutral, Glyph::Stop),
        ReleasePhase::Superseded => (Tone::Neutral, Glyph::Chevron),
    };
    Status::new(tone, glyph, phase_word(phase))
}

/// Returns the status for a run's phase.
pub(super) const fn run(phase: RunPhase) -> Status {
    let (tone, glyph, word) = match phase {
        RunPhase::Queued => (Tone::Busy, Glyph::Clock, "Queued"),
        RunPhase::Pulling => (Tone::Busy, Glyph::Spinner, "Pulling"),
        RunPhase::Starting => (Tone::Busy, Glyph::Spinner, "Starting"),
        RunPhase::Running => (Tone::Busy, Glyph::Spinner, "Running"),
        RunPhase::Succeeded => (Tone::Ok, Glyph::Check, "Succeeded"),
        RunPhase::Failed => (Tone::Bad, Glyph::Cross, "Failed"),
        RunPhase::Cancelled => (Tone::Neutral, Glyph::Stop, "Canceled"),
    };
    Status::new(tone, glyph, word)
}

/// Returns the word for a phase.
pub const fn phase_word(phase: ReleasePhase) -> &'static str {
    match phase {
        ReleasePhase::Queued => "Queued",
        ReleasePhase::Pulling => "Pulling",
        ReleasePhase::Starting => "Starting",
        ReleasePhase::Verifying => "Verifying",
        ReleasePhase::Switching => "Switching",
        ReleasePhase::Live => "Live",
        ReleasePhase::Failed => "Failed",
        ReleasePhase::Cancelled => "Canceled",
        ReleasePhase::Superseded => "Superseded",
    }
}

/// Returns one short line about the work in a phase.
pub const fn phase_note(phase: ReleasePhase) -> &'static str {
    match phase {
        ReleasePhase::Queued => "Waiting for the runner",
        ReleasePhase::Pulling => "Pulling the image",
        ReleasePhase::Starting => "Starting the new instance",
        ReleasePhase::Verifying => "Verifying the new instance",
        ReleasePhase::Switching => "Switching to the new instance",
        ReleasePhase::Live => "Passed all checks",
        ReleasePhase::Failed => "Did not go live",
        ReleasePhase::Cancelled => "Canceled before it went live",
        ReleasePhase::Superseded => "Superseded by a newer release",
    }
}

/// Returns the word for a desired state.
pub const fn desired_word(desired: DesiredState) -> &'static str {
    match desired {
        DesiredState::Running => "running",
        DesiredState::Stopped => "stopped",
        DesiredState::Deleted => "deleted",
    }
}

#[cfg(test)]
mod tests {
    use models::deployment::{DesiredState, Summary};

    use super::observed;
    use crate::status::Tone;

    #[test]
    fn standing_still_is_fine_only_when_it_is_wanted() {
        let wanted = observed(Summary::Stopped, DesiredState::Stopped, false);
        let unwanted = observed(Summary::Stopped, DesiredState::Running, false);
        assert_eq!(wanted.tone, Tone::Neutral);
        assert_eq!(unwanted.tone, Tone::Warn);
        assert_ne!(wanted.word, unwanted.word);
        let on_its_way = observed(Summary::Stopped, DesiredState::Running, true);
        assert_eq!(on_its_way.tone, Tone::Busy);
    }
}
