//! Moments: relative for reading, exact for those who hover.

use leptos::prelude::*;
use models::time::Timestamp;

use crate::format;

/// What time it is, for everything on the page that has an age. Whoever renders the page provides
/// it as context.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub Timestamp);

/// What is told of a moment. It is written into the page, so that the browser's side can tell it
/// anew as time goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// How long ago it was, as in `4 min ago`.
    Age,
    /// How long it has been going on since, as in `4 min`.
    Since,
    /// How long it is until then, as in `4 min`.
    Until,
}

impl Tells {
    /// Its name in the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Since => "since",
            Self::Until => "until",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Age, Self::Since, Self::Until]
            .into_iter()
            .find(|tells| tells.name() == name)
    }

    /// What is told of a moment now.
    pub fn text(self, now: Timestamp, at: Timestamp) -> String {
        match self {
            Self::Age => format::relative(now, at),
            Self::Since => format::roughly(now.millis_since(at)),
            Self::Until => format::roughly(at.millis_since(now)),
        }
    }
}

/// A moment, told from now, with the exact one on hover.
#[component]
pub fn Moment(
    /// The moment.
    at: Timestamp,
    /// What is told of it.
    #[prop(default = Tells::Age)]
    tells: Tells,
) -> impl IntoView {
    let now = use_context::<Clock>().map_or(at, |clock| clock.0);
    view! {
        <time
            datetime=at.to_string()
            title=format::exact(at)
            data-at=at.micros().to_string()
            data-tells=tells.name()
        >
            {tells.text(now, at)}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::Tells;

    #[test]
    fn each_way_of_telling_is_found_by_its_name() {
        for tells in [Tells::Age, Tells::Since, Tells::Until] {
            assert_eq!(Tells::from_name(tells.name()), Some(tells));
        }
        assert_eq!(Tells::from_name("never"), None);
    }

    #[test]
    fn a_deadline_that_is_over_is_not_negative() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        assert_eq!(Tells::Until.text(now, now.plus_millis(-5_000)), "0 s");
        assert_eq!(Tells::Until.text(now, now.plus_millis(125_000)), "2 min");
        assert_eq!(Tells::Since.text(now, now.plus_millis(-12_000)), "12 s");
    }
}
