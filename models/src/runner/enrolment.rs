//! Registering a runner by a code: what it says on the way, and what people see of it.
//!
//! The runner makes its token itself and shows only the token's hash, so there is nothing secret to
//! hand over and nothing to lose on the way: once somebody approves, the token that the runner has
//! already is valid, whatever happens to the connection. The side of people follows RFC 8628.

use serde::{Deserialize, Serialize};

use super::RunnerInfo;
use crate::{
    EnrolmentId, RunnerId,
    error::ErrorCode,
    time::Timestamp,
    value::{Base64, ResourceName, UserCode},
};

/// What a runner sends that asks to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum EnrolmentFrame {
    /// The first frame, and the only one.
    Ask(Box<EnrolmentAsk>),
    /// A frame of a type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// How a runner asks to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnrolmentAsk {
    /// The protocol's major version.
    pub protocol: u16,
    /// What the runner says of itself.
    pub about: RunnerInfo,
    /// The SHA-256 of the token that it will connect with: 32 bytes.
    pub token_hash: Base64,
}

/// What the server answers a runner that asks to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum EnrolmentAnswer {
    /// Show this to whoever started the runner, and wait.
    Code {
        /// What a person types.
        code: UserCode,
        /// Where it is typed; the code is in it already.
        url: String,
        /// For how long the code is valid, in milliseconds.
        expires_in_ms: u64,
    },
    /// It is registered: its token is valid.
    Approved {
        /// Who the runner is to the server.
        runner_id: RunnerId,
    },
    /// It is not registered; the connection closes.
    Refused {
        /// Why, for programs.
        code: ErrorCode,
        /// Why, for people.
        message: String,
    },
    /// An answer of a type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A runner that asks to be registered, as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Enrolment {
    /// The request's id.
    pub enrolment_id: EnrolmentId,
    /// What the runner says of itself; nobody has checked it.
    pub about: RunnerInfo,
    /// The address that it asks from.
    pub address: String,
    /// A name for it, made of what it says.
    pub suggested_name: ResourceName,
    /// What became of it.
    pub state: EnrolmentState,
    /// The runner, once it was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_id: Option<RunnerId>,
    /// When it asked.
    pub created_at: Timestamp,
    /// Until when it waits for an answer.
    pub expires_at: Timestamp,
}

/// What became of a runner that asked to be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentState {
    /// It waits for an answer.
    Waiting,
    /// It is registered.
    Approved,
    /// Somebody refused it.
    Refused,
    /// Nobody answered in time.
    Expired,
    /// It went away before anybody answered.
    Withdrawn,
}
