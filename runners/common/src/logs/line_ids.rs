//! Line ids: the microsecond of a line, and its ordinal within that microsecond.

use models::{deployment::LogStream, time::Timestamp};

/// A line's id within its instance. Ids only grow, so they also give the order.
pub(super) type LineId = (Timestamp, u32);

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
pub(super) struct LineIdAssigner {
    /// The newest id ever given.
    newest: Option<LineId>,
    /// The last id given in this reading.
    last: Option<LineId>,
    /// Times of the last lines of this reading, for each stream.
    printed: LastPrinted,
}

#[derive(Debug, Default)]
struct LastPrinted {
    stdout: Option<Timestamp>,
    stderr: Option<Timestamp>,
}

impl LastPrinted {
    /// Records a line; returns the time of the previous one on the same stream.
    const fn record(&mut self, stream: LogStream, at: Timestamp) -> Option<Timestamp> {
        match stream {
            LogStream::Stdout => self.stdout.replace(at),
            LogStream::Stderr => self.stderr.replace(at),
        }
    }
}

impl LineIdAssigner {
    /// Begins a new reading, which may repeat lines.
    pub(super) fn begin_reading(&mut self) {
        self.last = None;
        self.printed = LastPrinted::default();
    }

    /// Returns the id of the next line; `None` if it was read before.
    ///
    /// The time of reading is by the same clock as the line's own.
    pub(super) fn assign(
        &mut self,
        stream: LogStream,
        at: Timestamp,
        now: Timestamp,
    ) -> Option<LineId> {
        let before = self.printed.record(stream, at);
        let was_set_back = self.newest().is_some_and(|newest| newest > now);
        if before.is_some_and(|before| at < before) && !was_set_back {
            self.begin_reading();
            self.printed.record(stream, at);
        }
        let id = match self.last {
            Some((last, ordinal)) if at <= last => (last, ordinal + 1),
            _ => (at, 0),
        };
        self.last = Some(id);
        if self.newest.is_some_and(|newest| id <= newest) {
            return None;
        }
        self.newest = Some(id);
        Some(id)
    }

    /// Returns the time of the newest line.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest.map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use models::{deployment::LogStream, time::Timestamp};

    use super::LineIdAssigner;

    /// Returns the ids of lines that are read a moment after the last one was printed.
    fn ids(assigner: &mut LineIdAssigner, micros: &[i64]) -> Vec<Option<(i64, u32)>> {
        let lines: Vec<_> = micros.iter().map(|at| (LogStream::Stdout, *at)).collect();
        ids_at(assigner, 1_000, &lines)
    }

    fn ids_at(
        assigner: &mut LineIdAssigner,
        now: i64,
        lines: &[(LogStream, i64)],
    ) -> Vec<Option<(i64, u32)>> {
        let now = Timestamp::from_micros(now);
        lines
            .iter()
            .map(|(stream, at)| assigner.assign(*stream, Timestamp::from_micros(*at), now))
            .map(|id| id.map(|(at, ordinal)| (at.micros(), ordinal)))
            .collect()
    }

    #[test]
    fn lines_of_one_microsecond_are_counted() {
        let mut assigner = LineIdAssigner::default();
        assert_eq!(
            ids(&mut assigner, &[5, 5, 5, 6]),
            [Some((5, 0)), Some((5, 1)), Some((5, 2)), Some((6, 0))]
        );
    }

    #[test]
    fn a_line_that_claims_to_be_older_takes_the_time_of_the_one_before() {
        let mut assigner = LineIdAssigner::default();
        let lines = [
            (LogStream::Stdout, 5),
            (LogStream::Stderr, 4),
            (LogStream::Stdout, 6),
        ];
        assert_eq!(
            ids_at(&mut assigner, 1_000, &lines),
            [Some((5, 0)), Some((5, 1)), Some((6, 0))]
        );
    }

    #[test]
    fn lines_that_the_platform_gives_again_have_no_new_name() {
        let mut assigner = LineIdAssigner::default();
        let (out, err) = (LogStream::Stdout, LogStream::Stderr);
        let printed = [(out, 3), (out, 5), (err, 4), (out, 5), (err, 6)];
        let first = ids_at(&mut assigner, 1_000, &printed);
        assert!(first.iter().all(Option::is_some), "{first:?}");
        // Rereads from the first line, from a middle one, and from the last; new lines follow.
        for from in [0, 1, 4] {
            assert_eq!(ids_at(&mut assigner, 1_000, &[(out, 2)]), [None]);
            let again = ids_at(&mut assigner, 1_000, &printed[from..]);
            assert!(again.iter().all(Option::is_none), "{from}: {again:?}");
        }
        assert_eq!(
            ids_at(&mut assigner, 1_000, &[(out, 6), (out, 7)]),
            [Some((6, 1)), Some((7, 0))]
        );
    }

    #[test]
    fn lines_after_a_clock_was_set_back_are_new() {
        let mut assigner = LineIdAssigner::default();
        let out = LogStream::Stdout;
        ids_at(&mut assigner, 5_000, &[(out, 5_000)]);
        assert_eq!(
            ids_at(&mut assigner, 1_000, &[(out, 999), (out, 1_000)]),
            [Some((5_000, 1)), Some((5_000, 2))]
        );
        assert_eq!(
            ids_at(&mut assigner, 6_000, &[(out, 4_000), (out, 5_500)]),
            [Some((5_000, 3)), Some((5_500, 0))]
        );
    }

    #[test]
    fn lines_that_are_read_again_have_no_new_name() {
        let mut assigner = LineIdAssigner::default();
        ids(&mut assigner, &[5, 5, 6]);
        assigner.begin_reading();
        assert_eq!(
            ids(&mut assigner, &[5, 5, 6, 6, 7]),
            [None, None, None, Some((6, 1)), Some((7, 0))]
        );
    }
}
