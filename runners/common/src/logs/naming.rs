//! Names for lines: when it was printed, and which one of that microsecond it was.

use models::time::Timestamp;

/// A line's name within its instance. Names only grow, so they also give the order.
pub(super) type Name = (Timestamp, u32);

/// Names the lines of one instance in the order in which the platform gives them.
///
/// The same line gets the same name each time it is read, so that reading it again, by this
/// process or the next one, repeats nothing at the server. Standard output and standard error
/// are stamped side by side, which may put two lines a moment out of order; a line that claims to
/// be older than the one before it is given that one's time.
#[derive(Debug, Default)]
pub(super) struct Namer {
    /// The newest name ever given.
    newest: Option<Name>,
    /// The last name given in this reading.
    last: Option<Name>,
}

impl Namer {
    /// A new reading begins, which may bring lines that were read before.
    pub(super) const fn reread(&mut self) {
        self.last = None;
    }

    /// The name of the next line; none when it was read before.
    pub(super) fn name(&mut self, at: Timestamp) -> Option<Name> {
        let name = match self.last {
            Some((last, ordinal)) if at <= last => (last, ordinal + 1),
            _ => (at, 0),
        };
        self.last = Some(name);
        if self.newest.is_some_and(|newest| name <= newest) {
            return None;
        }
        self.newest = Some(name);
        Some(name)
    }

    /// When the newest line was printed.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest.map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::Namer;

    fn names(namer: &mut Namer, micros: &[i64]) -> Vec<Option<(i64, u32)>> {
        micros
            .iter()
            .map(|at| namer.name(Timestamp::from_micros(*at)))
            .map(|name| name.map(|(at, ordinal)| (at.micros(), ordinal)))
            .collect()
    }

    #[test]
    fn lines_of_one_microsecond_are_counted() {
        let mut namer = Namer::default();
        assert_eq!(
            names(&mut namer, &[5, 5, 5, 6]),
            [Some((5, 0)), Some((5, 1)), Some((5, 2)), Some((6, 0))]
        );
    }

    #[test]
    fn a_line_that_claims_to_be_older_takes_the_time_of_the_one_before() {
        let mut namer = Namer::default();
        assert_eq!(
            names(&mut namer, &[5, 4, 6]),
            [Some((5, 0)), Some((5, 1)), Some((6, 0))]
        );
    }

    #[test]
    fn lines_that_are_read_again_have_no_new_name() {
        let mut namer = Namer::default();
        names(&mut namer, &[5, 5, 6]);
        namer.reread();
        assert_eq!(
            names(&mut namer, &[5, 5, 6, 6, 7]),
            [None, None, None, Some((6, 1)), Some((7, 0))]
        );
    }
}
