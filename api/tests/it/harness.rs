//! A server in this process, its callers, and runners that connect to it.

mod caller;
mod fake_runner;
mod gate;
mod server;

pub(crate) use caller::{Answer, Caller};
pub(crate) use fake_runner::{Fake, spec};
pub(crate) use gate::Gate;
pub(crate) use server::{TestServer, eventually, unconnected};
