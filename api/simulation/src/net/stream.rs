//! A simulated connection and its two ends.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, Weak},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::{
    Disconnect, Net, Route,
    pipe::{Found, Parcel, Pipe},
};
use crate::world::lock;

/// A connection between a runner and a server.
pub(super) struct Wire {
    net: Arc<Net>,
    pub(super) runner: usize,
    pub(super) server: usize,
    /// To the server.
    up: Mutex<Pipe>,
    /// To the runner.
    down: Mutex<Pipe>,
}

/// One end of a connection.
pub(crate) struct Stream {
    wire: Arc<Wire>,
    is_runners: bool,
    alarm: Pin<Box<Sleep>>,
}

/// Creates a connection: the runner's end and the server's.
pub(super) fn pair(net: &Arc<Net>, runner: usize, server: usize) -> (Stream, Stream) {
    let wire = Arc::new(Wire {
        net: Arc::clone(net),
        runner,
        server,
        up: Mutex::default(),
        down: Mutex::default(),
    });
    let end = |is_runners| Stream {
        wire: Arc::clone(&wire),
        is_runners,
        alarm: Box::pin(sleep_until(Instant::now())),
    };
    (end(true), end(false))
}

impl Wire {
    const fn pipe(&self, up: bool) -> &Mutex<Pipe> {
        if up { &self.up } else { &self.down }
    }

    const fn route(&self, up: bool) -> Route {
        Route {
            runner: self.runner,
            server: self.server,
            up,
        }
    }

    fn due(&self) -> Instant {
        Instant::now() + self.net.latency()
    }

    /// Wakes both ends.
    pub(super) fn wake(&self) {
        lock(&self.up).wake();
        lock(&self.down).wake();
    }

    /// Breaks the connection, and both ends notice.
    pub(super) fn reset(&self) {
        lock(&self.up).close();
        lock(&self.down).close();
    }

    /// Records that the host of one end is gone.
    pub(super) fn leave(&self, runner: bool, disconnect: Disconnect) {
        let due = self.due();
        let mut outgoing = lock(self.pipe(runner));
        outgoing.writer_is_dead = true;
        if disconnect == Disconnect::Process {
            outgoing.send(due, Parcel::Reset);
        }
        drop(outgoing);
        lock(self.pipe(!runner)).reader_is_dead = true;
    }
}

impl Stream {
    pub(super) fn wire(&self) -> Weak<Wire> {
        Arc::downgrade(&self.wire)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let up = !this.is_runners;
        loop {
            let mut pipe = lock(this.wire.pipe(up));
            if pipe.reader_is_dead {
                return Poll::Pending;
            }
            pipe.reader = Some(cx.waker().clone());
            // A cut blocks everything except a reset, which either end notices.
            if !pipe.is_closed && this.wire.net.is_blocked(this.wire.route(up)) {
                return Poll::Pending;
            }
            let found = pipe.read(Instant::now(), buffer);
            drop(pipe);
            match found {
                Found::Read => return Poll::Ready(Ok(())),
                Found::Reset => {
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                Found::Nothing => return Poll::Pending,
                Found::Later(due) => {
                    this.alarm.as_mut().reset(due);
                    ready!(this.alarm.as_mut().poll(cx));
                }
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let due = self.wire.due();
        let mut pipe = lock(self.wire.pipe(self.is_runners));
        pipe.write(due, bytes, cx.waker())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let due = self.wire.due();
        lock(self.wire.pipe(self.is_runners)).send(due, Parcel::End);
        Poll::Ready(Ok(()))
    }
}

impl Drop for Stream {
    /// Closes the connection: the other end reads to the end, and its writes are lost.
    fn drop(&mut self) {
        let due = self.wire.due();
        let mut outgoing = lock(self.wire.pipe(self.is_runners));
        if !outgoing.writer_is_dead {
            outgoing.send(due, Parcel::End);
        }
        drop(outgoing);
        let mut incoming = lock(self.wire.pipe(!self.is_runners));
        if !incoming.reader_is_dead {
            incoming.abandon();
        }
    }
}
