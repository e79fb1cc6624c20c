//! A deployment's log, followed live.

use components::log::{Line, LogBuffer, LogView};
use leptos::prelude::*;
use serde::Deserialize;

use crate::live::{Next, follow};

/// Before any line there was; a stream that begins here leaves nothing out.
const BEFORE_ALL: i64 = -1;

/// A message of `StreamLogLines`, as far as this island reads it.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    lines: Vec<Line>,
}

/// The lines of a log, and those to come.
#[island]
pub(crate) fn Log(
    /// Where the lines to come are streamed; the position to go on from follows.
    stream: String,
    /// The newest lines.
    lines: Vec<Line>,
    /// Where older lines are, if there are any.
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
            // A newer server may say things that this page does not know.
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
            empty="The app has printed nothing yet. Lines appear here as it does."
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
