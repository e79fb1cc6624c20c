//! The rules: what may happen, in which transaction, and what follows from it.

pub mod api_token;
pub mod auto_deploy;
mod capacity;
pub mod deployment;
pub mod environment;
pub mod exec;
pub mod jobs;
pub mod log;
pub mod machine_type;
pub mod observation;
pub mod project;
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

use std::fmt::Display;

use models::{
    error::ErrorCode,
    page::{Cursor, Page, PageQuery},
};
use uuid::Uuid;

pub use redactable::Redactable;

use crate::{
    error::AppError,
    store::{Behind, Rows},
};

/// The number of rows to read for a page: one more, to see if another page follows.
fn rows_wanted(query: &PageQuery) -> i64 {
    i64::from(query.limit()) + 1
}

/// The position after which a page begins, in a list sorted by name and id.
///
/// # Errors
/// `cursor_invalid` when the cursor is not one of [`name_cursor`].
fn behind(query: &PageQuery) -> Result<Behind<'_>, AppError> {
    let Some(Cursor(cursor)) = &query.cursor else {
        return Ok(Behind::default());
    };
    let parts = cursor.rsplit_once('/');
    let parts = parts.and_then(|(name, id)| Some((name, id.parse().ok()?)));
    let (name, id) = parts.ok_or(ErrorCode::CursorInvalid)?;
    Ok(Behind { name, id })
}

/// The cursor behind an item, for [`behind`].
fn name_cursor(name: impl Display, id: Uuid) -> String {
    format!("{name}/{id}")
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
