//! User codes: the short codes that runners show and people type.

use super::checked_text;

checked_text! {
    /// The user code of a runner that asks to be registered, for example `BDWP-HQPK`.
    ///
    /// Case, spaces and hyphens make no difference.
    UserCode, check_user_code
}

impl UserCode {
    /// The letters of user codes (RFC 8628, 6.1).
    ///
    /// There are no vowels, so that codes form no words, and no letters that are easily
    /// confused.
    pub const LETTERS: &'static [u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

    /// The number of letters in a code.
    ///
    /// It gives about 34 bits: enough for a code that is valid for minutes and allows few
    /// guesses.
    pub const LENGTH: usize = 8;

    /// Creates a code, in its displayed form, from letters of [`Self::LETTERS`].
    pub fn of_letters(letters: &[u8; Self::LENGTH]) -> Self {
        let text = String::from_utf8_lossy(letters);
        let (first, second) = text.split_at(Self::LENGTH / 2);
        Self(format!("{first}-{second}"))
    }

    /// Converts the code to its displayed form, however it was typed.
    #[must_use]
    pub fn grouped(&self) -> Self {
        let mut letters = [b' '; Self::LENGTH];
        for (letter, typed) in letters.iter_mut().zip(typed_letters(&self.0)) {
            *letter = u8::try_from(typed).unwrap_or(b' ');
        }
        Self::of_letters(&letters)
    }
}

/// Returns the letters of a typed code, without separators.
fn typed_letters(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|c| !c.is_whitespace() && !['-', '\u{2010}', '\u{2011}', '\u{2013}'].contains(c))
        .map(|c| c.to_ascii_uppercase())
}

fn check_user_code(text: &str) -> garde::Result {
    let is_letter = |c: char| u8::try_from(c).is_ok_and(|b| UserCode::LETTERS.contains(&b));
    let is_whole = typed_letters(text).count() == UserCode::LENGTH;
    if is_whole && typed_letters(text).all(is_letter) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter the eight-letter code that the runner shows, for example BDWP-HQPK.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::UserCode;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        for typed in [
            "BDWP-HQPK",
            "bdwphqpk",
            " bdwp hqpk\n",
            "b-d-w-p-h-q-p-k",
            "bdwp\u{2013}hqpk",
        ] {
            let code = UserCode::new(typed).unwrap();
            assert_eq!(code.grouped().as_str(), "BDWP-HQPK", "{typed:?}");
        }
    }

    #[test]
    fn an_invalid_code_is_refused_and_does_no_harm() {
        for wrong in [
            "",
            "BDWP-HQP",
            "BDWP-HQPKB",
            "ADWP-HQPK",
            "1DWP-HQPK",
            "BDWP-HQPÄ",
            "BDWP_HQPK",
        ] {
            assert!(UserCode::new(wrong).is_err(), "{wrong:?} was taken");
            let _ = UserCode::trusted(wrong).grouped();
        }
    }
}
