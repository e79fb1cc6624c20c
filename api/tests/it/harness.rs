//! A server in this process, its callers, and runners that connect to it.

mod chaos_proxy;
mod client;
mod fake_runner;
mod server;

pub(crate) use chaos_proxy::ChaosProxy;
pub(crate) use client::{Answer, Client};
pub(crate) use fake_runner::{Fake, spec};
pub(crate) use server::{TestServer, eventually, unconnected};
