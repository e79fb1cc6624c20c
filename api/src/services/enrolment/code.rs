//! The codes that runners show.

use models::value::UserCode;
use zeroize::Zeroizing;

use crate::{app::App, random};

/// A new code.
pub(super) fn new() -> UserCode {
    UserCode::of_letters(&random::letters(UserCode::LETTERS))
}

/// What is kept of a code, however it was typed. Who has only the database cannot try all codes
/// against it, for that needs the master key too.
pub(super) fn hash(app: &App, code: &UserCode) -> Zeroizing<[u8; 32]> {
    app.master_key
        .derive(&format!("enrolment code {}", code.shown()))
}
