//! Registration of a runner by a user code.
//!
//! The runner creates its own token and sends only the token's hash, so there is no secret to
//! hand over or to lose on the way. Once a person approves, the token that the runner already
//! has is valid, whatever happens to the connection. The part for people follows RFC 8628.

use serde::{Deserialize, Serialize};

use super::RunnerInfo;
use crate::{
    RegistrationId, RunnerId,
    error::ErrorCode,
    time::Timestamp,
    value::{Base64, ResourceName, UserCode},
};

/// A message from a runner that asks to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum RegistrationFrame {
    /// The first and only message.
    Request(Box<RegistrationRequest>),
    /// A frame of a type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A request to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistrationRequest {
    /// The protocol's major version.
    pub protocol: u16,
    /// The runner's description of itself.
    pub about: RunnerInfo,
    /// The SHA-256 of the token that the runner will connect with: 32 bytes.
    pub token_hash: Base64,
}

/// A message to a runner that asks to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum RegistrationReply {
    /// The user code. Show it to the person who started the runner, and wait.
    Code {
        /// The code to type.
        user_code: UserCode,
        /// The verification URI, with the code already in it.
        verification_uri: String,
        /// The remaining validity of the code, in milliseconds.
        expires_in_ms: u64,
    },
    /// The runner is registered, and its token is valid.
    Approved {
        /// The runner's id, as the server knows it.
        runner_id: RunnerId,
    },
    /// The registration failed; the connection closes.
    Denied {
        /// The reason, for programs.
        code: ErrorCode,
        /// The reason, for people.
        message: String,
    },
    /// A message of a type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A runner that asks to be registered, as shown to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registration {
    /// The request's id.
    pub registration_id: RegistrationId,
    /// The runner's description of itself; nobody has verified it.
    pub about: RunnerInfo,
    /// The address that the request came from.
    pub address: String,
    /// A name for the runner, derived from its description.
    pub suggested_name: ResourceName,
    /// The state of the request.
    pub state: RegistrationState,
    /// The runner; absent until it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_id: Option<RunnerId>,
    /// The time of the request.
    pub created_at: Timestamp,
    /// The time at which the request expires.
    pub expires_at: Timestamp,
}

/// The state of a registration request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    /// The request waits for a person.
    Waiting,
    /// A person approved it, and the runner is registered.
    Approved,
    /// A person denied it.
    Denied,
    /// It expired before anyone answered.
    Expired,
    /// The runner disconnected before anyone answered.
    Withdrawn,
}
