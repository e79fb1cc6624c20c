//! Notices within a page.

use leptos::prelude::*;

use crate::{
    icon::{Glyph, Icon},
    status::Tone,
};

/// A notice: what happened and what to do next.
#[component]
pub fn Alert(
    /// How grave it is.
    tone: Tone,
    /// What happened, in a few words.
    #[prop(into)]
    title: String,
    /// Whether it comes up while people work and must be read out at once.
    #[prop(optional)]
    urgent: bool,
    /// What to do next.
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
