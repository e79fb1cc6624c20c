//! Log line filters.

use models::{
    InstanceId, ansi,
    api::workspace::deployment::{DownloadLogQuery, ListLogLinesQuery},
    deployment::LogStream,
    time::Timestamp,
};
use regex::{Regex, RegexBuilder};

use super::segment::LineRef;
use crate::{error::AppError, store::log_segment::Matching};

/// The conditions that a line must meet.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    instance_id: Option<InstanceId>,
    stream: Option<LogStream>,
    search: Option<Regex>,
}

impl Filter {
    /// Creates the filter of a list query.
    pub(super) fn of(query: &ListLogLinesQuery) -> Result<Self, AppError> {
        Ok(Self {
            from: query.from,
            to: query.to,
            instance_id: query.instance_id,
            stream: query.stream,
            search: searched(query.search.as_deref())?,
        })
    }

    /// Creates the filter of a download query.
    pub(super) fn of_download(query: &DownloadLogQuery) -> Result<Self, AppError> {
        Ok(Self {
            from: query.from,
            to: query.to,
            instance_id: query.instance_id,
            stream: query.stream,
            search: searched(query.search.as_deref())?,
        })
    }

    /// Creates a filter for one instance, or for all.
    pub(super) fn of_instance(instance_id: Option<InstanceId>) -> Self {
        Self {
            instance_id,
            ..Self::default()
        }
    }

    /// Returns the limits on segments that can have matching lines.
    pub(super) fn segments(&self) -> Matching {
        Matching {
            from: self.from.unwrap_or(Timestamp::from_micros(i64::MIN)),
            to: self.to.unwrap_or(Timestamp::from_micros(i64::MAX)),
            instance_id: self.instance_id,
        }
    }

    /// True if a line matches.
    pub(super) fn wants(&self, line: &LineRef<'_>) -> bool {
        self.from.is_none_or(|from| line.at >= from)
            && self.to.is_none_or(|to| line.at < to)
            && self.instance_id.is_none_or(|id| line.instance_id == id)
            && self.stream.is_none_or(|stream| line.stream == stream)
            && self
                .search
                .as_ref()
                .is_none_or(|text| text.is_match(&ansi::plain(line.text)))
    }
}

/// Compiles a search text: literal, in any case, with a linear-time search.
///
/// An empty text is the same as none.
fn searched(text: Option<&str>) -> Result<Option<Regex>, AppError> {
    text.filter(|text| !text.is_empty())
        .map(|text| {
            RegexBuilder::new(&regex::escape(text))
                .case_insensitive(true)
                .build()
                .map_err(AppError::internal)
        })
        .transpose()
}
