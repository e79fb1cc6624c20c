//! One direction of a connection.

use std::{
    collections::VecDeque,
    io,
    task::{Poll, Waker},
};

use tokio::{io::ReadBuf, time::Instant};

/// The number of bytes in flight at which the writer waits.
const WINDOW: usize = 64 * 1024;

/// Data in flight.
#[derive(Debug)]
pub(super) enum Parcel {
    Bytes(Vec<u8>),
    /// The end of the stream.
    End,
    /// A reset: the other side is gone.
    Reset,
}

/// The result of a read.
pub(super) enum Found {
    /// Bytes were put into the buffer, or the end was reached.
    Read,
    /// The time at which the first parcel arrives.
    Later(Instant),
    /// Nothing is in flight.
    Nothing,
    Reset,
}

#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each end goes in a way of its own"
)]
pub(super) struct Pipe {
    parcels: VecDeque<(Instant, Parcel)>,
    on_the_way: usize,
    newest: Option<Instant>,
    /// The connection broke.
    pub(super) is_closed: bool,
    /// The reader dropped its end.
    ///
    /// A writer notices only when the end that was sent back arrives.
    is_abandoned: bool,
    /// The reader's host is gone: its tasks hang forever.
    pub(super) reader_is_dead: bool,
    /// The writer's host is gone: its tasks hang forever.
    pub(super) writer_is_dead: bool,
    pub(super) reader: Option<Waker>,
    pub(super) writer: Option<Waker>,
}

impl Pipe {
    /// Sends a parcel that arrives at `due`, but never before earlier ones.
    pub(super) fn send(&mut self, due: Instant, parcel: Parcel) {
        let due = self.newest.map_or(due, |newest| newest.max(due));
        self.newest = Some(due);
        if let Parcel::Bytes(bytes) = &parcel {
            self.on_the_way += bytes.len();
        }
        self.parcels.push_back((due, parcel));
        wake(&mut self.reader);
    }

    /// Queues bytes; waits while too many are in flight.
    pub(super) fn write(
        &mut self,
        due: Instant,
        bytes: &[u8],
        waker: &Waker,
    ) -> Poll<io::Result<usize>> {
        if self.writer_is_dead {
            return Poll::Pending;
        }
        if self.is_closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.is_abandoned {
            return Poll::Ready(Ok(bytes.len()));
        }
        let room = WINDOW.saturating_sub(self.on_the_way).min(bytes.len());
        if room == 0 {
            self.writer = Some(waker.clone());
            return Poll::Pending;
        }
        self.send(due, Parcel::Bytes(bytes[..room].to_vec()));
        Poll::Ready(Ok(room))
    }

    /// Reads bytes that have arrived.
    pub(super) fn read(&mut self, now: Instant, buffer: &mut ReadBuf<'_>) -> Found {
        let Some((due, parcel)) = self.parcels.front_mut() else {
            return if self.is_closed {
                Found::Reset
            } else {
                Found::Nothing
            };
        };
        if *due > now {
            return Found::Later(*due);
        }
        match parcel {
            Parcel::End => Found::Read,
            Parcel::Reset => {
                self.is_closed = true;
                Found::Reset
            }
            Parcel::Bytes(bytes) => {
                let length = bytes.len().min(buffer.remaining());
                buffer.put_slice(&bytes[..length]);
                bytes.drain(..length);
                if bytes.is_empty() {
                    self.parcels.pop_front();
                }
                self.on_the_way -= length;
                wake(&mut self.writer);
                Found::Read
            }
        }
    }

    /// Breaks the connection: nothing arrives any more, and both ends notice.
    pub(super) fn close(&mut self) {
        self.parcels.clear();
        self.on_the_way = 0;
        self.is_closed = true;
        self.wake();
    }

    /// Records that the reader dropped its end.
    pub(super) fn abandon(&mut self) {
        self.parcels.clear();
        self.on_the_way = 0;
        self.is_abandoned = true;
        self.wake();
    }

    pub(super) fn wake(&mut self) {
        wake(&mut self.reader);
        wake(&mut self.writer);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}
