//! Log lines that the browser holds.

use std::collections::VecDeque;

use super::Line;

/// Maximum number of lines; the oldest are dropped first.
const MAX_LINES: usize = 100_000;

/// Lines ordered by position, without duplicates.
#[derive(Clone, Debug, Default)]
pub struct LogBuffer {
    lines: VecDeque<Line>,
}

impl LogBuffer {
    /// Creates a buffer with these lines, oldest first.
    pub fn new(lines: Vec<Line>) -> Self {
        let mut buffer = Self::default();
        buffer.append(lines);
        buffer
    }

    /// Appends lines; skips those already in the buffer.
    pub fn append(&mut self, lines: Vec<Line>) {
        for line in lines {
            if self.last_position().is_none_or(|last| line.position > last) {
                self.lines.push_back(line);
            }
        }
        let surplus = self.lines.len().saturating_sub(MAX_LINES);
        self.lines.drain(..surplus);
    }

    /// Returns the position of the last line; a stream continues after it.
    pub fn last_position(&self) -> Option<i64> {
        self.lines.back().map(|line| line.position)
    }

    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// True if there are no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns all lines but the given numbers of first and last ones.
    pub(super) fn slice(&self, before: usize, after: usize) -> Vec<Line> {
        let end = self.lines.len().saturating_sub(after);
        self.lines.range(before.min(end)..end).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, LogBuffer, MAX_LINES};

    fn lines(positions: impl Iterator<Item = usize>) -> Vec<Line> {
        positions
            .map(|position| {
                serde_json::from_value(serde_json::json!({
                    "position": position,
                    "instance_id": "",
                    "at": "2026-01-01T00:00:00Z",
                    "stream": "stdout",
                    "text": "",
                }))
                .unwrap()
            })
            .collect()
    }

    #[test]
    fn a_line_that_comes_twice_is_kept_once() {
        let mut buffer = LogBuffer::new(lines(1..4));
        buffer.append(lines(2..6));
        let positions: Vec<_> = buffer
            .slice(0, 0)
            .iter()
            .map(|line| line.position)
            .collect();
        assert_eq!(positions, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn the_oldest_lines_go_first() {
        let mut buffer = LogBuffer::new(lines(0..MAX_LINES));
        buffer.append(lines(MAX_LINES..MAX_LINES + 10));
        assert_eq!(buffer.len(), MAX_LINES);
        assert_eq!(buffer.slice(0, MAX_LINES - 1)[0].position, 10);
    }
}
