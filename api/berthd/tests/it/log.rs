//! Logs, as people see them.

mod page;
