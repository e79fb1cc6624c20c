//! A line as it is shown.

use models::deployment::{LogLine, LogStream};
use serde::{Deserialize, Serialize};

/// One line of a log: a [`LogLine`] as texts, because the browser only shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its place in the log; grows with every line.
    pub position: i64,
    /// The instance that printed it.
    pub instance_id: String,
    /// When it was printed, in RFC 3339 and UTC.
    pub at: String,
    /// Where it was printed.
    pub stream: LogStream,
    /// The text that was printed.
    pub text: String,
    /// Whether it was too long and goes on in the next line.
    #[serde(default)]
    pub is_cut: bool,
}

impl From<LogLine> for Line {
    fn from(line: LogLine) -> Self {
        Self {
            position: line.position,
            instance_id: line.instance_id.to_string(),
            at: line.at.to_string(),
            stream: line.stream,
            text: line.text,
            is_cut: line.is_cut,
        }
    }
}

impl Line {
    /// The time of day to the millisecond, for example `14:05:09.123`.
    pub(super) fn time_of_day(&self) -> &str {
        self.at.get(11..23).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn the_time_of_day_is_cut_out_of_the_moment() {
        let line: Line = serde_json::from_value(serde_json::json!({
            "position": 1, "instance_id": "", "at": "2026-01-01T14:05:09.123456Z", "stream": "stdout", "text": "",
        }))
        .unwrap();
        assert_eq!(line.time_of_day(), "14:05:09.123");
    }
}
