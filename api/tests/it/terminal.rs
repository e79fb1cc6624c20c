//! Terminals and commands in instances, from a person to a platform and back.

mod end;
mod end_to_end;
mod flow;
mod held_up;
mod page;

pub(crate) use page::Terminal;
