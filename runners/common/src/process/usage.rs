//! Resource usage of a process, as the kernel counts it; see `proc(5)`.

use std::fs;

/// Resource usage of a process since its start, and its memory now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    pub(super) cpu_nanos: u64,
    pub(super) memory_bytes: u64,
    pub(super) disk_read_bytes: u64,
    pub(super) disk_written_bytes: u64,
}

impl Usage {
    /// Reads the usage of one process, without its children; `None` when it is gone.
    pub(super) fn of(id: i32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        // Reading may be forbidden; unreadable values are not counted.
        let io = fs::read_to_string(format!("/proc/{id}/io")).unwrap_or_default();
        let threads = fs::read_dir(format!("/proc/{id}/task")).ok()?;
        let on_processor = threads.flatten().filter_map(|thread| {
            let counted = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            counted.split(' ').next()?.parse::<u64>().ok()
        });
        Some(Self {
            cpu_nanos: on_processor.sum(),
            memory_bytes: number(&status, "RssAnon:").unwrap_or_default() * 1024,
            disk_read_bytes: number(&io, "read_bytes:").unwrap_or_default(),
            disk_written_bytes: number(&io, "write_bytes:").unwrap_or_default(),
        })
    }
}

/// Returns the number after a word that begins a line.
fn number(text: &str, word: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(word))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Usage, number};

    #[test]
    fn a_number_stands_behind_its_own_word() {
        let text = "cancelled_write_bytes: 1\nwrite_bytes: 42\nRssAnon:\t  7 kB\n";
        assert_eq!(number(text, "write_bytes:"), Some(42));
        assert_eq!(number(text, "RssAnon:"), Some(7));
        assert_eq!(number(text, "read_bytes:"), None);
    }

    #[test]
    fn this_process_uses_something_and_a_missing_one_nothing() {
        let own = Usage::of(std::process::id().cast_signed()).unwrap();
        assert!(own.cpu_nanos > 0 && own.memory_bytes > 0, "{own:?}");
        assert!(Usage::of(i32::MAX).is_none());
    }
}
