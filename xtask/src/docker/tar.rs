//! In-memory tar archive of a few files, the format of a build context.

/// The archive under construction.
#[derive(Default)]
pub struct Archive {
    bytes: Vec<u8>,
}

const BLOCK: usize = 512;

impl Archive {
    /// Adds a file; `name` must be shorter than 100 bytes.
    pub fn add(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.bytes.extend(header(name, mode, content.len()));
        self.bytes.extend(content);
        self.pad();
    }

    /// Returns the archive with its end mark.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.extend([0; 2 * BLOCK]);
        self.bytes
    }

    fn pad(&mut self) {
        let length = self.bytes.len().next_multiple_of(BLOCK);
        self.bytes.resize(length, 0);
    }
}

/// Returns the header block of a regular file that belongs to root.
///
/// Format: POSIX.1-1988, section 10.1.1 (`ustar`).
fn header(name: &str, mode: u32, length: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &str| {
        block[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    put(0, name);
    put(100, &format!("{mode:07o}"));
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{length:011o}"));
    put(136, "00000000000");
    // The checksum counts its own field as spaces.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\u{0}00");
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    let sum = format!("{sum:06o}\u{0} ");
    block[148..156].copy_from_slice(sum.as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn the_system_s_tar_reads_the_archive() {
        let mut archive = Archive::default();
        archive.add("run", 0o755, b"program");
        archive.add("notes.txt", 0o644, &[b'x'; 600]);
        let file = Workspace::find().unwrap().work_folder().join("test.tar");
        std::fs::write(&file, archive.finish()).unwrap();

        let output = Command::new("tar").arg("-tvf").arg(&file).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let listing = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> = listing.lines().collect();
        assert_eq!(lines.len(), 2, "{listing}");
        assert!(
            lines[0].starts_with("-rwxr-xr-x") && lines[0].ends_with(" run"),
            "{listing}"
        );
        assert!(
            lines[1].contains(" 600 ") && lines[1].ends_with(" notes.txt"),
            "{listing}"
        );
    }
}
