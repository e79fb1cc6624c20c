//! Live log of a deployment.

use components::log::{Line, LogBuffer, LogView};
use leptos::prelude::*;
use serde::Deserialize;

use crate::live::{Next, follow};

/// Position before the first line; a stream that begins here skips nothing.
const BEFORE_ALL: i64 = -1;

/// The fields of a `StreamLogLines` message that this island reads.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    lines: Vec<Line>,
}

/// A log that follows new lines.
#[island]
pub(crate) fn Log(
    /// Address of the stream; the position to continue from is appended.
    stream: String,
    /// The newest lines.
    lines: Vec<Line>,
    /// Address of older lines; absent if there are none.
    older: Option<String>,
) -> impl IntoView {
    let lines = RwSignal::new(LogBuffer::new(lines));
    let address = move || {
        let last = lines.read_untracked().last_position();
        let joint = if stream.contains('?') { '&' } else { '?' };
        format!("{stream}{joint}after={}", last.unwrap_or(BEFORE_ALL))
    };
    follow(address, move |text| {
        let Ok(Message { kind, lines: new }) = serde_json::from_str(text) else {
            // A newer server may send messages that this page does not know.
            return Next::Listen;
        };
        lines.update(|lines| lines.append(new));
        if kind == "gone" {
            Next::Close
        } else {
            Next::Listen
        }
    });
    view! {
        <LogView
            lines=lines
            empty="No output yet. New lines appear here."
            older=older
        />
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use models::{api::workspace::deployment::StreamLogLinesServerMessage, deployment::LogLine};
    use serde_json::json;

    use super::Message;

    #[test]
    fn messages_are_read_as_the_contract_writes_them() {
        let line: LogLine = serde_json::from_value(json!({
            "position": 7, "instance_id": "01890000-0000-7000-8000-000000000000",
            "at": "2026-01-01T00:00:00Z", "stream": "stderr", "text": "hello",
        }))
        .unwrap();
        let sent = |message| serde_json::to_string(&message).unwrap();
        let lines = sent(StreamLogLinesServerMessage::Lines {
            lines: vec![line.clone()],
        });
        let read: Message = serde_json::from_str(&lines).unwrap();
        assert_eq!(read.lines, [line.into()]);
        let gone: Message = serde_json::from_str(&sent(StreamLogLinesServerMessage::Gone)).unwrap();
        assert_eq!(gone.kind, "gone");
    }
}
