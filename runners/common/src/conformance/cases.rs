//! The cases. Each is a sentence that is true of every runner.

mod desired_state;
mod exec;
mod logs;
mod networks;
mod offline;
mod ownership;
mod reconnects;
mod restarts;
mod rollouts;
mod runs;
mod scaling;
mod specs;
mod stats;
mod traffic;
mod volumes;

pub use self::{
    desired_state::*, exec::*, logs::*, networks::*, offline::*, ownership::*, reconnects::*,
    restarts::*, rollouts::*, runs::*, scaling::*, specs::*, stats::*, traffic::*, volumes::*,
};
