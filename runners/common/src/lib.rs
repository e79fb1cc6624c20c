//! Shared code of all runners: the [`InstancePlatform`] trait, the link, the reconcile loop.
//!
//! A new kind of runner implements [`InstancePlatform`], a small set of plain operations on its platform,
//! and hands itself to [`run`]. The hard parts are here, the same for all runners: `reconcile`
//! acts on the difference between desired and observed state, and `informer` reads the observed
//! state from the platform and nowhere else. Both work while links break, processes die and frames
//! come twice.
//! `docs/ADDING-A-RUNNER.md` walks through it.

mod agent;
mod backoff;
mod context;
mod exec;
mod fence;
mod host;
mod identity;
mod image_gc;
mod informer;
mod link;
mod logs;
mod outbox;
mod owner;
mod platform;
mod policy;
mod program;
mod reconcile;
mod registration;
mod registry_breaker;
mod sampler;
mod state;
mod status;
mod supervisor;
mod sync;
mod tags;
mod task;
mod timings;
mod volumes;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "process")]
pub mod process;

pub use agent::{AgentError, Options, run, run_on};
pub use host::{BlockingTask, Connection, Host, SystemHost};
pub use identity::{IdentityError, adopt, pin};
pub use link::{ServerUrl, ServerUrlInvalid};
pub use owner::{Adopted, Owner, OwnerKey, OwnershipClaim};
pub use platform::{
    Capabilities, CheckOutput, Exec, ExecControl, ExecSession, Health, HealthStatus, ImageOrigin,
    InstanceKey, InstancePlatform, InstanceSpec, InstanceStats, LineJoiner, LogStart, NeededImages,
    PlatformInstance, PlatformLine, PlatformState, ProgramEnd, Provenance, PullProgress,
    PullStatus, ReadyImage, RetiredVolume, Retry, RunnerError,
};
pub use policy::{PolicyError, REFUSED, USUAL_FILE, read_policy, refused};
pub use program::run_until_stopped;
pub use registration::{
    RegistrationError, RegistrationOptions, RegistrationPrompt, RunError, register, run_registered,
};
pub use state::{StateFolder, StateKey};
pub use timings::Timings;
