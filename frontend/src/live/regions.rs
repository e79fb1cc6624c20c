//! Regions and their streams.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::prelude::{document, set_timeout, window};
use serde::Deserialize;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{
    Next, notice, refresh,
    socket::{Socket, Wishes},
};

/// Changes come in bursts; one look at the page answers all of this long.
const BURST: Duration = Duration::from_millis(100);

thread_local! {
    /// The open streams, for as long as there is a page.
    static SOCKETS: RefCell<Vec<Socket>> = const { RefCell::new(Vec::new()) };
}

/// What a region needs to know of a message: the page itself says the rest.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
}

/// Opens the stream of each region of the page.
pub(super) fn start() {
    let Ok(regions) = document().query_selector_all("[data-stream]") else {
        return;
    };
    for index in 0..regions.length() {
        let region = regions.get(index).and_then(|region| region.dyn_into().ok());
        if let Some(region) = region {
            open(&region);
        }
    }
}

fn open(region: &HtmlElement) {
    let data = region.dataset();
    let (Some(address), gone) = (data.get("stream"), data.get("gone")) else {
        return;
    };
    let pause = data.get("pause").and_then(|pause| pause.parse().ok());
    let pause = Duration::from_millis(pause.unwrap_or_default());
    let redraw = soon(region.id(), pause.max(BURST));
    follow(
        Box::new(move || address.clone()),
        Box::new(move |text| {
            let message: Option<Message> = serde_json::from_str(text).ok();
            if message.is_some_and(|message| message.kind == "gone") {
                let gone = gone.as_deref().filter(|gone| !gone.is_empty());
                let _ = window().location().assign(gone.unwrap_or("/"));
                return Next::Close;
            }
            redraw();
            Next::Listen
        }),
    );
}

/// Follows a stream for as long as there is a page.
pub(super) fn follow(address: Box<dyn Fn() -> String>, on_text: Box<dyn Fn(&str) -> Next>) {
    let socket = Socket::open(Wishes {
        address,
        on_text,
        // A browser does not say why it could not open a stream; one reason is that the session
        // ended, and then the page leads to sign-in.
        on_refused: Box::new(|| refresh::refresh(None)),
        on_link: Box::new(|is_open| notice::show(!is_open)),
    });
    SOCKETS.with_borrow_mut(|sockets| sockets.push(socket));
}

/// Draws a region anew, once for all calls within a while.
fn soon(region: String, pause: Duration) -> impl Fn() {
    let waiting = Rc::new(Cell::new(false));
    move || {
        if waiting.replace(true) {
            return;
        }
        let (region, waiting) = (region.clone(), waiting.clone());
        let run = move || {
            waiting.set(false);
            refresh::refresh(Some(region));
        };
        set_timeout(run, pause);
    }
}
