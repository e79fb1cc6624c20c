//! Commands in instances, without scripts.

mod command;
