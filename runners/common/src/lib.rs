//! Shared code of all runners: platform traits, the link, the reconcile loop.
//!
//! A new kind of runner implements one of two levels, and hands itself to [`run`]. An engine, which
//! creates, starts and stops one instance when told, is an [`InstancePlatform`]: a small set of
//! plain operations. A cluster, which keeps instances running by itself, is a [`Platform`] with a
//! [`Reconciler`].
//!
//! The agent drives reconcilers and nothing else: the link, one task for each deployment,
//! observed state, log lines, execs, statistics. `instance_reconciler` is the reconciler of every
//! instance platform. All of it works while links break, processes die and frames come twice.
//! `docs/ADDING-A-RUNNER.md` walks through it.

mod agent;
mod backoff;
mod context;
mod deployment;
mod exec;
mod exit;
mod fence;
mod host;
mod identity;
mod image_gc;
mod informer;
mod instance_reconciler;
mod link;
mod logs;
mod outbox;
mod owner;
mod platform;
mod policy;
mod program;
mod reconcile;
mod registration;
mod reporter;
mod sampler;
mod state;
mod status;
mod supervisor;
mod sync;
mod tags;
mod task;
mod timings;
mod traffic;
mod volumes;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "process")]
pub mod process;

pub use agent::{AgentError, Options, run, run_on};
pub use context::AgentContext;
pub use deployment::DeploymentHandle;
pub use host::{BlockingTask, Connection, Host, SystemHost};
pub use identity::{IdentityError, adopt, pin};
pub use instance_reconciler::InstanceReconciler;
pub use link::{ServerUrl, ServerUrlInvalid};
pub use owner::{Adopted, Owner, OwnerKey, OwnershipClaim};
pub use platform::{
    Action, AttemptKey, Capabilities, CheckOutput, Exec, ExecControl, ExecSession, Health,
    HealthStatus, ImageOrigin, InstanceKey, InstanceNetwork, InstancePlatform, InstanceSpec,
    InstanceStats, LineJoiner, LogStart, NeededImages, Platform, PlatformInstance, PlatformLine,
    PlatformState, ProgramEnd, Provenance, PullProgress, PullStatus, ReadyImage, Reconciler,
    RetiredVolume, Retry, RunnerError,
};
pub use policy::{PolicyError, USUAL_FILE, read_policy, refused};
pub use program::run_until_stopped;
pub use registration::{
    RegistrationError, RegistrationOptions, RegistrationPrompt, RunError, register, run_registered,
};
pub use state::{StateFolder, StateKey};
pub use status::Condition;
pub use timings::Timings;
pub use traffic::{NoTraffic, Routing, Target, Traffic};
