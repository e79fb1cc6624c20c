//! State of single features, in the memory of this server.
//!
//! A feature's state is a type of its own. It knows neither the app that holds it nor the
//! services that use it.

mod api_token_uses;
mod set_up;
mod terminals;
mod trends;

pub use api_token_uses::ApiTokenUses;
pub use set_up::SetUp;
pub use terminals::Terminals;
pub use trends::Trends;

/// The state of all features.
#[derive(Debug, Default)]
pub struct Features {
    /// Recent uses of API tokens.
    pub api_token_uses: ApiTokenUses,
    /// The set-up of a new server.
    pub set_up: SetUp,
    /// Terminals of people.
    pub terminals: Terminals,
    /// Recent use of deployments, for the pages that show it.
    pub trends: Trends,
}
