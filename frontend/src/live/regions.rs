//! Regions and their streams.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::Duration,
};

use leptos::prelude::{document, set_timeout};
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DomStringMap, HtmlElement};

use super::{
    Next,
    notice::{self, Notice},
    refresh::{self, RefreshError},
    socket::{Socket, SocketHandlers},
};

/// Minimum pause between two redraws: one redraw covers a burst of changes.
const BURST: Duration = Duration::from_millis(200);
/// First and longest pause after a redraw that showed nothing.
const RETRY: Duration = Duration::from_secs(2);
const LONGEST_RETRY: Duration = Duration::from_secs(30);
/// Longest pause that a server can impose on a page.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

thread_local! {
    /// The open streams, for the life of the page.
    static SOCKETS: RefCell<Vec<Socket>> = const { RefCell::new(Vec::new()) };
}

/// The field of a message that a region reads; the page itself has the rest.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
}

/// Returns the page's regions.
pub(super) fn all() -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all("[data-stream]") else {
        return Vec::new();
    };
    let region = |index| found.get(index)?.dyn_into().ok();
    (0..found.length()).filter_map(region).collect()
}

/// Returns the stream that a region follows.
pub(super) fn stream_of(region: &HtmlElement) -> String {
    region.dataset().get("stream").unwrap_or_default()
}

/// Opens the streams of the page's regions; regions of the same stream share it.
pub(super) fn start() {
    let mut streams: BTreeMap<String, Vec<DomStringMap>> = BTreeMap::new();
    for region in all() {
        let of_stream = streams.entry(stream_of(&region)).or_default();
        of_stream.push(region.dataset());
    }
    for (address, regions) in streams {
        open(address, &regions);
    }
}

fn open(address: String, regions: &[DomStringMap]) {
    let pause = |data: &DomStringMap| data.get("pause").and_then(|pause| pause.parse().ok());
    let pause = regions.iter().filter_map(pause).max();
    let pause = Duration::from_millis(pause.unwrap_or_default());
    let gone = |data: &DomStringMap| data.get("gone").filter(|gone| !gone.is_empty());
    let gone = regions.iter().find_map(gone);
    let drawing = Rc::new(PendingRedraw {
        stream: address.clone(),
        pause: pause.max(BURST),
        is_busy: Cell::new(false),
        is_due: Cell::new(false),
        failures: Cell::new(0),
    });
    follow(
        Box::new(move || address.clone()),
        Box::new(move |text| {
            let message: Option<Message> = serde_json::from_str(text).ok();
            if message.is_some_and(|message| message.kind == "gone") {
                let gone = gone.as_deref().unwrap_or("/");
                let _ = refresh::leave(|location| location.assign(gone));
                return Next::Close;
            }
            drawing.ask();
            Next::Listen
        }),
    );
}

/// Follows a stream for the life of the page.
pub(super) fn follow(address: Box<dyn Fn() -> String>, on_text: Box<dyn Fn(&str) -> Next>) {
    let socket = Socket::open(SocketHandlers {
        address,
        on_text,
        // A browser does not say why it could not open a stream. If the session ended, the page
        // leads to sign-in.
        on_refused: Box::new(|| {
            spawn_local(async {
                let _ = refresh::redraw(None).await;
            });
        }),
        on_link: Box::new(|is_open| notice::show(Notice::Lost, !is_open)),
    });
    SOCKETS.with_borrow_mut(|sockets| sockets.push(socket));
}

/// Redraws of the regions of one stream, at once and again after changes meanwhile.
///
/// Redraws never overlap; otherwise an older one could finish last.
struct PendingRedraw {
    stream: String,
    /// Minimum time between two redraws.
    pause: Duration,
    is_busy: Cell<bool>,
    is_due: Cell<bool>,
    /// Number of consecutive redraws that showed nothing.
    failures: Cell<u32>,
}

impl PendingRedraw {
    fn ask(self: &Rc<Self>) {
        if self.is_busy.replace(true) {
            self.is_due.set(true);
        } else {
            self.draw();
        }
    }

    fn draw(self: &Rc<Self>) {
        let this = Rc::clone(self);
        spawn_local(async move {
            let drawn = refresh::redraw(Some(&this.stream)).await;
            notice::show(
                Notice::Limited,
                matches!(drawn, Err(RefreshError::Limited(_))),
            );
            let pause = match drawn {
                Ok(()) => {
                    this.failures.set(0);
                    this.pause
                }
                // No further message may come, so the redraw is retried.
                Err(why) => {
                    this.is_due.set(true);
                    this.pause_after(why)
                }
            };
            set_timeout(move || this.rested(), pause);
        });
    }

    /// Returns the pause after a redraw that showed nothing.
    ///
    /// The server's value wins; otherwise the pause doubles with each failure.
    fn pause_after(&self, why: RefreshError) -> Duration {
        if let RefreshError::Limited(wait) = why {
            return wait.clamp(RETRY, LONGEST_WAIT);
        }
        let failures = self.failures.get();
        self.failures.set(failures.saturating_add(1));
        LONGEST_RETRY.min(RETRY.saturating_mul(2_u32.saturating_pow(failures)))
    }

    fn rested(self: Rc<Self>) {
        if self.is_due.replace(false) {
            self.draw();
        } else {
            self.is_busy.set(false);
        }
    }
}
