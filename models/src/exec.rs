//! Programs that people run inside an instance: terminals, and commands that only print.
//!
//! Bytes flow by credit. Each side of a link may send [`WINDOW_BYTES`] of a program's bytes, and
//! then as many as the other side says it has taken. So whatever a program prints, and however
//! slowly somebody reads, no more than a window of it waits anywhere.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// How many bytes of one program may be on their way in each direction.
pub const WINDOW_BYTES: u32 = 64 * 1024;

/// How many bytes one frame carries at the most, so that other frames need not wait long for it.
pub const CHUNK_BYTES: usize = 16 * 1024;

/// How many programs may run over one link at the same time.
pub const MAX_EXECS_OF_LINK: usize = 64;

/// How many arguments a command may have, with the program itself.
pub const MAX_COMMAND: usize = 64;

/// How large a terminal is, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TerminalSize {
    /// How many characters a line has.
    #[garde(range(min = 1, max = 1_000))]
    pub columns: u16,
    /// How many lines there are.
    #[garde(range(min = 1, max = 1_000))]
    pub rows: u16,
}

impl Default for TerminalSize {
    /// What terminals were once built as, and programs still expect.
    fn default() -> Self {
        Self {
            columns: 80,
            rows: 24,
        }
    }
}

/// How much may still be sent, or may still arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit(u32);

impl Default for Credit {
    fn default() -> Self {
        Self(WINDOW_BYTES)
    }
}

impl Credit {
    /// How many bytes are left.
    pub const fn left(self) -> u32 {
        self.0
    }

    /// Uses some; says whether there was enough, and uses none if not.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        let rest = u32::try_from(bytes)
            .ok()
            .and_then(|bytes| self.0.checked_sub(bytes));
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Gives some back. There is never more than a window, whatever the other side says.
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
