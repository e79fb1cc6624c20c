//! Selection of the log lines that the page contains.

/// Lines above and below the visible ones, so that scrolling shows no gaps.
const MARGIN: usize = 40;
/// Maximum number of lines while their heights are unknown.
///
/// The heights are unknown before hydration and while lines are wrapped.
const MAX_UNMEASURED: usize = 1_000;
/// Assumed number of visible lines until it is measured.
const USUAL_HEIGHT: usize = 60;

/// The visible range of the log, in lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Not measured yet.
    Whole,
    /// `height` lines, starting at line `top`.
    Part { top: i32, height: i32 },
}

/// Numbers of lines left out before and after those in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) before: usize,
    pub(super) after: usize,
}

/// Returns the lines that the page contains.
pub(super) fn span(len: usize, view: View, following: bool, wrapped: bool) -> Span {
    let (View::Part { top, height }, false) = (view, wrapped) else {
        return Span {
            before: len.saturating_sub(MAX_UNMEASURED),
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
