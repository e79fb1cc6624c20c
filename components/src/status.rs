//! States as people see them: a hue, an icon and a word, never one of them alone.

mod words;

use leptos::prelude::*;
use models::{
    deployment::{DesiredState, Freshness, Observed, ReleasePhase},
    time::Timestamp,
};

use crate::{
    icon::{Glyph, Icon},
    time::Moment,
};

pub use words::{desired_word, phase_note, phase_word};

/// The hue of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to say.
    Neutral,
    /// It is as it should be.
    Ok,
    /// It is under way.
    Busy,
    /// Somebody should look.
    Warn,
    /// It is broken.
    Bad,
}

impl Tone {
    /// Every tone, for the gallery.
    pub const ALL: &'static [Self] = &[Self::Neutral, Self::Ok, Self::Busy, Self::Warn, Self::Bad];

    /// The class that gives an element this hue.
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

/// How a state looks and what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its hue.
    pub tone: Tone,
    /// Its icon.
    pub glyph: Glyph,
    /// Its word.
    pub word: &'static str,
}

impl Status {
    /// A status by its three parts.
    pub const fn new(tone: Tone, glyph: Glyph, word: &'static str) -> Self {
        Self { tone, glyph, word }
    }

    /// What a runner saw, in the light of what is wanted: an app that stands still is fine only
    /// when it should, or when the first release is still on its way.
    pub fn of_observed(
        observed: &Observed,
        desired: DesiredState,
        phase: Option<ReleasePhase>,
    ) -> Self {
        let under_way = phase.is_some_and(|phase| !phase.is_terminal());
        words::observed(observed.summary, desired, under_way)
    }

    /// Where a release is.
    pub const fn of_phase(phase: ReleasePhase) -> Self {
        words::phase(phase)
    }

    /// A release that was live until a later one took its place.
    pub const fn was_live() -> Self {
        Self::new(Tone::Neutral, Glyph::Check, "Was live")
    }

    /// Whether a runner holds its link.
    pub const fn of_runner(connected: bool, was_seen: bool) -> Self {
        match (connected, was_seen) {
            (true, _) => Self::new(Tone::Ok, Glyph::Check, "Connected"),
            (false, true) => Self::new(Tone::Bad, Glyph::Cross, "Away"),
            (false, false) => Self::new(Tone::Neutral, Glyph::Clock, "Never connected"),
        }
    }
}

/// A status in a pill.
#[component]
pub fn Badge(
    /// The status.
    status: Status,
    /// Whether it is how things were, not how they are.
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

/// What a runner saw, with its age when the runner is away.
#[component]
pub fn ObservedStatus(
    /// What was seen.
    observed: Observed,
    /// What is wanted.
    desired: DesiredState,
    /// Where the newest release is.
    phase: Option<ReleasePhase>,
    /// Whether to say how old the observation is even when it is fresh.
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
            Some(view! { "as of " <Moment at=at /> ", the runner is away" }.into_any())
        }
        (true, None) => Some("The runner never reported.".into_any()),
        (false, Some(at)) if with_source => {
            Some(view! { "seen by the runner, last change " <Moment at=at /> }.into_any())
        }
        (false, _) => None,
    }
}
