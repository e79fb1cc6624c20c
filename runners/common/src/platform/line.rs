//! Log lines as the platform keeps them.

use std::collections::VecDeque;

use models::{deployment::LogStream, runner::MAX_LOG_LINE_BYTES, time::Timestamp};

/// Start of a reading of an instance's lines.
///
/// Lines of the same microsecond always stay together: a stream that has one of them has all of
/// them. A line id counts within its microsecond, so that the server can tell a repeated line
/// from a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStart {
    /// This moment, or earlier when the platform cannot start so exactly.
    Since(Timestamp),
    /// About this many lines before the end, and no fewer if they exist.
    Tail(usize),
}

impl LogStart {
    /// The first line.
    pub const BEGINNING: Self = Self::Since(Timestamp::from_micros(0));
}

/// A line, or a part of a very long one, as an instance printed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformLine {
    /// Time of printing, by the host's clock.
    pub at: Timestamp,
    /// Standard output or standard error.
    pub stream: LogStream,
    /// The text, without the line's end.
    pub bytes: Vec<u8>,
    /// True if the line goes on in the next one of its stream.
    pub is_cut: bool,
}

/// Joins the pieces into which a platform cuts long lines.
///
/// Pieces of one line have the same time. A joined line has at most [`MAX_LOG_LINE_BYTES`]; a
/// longer one is cut there, between two characters. The cuts depend on the line alone, so that
/// a line that is read again comes in the same parts.
#[derive(Debug, Default)]
pub struct LineJoiner {
    stdout: Option<PlatformLine>,
    stderr: Option<PlatformLine>,
    whole: VecDeque<PlatformLine>,
}

impl LineJoiner {
    /// Adds a line, or a piece of an unfinished one.
    pub fn push(&mut self, piece: PlatformLine) {
        let begun = match piece.stream {
            LogStream::Stdout => &mut self.stdout,
            LogStream::Stderr => &mut self.stderr,
        };
        let mut line = match begun.take() {
            Some(mut line) if line.at == piece.at => {
                line.bytes.extend(piece.bytes);
                line.is_cut = piece.is_cut;
                line
            }
            // The program exited within a line, and was started again.
            Some(ended) => {
                self.whole.push_back(complete(ended));
                piece
            }
            None => piece,
        };
        while line.bytes.len() > MAX_LOG_LINE_BYTES {
            let rest = line
                .bytes
                .split_off(cut_at(&line.bytes, MAX_LOG_LINE_BYTES));
            let bytes = std::mem::replace(&mut line.bytes, rest);
            self.whole.push_back(PlatformLine {
                bytes,
                is_cut: true,
                ..line
            });
        }
        if line.is_cut {
            *begun = Some(line);
        } else {
            self.whole.push_back(line);
        }
    }

    /// Marks the end of input: an unfinished line is complete.
    pub fn finish(&mut self) {
        let begun = [self.stdout.take(), self.stderr.take()];
        let begun = begun.into_iter().flatten().map(complete);
        self.whole.extend(begun);
    }

    /// Returns the next complete line.
    pub fn next_line(&mut self) -> Option<PlatformLine> {
        self.whole.pop_front()
    }
}

fn complete(line: PlatformLine) -> PlatformLine {
    PlatformLine {
        is_cut: false,
        ..line
    }
}

/// Returns the place to cut a text that is longer than `most` bytes.
///
/// It is the last one at a character boundary, if the bytes are characters.
pub(crate) fn cut_at(bytes: &[u8], most: usize) -> usize {
    // A byte of the form 10…… continues a character, and none is longer than four bytes.
    let begins_character = |at: &usize| bytes[*at] & 0b1100_0000 != 0b1000_0000;
    let mut places = (most.saturating_sub(3)..=most).rev();
    places.find(begins_character).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use models::{deployment::LogStream, runner::MAX_LOG_LINE_BYTES, time::Timestamp};

    use super::{LineJoiner, PlatformLine};

    const KIB_16: usize = 16 * 1024;

    fn piece(at: i64, stream: LogStream, bytes: &[u8], is_cut: bool) -> PlatformLine {
        PlatformLine {
            at: Timestamp::from_micros(at),
            stream,
            bytes: bytes.to_vec(),
            is_cut,
        }
    }

    fn lines_of(joiner: &mut LineJoiner) -> Vec<PlatformLine> {
        std::iter::from_fn(|| joiner.next_line()).collect()
    }

    /// Returns the lines that come of a text that the engine cut every 16 KiB.
    fn joined(text: &str) -> Vec<PlatformLine> {
        let mut joiner = LineJoiner::default();
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(KIB_16).collect();
        let last = pieces.len() - 1;
        for (at, bytes) in pieces.into_iter().enumerate() {
            joiner.push(piece(7, LogStream::Stdout, bytes, at < last));
        }
        lines_of(&mut joiner)
    }

    #[test]
    fn a_line_that_came_in_pieces_is_one_line() {
        for text in ["short", &"x".repeat(100_000), &"🦀".repeat(60_000)] {
            let line = piece(7, LogStream::Stdout, text.as_bytes(), false);
            assert_eq!(joined(text), [line]);
        }
    }

    #[test]
    fn a_line_over_the_limit_is_cut_between_characters_and_marked() {
        for text in ["x".repeat(600_000), "a".to_owned() + &"🦀".repeat(150_000)] {
            let lines = joined(&text);
            let are_cut: Vec<bool> = lines.iter().map(|line| line.is_cut).collect();
            assert_eq!(are_cut, [true, true, false]);
            for line in &lines {
                assert!(std::str::from_utf8(&line.bytes).is_ok());
                assert!(line.bytes.len() <= MAX_LOG_LINE_BYTES);
            }
            let all: Vec<u8> = lines.into_iter().flat_map(|line| line.bytes).collect();
            assert_eq!(all, text.as_bytes());
        }
    }

    #[test]
    fn each_stream_has_its_own_line_and_a_new_time_is_a_new_line() {
        let (out, err) = (LogStream::Stdout, LogStream::Stderr);
        let mut joiner = LineJoiner::default();
        let mut join = |piece| {
            joiner.push(piece);
            lines_of(&mut joiner)
        };
        assert_eq!(join(piece(1, out, b"a", true)), []);
        assert_eq!(join(piece(1, err, b"x", true)), []);
        assert_eq!(
            join(piece(1, out, b"b", false)),
            [piece(1, out, b"ab", false)]
        );
        let both = [piece(1, err, b"x", false), piece(2, err, b"y", false)];
        assert_eq!(join(piece(2, err, b"y", false)), both);
        assert_eq!(join(piece(3, out, b"c", true)), []);
        joiner.finish();
        assert_eq!(lines_of(&mut joiner), [piece(3, out, b"c", false)]);
    }
}
