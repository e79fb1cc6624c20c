//! The rules: what may happen, in which transaction, and what follows from it.

pub mod api_token;
pub mod auto_deploy;
mod capacity;
pub mod deployment;
pub mod exec;
pub mod jobs;
pub mod log;
pub mod machine_type;
pub mod observation;
mod redactable;
pub mod registration;
pub mod registry;
pub mod release;
mod resolved_spec;
pub mod run;
pub mod runner;
pub mod scaling;
mod sealed_spec;
pub mod secret;
pub mod session;
pub mod setup;
pub mod stats;
mod untrusted_text;
pub mod volume;
pub mod workload;
pub mod workspace;

use models::page::{Cursor, Page, PageQuery};

pub use redactable::Redactable;

use crate::{error::AppError, store::Rows};

/// The number of rows to read for a page: one more, to see if another page follows.
fn rows_wanted(query: &PageQuery) -> i64 {
    i64::from(query.limit()) + 1
}

/// Makes a page of rows that were read with [`rows_wanted`].
fn page<R, T>(
    rows: Rows<R>,
    query: &PageQuery,
    cursor: impl Fn(&T) -> String,
    read: impl Fn(R) -> Result<T, AppError>,
) -> Result<Page<T>, AppError> {
    let limit = usize::from(query.limit());
    let has_more = rows.rows.len() > limit;
    let items = rows
        .rows
        .into_iter()
        .take(limit)
        .map(read)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page {
        next_cursor: items
            .last()
            .filter(|_| has_more)
            .map(|last| Cursor(cursor(last))),
        items,
        total: rows.total,
    })
}
