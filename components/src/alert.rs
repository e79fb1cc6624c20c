//! Notices on a page.

use leptos::prelude::*;

use crate::{
    icon::{Glyph, Icon},
    status::Tone,
};

/// A notice: the event and the next step.
#[component]
pub fn Alert(
    /// Tone of the notice, by severity.
    tone: Tone,
    /// The event, in a few words.
    #[prop(into)]
    title: String,
    /// True if the notice appears while people work and must be announced at once.
    #[prop(optional)]
    urgent: bool,
    /// The next step.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let glyph = match tone {
        Tone::Ok => Glyph::Check,
        Tone::Busy => Glyph::Clock,
        Tone::Bad => Glyph::Cross,
        Tone::Neutral | Tone::Warn => Glyph::Warning,
    };
    view! {
        <div class=format!("alert {}", tone.class()) role=if urgent { "alert" } else { "note" }>
            <Icon glyph=glyph />
            <div class="alert-body">
                <p class="alert-title">{title}</p>
                {children.map(|children| children())}
            </div>
        </div>
    }
}
