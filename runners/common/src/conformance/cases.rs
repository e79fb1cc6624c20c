//! The cases. Each is a sentence that is true of every runner.

mod attempts;
mod commands;
mod crashes;
mod lines;
mod links;
mod specs;
mod stats;

pub use self::{attempts::*, commands::*, crashes::*, lines::*, links::*, specs::*, stats::*};
