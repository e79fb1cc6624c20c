//! Time ranges of charts.

use leptos::prelude::*;

const HOUR_MS: i64 = 3_600_000;

/// Time range of a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StatsRange {
    #[default]
    Hour,
    SixHours,
    Day,
    Week,
    Month,
}

impl StatsRange {
    const ALL: [Self; 5] = [
        Self::Hour,
        Self::SixHours,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    /// Returns the range with this name in an address.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.name() == name)
    }

    /// Returns the length of the range, in milliseconds.
    pub(crate) const fn millis(self) -> i64 {
        match self {
            Self::Hour => HOUR_MS,
            Self::SixHours => 6 * HOUR_MS,
            Self::Day => 24 * HOUR_MS,
            Self::Week => 7 * 24 * HOUR_MS,
            Self::Month => 30 * 24 * HOUR_MS,
        }
    }

    /// Returns the minimum time between two redraws, in milliseconds.
    ///
    /// A new sample moves a line of a week by less than a pixel.
    pub(crate) const fn pause_ms(self) -> u32 {
        match self {
            Self::Hour => 0,
            Self::SixHours => 30_000,
            Self::Day | Self::Week | Self::Month => 60_000,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Hour => "1 h",
            Self::SixHours => "6 h",
            Self::Day => "24 h",
            Self::Week => "7 d",
            Self::Month => "30 d",
        }
    }
}

/// Links to the same page with each range.
#[component]
pub(crate) fn StatsRanges(
    /// The page's address.
    page: String,
    /// The current range.
    current: StatsRange,
) -> impl IntoView {
    let links = StatsRange::ALL.map(|range| {
        let href = format!("{page}?range={}", range.name());
        let is_current = (range == current).then_some("page");
        view! {
            <li>
                <a class="range" href=href aria-current=is_current>
                    {range.words()}
                </a>
            </li>
        }
    });
    view! {
        <nav aria-label="Time range">
            <ul class="ranges">{links.into_iter().collect_view()}</ul>
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::StatsRange;

    #[test]
    fn each_range_is_found_by_its_name() {
        for range in StatsRange::ALL {
            assert_eq!(StatsRange::by_name(range.name()), Some(range));
        }
        assert_eq!(StatsRange::by_name("1y"), None);
    }
}
