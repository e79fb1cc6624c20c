//! Which lines of a log are in the page.

/// Lines above and below those in sight, so that scrolling meets no gaps.
const MARGIN: usize = 40;
/// How many lines are in the page when their heights are not known: before hydration, and wrapped.
const MAX_WHOLE: usize = 1_000;
/// How many lines fit, as long as nobody has measured it.
const USUAL_HEIGHT: usize = 60;

/// What is known of the part in sight, in lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Nothing yet.
    Whole,
    /// So many lines from this one.
    Part { top: i32, height: i32 },
}

/// How many lines before and after those in the page are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) before: usize,
    pub(super) after: usize,
}

/// The lines that belong into the page.
pub(super) fn span(len: usize, view: View, following: bool, wrapped: bool) -> Span {
    let (View::Part { top, height }, false) = (view, wrapped) else {
        return Span {
            before: len.saturating_sub(MAX_WHOLE),
            after: 0,
        };
    };
    let height = usize::try_from(height).unwrap_or(USUAL_HEIGHT);
    let top = if following {
        len.saturating_sub(height)
    } else {
        usize::try_from(top).unwrap_or_default()
    };
    Span {
        before: top.saturating_sub(MARGIN).min(len),
        after: len.saturating_sub(top + height + MARGIN),
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, View, span};

    const PART: View = View::Part {
        top: 500,
        height: 30,
    };

    #[test]
    fn only_lines_near_those_in_sight_are_in_the_page() {
        let Span { before, after } = span(100_000, PART, false, false);
        assert_eq!(before, 460);
        assert_eq!(100_000 - before - after, 110);
    }

    #[test]
    fn following_shows_the_end_wherever_it_was_before() {
        let Span { before, after } = span(100_000, PART, true, false);
        assert_eq!(after, 0);
        assert_eq!(before, 100_000 - 30 - 40);
    }

    #[test]
    fn wrapped_lines_are_limited_in_number() {
        assert_eq!(
            span(5_000, PART, false, true),
            Span {
                before: 4_000,
                after: 0
            }
        );
    }

    #[test]
    fn a_view_beyond_the_end_shows_nothing_wrong() {
        let Span { before, after } = span(10, PART, false, false);
        assert!(before + after <= 10);
    }
}
