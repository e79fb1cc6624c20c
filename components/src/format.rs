//! Numbers and times in human-readable form.

use models::time::Timestamp;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Formats a duration, for example `1.2 s` or `3 min 20 s`.
pub fn duration(millis: i64) -> String {
    let millis = millis.max(0);
    if millis < SECOND {
        format!("{millis} ms")
    } else if millis < 10 * SECOND {
        format!("{}.{} s", millis / SECOND, millis % SECOND / 100)
    } else if millis < MINUTE {
        format!("{} s", millis / SECOND)
    } else if millis < HOUR {
        two(millis / MINUTE, "min", millis % MINUTE / SECOND, "s")
    } else if millis < DAY {
        two(millis / HOUR, "h", millis % HOUR / MINUTE, "min")
    } else {
        two(millis / DAY, "d", millis % DAY / HOUR, "h")
    }
}

fn two(big: i64, big_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 {
        format!("{big} {big_unit}")
    } else {
        format!("{big} {big_unit} {small} {small_unit}")
    }
}

/// Formats a duration in its largest unit only, for example `4 min`.
pub fn roughly(millis: i64) -> String {
    let millis = millis.max(0);
    if millis < MINUTE {
        format!("{} s", millis / SECOND)
    } else if millis < HOUR {
        format!("{} min", millis / MINUTE)
    } else if millis < DAY {
        format!("{} h", millis / HOUR)
    } else {
        count(millis / DAY, "day")
    }
}

/// Formats a moment relative to now, for example `4 min ago` or `in 2 h`.
pub fn relative(now: Timestamp, at: Timestamp) -> String {
    match now.millis_since(at) {
        // Clocks of two hosts differ by seconds, so a small difference means nothing.
        -5_000..5_000 => "just now".to_owned(),
        past @ 0.. => format!("{} ago", roughly(past)),
        future => format!("in {}", roughly(-future)),
    }
}

/// Formats a moment to the second in UTC, for example `2026-03-01 14:05:09 UTC`.
pub fn exact(at: Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..19)) {
        (Some(date), Some(time)) => format!("{date} {time} UTC"),
        _ => text,
    }
}

/// Formats a size in powers of 1,024, for example `34.2 MiB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size: u128 = 1024;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if u128::from(bytes) < size * 1024 {
            break;
        }
        size *= 1024;
        unit = next;
    }
    // Integer tenths are exact, and compile to less WebAssembly than floating point.
    let tenths = (u128::from(bytes) * 10 + size / 2) / size;
    if tenths.is_multiple_of(10) {
        format!("{} {unit}", tenths / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// Formats thousandths of a CPU as CPUs, for example `0.25 CPU`.
pub fn cpus(millis: u64) -> String {
    let (whole, rest) = (millis / 1_000, millis % 1_000);
    let rest = format!("{rest:03}");
    match rest.trim_end_matches('0') {
        "" => format!("{whole} CPU"),
        rest => format!("{whole}.{rest} CPU"),
    }
}

/// Formats a number with its noun, for example `1 deployment` or `3 deployments`.
pub fn count(number: i64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::{bytes, count, cpus, duration, exact, relative};

    #[test]
    fn durations_show_two_units_at_most() {
        for (millis, text) in [
            (-3, "0 ms"),
            (850, "850 ms"),
            (1_250, "1.2 s"),
            (34_900, "34 s"),
            (60_000, "1 min"),
            (200_000, "3 min 20 s"),
            (3_900_000, "1 h 5 min"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(duration(millis), text);
        }
    }

    #[test]
    fn moments_are_relative_to_now() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        for (millis, text) in [
            (0, "just now"),
            (4_999, "just now"),
            (-4_000, "just now"),
            (-34_000, "34 s ago"),
            (-240_000, "4 min ago"),
            (-90_000_000, "1 day ago"),
            (-200_000_000, "2 days ago"),
            (7_200_000, "in 2 h"),
        ] {
            assert_eq!(relative(now, now.plus_millis(millis)), text);
        }
    }

    #[test]
    fn exact_times_are_in_utc() {
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(exact(at), "2023-11-14 22:13:20 UTC");
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (35_861_299, "34.2 MiB"),
            (8 << 30, "8 GiB"),
            (u64::MAX, "16777216 TiB"),
        ] {
            assert_eq!(bytes(size), text);
        }
    }

    #[test]
    fn processors_are_shown_as_exactly_as_they_are_known() {
        for (millis, text) in [
            (0, "0 CPU"),
            (2, "0.002 CPU"),
            (250, "0.25 CPU"),
            (1_000, "1 CPU"),
            (12_340, "12.34 CPU"),
        ] {
            assert_eq!(cpus(millis), text);
        }
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(count(1, "runner"), "1 runner");
        assert_eq!(count(0, "runner"), "0 runners");
    }
}
