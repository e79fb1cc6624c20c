//! Units of a chart's values.

use crate::format;

/// Unit of a chart's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Thousandths of a CPU.
    CpuMillis,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
}

impl Unit {
    /// Formats a value in human-readable form.
    pub fn text(self, number: u64) -> String {
        match self {
            Self::CpuMillis => format::cpus(number),
            Self::Bytes => format::bytes(number),
            Self::BytesPerSecond => format!("{}/s", format::bytes(number)),
        }
    }

    /// Rounds a value up to the next round number.
    pub(super) fn round_up(self, number: u64) -> u64 {
        match self {
            Self::Bytes | Self::BytesPerSecond => number
                .max(256)
                .checked_next_power_of_two()
                .unwrap_or(number),
            Self::CpuMillis => {
                let number = number.max(2);
                let mut power = 1_u64;
                loop {
                    let round = [1, 2, 5].map(|digit| power.saturating_mul(digit));
                    if let Some(round) = round.into_iter().find(|round| *round >= number) {
                        return round;
                    }
                    power = power.saturating_mul(10);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn round_numbers_are_round_in_their_unit() {
        for (number, round) in [(0, 2), (3, 5), (11, 20), (500, 500), (501, 1_000)] {
            assert_eq!(Unit::CpuMillis.round_up(number), round);
        }
        for (number, round) in [(0, 256), (257, 512), (600_000, 1 << 20)] {
            assert_eq!(Unit::Bytes.round_up(number), round);
        }
        assert!(Unit::CpuMillis.round_up(u64::MAX) >= u64::MAX / 2);
        assert_eq!(Unit::Bytes.round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn numbers_have_their_unit() {
        assert_eq!(Unit::CpuMillis.text(250), "0.25 CPU");
        assert_eq!(Unit::Bytes.text(1 << 20), "1 MiB");
        assert_eq!(Unit::BytesPerSecond.text(1_536), "1.5 KiB/s");
    }
}
