//! The parts of a page that change while people look at them.

use components::{
    icon::Glyph,
    status::{Badge, Status, Tone},
};
use leptos::prelude::*;
use models::{
    client::{Satisfies, Session, stream_url},
    endpoint::{Empty, StreamEndpoint},
};

/// A part of a page that is drawn anew whenever its stream says something.
#[component]
pub(crate) fn Region<S>(
    /// The stream.
    stream: S,
    /// The fields of the stream's path.
    path: S::Path,
    /// Where people go when the thing is gone.
    #[prop(optional, into)]
    gone: String,
    /// The region's id; unique in the page.
    #[prop(default = "region")]
    id: &'static str,
    /// What the page outside of it depends on; when that changes, the page is loaded anew.
    #[prop(optional)]
    outside: &'static str,
    /// How long a drawing stays at the least, in milliseconds, where the newest is not worth more.
    #[prop(optional)]
    pause_ms: u32,
    /// What is in it.
    children: Children,
) -> impl IntoView
where
    S: StreamEndpoint<Query = Empty>,
    Session: Satisfies<S::Caller>,
{
    // It stands there only to name its type: macros do not take type parameters well.
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

/// Says that what the page shows may be old; hidden as long as it is not.
#[component]
pub(crate) fn LinkNotice() -> impl IntoView {
    let lost = Status::new(Tone::Warn, Glyph::Clock, "Reconnecting…");
    let limited = Status::new(Tone::Warn, Glyph::Clock, "Waiting: too many requests");
    view! {
        <div class="live-notice" role="status">
            <span class="status-line" id="link-notice" hidden>
                <Badge status=lost />
                <span class="status-age">"last seen " <time data-tells="age"></time></span>
            </span>
            <span class="status-line" id="limit-notice" hidden>
                <Badge status=limited />
                <span class="status-age">
                    "last updated " <time data-tells="age"></time> "; it goes on by itself"
                </span>
            </span>
        </div>
    }
}
