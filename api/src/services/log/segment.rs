//! Encoding of log segments: columns of lines, compressed.

use std::ops::Range;

use models::{InstanceId, deployment::LogStream, runner::LogEntry, time::Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::AppError,
    store::{log_segment::NewSegment, log_truncation::Name},
};

/// First byte of every segment.
const FORMAT: u8 = 2;

/// First byte of the older format, which marks no line as cut; only read.
const WITHOUT_CUTS: u8 = 1;

/// Zstandard's default level.
///
/// Higher levels take several times as long and save a few percent of a log.
const LEVEL: i32 = 3;

/// A line to store in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) position: i64,
    pub(super) entry: LogEntry,
}

impl Line {
    fn name(&self) -> Name {
        (self.entry.at, self.entry.ordinal)
    }
}

/// An instance with lines in a segment.
///
/// Has the time of its first line, and the time and ordinal of its last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Printer {
    pub(super) instance_id: InstanceId,
    first: i64,
    last: i64,
    ordinal: u32,
}

impl Printer {
    /// Parses the instances of a segment from its row.
    pub(super) fn read(json: &str) -> Result<Vec<Self>, AppError> {
        serde_json::from_str(json).map_err(AppError::internal)
    }

    /// True if the segment may have a line with this id.
    pub(super) fn may_have(&self, name: Name) -> bool {
        let last = (Timestamp::from_micros(self.last), self.ordinal);
        name.0.micros() >= self.first && name <= last
    }

    /// Returns the last line id.
    pub(super) const fn last(&self) -> Name {
        (Timestamp::from_micros(self.last), self.ordinal)
    }
}

/// The data that is compressed.
///
/// Numbers are stored as the difference to the one before; a column of small, similar numbers
/// takes next to nothing.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Columns {
    instances: Vec<Uuid>,
    positions: Vec<i64>,
    instants: Vec<i64>,
    ordinals: Vec<u32>,
    /// Instance and flags of each line.
    ///
    /// Four times the number of the instance, plus one for standard error, plus two for a line that
    /// was cut.
    sources: Vec<u32>,
    lengths: Vec<u32>,
    texts: String,
}

/// Encodes lines in the order of their positions; `None` if there are none.
pub(super) fn write(lines: &[Line]) -> Result<Option<NewSegment>, AppError> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Ok(None);
    };
    let mut columns = Columns::default();
    let mut printers: Vec<Printer> = Vec::new();
    let (mut position, mut instant) = (0, 0);
    for line in lines {
        let number = printer_of(&mut printers, line);
        let is_error = u32::from(line.entry.stream == LogStream::Stderr);
        let is_cut = u32::from(line.entry.is_cut);
        columns.sources.push(number * 4 + is_cut * 2 + is_error);
        columns.positions.push(line.position - position);
        position = line.position;
        let at = line.entry.at.micros();
        columns.instants.push(at.wrapping_sub(instant));
        instant = at;
        columns.ordinals.push(line.entry.ordinal);
        let length = u32::try_from(line.entry.text.len()).map_err(AppError::internal)?;
        columns.lengths.push(length);
        columns.texts.push_str(&line.entry.text);
    }
    let instances = printers.iter().map(|printer| printer.instance_id.uuid());
    columns.instances = instances.collect();
    let raw = postcard::to_stdvec(&columns).map_err(AppError::internal)?;
    let mut data = vec![FORMAT];
    data.append(&mut zstd::bulk::compress(&raw, LEVEL).map_err(AppError::internal)?);
    let first_at = printers.iter().map(|printer| printer.first).min();
    let last_at = printers.iter().map(|printer| printer.last).max();
    Ok(Some(NewSegment {
        first_position: first.position,
        last_position: last.position,
        first_at: Timestamp::from_micros(first_at.unwrap_or_default()),
        last_at: Timestamp::from_micros(last_at.unwrap_or_default()),
        lines: i64::try_from(lines.len()).map_err(AppError::internal)?,
        raw_bytes: i64::try_from(raw.len()).map_err(AppError::internal)?,
        instances: serde_json::to_string(&printers).map_err(AppError::internal)?,
        data,
    }))
}

/// Returns the number of a line's instance, and extends the instance to this line.
fn printer_of(printers: &mut Vec<Printer>, line: &Line) -> u32 {
    let (at, ordinal) = line.name();
    let instance_id = line.entry.instance_id;
    let known = printers
        .iter()
        .position(|printer| printer.instance_id == instance_id);
    let number = known.unwrap_or_else(|| {
        printers.push(Printer {
            instance_id,
            first: at.micros(),
            last: at.micros(),
            ordinal,
        });
        printers.len() - 1
    });
    let printer = &mut printers[number];
    printer.first = printer.first.min(at.micros());
    if printer.last() < (at, ordinal) {
        (printer.last, printer.ordinal) = (at.micros(), ordinal);
    }
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The decoded lines of a segment.
#[derive(Debug)]
pub(super) struct Opened {
    columns: Columns,
    texts: Vec<Range<usize>>,
}

/// A line in a decoded segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineRef<'a> {
    pub(super) position: i64,
    pub(super) instance_id: InstanceId,
    pub(super) at: Timestamp,
    pub(super) ordinal: u32,
    pub(super) stream: LogStream,
    pub(super) text: &'a str,
    pub(super) is_cut: bool,
}

impl LineRef<'_> {
    /// Copies the line.
    pub(super) fn to_line(self) -> Line {
        Line {
            position: self.position,
            entry: LogEntry {
                instance_id: self.instance_id,
                at: self.at,
                ordinal: self.ordinal,
                stream: self.stream,
                text: self.text.to_owned(),
                is_cut: self.is_cut,
            },
        }
    }
}

/// A segment with data that no version of Berth wrote.
#[derive(Debug, thiserror::Error)]
#[error("cannot read a log segment: {0}")]
struct Damaged(&'static str);

impl Opened {
    /// Decodes a segment that [`write`] encoded.
    pub(super) fn read(data: &[u8], raw_bytes: i64) -> Result<Self, AppError> {
        let damaged = |why| AppError::internal(Damaged(why));
        let Some((&format @ (FORMAT | WITHOUT_CUTS), compressed)) = data.split_first() else {
            return Err(damaged("its format is unknown"));
        };
        let capacity = usize::try_from(raw_bytes).map_err(AppError::internal)?;
        let raw = zstd::bulk::decompress(compressed, capacity).map_err(AppError::internal)?;
        let mut columns: Columns = postcard::from_bytes(&raw).map_err(AppError::internal)?;
        if format == WITHOUT_CUTS {
            for source in &mut columns.sources {
                *source = source.saturating_mul(2) - *source % 2;
            }
        }
        let count = columns.positions.len();
        let others = [
            columns.instants.len(),
            columns.ordinals.len(),
            columns.sources.len(),
            columns.lengths.len(),
        ];
        if others.iter().any(|other| *other != count) {
            return Err(damaged("its columns differ in length"));
        }
        sum_up(&mut columns.positions);
        sum_up(&mut columns.instants);
        let instances = columns.instances.len();
        if columns
            .sources
            .iter()
            .any(|source| instance(*source) >= instances)
        {
            return Err(damaged("an instance is missing"));
        }
        let mut end: usize = 0;
        let mut texts = Vec::with_capacity(count);
        for length in &columns.lengths {
            let begin = end;
            end = end.saturating_add(usize::try_from(*length).map_err(AppError::internal)?);
            if columns.texts.get(begin..end).is_none() {
                return Err(damaged("its text is too short"));
            }
            texts.push(begin..end);
        }
        Ok(Self { columns, texts })
    }

    /// Iterates over the lines in the order of their positions.
    pub(super) fn lines(&self) -> impl DoubleEndedIterator<Item = LineRef<'_>> {
        let columns = &self.columns;
        self.texts.iter().enumerate().map(move |(row, text)| {
            let source = columns.sources[row];
            LineRef {
                position: columns.positions[row],
                instance_id: columns.instances[instance(source)].into(),
                at: Timestamp::from_micros(columns.instants[row]),
                ordinal: columns.ordinals[row],
                stream: if source % 2 == 1 {
                    LogStream::Stderr
                } else {
                    LogStream::Stdout
                },
                text: &columns.texts[text.clone()],
                is_cut: source & 2 != 0,
            }
        })
    }
}

/// Returns the number of the instance in a source.
const fn instance(source: u32) -> usize {
    (source / 4) as usize
}

/// Converts differences to the numbers themselves.
fn sum_up(column: &mut [i64]) {
    let mut sum: i64 = 0;
    for number in column {
        sum = sum.wrapping_add(*number);
        *number = sum;
    }
}

#[cfg(test)]
mod tests {
    use models::{
        InstanceId,
        deployment::LogStream::{self, Stderr, Stdout},
        runner::LogEntry,
        time::Timestamp,
    };
    use uuid::Uuid;

    use super::{Columns, FORMAT, LEVEL, Line, LineRef, Opened, WITHOUT_CUTS, write};

    fn line(position: i64, of: u128, stream: LogStream, is_cut: bool) -> Line {
        Line {
            position,
            entry: LogEntry {
                instance_id: InstanceId::from_uuid(Uuid::from_u128(of)),
                at: Timestamp::from_micros(position),
                ordinal: 0,
                stream,
                text: format!("line {position}"),
                is_cut,
            },
        }
    }

    #[test]
    fn a_segment_gives_back_each_line_with_its_marks() {
        let lines = [
            line(1, 1, Stdout, false),
            line(2, 2, Stderr, true),
            line(3, 1, Stdout, true),
            line(4, 2, Stderr, false),
        ];
        let segment = write(&lines).unwrap().unwrap();
        let opened = Opened::read(&segment.data, segment.raw_bytes).unwrap();
        let read: Vec<Line> = opened.lines().map(LineRef::to_line).collect();
        assert_eq!(read, lines);
    }

    #[test]
    fn a_segment_of_before_lines_were_marked_is_read() {
        let lines = [
            line(1, 1, Stdout, false),
            line(2, 2, Stderr, false),
            line(3, 3, Stdout, false),
        ];
        let segment = write(&lines).unwrap().unwrap();
        assert_eq!(segment.data[0], FORMAT);
        let capacity = usize::try_from(segment.raw_bytes).unwrap();
        let raw = zstd::bulk::decompress(&segment.data[1..], capacity).unwrap();
        let mut columns: Columns = postcard::from_bytes(&raw).unwrap();
        columns.sources = vec![0, 3, 4];
        let raw = postcard::to_stdvec(&columns).unwrap();
        let mut data = vec![WITHOUT_CUTS];
        data.append(&mut zstd::bulk::compress(&raw, LEVEL).unwrap());
        let opened = Opened::read(&data, i64::try_from(raw.len()).unwrap()).unwrap();
        let read: Vec<Line> = opened.lines().map(LineRef::to_line).collect();
        assert_eq!(read, lines);
    }
}
