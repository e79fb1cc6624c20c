//! Instants on the wire: RFC 3339 in UTC with microseconds.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{
    OffsetDateTime,
    format_description::well_known::Rfc3339,
    macros::{datetime, format_description},
};

/// A point in time, in whole microseconds since the Unix epoch.
///
/// Both databases store microseconds exactly; see `docs/ARCHITECTURE.md`. On the wire, the
/// years are limited to 0 to 9999, as in RFC 3339: other values are refused when read, and
/// written as the nearest valid one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The first moment of the year 0, in microseconds since the Unix epoch.
const EARLIEST: i64 = datetime!(0000-01-01 0:00 UTC).unix_timestamp() * 1_000_000;

/// The last moment of the year 9999, in microseconds since the Unix epoch.
const LATEST: i64 = datetime!(9999-12-31 23:59:59 UTC).unix_timestamp() * 1_000_000 + 999_999;

/// Microseconds in a millisecond.
const MICROS_PER_MILLI: i64 = 1_000;

impl Timestamp {
    /// Creates a timestamp from microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns the microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Returns the time this many milliseconds later, or earlier if negative.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(
            self.0
                .saturating_add(millis.saturating_mul(MICROS_PER_MILLI)),
        )
    }

    /// Returns the whole milliseconds since `earlier`; negative if `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / MICROS_PER_MILLI
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
        );
        let micros = self.0.clamp(EARLIEST, LATEST);
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
            .ok()
            .and_then(|moment| moment.format(format).ok())
            .ok_or(fmt::Error)?;
        f.write_str(&text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)?;
        // Round down, also before 1970.
        i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000))
            .ok()
            .filter(|micros| (EARLIEST..=LATEST).contains(micros))
            .map(Self)
            .ok_or_else(|| de::Error::custom("the time is not between the years 0 and 9999"))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339 in UTC with microseconds",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_timestamp_is_written_with_microseconds_and_read_back() {
        let moment = Timestamp::from_micros(1_700_000_000_000_001);
        let text = serde_json::to_string(&moment).unwrap();
        assert_eq!(text, "\"2023-11-14T22:13:20.000001Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), moment);
    }

    #[test]
    fn an_offset_is_converted_to_utc() {
        let moment: Timestamp = serde_json::from_str("\"2023-11-14T23:13:20+01:00\"").unwrap();
        assert_eq!(moment.to_string(), "2023-11-14T22:13:20.000000Z");
    }

    #[test]
    fn a_moment_beyond_the_years_of_the_wire_is_refused_and_never_written() {
        for beyond in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"] {
            let read = serde_json::from_value::<Timestamp>(beyond.into());
            assert!(read.is_err(), "{beyond} was taken");
        }
        let latest = Timestamp::from_micros(0).plus_millis(i64::MAX);
        assert_eq!(latest.to_string(), "9999-12-31T23:59:59.999999Z");
        let earliest = Timestamp::from_micros(i64::MIN);
        assert_eq!(earliest.to_string(), "0000-01-01T00:00:00.000000Z");
    }
}
