//! Instants on the wire.

use models::time::Timestamp;
use proptest::prelude::*;

/// RFC 3339 timestamps in all of their forms.
const RFC_3339: &str = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\
    (\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";

/// The years 1 to 9998, in microseconds.
const ORDINARY: std::ops::Range<i64> = -62_135_596_800_000_000..253_370_764_800_000_000;

proptest! {
    #[test]
    fn a_moment_survives_the_wire(micros in ORDINARY) {
        let moment = Timestamp::from_micros(micros);
        let text = serde_json::to_string(&moment).unwrap();
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), moment);
    }

    #[test]
    fn texts_sort_as_their_moments_do(one: i64, another: i64) {
        let (one, another) = (Timestamp::from_micros(one), Timestamp::from_micros(another));
        let (earlier, later) = (one.min(another), one.max(another));
        prop_assert!(earlier.to_string() <= later.to_string());
    }

    #[test]
    fn every_time_that_is_read_can_be_written(text in prop_oneof![RFC_3339, any::<String>()]) {
        let wire = serde_json::to_string(&text).unwrap();
        if let Ok(moment) = serde_json::from_str::<Timestamp>(&wire) {
            let text = serde_json::to_string(&moment).unwrap();
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), moment);
        }
    }
}
