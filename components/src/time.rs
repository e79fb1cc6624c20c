//! Moments: relative in the text, exact on hover.

use leptos::prelude::*;
use models::time::Timestamp;

use crate::format;

/// The current time, for all ages on the page.
///
/// The renderer of the page provides it as context.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub Timestamp);

/// Format of a moment relative to now.
///
/// The page contains it, so that the browser's script can update the text as time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// Time since the moment, as in `4 min ago`.
    Age,
    /// Duration since the moment, as in `4 min`.
    Since,
    /// Duration until the moment, as in `4 min`.
    Until,
}

impl TimeFormat {
    /// Returns the name of the format in the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Since => "since",
            Self::Until => "until",
        }
    }

    /// Returns the format with this name; `None` if there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Age, Self::Since, Self::Until]
            .into_iter()
            .find(|time_format| time_format.name() == name)
    }

    /// Formats a moment relative to now.
    pub fn text(self, now: Timestamp, at: Timestamp) -> String {
        match self {
            Self::Age => format::relative(now, at),
            Self::Since => format::roughly(now.millis_since(at)),
            Self::Until => format::roughly(at.millis_since(now)),
        }
    }
}

/// A moment relative to now, with the exact time on hover.
#[component]
pub fn Moment(
    /// The moment.
    at: Timestamp,
    /// Format of the moment.
    #[prop(default = TimeFormat::Age)]
    format: TimeFormat,
) -> impl IntoView {
    let now = use_context::<Clock>().map_or(at, |clock| clock.0);
    view! {
        <time
            datetime=at.to_string()
            title=format::exact(at)
            data-at=at.micros().to_string()
            data-format=format.name()
        >
            {format.text(now, at)}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::TimeFormat;

    #[test]
    fn each_format_is_found_by_its_name() {
        for time_format in [TimeFormat::Age, TimeFormat::Since, TimeFormat::Until] {
            assert_eq!(TimeFormat::from_name(time_format.name()), Some(time_format));
        }
        assert_eq!(TimeFormat::from_name("never"), None);
    }

    #[test]
    fn a_deadline_that_is_over_is_not_negative() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        assert_eq!(TimeFormat::Until.text(now, now.plus_millis(-5_000)), "0 s");
        assert_eq!(
            TimeFormat::Until.text(now, now.plus_millis(125_000)),
            "2 min"
        );
        assert_eq!(
            TimeFormat::Since.text(now, now.plus_millis(-12_000)),
            "12 s"
        );
    }
}
