//! Which lines of a batch are kept already.
//!
//! A line that comes again is looked for in compressed segments, and opening one takes
//! milliseconds. So this is done before the transaction begins, while nobody waits for it; inside
//! the transaction only what came in meanwhile is looked into.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use models::{DeploymentId, InstanceId, runner::LogEntry, time::Timestamp};

use super::{
    super::segment::{Opened, Printer},
    LineName, named,
};
use crate::{
    db::Source,
    error::AppError,
    store::{self, log_forgotten::Name},
};

/// The lines of a batch that were found so far.
#[derive(Debug)]
pub(super) struct Known {
    /// By instance: neither a batch nor a segment of very many instances may cost more than its
    /// length.
    wanted: HashMap<InstanceId, HashSet<Name>>,
    span: (Timestamp, Timestamp),
    found: HashSet<LineName>,
    /// Up to this position every segment that may have one of the lines was looked into. The lines
    /// at a position never change, in whichever segment they lie.
    looked_to: i64,
}

impl Known {
    /// Nothing is known yet of these lines; none when there are none.
    pub(super) fn of(lines: &[LogEntry]) -> Option<Self> {
        let instants = || lines.iter().map(|line| line.at);
        let mut wanted: HashMap<InstanceId, HashSet<Name>> = HashMap::new();
        for (instance_id, name) in lines.iter().map(named) {
            wanted.entry(instance_id).or_default().insert(name);
        }
        Some(Self {
            span: instants().min().zip(instants().max())?,
            wanted,
            found: HashSet::new(),
            looked_to: 0,
        })
    }

    /// Leaves out the lines that are kept already.
    pub(super) fn drop_from(&self, lines: &mut Vec<LogEntry>) {
        lines.retain(|line| !self.found.contains(&named(line)));
    }

    /// The earliest instant of the lines.
    pub(super) const fn since(&self) -> Timestamp {
        self.span.0
    }

    /// Looks into the segments that were not looked into before.
    ///
    /// Names of an instance only grow, so lines that are new lie behind all that is kept of their
    /// instance, and hardly ever is a segment to be opened.
    pub(super) async fn look(
        mut self,
        source: impl Into<Source<'_>>,
        deployment_id: DeploymentId,
    ) -> Result<Self, AppError> {
        let mut source = source.into();
        'anew: loop {
            let span = self.span;
            let parts =
                store::log_segment::overlapping(source.reborrow(), deployment_id, span).await?;
            for part in parts {
                if part.last_position <= self.looked_to {
                    continue;
                }
                if self.may_be_in(&part.instances)? {
                    let first = part.first_position;
                    let data =
                        store::log_segment::data(source.reborrow(), deployment_id, first).await?;
                    let Some((raw_bytes, data)) = data else {
                        // It was put together with others or dropped since it was listed.
                        continue 'anew;
                    };
                    self = self.open(data, raw_bytes).await?;
                }
                self.looked_to = part.last_position;
            }
            return Ok(self);
        }
    }

    fn may_be_in(&self, instances: &str) -> Result<bool, AppError> {
        let printers = Printer::read(instances)?;
        Ok(printers.iter().any(|printer| {
            let names = self.wanted.get(&printer.instance_id);
            names.is_some_and(|names| names.iter().any(|name| printer.may_have(*name)))
        }))
    }

    /// Looks through a segment, on a thread where nothing else waits meanwhile.
    async fn open(mut self, data: Vec<u8>, raw_bytes: i64) -> Result<Self, AppError> {
        let looking = tokio::task::spawn_blocking(move || {
            let opened = Opened::read(&data, raw_bytes)?;
            let names = opened
                .lines()
                .map(|line| (line.instance_id, (line.at, line.ordinal)));
            let is_wanted = |(instance_id, name): &LineName| {
                let names = self.wanted.get(instance_id);
                names.is_some_and(|names| names.contains(name))
            };
            self.found.extend(names.filter(is_wanted));
            Ok(self)
        });
        looking.await.map_err(AppError::internal)?
    }
}
