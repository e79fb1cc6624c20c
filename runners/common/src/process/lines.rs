//! The log file: one line per line of output, prefixed with its time and stream.

use std::{
    convert::Infallible,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    sync::{Arc, Mutex, mpsc::Sender},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::{Stream, TryStreamExt, future, stream};
use models::{deployment::LogStream, runner::MAX_LOG_LINE_BYTES, time::Timestamp};
use tokio::{io::AsyncBufReadExt, time::sleep};

use super::folder::ProcessFolder;
use crate::{LogStart, PlatformLine, platform::cut_at};

const LOG: &str = "log";
/// Interval between checks for new lines.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

pub(super) fn append(folder: &ProcessFolder) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.path().join(LOG))
}

#[expect(
    clippy::disallowed_methods,
    reason = "what happens on the host has the time of the host"
)]
pub(super) fn now() -> Timestamp {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}

/// Copies a pipe to the log, on a thread that drops `reading` at its end.
pub(super) fn keep<P: Read + Send + 'static>(
    pipe: Option<P>,
    stream: LogStream,
    log: Arc<Mutex<File>>,
    reading: Sender<Infallible>,
) {
    #[expect(
        clippy::disallowed_methods,
        reason = "it ends with the pipe, and its supervisor waits for what it reads"
    )]
    thread::spawn(move || {
        let _reading = reading;
        let mut pipe = BufReader::new(pipe?);
        let mut text = Vec::new();
        loop {
            // One byte beyond the limit shows that the line goes on.
            let room = MAX_LOG_LINE_BYTES + 1 - text.len();
            let mut pipe = pipe.by_ref().take(room as u64);
            pipe.read_until(b'\n', &mut text).ok()?;
            if text.is_empty() {
                return Some(());
            }
            let is_whole = text.ends_with(b"\n");
            let is_cut = !is_whole && text.len() > MAX_LOG_LINE_BYTES;
            let rest = if is_cut {
                text.split_off(cut_at(&text, MAX_LOG_LINE_BYTES))
            } else {
                Vec::new()
            };
            let end = if is_whole { "" } else { "\n" };
            let front = format!("{} {} ", now().micros(), mark(stream, is_cut));
            let mut log = log.lock().ok()?;
            log.write_all(&[front.as_bytes(), &text, end.as_bytes()].concat())
                .ok();
            text = rest;
        }
    });
}

/// Letter of a line's stream, as a capital when the line goes on in the next entry.
const fn mark(stream: LogStream, is_cut: bool) -> &'static str {
    match (stream, is_cut) {
        (LogStream::Stdout, false) => "o",
        (LogStream::Stdout, true) => "O",
        (LogStream::Stderr, false) => "e",
        (LogStream::Stderr, true) => "E",
    }
}

/// Streams the lines from a point on, then new ones until the instance exits.
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
    /// Time of the last line. The host's clock may be set back, but lines stay in order.
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
            // Once more after the exit, for lines printed before it.
            self.follows = self
                .folder
                .process_state()?
                .is_some_and(|process_state| process_state.state().is_up());
            if self.follows {
                sleep(POLL_INTERVAL).await;
            }
        }
    }
}

fn parse(line: &[u8], last: Timestamp) -> Option<PlatformLine> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let micros = str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let (stream, is_cut) = match parts.next()? {
        b"o" => (LogStream::Stdout, false),
        b"O" => (LogStream::Stdout, true),
        b"E" => (LogStream::Stderr, true),
        _ => (LogStream::Stderr, false),
    };
    let at = Timestamp::from_micros(micros).max(last);
    Some(PlatformLine {
        at,
        stream,
        bytes: parts.next()?.to_vec(),
        is_cut,
    })
}

#[cfg(test)]
mod tests {
    use std::{
        fs::OpenOptions,
        io::Cursor,
        sync::{Arc, Mutex, mpsc},
    };

    use models::{deployment::LogStream, runner::MAX_LOG_LINE_BYTES, time::Timestamp};

    use super::{keep, parse};

    #[test]
    fn a_long_line_is_written_whole_or_cut_between_characters_and_marked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = OpenOptions::new().create(true).append(true).open(&path);
        let log = Arc::new(Mutex::new(log.unwrap()));
        let crabs = "🦀".repeat(MAX_LOG_LINE_BYTES / 4);
        let text = format!("short\n{crabs}\na{crabs}\n\nno end");
        let (reading, is_read) = mpsc::channel();
        keep(Some(Cursor::new(text)), LogStream::Stderr, log, reading);
        is_read.recv().unwrap_err();

        let written = std::fs::read(path).unwrap();
        let lines = written.strip_suffix(b"\n").unwrap();
        let lines = lines.split(|byte| *byte == b'\n');
        let lines = lines.map(|line| parse(line, Timestamp::from_micros(0)).unwrap());
        let lines: Vec<_> = lines
            .inspect(|line| assert_eq!(line.stream, LogStream::Stderr))
            .map(|line| (String::from_utf8(line.bytes).unwrap(), line.is_cut))
            .collect();
        let begin = format!("a{}", &crabs[..crabs.len() - 4]);
        let expected = [
            ("short", false),
            (&crabs, false),
            (&begin, true),
            ("🦀", false),
            ("", false),
            ("no end", false),
        ];
        let expected = expected.map(|(text, is_cut)| (text.to_owned(), is_cut));
        assert!(lines == expected, "the lines differ");
    }
}
