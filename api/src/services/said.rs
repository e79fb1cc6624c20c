//! What runners say, in words that every database keeps and every page can show.
//!
//! A runner may be hostile, and what it passes on of an honest app may be anything: NUL is a
//! character that PostgreSQL does not keep, and others move the terminals in which logs are read.

use models::{
    ansi::plain_lines,
    deployment::{Failure, LastError, Progress},
    runner::RunnerInfo,
    time::Timestamp,
};

/// The longest message of a failure or progress that is kept, in characters; a runner may send
/// more.
const MAX_MESSAGE: usize = 4_000;
/// The most platforms of a policy that are shown.
const MAX_PLATFORMS: usize = 20;
/// The most registries of a policy that are shown.
const MAX_REGISTRIES: usize = 100;
/// As many as a policy may name.
const MAX_HOST_PORTS: usize = 100;

/// A text of at most so many characters, in lines as a terminal would show them.
pub(super) fn lines(text: &str, max_chars: usize) -> String {
    plain_lines(text).chars().take(max_chars).collect()
}

/// The beginning of what a runner says of a failure or progress.
pub(super) fn message(text: &str) -> String {
    lines(text, MAX_MESSAGE)
}

/// A failure that takes no more room than it may.
pub(super) fn failure(failure: &Failure) -> Failure {
    Failure {
        fault: failure.fault,
        code: message(&failure.code),
        message: message(&failure.message),
    }
}

/// The last error that a runner tells of. Its clock may be ahead: nothing has happened in the future.
pub(super) fn last_error(error: &LastError, now: Timestamp) -> LastError {
    LastError {
        failure: failure(&error.failure),
        since: error.since.min(now),
        next_try_at: error.next_try_at,
    }
}

/// A progress that takes no more room than it may.
pub(super) fn progress(progress: &Progress) -> Progress {
    Progress {
        message: message(&progress.message),
        ..progress.clone()
    }
}

/// A runner's words of itself, each short and in one line.
pub(super) fn about(about: RunnerInfo) -> RunnerInfo {
    let mut about = about.presentable();
    if let Some(policy) = &mut about.policy {
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
    let policy = about.policy.as_mut();
    if let Some(platforms) = policy.and_then(|policy| policy.emulated_platforms.as_mut()) {
        platforms.retain(|platform| garde::Validate::validate(platform).is_ok());
        platforms.truncate(MAX_PLATFORMS);
    }
    about
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_text_keeps_its_lines_and_nothing_that_moves_a_terminal() {
        assert_eq!(lines("a\n\tb", 10), "a\n\tb");
        assert_eq!(
            lines("a\0b\u{1b}[31mc\u{1b}[0m\n1%\r2%\r\n", 10),
            "abc\n2%\n"
        );
        assert_eq!(lines("äöü", 2), "äö");
    }
}
