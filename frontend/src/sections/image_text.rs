//! Descriptions of an image's facts.

use components::format;
use models::deployment::{ImageDescription, ImageHealthCheck};

/// Stop signal of an image that declares none.
const USUAL_SIGNAL: &str = "SIGTERM";

/// Joins arguments on one line; ambiguous ones are quoted as in JSON.
pub(crate) fn joined(arguments: &[String]) -> String {
    let word = |argument: &String| {
        let is_plain =
            !argument.is_empty() && !argument.contains(|c: char| c.is_whitespace() || c == '"');
        if is_plain {
            argument.clone()
        } else {
            format!("{argument:?}")
        }
    };
    arguments.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Returns the image's stop signal; `None` if nothing is known of the image.
pub(crate) fn signal_of(image: &ImageDescription) -> Option<&str> {
    if *image == ImageDescription::default() {
        return None;
    }
    Some(image.stop_signal.as_deref().unwrap_or(USUAL_SIGNAL))
}

/// Describes a health check, such as `curl -f localhost, every 30 s, 3 failures`.
pub(crate) fn describe_health_check(check: &ImageHealthCheck) -> String {
    let program = check.test.get(1..).unwrap_or_default();
    let program = match check.test.first().map(String::as_str) {
        // `CMD-SHELL` has one command line for a shell.
        Some("CMD-SHELL") => program.join(" "),
        _ => joined(program),
    };
    let mut words = vec![program];
    if check.interval_ms > 0 {
        words.push(format!("every {} s", seconds(check.interval_ms)));
    }
    if check.start_period_ms > 0 {
        words.push(format!("after {} s", seconds(check.start_period_ms)));
    }
    if check.retries > 0 {
        words.push(format::count(check.retries.into(), "failure"));
    }
    words.join(", ")
}

fn seconds(ms: u64) -> String {
    let tenths = ms / 100;
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use models::deployment::{ImageDescription, ImageHealthCheck};

    use super::{describe_health_check, joined, signal_of};

    #[test]
    fn arguments_stay_apart() {
        let words = ["/bin/sh", "-c", "echo \"a\" b", ""].map(str::to_owned);
        assert_eq!(joined(&words), r#"/bin/sh -c "echo \"a\" b" """#);
    }

    #[test]
    fn an_image_that_names_no_signal_has_the_usual_one() {
        assert_eq!(signal_of(&ImageDescription::default()), None);
        let known = ImageDescription {
            user: Some("app".to_owned()),
            ..ImageDescription::default()
        };
        assert_eq!(signal_of(&known), Some("SIGTERM"));
    }

    #[test]
    fn a_health_check_is_described_with_its_times() {
        let check = ImageHealthCheck {
            test: ["CMD-SHELL", "curl -f localhost || exit 1"]
                .map(str::to_owned)
                .into(),
            interval_ms: 1_500,
            timeout_ms: 1_000,
            start_period_ms: 5_000,
            retries: 3,
        };
        assert_eq!(
            describe_health_check(&check),
            "curl -f localhost || exit 1, every 1.5 s, after 5 s, 3 failures"
        );
    }
}
