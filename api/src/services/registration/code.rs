//! User codes of registrations.

use models::value::UserCode;
use zeroize::Zeroizing;

use crate::{app::App, random};

/// Creates a random user code.
pub(super) fn new() -> UserCode {
    UserCode::of_letters(&random::letters(UserCode::LETTERS))
}

/// Hashes a user code, however it was typed.
///
/// The hash is keyed with the master key, so that the database alone does not allow to try all
/// codes.
pub(super) fn hash(app: &App, code: &UserCode) -> Zeroizing<[u8; 32]> {
    app.master_key
        .derive(&format!("registration code {}", code.grouped()))
}
