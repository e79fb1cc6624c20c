//! The runner on a real Docker Engine.
//!
//! With `BERTH_TEST_DOCKER=1` there must be one; otherwise the tests say that they are skipped.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests, and what they are made of, speak by panics"
)]

#[path = "engine/config_files.rs"]
mod config_files;
#[path = "engine/credentials.rs"]
mod credentials;
#[path = "engine/faults.rs"]
mod faults;
#[path = "engine/firewall.rs"]
mod firewall;
#[path = "engine/health.rs"]
mod health;
#[path = "engine/image_config.rs"]
mod image_config;
#[path = "engine/isolation.rs"]
mod isolation;
#[path = "engine/lines.rs"]
mod lines;
#[path = "engine/many_networks.rs"]
mod many_networks;
#[path = "engine/memory.rs"]
mod memory;
#[path = "engine/network_lifecycle.rs"]
mod network_lifecycle;
#[path = "engine/odd_registry.rs"]
mod odd_registry;
#[path = "engine/outside_host.rs"]
mod outside_host;
#[path = "engine/ownership.rs"]
mod ownership;
#[path = "engine/platform.rs"]
mod platform;
#[path = "engine/policy.rs"]
mod policy;
#[path = "engine/private_networks.rs"]
mod private_networks;
#[path = "engine/pulling.rs"]
mod pulling;
#[path = "engine/registration.rs"]
mod registration;
#[path = "engine/registry.rs"]
mod registry;
#[path = "engine/registry_address.rs"]
mod registry_address;
#[path = "engine/renamed.rs"]
mod renamed;
#[path = "engine/replay.rs"]
mod replay;
#[path = "engine/reports.rs"]
mod reports;
#[path = "engine/resolving.rs"]
mod resolving;
#[path = "engine/shape.rs"]
mod shape;
#[path = "engine/tags.rs"]
mod tags;
#[path = "engine/terminals.rs"]
mod terminals;
#[path = "engine/test_image.rs"]
mod test_image;
#[path = "engine/upgrade.rs"]
mod upgrade;
#[path = "engine/volume_owner.rs"]
mod volume_owner;
#[path = "engine/volumes.rs"]
mod volumes;

use platform::Engine;

runner_common::conformance_tests!(Engine::if_wanted());
