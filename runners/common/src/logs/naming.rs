//! Line ids: the microsecond of a line, and its ordinal within that microsecond.

use models::{deployment::LogStream, time::Timestamp};

/// A line's id within its instance. Ids only grow, so they also give the order.
pub(super) type Name = (Timestamp, u32);

/// Gives ids to the lines of one instance, in the platform's order.
///
/// The same line gets the same id each time it is read, so that reading it again, by this
/// process or the next one, repeats nothing at the server. Standard output and standard error
/// are stamped independently, which may put two lines slightly out of order; a line that claims
/// to be older than the previous one gets that one's time.
///
/// Within one stream that cannot happen. A platform that goes back there repeats lines, as
/// Docker Engine 20.10 does for those who follow a log when it begins its next file; so that
/// counts as a new reading. Only a clock that was set back looks the same: then the newest line
/// lies in the future, and the lines that come are new.
#[derive(Debug, Default)]
pub(super) struct Namer {
    /// The newest id ever given.
    newest: Option<Name>,
    /// The last id given in this reading.
    last: Option<Name>,
    /// Times of the last lines of this reading, for each stream.
    printed: Printed,
}

#[derive(Debug, Default)]
struct Printed {
    stdout: Option<Timestamp>,
    stderr: Option<Timestamp>,
}

impl Printed {
    /// Records a line; returns the time of the previous one on the same stream.
    const fn note(&mut self, stream: LogStream, at: Timestamp) -> Option<Timestamp> {
        match stream {
            LogStream::Stdout => self.stdout.replace(at),
            LogStream::Stderr => self.stderr.replace(at),
        }
    }
}

impl Namer {
    /// Begins a new reading, which may repeat lines.
    pub(super) fn reread(&mut self) {
        self.last = None;
        self.printed = Printed::default();
    }

    /// Returns the id of the next line; `None` if it was read before.
    ///
    /// The time of reading is by the same clock as the line's own.
    pub(super) fn name(
        &mut self,
        stream: LogStream,
        at: Timestamp,
        now: Timestamp,
    ) -> Option<Name> {
        let before = self.printed.note(stream, at);
        let was_set_back = self.newest().is_some_and(|newest| newest > now);
        if before.is_some_and(|before| at < before) && !was_set_back {
            self.reread();
            self.printed.note(stream, at);
        }
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

    /// Returns the time of the newest line.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest.map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use models::{deployment::LogStream, time::Timestamp};

    use super::Namer;

    /// Returns the ids of lines that are read a moment after the last one was printed.
    fn names(namer: &mut Namer, micros: &[i64]) -> Vec<Option<(i64, u32)>> {
        let lines: Vec<_> = micros.iter().map(|at| (LogStream::Stdout, *at)).collect();
        names_at(namer, 1_000, &lines)
    }

    fn names_at(
        namer: &mut Namer,
        now: i64,
        lines: &[(LogStream, i64)],
    ) -> Vec<Option<(i64, u32)>> {
        let now = Timestamp::from_micros(now);
        lines
            .iter()
            .map(|(stream, at)| namer.name(*stream, Timestamp::from_micros(*at), now))
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
        let lines = [
            (LogStream::Stdout, 5),
            (LogStream::Stderr, 4),
            (LogStream::Stdout, 6),
        ];
        assert_eq!(
            names_at(&mut namer, 1_000, &lines),
            [Some((5, 0)), Some((5, 1)), Some((6, 0))]
        );
    }

    #[test]
    fn lines_that_the_platform_gives_again_have_no_new_name() {
        let mut namer = Namer::default();
        let (out, err) = (LogStream::Stdout, LogStream::Stderr);
        let printed = [(out, 3), (out, 5), (err, 4), (out, 5), (err, 6)];
        let first = names_at(&mut namer, 1_000, &printed);
        assert!(first.iter().all(Option::is_some), "{first:?}");
        // Rereads from the first line, from a middle one, and from the last; new lines follow.
        for from in [0, 1, 4] {
            assert_eq!(names_at(&mut namer, 1_000, &[(out, 2)]), [None]);
            let again = names_at(&mut namer, 1_000, &printed[from..]);
            assert!(again.iter().all(Option::is_none), "{from}: {again:?}");
        }
        assert_eq!(
            names_at(&mut namer, 1_000, &[(out, 6), (out, 7)]),
            [Some((6, 1)), Some((7, 0))]
        );
    }

    #[test]
    fn lines_after_a_clock_was_set_back_are_new() {
        let mut namer = Namer::default();
        let out = LogStream::Stdout;
        names_at(&mut namer, 5_000, &[(out, 5_000)]);
        assert_eq!(
            names_at(&mut namer, 1_000, &[(out, 999), (out, 1_000)]),
            [Some((5_000, 1)), Some((5_000, 2))]
        );
        assert_eq!(
            names_at(&mut namer, 6_000, &[(out, 4_000), (out, 5_500)]),
            [Some((5_000, 3)), Some((5_500, 0))]
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
