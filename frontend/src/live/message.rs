//! The messages of streams, as islands read them.
//!
//! The contract's own types tell messages apart by a field that may come anywhere, and reading
//! such a type brings a second reader for everything in it. These read the same texts with one;
//! tests hold them to the contract.

use models::deployment::{Deployment, LogLine};
use serde::{Deserialize, de::DeserializeOwned};

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// How the thing is now.
    State,
    /// Lines that follow those sent before.
    Lines,
    /// The thing is gone; the stream ends.
    Gone,
    /// Read everything again.
    Resync,
    /// A deployment was made, changed or deleted.
    DeploymentChanged,
    /// A runner was made, changed, deleted, came or went.
    RunnerChanged,
    /// A newer server says things that this page does not know.
    #[serde(other)]
    Unknown,
}

/// Reads a message; none when it is unlike all that this page knows.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// A message of `StreamDeployment`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct DeploymentMessage {
    /// What kind of message it is.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// The deployment, whole.
    pub(crate) deployment: Option<Deployment>,
}

/// A message of `StreamLogLines`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct LogMessage {
    /// What kind of message it is.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// The lines, the oldest first.
    #[serde(default)]
    pub(crate) lines: Vec<LogLine>,
}

/// A message of `StreamWorkspace`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct WorkspaceMessage {
    /// What kind of message it is.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
}

#[cfg(test)]
mod tests {
    use models::{
        api::workspace::{
            StreamWorkspaceServerMessage,
            deployment::{StreamDeploymentServerMessage, StreamLogLinesServerMessage},
        },
        deployment::{Deployment, LogLine},
    };
    use serde::{Serialize, de::DeserializeOwned};
    use serde_json::json;

    use super::{DeploymentMessage, Kind, LogMessage, WorkspaceMessage, read};

    const ID: &str = "01890000-0000-7000-8000-000000000000";

    fn sent<T: DeserializeOwned>(message: &impl Serialize) -> T {
        read(&serde_json::to_string(message).unwrap()).unwrap()
    }

    #[test]
    fn a_deployment_comes_whole() {
        let deployment: Deployment = serde_json::from_value(json!({
            "deployment_id": ID, "workspace_id": ID, "name": "web", "runner_id": ID,
            "runner_name": "box", "spec": {"image": "app"}, "desired": "running",
            "generation": 1,
            "observed": {"summary": "running", "instances": [], "freshness": "live"},
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        }))
        .unwrap();
        let message = StreamDeploymentServerMessage::State {
            deployment: Box::new(deployment.clone()),
        };
        let read: DeploymentMessage = sent(&message);
        assert_eq!(
            (read.kind, read.deployment),
            (Kind::State, Some(deployment))
        );
        let gone: DeploymentMessage = sent(&StreamDeploymentServerMessage::Gone);
        assert_eq!((gone.kind, gone.deployment), (Kind::Gone, None));
    }

    #[test]
    fn lines_come_in_order() {
        let line: LogLine = serde_json::from_value(json!({
            "position": 7, "instance_id": ID, "at": "2026-01-01T00:00:00Z",
            "stream": "stdout", "text": "hello",
        }))
        .unwrap();
        let message = StreamLogLinesServerMessage::Lines {
            lines: vec![line.clone()],
        };
        let read: LogMessage = sent(&message);
        assert_eq!((read.kind, read.lines), (Kind::Lines, vec![line]));
        assert_eq!(
            sent::<LogMessage>(&StreamLogLinesServerMessage::Gone).kind,
            Kind::Gone
        );
    }

    #[test]
    fn changes_name_what_changed() {
        let deployment_id = ID.parse().unwrap();
        let runner_id = ID.parse().unwrap();
        for (message, kind) in [
            (StreamWorkspaceServerMessage::Resync, Kind::Resync),
            (
                StreamWorkspaceServerMessage::DeploymentChanged { deployment_id },
                Kind::DeploymentChanged,
            ),
            (
                StreamWorkspaceServerMessage::RunnerChanged { runner_id },
                Kind::RunnerChanged,
            ),
        ] {
            assert_eq!(sent::<WorkspaceMessage>(&message).kind, kind);
        }
    }

    #[test]
    fn what_is_not_known_is_told_apart() {
        let message: WorkspaceMessage = read(r#"{"type": "new_thing", "a": 1}"#).unwrap();
        assert_eq!(message.kind, Kind::Unknown);
    }
}
