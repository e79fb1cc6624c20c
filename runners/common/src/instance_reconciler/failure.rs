//! Failure messages for people.

use std::time::Duration;

use futures::StreamExt;
use models::{
    ansi::{plain, plain_lines},
    deployment::{Failure, FailureCode, Fault},
};
use tokio::time::{Instant, timeout_at};

use super::context::Context;
use crate::platform::{CheckOutput, Health, InstanceKey, InstancePlatform, LogStart};

/// Number of an app's last log lines in a message.
const LAST_LINES: usize = 20;
/// Most bytes of log lines in a message, counted from the end.
const LAST_BYTES: usize = 2_000;
/// Silence that marks the end of stored lines. Those arrive without a pause this long.
const PAUSE: Duration = Duration::from_millis(300);
/// Endings of a sentence about an app that exited: still down, or up again.
pub(super) const IS_STARTED_AGAIN: &str = " and is being restarted";
const WAS_STARTED_AGAIN: &str = " and was restarted";

pub(super) fn user(code: FailureCode, message: String) -> Failure {
    failure(Fault::User, code, message)
}

pub(super) fn platform(code: FailureCode, message: String) -> Failure {
    failure(Fault::Platform, code, message)
}

fn failure(fault: Fault, code: FailureCode, message: String) -> Failure {
    Failure {
        fault,
        code,
        message: plain_lines(&message).into_owned(),
    }
}

/// Turns the failure of an exit into that of an app that has been restarted since.
pub(super) fn after_restart(mut failure: Failure) -> Failure {
    failure.message = failure
        .message
        .replacen(IS_STARTED_AGAIN, WAS_STARTED_AGAIN, 1);
    failure
}

/// Ends a text with a full stop, unless it has its own ending.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let end = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{text}{end}")
}

/// The failure of an instance that its image's health check calls unhealthy.
pub(super) fn unhealthy(health: &Health) -> Failure {
    let times = match health.retries {
        1 => String::new(),
        retries => format!(" {retries} times in a row"),
    };
    let message = format!(
        "The image's health check failed{times}{}",
        printed(&health.output)
    );
    user(FailureCode::ImageHealthCheckFailed, message)
}

/// The failure of an instance that someone paused on the host.
pub(super) fn paused() -> Failure {
    Failure {
        fault: Fault::Platform,
        code: FailureCode::InstancePaused,
        message: "The instance is paused, so it does not respond. Someone paused it on the \
                  runner's host: resume it there, or restart the deployment."
            .to_owned(),
    }
}

/// Renders the last failure of a health check as the end of a sentence.
pub(super) fn printed(output: &CheckOutput) -> String {
    match output {
        CheckOutput::Printed(output) => match output.trim() {
            "" => " without any output.".to_owned(),
            output => format!(". Output: {output}"),
        },
        CheckOutput::TimedOut(limit) => {
            let limit = limit.as_secs_f64();
            format!(". Its command timed out after {limit} s.")
        }
        CheckOutput::NotRun => {
            ". Its command could not be run. Check that the image contains the program.".to_owned()
        }
    }
}

/// Adds the instance's last log lines to the failure: usually they say why.
pub(super) async fn with_last_lines<P: InstancePlatform>(
    context: &Context<P>,
    key: &InstanceKey,
    mut failure: Failure,
) -> Failure {
    let lines = last_lines(context, key).await;
    if !lines.is_empty() {
        failure.message.push_str("\n\nLast log lines:\n");
        failure.message.push_str(&lines);
    }
    failure
}

async fn last_lines<P: InstancePlatform>(context: &Context<P>, key: &InstanceKey) -> String {
    let mut last = std::collections::VecDeque::with_capacity(LAST_LINES);
    let mut lines = std::pin::pin!(context.platform.logs(key, LogStart::Tail(LAST_LINES)));
    let until = Instant::now() + context.agent.timings.log_drain;
    // A running app may print more at any time, so a moment of silence is the end.
    while let Ok(Some(Ok(line))) = timeout_at(until.min(Instant::now() + PAUSE), lines.next()).await
    {
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(plain(&String::from_utf8_lossy(&line.bytes)).into_owned());
    }
    end_of(&Vec::from(last).join("\n"), LAST_BYTES).to_owned()
}

/// Returns the last `bytes` of a text at most, cut at a character boundary.
fn end_of(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use models::deployment::Resources;

    use super::{IS_STARTED_AGAIN, after_restart, end_of, printed, sentence};
    use crate::{exit, platform::CheckOutput};

    #[test]
    fn an_exit_by_a_signal_names_it_and_the_restart() {
        for (code, is, was) in [
            (
                3,
                "The app exited with code 3 and is being restarted.",
                "The app exited with code 3 and was restarted.",
            ),
            (
                137,
                "The app was killed (signal 9, exit code 137) and is being restarted. It did not \
                 exceed its memory limit.",
                "The app was killed (signal 9, exit code 137) and was restarted. It did not exceed \
                 its memory limit.",
            ),
            (
                143,
                "The app was terminated (signal 15, exit code 143) and is being restarted.",
                "The app was terminated (signal 15, exit code 143) and was restarted.",
            ),
        ] {
            let failure = exit::exited(
                exit::APP,
                code,
                false,
                &Resources::default(),
                IS_STARTED_AGAIN,
            );
            assert_eq!(failure.message, is);
            assert_eq!(after_restart(failure).message, was);
        }
    }

    #[test]
    fn a_text_gets_one_full_stop_and_no_second_one() {
        for (text, sentence_of_it) in [
            ("no response", "no response."),
            ("The command did not end.", "The command did not end."),
            ("Ready?\n", "Ready?"),
        ] {
            assert_eq!(sentence(text), sentence_of_it);
        }
    }

    #[test]
    fn a_silent_check_shows_no_output() {
        let said = |output| printed(&output);
        assert_eq!(said(CheckOutput::Printed("a\n".to_owned())), ". Output: a");
        let late = CheckOutput::TimedOut(Duration::from_millis(1_500));
        assert_eq!(said(late), ". Its command timed out after 1.5 s.");
        assert!(said(CheckOutput::NotRun).contains("could not be run"));
    }

    #[test]
    fn the_end_of_a_text_begins_at_a_character() {
        assert_eq!(end_of("abc", 5), "abc");
        assert_eq!(end_of("abc", 2), "bc");
        assert_eq!(end_of("aüü", 3), "ü");
    }
}
