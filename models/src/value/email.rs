//! Email addresses.

use super::checked_text;

/// The longest address in SMTP (RFC 5321 §4.5.3.1.3, less the angle brackets).
const MAX_BYTES: usize = 254;

checked_text! {
    /// An email address. Two addresses that differ only in case are the same person.
    Email, check
}

/// Checks only the rules that all mail systems share. The receiving server knows the rest.
fn check(text: &str) -> garde::Result {
    let error = || garde::Error::new("Enter an email address, for example ada@example.org.");
    if text.len() > MAX_BYTES || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(error());
    }
    let (local, domain) = text.rsplit_once('@').ok_or_else(error)?;
    if local.is_empty() || domain.is_empty() || domain.starts_with('.') || domain.ends_with('.') {
        return Err(error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn an_address_needs_both_sides() {
        assert!(Email::new("ada@example.org").is_ok());
        for wrong in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a b@example.org",
            "a@.org",
            "a@org.",
            "a@o\nrg",
        ] {
            assert!(Email::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
