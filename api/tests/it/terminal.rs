//! Terminals and commands in instances, from a person to a platform and back.

mod command;
mod end;
mod flow;
mod page;
mod scene;
mod whole_way;

pub(crate) use page::Terminal;
pub(crate) use scene::App;
