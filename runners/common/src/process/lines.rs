//! The log: a line for each line that an app prints, with its moment and stream in front.

use std::{
    convert::Infallible,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    sync::{Arc, Mutex, mpsc::Sender},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::{Stream, TryStreamExt, future, stream};
use models::{deployment::LogStream, time::Timestamp};
use tokio::{io::AsyncBufReadExt, time::sleep};

use super::folder::ProcessFolder;
use crate::{LogStart, PlatformLine};

const LOG: &str = "log";
/// Longer lines are written as several.
const MAX_LINE: u64 = 16 * 1024;
/// How often the end of the log is looked at.
const LOOK: Duration = Duration::from_millis(50);

pub(super) fn append(folder: &ProcessFolder) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.path().join(LOG))
}

#[expect(
    clippy::disallowed_methods,
    reason = "what happens on the machine has the machine's time"
)]
pub(super) fn now() -> Timestamp {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}

/// Writes down what comes out of a pipe, on a thread that drops `reading` at its end.
pub(super) fn keep<P: Read + Send + 'static>(
    pipe: Option<P>,
    stream: LogStream,
    log: Arc<Mutex<File>>,
    reading: Sender<Infallible>,
) {
    let stream = if stream == LogStream::Stdout {
        "o"
    } else {
        "e"
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "it ends with the pipe, and its supervisor waits for what it reads"
    )]
    thread::spawn(move || {
        let _reading = reading;
        let mut pipe = BufReader::new(pipe?);
        let mut text = Vec::new();
        while pipe
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut text)
            .ok()?
            > 0
        {
            let end = if text.ends_with(b"\n") { "" } else { "\n" };
            let mut log = log.lock().ok()?;
            let front = format!("{} {stream} ", now().micros());
            log.write_all(&[front.as_bytes(), &text, end.as_bytes()].concat())
                .ok();
            text.clear();
        }
        Some(())
    });
}

/// The lines from a point on, then those that follow until the instance has ended.
pub(super) fn lines(
    folder: ProcessFolder,
    from: LogStart,
) -> impl Stream<Item = io::Result<PlatformLine>> {
    let starting = async move {
        let since = match from {
            LogStart::Since(since) => Some(since),
            LogStart::Tail(count) => {
                let moments = Reading::open(&folder, false)?
                    .lines()
                    .map_ok(|line| line.at);
                let moments: Vec<Timestamp> = moments.try_collect().await?;
                moments.get(moments.len().saturating_sub(count)).copied()
            }
        };
        let lines = Reading::open(&folder, true)?.lines();
        io::Result::Ok(lines.try_skip_while(move |line| future::ok(Some(line.at) < since)))
    };
    stream::once(starting).try_flatten()
}

/// A reading of the log.
struct Reading {
    folder: ProcessFolder,
    log: tokio::io::BufReader<tokio::fs::File>,
    text: Vec<u8>,
    /// The moment of the last line. The machine's clock may be put back, but lines stay in order.
    last: Timestamp,
    follows: bool,
}

impl Reading {
    fn open(folder: &ProcessFolder, follows: bool) -> io::Result<Self> {
        Ok(Self {
            folder: folder.clone(),
            log: tokio::io::BufReader::new(File::open(folder.path().join(LOG))?.into()),
            text: Vec::new(),
            last: Timestamp::from_micros(0),
            follows,
        })
    }

    fn lines(self) -> impl Stream<Item = io::Result<PlatformLine>> {
        stream::try_unfold(self, async |mut reading| {
            let line = reading.next().await?;
            Ok(line.map(|line| (line, reading)))
        })
    }

    async fn next(&mut self) -> io::Result<Option<PlatformLine>> {
        loop {
            self.log.read_until(b'\n', &mut self.text).await?;
            if self.text.pop_if(|byte| *byte == b'\n').is_some() {
                let line = parse(&std::mem::take(&mut self.text), self.last);
                let line = line.ok_or(io::ErrorKind::InvalidData)?;
                self.last = line.at;
                return Ok(Some(line));
            }
            if !self.follows {
                return Ok(None);
            }
            // Once more after the end, for what was printed before it.
            self.follows = self.folder.life()?.is_some_and(|life| life.state().is_up());
            if self.follows {
                sleep(LOOK).await;
            }
        }
    }
}

fn parse(line: &[u8], last: Timestamp) -> Option<PlatformLine> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let micros = str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let stream = match parts.next()? {
        b"o" => LogStream::Stdout,
        _ => LogStream::Stderr,
    };
    let at = Timestamp::from_micros(micros).max(last);
    Some(PlatformLine {
        at,
        stream,
        bytes: parts.next()?.to_vec(),
    })
}
