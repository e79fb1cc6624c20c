//! A WebSocket that reconnects.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    time::Duration,
};

use leptos::prelude::{TimeoutHandle, set_interval, set_timeout_with_handle, window};
use models::endpoint::{HEARTBEAT, HEARTBEAT_INTERVAL_MS};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    CloseEvent, Event, MessageEvent, WebSocket,
    js_sys::{Date, Math},
};

use super::Next;

/// First pause before another attempt, in milliseconds.
const FIRST_PAUSE: f64 = 500.0;
/// Longest pause before another attempt, in milliseconds.
const LONGEST_PAUSE: f64 = 10_000.0;
/// Number of missed heartbeats after which a connection counts as dead.
const MISSING_HEARTBEATS: f64 = 3.0;
/// Interval of the heartbeat check.
const HEARTBEAT_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Callbacks of a socket's owner.
pub(super) struct SocketHandlers {
    /// Returns the path and query to open; called before each attempt.
    pub(super) address: Box<dyn Fn() -> String>,
    /// Called with each message.
    pub(super) on_text: Box<dyn Fn(&str) -> Next>,
    /// Called when an attempt fails before the stream is open.
    pub(super) on_refused: Box<dyn Fn()>,
    /// Called when the stream opens or breaks.
    pub(super) on_link: Box<dyn Fn(bool)>,
}

/// A WebSocket that reconnects whenever it breaks.
pub(super) struct Socket {
    _inner: Rc<Inner>,
}

struct Inner {
    handlers: SocketHandlers,
    attempts: Cell<i32>,
    opened: Cell<bool>,
    closed: Cell<bool>,
    /// Time of the last message from the server, by the browser's clock.
    heard_at: Cell<f64>,
    connection: RefCell<Option<Connection>>,
    timer: Cell<Option<TimeoutHandle>>,
}

/// One attempt with its listeners, which live as long as it does.
struct Connection {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut(Event)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

impl Socket {
    pub(super) fn open(handlers: SocketHandlers) -> Self {
        let inner = Rc::new(Inner {
            handlers,
            attempts: Cell::new(0),
            opened: Cell::new(false),
            closed: Cell::new(false),
            heard_at: Cell::new(Date::now()),
            connection: RefCell::new(None),
            timer: Cell::new(None),
        });
        inner.connect();
        let weak = Rc::downgrade(&inner);
        set_interval(
            move || {
                if let Some(inner) = weak.upgrade() {
                    inner.check_heartbeat();
                }
            },
            HEARTBEAT_CHECK_INTERVAL,
        );
        Self { _inner: inner }
    }
}

impl Inner {
    fn connect(self: &Rc<Self>) {
        let address = (self.handlers.address)();
        let Ok(socket) = WebSocket::new(&absolute(&address)) else {
            return;
        };
        let connection = self.listen(socket);
        self.opened.set(false);
        self.heard_at.set(Date::now());
        self.connection.replace(Some(connection));
    }

    /// Reconnects if the connection died silently, for example while a laptop slept.
    fn check_heartbeat(self: &Rc<Self>) {
        let longest = MISSING_HEARTBEATS * f64::from(HEARTBEAT_INTERVAL_MS);
        let is_silent = Date::now() - self.heard_at.get() > longest;
        if is_silent && self.connection.take().is_some() {
            self.broke();
        }
    }

    fn listen(self: &Rc<Self>, socket: WebSocket) -> Connection {
        let on_open = on(self, |inner, _: Event| {
            inner.opened.set(true);
            inner.heard_at.set(Date::now());
            inner.attempts.set(0);
            (inner.handlers.on_link)(true);
        });
        let on_message = on(self, |inner, event: MessageEvent| {
            inner.heard_at.set(Date::now());
            let text = event.data().as_string().unwrap_or_default();
            if text != HEARTBEAT && (inner.handlers.on_text)(&text) == Next::Close {
                inner.close();
            }
        });
        let on_close = on(self, |inner, _: CloseEvent| inner.broke());
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Connection {
            socket,
            _on_open: on_open,
            _on_message: on_message,
            _on_close: on_close,
        }
    }

    fn broke(self: &Rc<Self>) {
        if self.closed.get() {
            return;
        }
        self.heard_at.set(Date::now());
        (self.handlers.on_link)(false);
        if !self.opened.get() {
            (self.handlers.on_refused)();
        }
        let attempts = self.attempts.get();
        self.attempts.set(attempts.saturating_add(1));
        let weak = Rc::downgrade(self);
        let again = move || {
            if let Some(inner) = weak.upgrade()
                && !inner.closed.get()
            {
                inner.connect();
            }
        };
        let timer = set_timeout_with_handle(again, pause(attempts, Math::random())).ok();
        self.timer.set(timer);
    }

    fn close(&self) {
        self.closed.set(true);
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
        // The connection must outlive the call if one of its own listeners makes it.
        if let Some(connection) = self.connection.take() {
            leptos::task::spawn_local(async move { drop(connection) });
        }
    }
}

/// Creates a listener that holds its socket weakly.
///
/// Neither keeps the other alive.
fn on<T: wasm_bindgen::convert::FromWasmAbi + 'static>(
    inner: &Rc<Inner>,
    listener: fn(&Rc<Inner>, T),
) -> Closure<dyn FnMut(T)> {
    let weak: Weak<Inner> = Rc::downgrade(inner);
    Closure::new(move |event| {
        if let Some(inner) = weak.upgrade()
            && !inner.closed.get()
        {
            listener(&inner, event);
        }
    })
}

/// Returns the pause before another attempt: doubled for each failure, plus jitter.
///
/// The jitter of up to a half keeps pages from reconnecting to a restarted server all at once.
fn pause(attempts: i32, chance: f64) -> Duration {
    let whole = (FIRST_PAUSE * 2f64.powi(attempts.min(10))).min(LONGEST_PAUSE);
    Duration::from_secs_f64(whole * (0.5 + chance.clamp(0.0, 1.0) / 2.0) / 1_000.0)
}

/// Returns the absolute address.
///
/// Not all browsers accept a relative WebSocket address.
fn absolute(path: &str) -> String {
    let location = window().location();
    let scheme = match location.protocol().as_deref() {
        Ok("https:") => "wss",
        _ => "ws",
    };
    format!("{scheme}://{}{path}", location.host().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause;

    #[test]
    fn pauses_grow_to_ten_seconds_and_no_further() {
        assert_eq!(pause(0, 0.0), Duration::from_millis(250));
        assert_eq!(pause(0, 1.0), Duration::from_millis(500));
        assert_eq!(pause(3, 1.0), Duration::from_secs(4));
        assert_eq!(pause(i32::MAX, 1.0), Duration::from_secs(10));
    }
}
