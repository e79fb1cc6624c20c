//! What a container prints.

use std::time::Duration;

use bollard::{
    Docker,
    container::LogOutput,
    query_parameters::{LogsOptions, LogsOptionsBuilder},
};
use futures::{Stream, StreamExt, TryStreamExt, future, stream, stream::BoxStream};
use models::{deployment::LogStream, time::Timestamp};
use runner_common::{LogStart, PlatformLine, RunnerError};
use tokio::time::timeout;

use crate::{error, instances::moment};

/// Fewer lines than this never outrun their reader, who then sees every one.
const FLOOD: usize = 1_000;
/// After so long without a line, a flood is over.
const QUIET: Duration = Duration::from_secs(2);

/// The lines of a container from a point on, then those that follow until it ends.
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

/// Reads a log and goes on with what is added.
///
/// When the engine begins the next file of a log, Docker Engine 20.10 gives whoever follows it lines
/// again, and then loses some that it has; and it lets go of whoever is behind when the container
/// ends. So a stream that goes back in time is given up and the log is read anew from there, also when
/// it falls silent after many lines, for it may have lost the last ones; and what is left at the end
/// is read from the files, which have everything. Lines that come twice have the same names.
struct Following {
    docker: Docker,
    container: String,
    lines: BoxStream<'static, Result<PlatformLine, RunnerError>>,
    given: Given,
    /// How many lines were given that nobody has looked for again.
    unchecked: usize,
    /// Until when somebody has.
    checked: Option<Timestamp>,
    /// The container has ended, and what is read now is the rest: what was not given of it.
    rest: Option<Given>,
}

impl Following {
    fn begin(docker: Docker, container: String, since: Option<Timestamp>) -> Self {
        let options = options(since).follow(true).tail("all").build();
        Self {
            lines: read(&docker, &container, options).boxed(),
            docker,
            container,
            given: Given::default(),
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
                    let newest = self.given.newest();
                    self = Self::begin(self.docker, self.container, newest);
                    continue;
                }
                Err(_) => self.lines.try_next().await?,
            };
            let Some(line) = next else {
                if self.rest.is_some() {
                    return Ok(None);
                }
                let options = options(self.given.newest()).tail("all").build();
                self.lines = read(&self.docker, &self.container, options).boxed();
                self.rest = Some(self.given);
                continue;
            };
            if let Some(given) = &mut self.rest {
                if given.has(&line) {
                    continue;
                }
                return Ok(Some((line, self)));
            }
            if self.given.note(&line) {
                self.unchecked += usize::from(Some(line.at) > self.checked);
                return Ok(Some((line, self)));
            }
            self = Self::begin(self.docker, self.container, Some(line.at));
        }
    }
}

/// What was given of each stream. The two are stamped side by side, so between them nothing is
/// certain.
#[derive(Clone, Copy, Debug, Default)]
struct Given {
    stdout: Last,
    stderr: Last,
}

/// The newest instant of a stream, and how many lines were printed at it.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    at: Option<Timestamp>,
    lines: usize,
}

impl Given {
    fn newest(&self) -> Option<Timestamp> {
        self.stdout.at.max(self.stderr.at)
    }

    fn of(&mut self, stream: LogStream) -> &mut Last {
        match stream {
            LogStream::Stdout => &mut self.stdout,
            LogStream::Stderr => &mut self.stderr,
        }
    }

    /// Whether a line follows those before it on its stream, where it is then the last.
    fn note(&mut self, line: &PlatformLine) -> bool {
        let last = self.of(line.stream);
        if last.at.is_some_and(|at| line.at < at) {
            return false;
        }
        let before = if last.at == Some(line.at) {
            last.lines
        } else {
            0
        };
        *last = Last {
            at: Some(line.at),
            lines: before + 1,
        };
        true
    }

    /// Whether a line that is read again was given already. Of those of the newest instant so many
    /// were as have been counted.
    fn has(&mut self, line: &PlatformLine) -> bool {
        let last = self.of(line.stream);
        match last.at {
            Some(at) if line.at == at && last.lines > 0 => {
                last.lines -= 1;
                true
            }
            Some(at) => line.at < at,
            None => false,
        }
    }
}

/// When the nth last line was printed. The lines themselves are then asked for by time: a number
/// of lines might begin in the middle of a microsecond, and lines are named within theirs.
async fn nth_last(
    docker: &Docker,
    container: &str,
    count: usize,
) -> Result<Option<Timestamp>, RunnerError> {
    let options = options(None).tail(&count.to_string()).build();
    let mut last = std::pin::pin!(read(docker, container, options));
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
) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send + use<> {
    docker
        .logs(container, Some(options))
        .map_err(error::silent)
        .try_filter_map(|output| future::ok(line(&output)))
        .boxed()
}

/// One message is one line, or 16 KiB of a longer one; its time stands in front.
fn line(output: &LogOutput) -> Option<PlatformLine> {
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
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    Some(PlatformLine {
        at: moment(std::str::from_utf8(time).ok()?)?,
        stream,
        bytes: text.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use bollard::container::LogOutput;
    use models::{deployment::LogStream, time::Timestamp};
    use runner_common::PlatformLine;

    use super::{Given, line};

    #[test]
    fn what_is_read_again_is_known_by_its_instant_and_its_number() {
        let line = |at: i64, stream| PlatformLine {
            at: Timestamp::from_micros(at),
            stream,
            bytes: Vec::new(),
        };
        let (out, err) = (LogStream::Stdout, LogStream::Stderr);
        let mut given = Given::default();
        for at in [1, 2, 2] {
            assert!(given.note(&line(at, out)));
        }
        assert!(given.note(&line(1, err)), "the streams are side by side");
        assert!(!given.note(&line(1, out)), "it went back");
        let again = [
            (1, out),
            (1, err),
            (2, out),
            (2, out),
            (2, out),
            (3, out),
            (2, err),
        ];
        let has = again.map(|(at, stream)| given.has(&line(at, stream)));
        assert_eq!(has, [true, true, true, true, false, false, false]);
    }

    #[test]
    fn a_message_is_a_time_and_a_line() {
        let at = Timestamp::from_micros(1_700_000_000_000_001);
        for (message, bytes) in [
            (
                &b"2023-11-14T22:13:20.000001999Z hello\n"[..],
                &b"hello"[..],
            ),
            (b"2023-11-14T22:13:20.000001Z hello\r\n", b"hello"),
            (b"2023-11-14T22:13:20.000001Z \n", b""),
            (b"2023-11-14T22:13:20.000001Z a part", b"a part"),
            (b"2023-11-14T22:13:20.000001Z \xff\n", b"\xff"),
        ] {
            let output = LogOutput::StdErr {
                message: message.into(),
            };
            let expected = PlatformLine {
                at,
                stream: LogStream::Stderr,
                bytes: bytes.to_vec(),
            };
            assert_eq!(line(&output), Some(expected));
        }
    }

    #[test]
    fn what_has_no_time_is_no_line() {
        let output = LogOutput::StdOut {
            message: "hello world\n".into(),
        };
        assert_eq!(line(&output), None);
    }
}
