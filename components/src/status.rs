//! States as people see them: color, icon and word, never one of them alone.

mod labels;

use leptos::prelude::*;
use models::{
    deployment::{DesiredState, Freshness, Observed, ReleasePhase},
    run::RunPhase,
    time::Timestamp,
};

use crate::{
    icon::{Glyph, Icon},
    time::Moment,
};

pub use labels::{desired_word, phase_note, phase_word};

/// Color of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// No judgment.
    Neutral,
    /// Healthy.
    Ok,
    /// In progress.
    Busy,
    /// Needs attention.
    Warn,
    /// Broken.
    Bad,
}

impl Tone {
    /// Every tone, for the gallery.
    pub const ALL: &'static [Self] = &[Self::Neutral, Self::Ok, Self::Busy, Self::Warn, Self::Bad];

    /// Returns the CSS class for this tone.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Ok => "tone-ok",
            Self::Busy => "tone-busy",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
        }
    }
}

/// Appearance and name of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Color of the state.
    pub tone: Tone,
    /// Icon of the state.
    pub glyph: Glyph,
    /// Word for the state.
    pub word: &'static str,
}

impl Status {
    /// Creates a status from its three parts.
    pub const fn new(tone: Tone, glyph: Glyph, word: &'static str) -> Self {
        Self { tone, glyph, word }
    }

    /// Returns the status for an observed state, given the desired state.
    ///
    /// A stopped app is fine only if it should be stopped, or if its first release is still in
    /// progress.
    pub fn of_observed(
        observed: &Observed,
        desired: DesiredState,
        phase: Option<ReleasePhase>,
    ) -> Self {
        let under_way = phase.is_some_and(|phase| !phase.is_terminal());
        labels::observed(observed.summary, desired, under_way)
    }

    /// Returns the status for a release's phase.
    pub const fn of_phase(phase: ReleasePhase) -> Self {
        labels::phase(phase)
    }

    /// Returns the status for a run's phase.
    pub const fn of_run(phase: RunPhase) -> Self {
        labels::run(phase)
    }

    /// Returns the status of a release that was live and was replaced by a later one.
    pub const fn was_live() -> Self {
        Self::new(Tone::Neutral, Glyph::Check, "Previously live")
    }

    /// Returns the status for a runner, by its link.
    pub const fn of_runner(connected: bool, was_seen: bool) -> Self {
        match (connected, was_seen) {
            (true, _) => Self::new(Tone::Ok, Glyph::Check, "Connected"),
            (false, true) => Self::new(Tone::Bad, Glyph::Cross, "Disconnected"),
            (false, false) => Self::new(Tone::Neutral, Glyph::Clock, "Never connected"),
        }
    }
}

/// A status in a pill.
#[component]
pub fn Badge(
    /// The status.
    status: Status,
    /// True if the status is out of date.
    #[prop(optional)]
    stale: bool,
) -> impl IntoView {
    let Status { tone, glyph, word } = status;
    let stale = if stale { " badge-stale" } else { "" };
    let turning = tone == Tone::Busy && glyph == Glyph::Spinner;
    view! {
        <span class=format!("badge {}{stale}", tone.class())>
            <Icon glyph=glyph turning=turning />
            {word}
        </span>
    }
}

/// The observed state, with its age if the runner is away.
#[component]
pub fn ObservedStatus(
    /// The observed state.
    observed: Observed,
    /// The desired state.
    desired: DesiredState,
    /// Phase of the newest release.
    phase: Option<ReleasePhase>,
    /// True if the age is shown even for a fresh observation.
    #[prop(optional)]
    with_source: bool,
) -> impl IntoView {
    let status = Status::of_observed(&observed, desired, phase);
    let stale = observed.freshness == Freshness::Stale;
    let age = age(stale, observed.at, with_source)
        .map(|age| view! { <span class="status-age">{age}</span> });
    view! {
        <span class="status-line">
            <Badge status=status stale=stale />
            {age}
        </span>
    }
}

fn age(stale: bool, at: Option<Timestamp>, with_source: bool) -> Option<AnyView> {
    match (stale, at) {
        (true, Some(at)) => {
            Some(view! { "as of " <Moment at=at /> ", the runner is disconnected" }.into_any())
        }
        (true, None) => Some("The runner has not reported yet.".into_any()),
        (false, Some(at)) if with_source => {
            Some(view! { "reported by the runner, changed " <Moment at=at /> }.into_any())
        }
        (false, _) => None,
    }
}
