//! Terminals and commands in instances, from a person to a platform and back.

mod command;
mod end;
mod end_to_end;
mod fixture;
mod flow;
mod page;

pub(crate) use fixture::App;
pub(crate) use page::Terminal;
