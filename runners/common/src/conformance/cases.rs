//! The cases. Each is a sentence that is true of every runner.

mod alone;
mod attempts;
mod commands;
mod crashes;
mod execs;
mod lines;
mod links;
mod owners;
mod scaling;
mod specs;
mod stats;
mod volumes;

pub use self::{
    alone::*, attempts::*, commands::*, crashes::*, execs::*, lines::*, links::*, owners::*,
    scaling::*, specs::*, stats::*, volumes::*,
};
