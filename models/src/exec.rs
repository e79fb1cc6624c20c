//! Programs that people run inside an instance: terminals and commands.
//!
//! Bytes flow by credit. Each side of a link may send [`WINDOW_BYTES`] of a program's bytes,
//! and then as many as the other side has acknowledged. So no more than one window of a
//! program's output waits anywhere, however slow the reader is.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// The bytes of one program that may be in flight in each direction.
pub const WINDOW_BYTES: u32 = 64 * 1024;

/// The most bytes in one frame, so that other frames do not wait long behind it.
pub const CHUNK_BYTES: usize = 16 * 1024;

/// The most programs that may run over one link at the same time.
pub const MAX_EXECS_OF_LINK: usize = 64;

/// The most arguments of a command, including the program itself.
pub const MAX_COMMAND: usize = 64;

/// The size of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TerminalSize {
    /// The number of characters in a line.
    #[garde(range(min = 1, max = 1_000))]
    pub columns: u16,
    /// The number of lines.
    #[garde(range(min = 1, max = 1_000))]
    pub rows: u16,
}

impl Default for TerminalSize {
    /// Returns the size of early hardware terminals, which programs still expect.
    fn default() -> Self {
        Self {
            columns: 80,
            rows: 24,
        }
    }
}

/// The bytes that may still be sent or received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit(u32);

impl Default for Credit {
    fn default() -> Self {
        Self(WINDOW_BYTES)
    }
}

impl Credit {
    /// Returns the remaining bytes.
    pub const fn left(self) -> u32 {
        self.0
    }

    /// Takes bytes from the credit. Returns false, and takes none, if there are too few.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        let rest = u32::try_from(bytes)
            .ok()
            .and_then(|bytes| self.0.checked_sub(bytes));
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Returns bytes to the credit. It never exceeds a window, whatever the other side sends.
    pub fn give(&mut self, bytes: u32) {
        self.0 = self.0.saturating_add(bytes).min(WINDOW_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::{Credit, WINDOW_BYTES};

    #[test]
    fn no_more_is_taken_than_there_is_and_no_more_given_than_a_window() {
        let mut credit = Credit::default();
        let window = usize::try_from(WINDOW_BYTES).unwrap();
        assert!(!credit.take(window + 1));
        assert!(credit.take(window));
        assert!(!credit.take(1));
        assert!(!credit.take(usize::MAX));
        credit.give(3);
        assert!(credit.take(3));
        credit.give(u32::MAX);
        assert_eq!(credit.left(), WINDOW_BYTES);
    }
}
