//! The capacity of a volume.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de::Visitor};

/// The units of a size in text form, the largest first.
const UNITS: [(&str, u64); 4] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("B", 1),
];
/// The minimum: no file system is smaller than this.
const MIN: u64 = 1 << 20;
/// 1 PiB; a larger size is a typing error.
const MAX: u64 = 1 << 50;

/// A size in bytes, of at least 1 MiB.
///
/// On the wire, it is a number. A text such as `10 GiB` is accepted too, because people type
/// that into a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, garde::Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[garde(transparent)]
#[serde(transparent)]
pub struct VolumeSize(#[garde(custom(|bytes: &u64, (): &()| check(*bytes)))] u64);

impl VolumeSize {
    /// Wraps a size that was checked before, or that a validation will check.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Returns the size in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

fn check(bytes: u64) -> garde::Result {
    if (MIN..=MAX).contains(&bytes) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter a size from 1 MiB to 1024 TiB, for example 512 MiB or 10 GiB.",
        ))
    }
}

impl fmt::Display for VolumeSize {
    /// Uses the largest exact unit, so that the displayed text can be typed again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS
            .iter()
            .find(|(_, unit)| self.0 >= *unit && self.0.is_multiple_of(*unit));
        let (name, unit) = exact.unwrap_or(&("B", 1));
        write!(f, "{} {name}", self.0 / unit)
    }
}

/// A text that is not a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a valid size")]
pub struct InvalidVolumeSize;

impl FromStr for VolumeSize {
    type Err = InvalidVolumeSize;

    fn from_str(text: &str) -> Result<Self, InvalidVolumeSize> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit());
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let unit = match unit.trim() {
            "" => "B",
            unit => unit,
        };
        let mut units = UNITS.iter();
        let unit = units.find(|(name, _)| name.eq_ignore_ascii_case(unit));
        let (_, unit) = unit.ok_or(InvalidVolumeSize)?;
        let number: u64 = number.parse().map_err(|_| InvalidVolumeSize)?;
        number.checked_mul(*unit).map(Self).ok_or(InvalidVolumeSize)
    }
}

impl<'de> Deserialize<'de> for VolumeSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Size;

        impl Visitor<'_> for Size {
            type Value = VolumeSize;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of bytes, or a string such as 10 GiB")
            }

            fn visit_u64<E>(self, bytes: u64) -> Result<VolumeSize, E> {
                Ok(VolumeSize(bytes))
            }

            fn visit_str<E>(self, text: &str) -> Result<VolumeSize, E> {
                // An unreadable size is as invalid as 0, and that has a helpful message.
                Ok(text.parse().unwrap_or(VolumeSize(0)))
            }
        }

        deserializer.deserialize_any(Size)
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::json;

    use super::VolumeSize;

    #[test]
    fn a_size_is_read_as_a_number_and_as_people_type_it() {
        let read = |value| serde_json::from_value::<VolumeSize>(value).unwrap().bytes();
        assert_eq!(read(json!(1_048_577)), 1_048_577);
        for (text, bytes) in [
            ("10 GiB", 10 << 30),
            ("512mib", 512 << 20),
            (" 2 TiB ", 2 << 40),
            ("1048576", 1 << 20),
        ] {
            assert_eq!(read(json!(text)), bytes, "{text:?}");
        }
        for text in ["", "GiB", "10 GB", "1.5 GiB", "-1 GiB", "99999999999 TiB"] {
            assert_eq!(read(json!(text)), 0, "{text:?}");
        }
        assert!(serde_json::from_value::<VolumeSize>(json!(-1)).is_err());
    }

    #[test]
    fn a_displayed_size_can_be_entered_again() {
        for (bytes, shown) in [
            (1 << 20, "1 MiB"),
            (1536 << 20, "1536 MiB"),
            (3 << 30, "3 GiB"),
            ((1 << 20) + 1, "1048577 B"),
        ] {
            let size = VolumeSize::from_bytes(bytes);
            assert_eq!(size.to_string(), shown);
            assert_eq!(shown.parse(), Ok(size));
        }
    }

    #[test]
    fn a_size_has_bounds() {
        let is_right = |bytes| VolumeSize::from_bytes(bytes).validate().is_ok();
        assert!(is_right(1 << 20) && is_right(1 << 50));
        assert!(!is_right((1 << 20) - 1) && !is_right((1 << 50) + 1));
    }
}
