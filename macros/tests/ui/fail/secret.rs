//! A secret in an answer without its mark is no better.
#![expect(unexpected_cfgs, reason = "only `models` has the feature `schema`")]

use macros::declare_api_endpoint;
use models::value::SecretText;

declare_api_endpoint! {
    /// A secret that is given away.
    SecretInResponse,
    GET "/thing", access = public, rate = Reads,
    response = 200 {
        /// The secret.
        key: SecretText,
    }
}

fn main() {}
