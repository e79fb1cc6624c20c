//! Log lines of a container.

use std::{
    task::{Poll, ready},
    time::Duration,
};

use bollard::{
    Docker,
    container::LogOutput,
    query_parameters::{LogsOptions, LogsOptionsBuilder},
};
use futures::{Stream, StreamExt, TryStreamExt, future, stream, stream::BoxStream};
use models::{deployment::LogStream, time::Timestamp};
use runner_common::{LineJoiner, LogStart, PlatformLine, RunnerError};
use tokio::time::timeout;

use crate::{error, instances::moment};

/// Number of lines below which a reader never falls behind, and so sees every one.
const FLOOD: usize = 1_000;
/// Size of the engine's buffer for a line.
///
/// Source: moby, `daemon/logger/copier.go`, `defaultBufSize`.
const PIECE_BYTES: usize = 16 * 1024;
/// Silence after which a flood is over.
const QUIET: Duration = Duration::from_secs(2);

/// Streams a container's lines from a point on, then new ones until it exits.
pub(crate) fn lines(
    docker: Docker,
    container: String,
    from: LogStart,
) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
    let start = async move {
        let since = match from {
            LogStart::Since(since) => Some(since),
            LogStart::Tail(count) => nth_last(&docker, &container, count).await?,
        };
        let following = Following::begin(docker, container, since);
        Ok(stream::try_unfold(following, Following::next))
    };
    stream::once(start).try_flatten()
}

/// Reads a log and follows it.
///
/// When the engine begins the next file of a log, Docker Engine 20.10 repeats lines to its
/// followers, and then loses some. It also drops followers that are behind when the container
/// exits. So a stream that goes back in time is dropped and the log is read again from there.
/// The same happens when it falls silent after many lines, for it may have lost the last ones.
/// The rest at the end is read from the files, which have everything. Repeated lines have the
/// same line ids.
struct Following {
    docker: Docker,
    container: String,
    lines: BoxStream<'static, Result<PlatformLine, RunnerError>>,
    delivered: Delivered,
    /// Number of yielded lines that were not checked by a second reading.
    unchecked: usize,
    /// Time up to which lines were checked.
    checked: Option<Timestamp>,
    /// Set once the container has exited. The rest of the log is read, minus these lines.
    rest: Option<Delivered>,
}

impl Following {
    fn begin(docker: Docker, container: String, since: Option<Timestamp>) -> Self {
        let options = options(since).follow(true).tail("all").build();
        Self {
            lines: read(&docker, &container, options),
            docker,
            container,
            delivered: Delivered::default(),
            unchecked: 0,
            checked: since,
            rest: None,
        }
    }

    async fn next(mut self) -> Result<Option<(PlatformLine, Self)>, RunnerError> {
        loop {
            let is_flood = self.unchecked >= FLOOD && self.rest.is_none();
            let waiting = timeout(QUIET, self.lines.try_next());
            let next = match waiting.await {
                Ok(next) => next?,
                Err(_) if is_flood => {
                    let newest = self.delivered.newest();
                    self = Self::begin(self.docker, self.container, newest);
                    continue;
                }
                Err(_) => self.lines.try_next().await?,
            };
            let Some(line) = next else {
                if self.rest.is_some() {
                    return Ok(None);
                }
                let options = options(self.delivered.newest()).tail("all").build();
                self.lines = read(&self.docker, &self.container, options);
                self.rest = Some(self.delivered);
                continue;
            };
            if let Some(delivered) = &mut self.rest {
                if delivered.contains(&line) {
                    continue;
                }
                return Ok(Some((line, self)));
            }
            if self.delivered.record(&line) {
                self.unchecked += usize::from(Some(line.at) > self.checked);
                return Ok(Some((line, self)));
            }
            self = Self::begin(self.docker, self.container, Some(line.at));
        }
    }
}

/// Lines already yielded, for each stream.
///
/// The two streams are stamped independently, so their relative order is uncertain.
#[derive(Clone, Copy, Debug, Default)]
struct Delivered {
    stdout: Tail,
    stderr: Tail,
}

/// The newest time of a stream, and the number of lines with it.
#[derive(Clone, Copy, Debug, Default)]
struct Tail {
    at: Option<Timestamp>,
    lines: usize,
}

impl Delivered {
    fn newest(&self) -> Option<Timestamp> {
        self.stdout.at.max(self.stderr.at)
    }

    fn tail_of(&mut self, stream: LogStream) -> &mut Tail {
        match stream {
            LogStream::Stdout => &mut self.stdout,
            LogStream::Stderr => &mut self.stderr,
        }
    }

    /// Records a line; returns true if it follows the previous ones of its stream.
    fn record(&mut self, line: &PlatformLine) -> bool {
        let tail = self.tail_of(line.stream);
        if tail.at.is_some_and(|at| line.at < at) {
            return false;
        }
        let before = if tail.at == Some(line.at) {
            tail.lines
        } else {
            0
        };
        *tail = Tail {
            at: Some(line.at),
            lines: before + 1,
        };
        true
    }

    /// True if a line that is read again was yielded before.
    ///
    /// Lines with the newest time are counted.
    fn contains(&mut self, line: &PlatformLine) -> bool {
        let tail = self.tail_of(line.stream);
        match tail.at {
            Some(at) if line.at == at && tail.lines > 0 => {
                tail.lines -= 1;
                true
            }
            Some(at) => line.at < at,
            None => false,
        }
    }
}

/// Returns the time of the nth last line.
///
/// The lines themselves are then requested by time: a count might begin in the middle of a
/// microsecond, and line ids count within theirs.
async fn nth_last(
    docker: &Docker,
    container: &str,
    count: usize,
) -> Result<Option<Timestamp>, RunnerError> {
    let options = options(None).tail(&count.to_string()).build();
    let mut last = read(docker, container, options);
    Ok(last.try_next().await?.map(|line| line.at))
}

fn options(since: Option<Timestamp>) -> LogsOptionsBuilder {
    // The engine takes whole seconds here.
    let seconds = since.map_or(0, |since| since.micros() / 1_000_000);
    LogsOptionsBuilder::default()
        .stdout(true)
        .stderr(true)
        .timestamps(true)
        .since(i32::try_from(seconds).unwrap_or(i32::MAX))
}

fn read(
    docker: &Docker,
    container: &str,
    options: LogsOptions,
) -> BoxStream<'static, Result<PlatformLine, RunnerError>> {
    let pieces = docker
        .logs(container, Some(options))
        .map_err(error::silent)
        .try_filter_map(|output| future::ok(piece(&output)));
    joined(pieces.boxed()).boxed()
}

/// Joins pieces into lines. At the end of the stream, an unfinished line is complete.
fn joined(
    pieces: BoxStream<'static, Result<PlatformLine, RunnerError>>,
) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
    let mut joiner = LineJoiner::default();
    let mut pieces = pieces.fuse();
    stream::poll_fn(move |context| {
        loop {
            if let Some(line) = joiner.next_line() {
                return Poll::Ready(Some(Ok(line)));
            }
            if pieces.is_done() {
                return Poll::Ready(None);
            }
            match ready!(pieces.poll_next_unpin(context)) {
                Some(Ok(piece)) => joiner.push(piece),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => joiner.finish(),
            }
        }
    })
}

/// Parses a message: one line, or a piece of a longer one, prefixed with its time.
///
/// Only a piece that fills the engine's buffer goes on. The last one of a line is shorter, and
/// has a line break at its end or, with the `local` driver of Docker Engine 20.10, none.
fn piece(output: &LogOutput) -> Option<PlatformLine> {
    let (stream, message) = match output {
        LogOutput::StdErr { message } => (LogStream::Stderr, message),
        LogOutput::StdOut { message } | LogOutput::Console { message } => {
            (LogStream::Stdout, message)
        }
        LogOutput::StdIn { .. } => return None,
    };
    let space = message.iter().position(|byte| *byte == b' ')?;
    let (time, text) = message.split_at(space);
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let is_cut = text.len() >= PIECE_BYTES && !text.ends_with(b"\n");
    let text = if is_cut { text } else { without_end(text) };
    Some(PlatformLine {
        at: moment(std::str::from_utf8(time).ok()?)?,
        stream,
        bytes: text.to_vec(),
        is_cut,
    })
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use bollard::container::LogOutput;
    use futures::{StreamExt, TryStreamExt, stream};
    use models::{deployment::LogStream, time::Timestamp};
    use runner_common::PlatformLine;

    use super::{Delivered, PIECE_BYTES, joined, piece};

    #[test]
    fn a_line_that_is_read_again_has_the_same_instant_and_number() {
        let line = |at: i64, stream| PlatformLine {
            at: Timestamp::from_micros(at),
            stream,
            bytes: Vec::new(),
            is_cut: false,
        };
        let (out, err) = (LogStream::Stdout, LogStream::Stderr);
        let mut delivered = Delivered::default();
        for at in [1, 2, 2] {
            assert!(delivered.record(&line(at, out)));
        }
        assert!(
            delivered.record(&line(1, err)),
            "the streams are side by side"
        );
        assert!(!delivered.record(&line(1, out)), "it went back");
        let again = [
            (1, out),
            (1, err),
            (2, out),
            (2, out),
            (2, out),
            (3, out),
            (2, err),
        ];
        let contained = again.map(|(at, stream)| delivered.contains(&line(at, stream)));
        assert_eq!(contained, [true, true, true, true, false, false, false]);
    }

    const AT: i64 = 1_700_000_000_000_001;

    fn message(text: impl Into<Vec<u8>>) -> LogOutput {
        let message = [&b"2023-11-14T22:13:20.000001Z "[..], &text.into()].concat();
        LogOutput::StdErr {
            message: message.into(),
        }
    }

    fn line(bytes: &[u8], is_cut: bool) -> PlatformLine {
        PlatformLine {
            at: Timestamp::from_micros(AT),
            stream: LogStream::Stderr,
            bytes: bytes.to_vec(),
            is_cut,
        }
    }

    #[test]
    fn a_message_is_a_time_and_a_line_or_a_piece_of_one() {
        for (text, bytes, is_cut) in [
            (&b"hello\n"[..], &b"hello"[..], false),
            (b"hello\r\n", b"hello", false),
            (b"\n", b"", false),
            (b"the last piece\r", b"the last piece", false),
            (b"\xff\n", b"\xff", false),
        ] {
            assert_eq!(piece(&message(text)), Some(line(bytes, is_cut)));
        }
        let full = [b'x'; PIECE_BYTES];
        assert_eq!(piece(&message(full)), Some(line(&full, true)));
        let ended = [&full[..], b"\n"].concat();
        assert_eq!(piece(&message(ended)), Some(line(&full, false)));
        let finer = LogOutput::StdErr {
            message: "2023-11-14T22:13:20.000001999Z hello\n".into(),
        };
        assert_eq!(piece(&finer), Some(line(b"hello", false)));
    }

    #[tokio::test]
    async fn pieces_become_lines_with_a_line_break_at_their_end_or_none() {
        let full = "x".repeat(PIECE_BYTES);
        let full = full.as_str();
        let texts = [full, "b\n", full, "c", full, "", "d\n", full].map(message);
        let pieces: Vec<_> = texts.iter().filter_map(piece).map(Ok).collect();
        let pieces = stream::iter(pieces).boxed();
        let lines: Vec<_> = joined(pieces).try_collect().await.unwrap();
        let with = |end: &str| line(format!("{full}{end}").as_bytes(), false);
        let expected = [with("b"), with("c"), with(""), line(b"d", false), with("")];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_line_without_a_time_is_ignored() {
        let output = LogOutput::StdOut {
            message: "hello world\n".into(),
        };
        assert_eq!(piece(&output), None);
    }
}
