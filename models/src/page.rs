//! Pagination of lists: `?limit=&cursor=` with `{items, next_cursor, total}`.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{EnvironmentId, ProjectId, name_or_id::NameOrId};

/// The number of items on a page if the request sets none.
pub const DEFAULT_LIMIT: u16 = 50;

/// The most items on one page.
pub const MAX_LIMIT: u16 = 200;

/// The start of a page; created by the server, and opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[garde(transparent)]
#[serde(transparent)]
pub struct Cursor(#[garde(length(bytes, min = 1, max = 200), custom(is_made_by_us))] pub String);

/// Checks a cursor before it reaches the database. One of the databases refuses NUL.
#[expect(clippy::ptr_arg, reason = "the signature is garde's")]
fn is_made_by_us(cursor: &String, (): &()) -> garde::Result {
    if cursor.contains(char::is_control) {
        return Err(garde::Error::new("Start from the first page."));
    }
    Ok(())
}

/// The query of every list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PageQuery {
    /// The number of items to return, from 1 to 200; 50 when left out.
    #[garde(range(min = 1, max = MAX_LIMIT))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// The `next_cursor` of the previous page; left out for the first page.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

impl PageQuery {
    /// The number of items to return.
    pub fn limit(&self) -> u16 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }
}

/// The query of lists whose items belong to environments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnvironmentPageQuery {
    /// Only items of this project, by id or name.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<NameOrId<ProjectId>>,
    /// Only items of this environment, by id or name.
    ///
    /// The name may have the project's in front: `shop:staging`. Otherwise it is looked up in
    /// `project`, or else in the default project.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<NameOrId<EnvironmentId>>,
    /// The number of items to return, from 1 to 200; 50 when left out.
    #[garde(range(min = 1, max = MAX_LIMIT))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// The `next_cursor` of the previous page; left out for the first page.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

impl EnvironmentPageQuery {
    /// Returns the part that every list has.
    pub fn page(&self) -> PageQuery {
        PageQuery {
            limit: self.limit,
            cursor: self.cursor.clone(),
        }
    }
}

impl From<PageQuery> for EnvironmentPageQuery {
    fn from(page: PageQuery) -> Self {
        Self {
            limit: page.limit,
            cursor: page.cursor,
            ..Self::default()
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The start of the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
    /// The number of items on all pages together.
    pub total: i64,
}
