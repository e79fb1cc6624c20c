//! Programs that were run inside an instance.

/// How a program ended that was run inside an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Its exit code; 128 + n when signal n ended it.
    pub code: i64,
    /// The beginning of what it printed, both streams as they came.
    pub output: Vec<u8>,
}

impl Executed {
    /// So many bytes of what a program prints are kept at the most.
    pub const MAX_OUTPUT: usize = 16 * 1024;

    /// Keeps more of what was printed, as far as there is room.
    pub fn print(&mut self, bytes: &[u8]) {
        let room = Self::MAX_OUTPUT.saturating_sub(self.output.len());
        self.output.extend(bytes.iter().take(room));
    }
}
