//! A log line prepared for display.

use models::deployment::{LogLine, LogStream};
use serde::{Deserialize, Serialize};

/// One log line: a [`LogLine`] as text, because the browser only displays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Position in the log; grows with every line.
    pub position: i64,
    /// Instance that printed the line.
    pub instance_id: String,
    /// Time of the line, in RFC 3339 and UTC.
    pub at: String,
    /// Stream that the line was printed to.
    pub stream: LogStream,
    /// Text of the line.
    pub text: String,
    /// True if the line was too long and continues in the next one.
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
    /// Returns the time of day to the millisecond, for example `14:05:09.123`.
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
