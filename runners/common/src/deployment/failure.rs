//! Failures in words that help.

use std::time::Duration;

use futures::StreamExt;
use models::{
    ansi::{plain, plain_lines},
    deployment::{Failure, Fault, Resources},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    context::Context,
    runner::{Health, InstanceKey, LogStart, Runner},
};

/// So many of an app's last lines go into the message.
const LAST_LINES: usize = 20;
/// And so many bytes of them at the most, counted from the end.
const LAST_BYTES: usize = 2_000;
/// What is kept already comes without a pause as long as this.
const PAUSE: Duration = Duration::from_millis(300);
/// The exit code of what the kernel killed: 128 and the number of `SIGKILL`.
const KILLED: i64 = 137;

pub(super) fn user(code: &str, message: String) -> Failure {
    failure(Fault::User, code, message)
}

pub(super) fn platform(code: &str, message: String) -> Failure {
    failure(Fault::Platform, code, message)
}

fn failure(fault: Fault, code: &str, message: String) -> Failure {
    Failure {
        fault,
        code: code.to_owned(),
        message: plain_lines(&message).into_owned(),
    }
}

/// The failure of an app that ended by itself: `when` says at which point, for people.
pub(super) fn ended(code: i64, oom_killed: bool, resources: &Resources, when: &str) -> Failure {
    if !oom_killed {
        let message = format!("The app ended with exit code {code}{when}.");
        return user("app_exited", message);
    }
    let limit = limit(resources);
    if code == KILLED {
        let message =
            format!("The app was killed {limit}{when}. Give it more memory, or make it use less.");
        return user("out_of_memory", message);
    }
    let message = format!(
        "The app ended with exit code {code} after the kernel had killed one of its processes \
         {limit}{when}."
    );
    user("app_exited", message)
}

/// The limit at which something was killed for want of memory, for people.
pub(super) fn limit(resources: &Resources) -> String {
    match resources.memory_mib {
        Some(limit) => format!("at its memory limit of {limit} MiB"),
        // Its machine has a limit for those without, and an end of its memory.
        None => "for want of memory".to_owned(),
    }
}

/// That the health check of an image says that an app does not work.
pub(super) fn unhealthy(health: &Health) -> Failure {
    let times = match health.retries {
        1 => String::new(),
        retries => format!(" {retries} times in a row"),
    };
    let message = format!(
        "The image's health check failed{times}{}",
        printed(&health.output)
    );
    user("image_health_check_failed", message)
}

/// The output of a health check, as the end of a sentence.
pub(super) fn printed(output: &str) -> String {
    match output.trim() {
        "" => " and printed nothing.".to_owned(),
        output => format!(". It printed: {output}"),
    }
}

/// The failure with the last lines of the instance in its message: mostly they say why.
pub(super) async fn with_last_lines<R: Runner>(
    context: &Context<R>,
    key: &InstanceKey,
    mut failure: Failure,
) -> Failure {
    let lines = last_lines(context, key).await;
    if !lines.is_empty() {
        failure.message.push_str("\n\nIts last lines:\n");
        failure.message.push_str(&lines);
    }
    failure
}

async fn last_lines<R: Runner>(context: &Context<R>, key: &InstanceKey) -> String {
    let mut last = std::collections::VecDeque::with_capacity(LAST_LINES);
    let mut lines = std::pin::pin!(context.runner.logs(key, LogStart::Tail(LAST_LINES)));
    let until = Instant::now() + context.timings.last_lines;
    // An app that still runs may print more at any time, so a moment of silence is the end.
    while let Ok(Some(Ok(line))) = timeout_at(until.min(Instant::now() + PAUSE), lines.next()).await
    {
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(plain(&String::from_utf8_lossy(&line.bytes)).into_owned());
    }
    end_of(&Vec::from(last).join("\n"), LAST_BYTES).to_owned()
}

/// The end of a text, not more than so many bytes, never beginning within a character.
fn end_of(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::end_of;

    #[test]
    fn the_end_of_a_text_begins_at_a_character() {
        assert_eq!(end_of("abc", 5), "abc");
        assert_eq!(end_of("abc", 2), "bc");
        assert_eq!(end_of("aüü", 3), "ü");
    }
}
