//! Regions: parts of a page that change while people view them.

use components::{
    icon::Glyph,
    status::{Badge, Status, Tone},
};
use leptos::prelude::*;
use models::{
    client::{Satisfies, Session, stream_url},
    endpoint::{Empty, StreamEndpoint},
};

/// A part of a page that is redrawn when its stream announces a change.
#[component]
pub(crate) fn Region<S>(
    /// The stream.
    stream: S,
    /// Path parameters of the stream.
    path: S::Path,
    /// Address to go to once the thing is deleted.
    #[prop(optional, into)]
    gone: String,
    /// The region's id; unique in the page.
    #[prop(default = "region")]
    id: &'static str,
    /// State that the page outside of the region depends on; a change reloads the page.
    #[prop(optional)]
    outside: &'static str,
    /// Minimum time between two redraws, in milliseconds.
    #[prop(optional)]
    pause_ms: u32,
    /// The region's content.
    children: Children,
) -> impl IntoView
where
    S: StreamEndpoint<Query = Empty>,
    Session: Satisfies<S::Caller>,
{
    // The parameter only fixes the type: macros do not handle type parameters well.
    let _ = stream;
    let address = stream_url::<S>(&path, &Empty {}).unwrap_or_default();
    view! {
        <div
            class="region"
            id=id
            data-stream=address
            data-gone=gone
            data-outside=outside
            data-pause=pause_ms
        >
            {children()}
        </div>
    }
}

/// The notice that the page may be out of date; hidden while it is current.
#[component]
pub(crate) fn LinkNotice() -> impl IntoView {
    let lost = Status::new(Tone::Warn, Glyph::Clock, "Reconnecting…");
    let limited = Status::new(Tone::Warn, Glyph::Clock, "Waiting: too many requests");
    view! {
        <div class="live-notice" role="status">
            <span class="status-line" id="link-notice" hidden>
                <Badge status=lost />
                <span class="status-age">"last seen " <time data-format="age"></time></span>
            </span>
            <span class="status-line" id="limit-notice" hidden>
                <Badge status=limited />
                <span class="status-age">
                    "last updated " <time data-format="age"></time> "; updates resume automatically"
                </span>
            </span>
        </div>
    }
}
