//! Streams that keep an island up to date.

pub(crate) mod message;
mod socket;

use components::{
    changing::changing,
    icon::Glyph,
    status::{Badge, Status, Tone},
    time::{Moment, use_clock},
};
use leptos::prelude::*;
use models::{
    api::session::GetSession,
    client::{Satisfies, Session, stream_url},
    endpoint::{ApiEndpoint, Empty, StreamEndpoint},
    error::ErrorCode,
    page::PageQuery,
    time::Timestamp,
};
use send_wrapper::SendWrapper;

use crate::{
    browser,
    client::{PageClient, use_client},
};
use socket::{Socket, Wishes};

/// How the island's connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The first attempt is under way: nothing to say yet.
    Opening,
    /// What the page shows is how it is now.
    Open,
    /// What the page shows is how it was at this moment.
    Lost(Timestamp),
    /// Nothing more will come.
    Over,
}

/// What to do after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Wait for another one.
    Listen,
    /// The stream is at its end.
    Close,
}

/// Opens a stream as soon as the island is in a browser, and again whenever it breaks. The query
/// is asked for each time, so that a stream with a position catches up.
///
/// The messages are texts, for [`message`] to read.
pub(crate) fn follow<S>(
    path: S::Path,
    query: impl Fn() -> S::Query + 'static,
    on_message: impl Fn(&str) -> Next + 'static,
) -> ReadSignal<Link>
where
    S: StreamEndpoint,
    Session: Satisfies<S::Caller>,
{
    if cfg!(not(feature = "hydrate")) {
        // The server only draws the island. What follows stays on the thread that it is made on,
        // and the server may end a page on another one.
        return RwSignal::new(Link::Opening).read_only();
    }
    let address = move || stream_url::<S>(&path, &query()).ok();
    connect(Box::new(address), Box::new(on_message))
}

fn connect(
    address: Box<dyn Fn() -> Option<String>>,
    on_text: Box<dyn Fn(&str) -> Next>,
) -> ReadSignal<Link> {
    let link = RwSignal::new(Link::Opening);
    let client = use_client();
    let clock = use_clock();
    let wishes = SendWrapper::new(Wishes {
        address,
        on_text,
        on_refused: Box::new(move || leave_if_signed_out(client.clone())),
        on_link: Box::new(move |is_open| {
            link.update(|link| *link = changed(*link, is_open, clock));
        }),
        on_end: Box::new(move || link.set(Link::Over)),
    });
    let wishes = StoredValue::new(Some(wishes));
    Effect::new(move |_| {
        let taken = wishes.try_update_value(Option::take).flatten();
        if let Some(wishes) = taken {
            let socket = SendWrapper::new(Socket::open(wishes.take()));
            on_cleanup(move || socket.close());
        }
    });
    link.read_only()
}

fn changed(link: Link, is_open: bool, clock: Option<Signal<Timestamp>>) -> Link {
    match (link, is_open) {
        (_, true) => Link::Open,
        (Link::Lost(since), false) => Link::Lost(since),
        (_, false) => clock.map_or(link, |clock| Link::Lost(clock.get_untracked())),
    }
}

/// A browser does not say why it could not open a stream; one reason is that the session ended.
fn leave_if_signed_out(client: PageClient) {
    leptos::task::spawn_local(async move {
        let none = Empty {};
        if let Err(error) = client.call::<GetSession>(&none, &none, &none).await
            && error.code == ErrorCode::Unauthenticated
        {
            browser::sign_in();
        }
    });
}

/// Reads a list again into its signal; a failure leaves what is there.
pub(crate) fn reload<E>(
    client: PageClient,
    path: E::Path,
    query: E::Query,
    into: RwSignal<E::Response>,
) where
    E: ApiEndpoint<Request = Empty>,
    Session: Satisfies<E::Caller>,
{
    leptos::task::spawn_local(async move {
        if let Ok(answer) = client.call::<E>(&path, &query, &Empty {}).await {
            into.try_set(answer);
        }
    });
}

/// The first page of a list.
pub(crate) fn first_page() -> PageQuery {
    PageQuery {
        limit: Some(models::page::MAX_LIMIT),
        cursor: None,
    }
}

/// Says that what the island shows may be old, and nothing as long as it is not.
#[component]
pub(crate) fn LinkNotice(link: ReadSignal<Link>) -> impl IntoView {
    let status = Status::new(Tone::Warn, Glyph::Clock, "Reconnecting…");
    let notice = changing(move || {
        let Link::Lost(since) = link.get() else {
            return ().into_any();
        };
        view! {
            <span class="status-line">
                <Badge status=status />
                <span class="status-age">"last seen " <Moment at=since /></span>
            </span>
        }
        .into_any()
    });
    view! {
        <div class="live-notice" role="status">
            {notice}
        </div>
    }
}
