//! Counter of numbered lines.

use std::io::{BufReader, Read};

use anyhow::{Result, bail};

/// Number of the expected next line.
pub(super) struct Count {
    next: u32,
    last: u32,
    ending: String,
    /// Number of repeated lines; `None` if repetitions are errors.
    repeats: Option<u32>,
}

impl Count {
    /// Expects lines from `line 1 of <last>` to the last.
    pub(super) fn to(last: u32) -> Self {
        Self {
            next: 1,
            last,
            ending: format!(" of {last}"),
            repeats: None,
        }
    }

    /// Counts a line; ignores lines in any other form.
    pub(super) fn see(&mut self, line: &str) -> Result<()> {
        let number = line
            .strip_prefix("line ")
            .and_then(|rest| rest.strip_suffix(self.ending.as_str()))
            .and_then(|number| number.parse::<u32>().ok());
        match number {
            Some(number) if number == self.next => self.next += 1,
            Some(number) if number < self.next && self.repeats.is_some() => {
                self.repeats = self.repeats.map(|repeats| repeats + 1);
            }
            Some(number) => bail!("received line {number}, expected line {}", self.next),
            None => {}
        }
        Ok(())
    }

    /// True if the last line was seen.
    pub(super) const fn is_done(&self) -> bool {
        self.next > self.last
    }
}

/// Reads the engine's log of a container without a terminal until the last line.
///
/// Each piece has a header of eight bytes, of which the last four are its length (Engine API,
/// `ContainerAttach`). Returns the number of repeated lines: engines before 23.0 repeat some
/// when they begin another file.
pub(super) fn of_engine(stream: impl Read, lines: u32) -> Result<u32> {
    let mut stream = BufReader::new(stream);
    let mut count = Count::to(lines);
    count.repeats = Some(0);
    let mut piece = Vec::new();
    while !count.is_done() {
        let mut head = [0; 8];
        stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
        piece.resize(usize::try_from(length)?, 0);
        stream.read_exact(&mut piece)?;
        count.see(String::from_utf8_lossy(&piece).trim_end())?;
    }
    Ok(count.repeats.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_due_once_and_in_its_order() {
        let mut count = Count::to(3);
        for line in ["GET /log", "line 1 of 3", "line 7 of 10", "line 2 of 3"] {
            count.see(line).unwrap();
        }
        assert!(!count.is_done());
        assert!(count.see("line 2 of 3").is_err());
        count.see("line 3 of 3").unwrap();
        assert!(count.is_done());
        assert!(Count::to(3).see("line 2 of 3").is_err());
    }

    #[test]
    fn the_engines_pieces_are_read_by_their_length() {
        let mut stream = Vec::new();
        for line in ["hello\n", "line 1 of 2\n", "line 2 of 2\n"] {
            let length = u32::try_from(line.len()).unwrap().to_be_bytes();
            stream.extend([1, 0, 0, 0]);
            stream.extend(length);
            stream.extend(line.as_bytes());
        }
        assert_eq!(of_engine(stream.as_slice(), 2).unwrap(), 0);
        let again = [&stream[..34], &stream[14..]].concat();
        assert_eq!(of_engine(again.as_slice(), 2).unwrap(), 1);
        assert!(of_engine(&stream[..20], 2).is_err());
    }
}
