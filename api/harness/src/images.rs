//! Images by number.

/// A digest with this number.
pub fn digest(number: u8) -> String {
    format!("sha256:{}", format!("{number:02x}").repeat(32))
}
