//! Sanitizing of text from runners, safe for every database and every page.
//!
//! A runner may be hostile, and an honest app may print anything: PostgreSQL does not store
//! NUL, and other control characters move the cursor of terminals in which logs are read.

use models::{
    ansi::plain_lines,
    deployment::{Failure, LastError, Progress},
    runner::RunnerInfo,
    time::Timestamp,
};

/// Longest stored message of a failure or progress, in characters.
///
/// Runners may send more.
const MAX_MESSAGE: usize = 4_000;
/// Largest number of platforms shown for a host policy.
const MAX_PLATFORMS: usize = 20;
/// Largest number of registries shown for a host policy.
const MAX_REGISTRIES: usize = 100;
/// Largest number of host ports, as many as a host policy may name.
const MAX_HOST_PORTS: usize = 100;

/// Limits a text to a number of characters, in lines as a terminal shows them.
pub(super) fn sanitize_lines(text: &str, max_chars: usize) -> String {
    plain_lines(text).chars().take(max_chars).collect()
}

/// Limits the message of a failure or progress.
pub(super) fn sanitize_message(text: &str) -> String {
    sanitize_lines(text, MAX_MESSAGE)
}

/// Limits the size of a failure.
pub(super) fn sanitize_failure(failure: &Failure) -> Failure {
    Failure {
        fault: failure.fault,
        code: failure.code.clone(),
        message: sanitize_message(&failure.message),
    }
}

/// Sanitizes a runner's last error.
///
/// The runner's clock may be ahead, so a time in the future is corrected.
pub(super) fn sanitize_last_error(error: &LastError, now: Timestamp) -> LastError {
    LastError {
        failure: sanitize_failure(&error.failure),
        since: error.since.min(now),
        next_try_at: error.next_try_at,
    }
}

/// Limits the size of a progress.
pub(super) fn sanitize_progress(progress: &Progress) -> Progress {
    Progress {
        message: sanitize_message(&progress.message),
        ..progress.clone()
    }
}

/// Sanitizes a runner's description: short texts, one line each.
pub(super) fn sanitize_info(info: RunnerInfo) -> RunnerInfo {
    let mut info = info.sanitized();
    if let Some(policy) = &mut info.policy {
        if let Some(registries) = &mut policy.registries {
            registries.retain(|registry| garde::Validate::validate(registry).is_ok());
            registries.truncate(MAX_REGISTRIES);
        }
        if let Some(registries) = &mut policy.internal_registries {
            registries.retain(|registry| garde::Validate::validate(registry).is_ok());
            registries.truncate(MAX_REGISTRIES);
        }
        policy.app_reach.host_ports.truncate(MAX_HOST_PORTS);
    }
    let policy = info.policy.as_mut();
    if let Some(platforms) = policy.and_then(|policy| policy.emulated_platforms.as_mut()) {
        platforms.retain(|platform| garde::Validate::validate(platform).is_ok());
        platforms.truncate(MAX_PLATFORMS);
    }
    info
}

#[cfg(test)]
mod tests {
    use super::sanitize_lines;

    #[test]
    fn a_text_keeps_its_lines_and_nothing_that_moves_a_terminal() {
        assert_eq!(sanitize_lines("a\n\tb", 10), "a\n\tb");
        assert_eq!(
            sanitize_lines("a\0b\u{1b}[31mc\u{1b}[0m\n1%\r2%\r\n", 10),
            "abc\n2%\n"
        );
        assert_eq!(sanitize_lines("äöü", 2), "äö");
    }
}
