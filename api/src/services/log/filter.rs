//! Which lines somebody looks for.

use models::{
    InstanceId, ansi,
    api::workspace::deployment::{DownloadLogQuery, ListLogLinesQuery},
    deployment::LogStream,
    time::Timestamp,
};
use regex::{Regex, RegexBuilder};

use super::segment::LineRef;
use crate::{error::AppError, store::log_segment::Matching};

/// What a line must be like.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    instance_id: Option<InstanceId>,
    stream: Option<LogStream>,
    search: Option<Regex>,
}

impl Filter {
    /// Lines as a query wants them.
    pub(super) fn of(query: &ListLogLinesQuery) -> Result<Self, AppError> {
        Ok(Self {
            from: query.from,
            to: query.to,
            instance_id: query.instance_id,
            stream: query.stream,
            search: searched(query.search.as_deref())?,
        })
    }

    /// Lines as a download wants them.
    pub(super) fn of_download(query: &DownloadLogQuery) -> Result<Self, AppError> {
        Ok(Self {
            from: query.from,
            to: query.to,
            instance_id: query.instance_id,
            stream: query.stream,
            search: searched(query.search.as_deref())?,
        })
    }

    /// Lines of an instance, or all.
    pub(super) fn of_instance(instance_id: Option<InstanceId>) -> Self {
        Self {
            instance_id,
            ..Self::default()
        }
    }

    /// Which segments may have such lines.
    pub(super) fn segments(&self) -> Matching {
        Matching {
            from: self.from.unwrap_or(Timestamp::from_micros(i64::MIN)),
            to: self.to.unwrap_or(Timestamp::from_micros(i64::MAX)),
            instance_id: self.instance_id,
        }
    }

    /// Whether a line is like that.
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

/// This text and no other, in upper or lower case; found in time that grows with the length of the
/// line alone. Every line has a text that is empty.
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
