//! The trace of a run: its events line by line, and one digest of them all.

use std::{
    fmt::Write as _,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tokio::time::Instant;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use crate::world::lock;

/// A shared trace; clones are the same trace.
#[derive(Clone, Debug)]
pub(crate) struct Trace(Arc<Mutex<Pages>>);

#[derive(Debug)]
struct Pages {
    began: Option<Instant>,
    /// 64-bit FNV-1a of every line.
    digest: u64,
    lines: u64,
    shown: bool,
}

impl Trace {
    /// Creates an empty trace, which prints each line or only keeps the digest.
    ///
    /// Log lines of the product on this thread go into it.
    pub(crate) fn new(shown: bool) -> Self {
        let trace = Self(Arc::new(Mutex::new(Pages {
            began: None,
            digest: 0xcbf2_9ce4_8422_2325,
            lines: 0,
            shown,
        })));
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .with_max_level(Level::INFO)
            .with_writer(trace.clone())
            .finish();
        // In a second run of the same process the first subscriber would stay; there is no
        // second run.
        tracing::subscriber::set_global_default(subscriber).ok();
        trace
    }

    /// Marks the start of simulated time.
    pub(crate) fn begin(&self, at: Instant) {
        lock(&self.0).began = Some(at);
    }

    /// Adds a line.
    pub(crate) fn line(&self, text: &str) {
        let mut pages = lock(&self.0);
        let at = pages.began.map_or(0, |began| began.elapsed().as_micros());
        let mut line = String::with_capacity(text.len() + 20);
        let _ = write!(line, "{:>6}.{:06} {text}", at / 1_000_000, at % 1_000_000);
        for byte in line.bytes() {
            pages.digest = (pages.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        pages.lines += 1;
        if pages.shown {
            writeln!(io::stdout(), "{line}").ok();
        }
    }

    /// The digest of all lines, and their number.
    pub(crate) fn digest(&self) -> (u64, u64) {
        let pages = lock(&self.0);
        (pages.digest, pages.lines)
    }
}

/// Receives the product's log, one call per line.
pub(crate) struct Writer(Trace);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.line(String::from_utf8_lossy(bytes).trim_end());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Trace {
    type Writer = Writer;

    fn make_writer(&self) -> Writer {
        Writer(self.clone())
    }
}
