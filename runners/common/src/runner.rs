//! The trait that a new kind of runner implements.

mod error;
mod exec;
mod health;
mod image;
mod instance;
mod line;
mod pull;
mod stats;
mod volume;

use std::future::Future;

use futures::Stream;
use models::{
    RunnerId, VolumeId,
    runner::{RegistryCredential, RunnerInfo},
    time::Timestamp,
    value::ImageReference,
};

use crate::owner::Owner;
pub use error::{Retry, RunnerError};
pub use exec::{Exec, ExecControl, ExecSession, ProgramEnd};
pub use health::{CheckOutput, Health, HealthStatus};
pub use image::{ImageOrigin, NeededImages, Provenance, ReadyImage};
pub use instance::{InstanceKey, InstanceSpec, PlatformInstance, PlatformState};
#[cfg(feature = "process")]
pub(crate) use line::cut_at;
pub use line::{LineJoiner, LogStart, PlatformLine};
pub use pull::{PullProgress, Pulled};
pub use stats::InstanceStats;
pub use volume::Retired;

/// A platform that runs instances, for example a Docker Engine.
///
/// The methods are plain operations without memory: when to call them is the reconcile loop's
/// business. Each must be safe to repeat, and safe to drop at any await point: what a dropped
/// call left behind is found by [`Runner::instances`] and dealt with.
///
/// Every instance carries its [`InstanceKey`] on the platform itself, for example as labels, so
/// that a runner knows after a restart what is there, and never touches what is not its own.
pub trait Runner: Send + Sync + 'static {
    /// What the runner says of itself and its machine. The loop adds the policy.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn about(&self) -> impl Future<Output = Result<RunnerInfo, RunnerError>> + Send;

    /// Takes the marks by which the runner knows what is its own. Called once, before anything but
    /// [`Self::about`], and with the same key after a restart.
    ///
    /// The ids that it is given come from a server, which may name those of another runner. On a
    /// platform that several may use, whatever is made bears a mark, and what does not bear a right
    /// one is neither listed nor touched. Nothing is to be done where the platform is one runner's
    /// alone.
    fn own(&self, owner: Owner) {
        let _ = owner;
    }

    /// Every instance that carries this runner's id and is its own, whatever its state.
    ///
    /// # Errors
    /// When the platform does not answer. An empty list would be a lie: it means «all are gone».
    fn instances(
        &self,
        owner: RunnerId,
    ) -> impl Future<Output = Result<Vec<PlatformInstance>, RunnerError>> + Send;

    /// Yields whenever something may have changed, so that the instances are listed again.
    ///
    /// It may end or miss things: it is asked for again a moment later, and the instances are
    /// listed from time to time anyway.
    fn changes(&self, owner: RunnerId) -> impl Stream<Item = ()> + Send;

    /// Makes an image ready to be started and returns what it is.
    ///
    /// With a digest, exactly that image; without one, whatever the reference means now. An image that
    /// is on the platform is used, and its origin says how it came there; the loop decides whether it
    /// may run. The credential, when there is one, is for the registry of this image; it is shown to no other,
    /// and forgotten when the pull ends.
    ///
    /// # Errors
    /// [`Fault::User`](models::deployment::Fault::User) when there is no such image or no access
    /// to it, else the platform's.
    fn pull(
        &self,
        image: &ImageReference,
        digest: Option<&str>,
        credential: Option<&RegistryCredential>,
        progress: &PullProgress,
    ) -> impl Future<Output = Result<ReadyImage, RunnerError>> + Send;

    /// Removes images that this runner pulled and nobody needs: none that is named, none of an
    /// instance, whoever's, and none that was on the platform before or has another name there. Says
    /// how many it removed. Nothing is removed by a runner that does not know what it pulled.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn prune(
        &self,
        needed: &NeededImages,
    ) -> impl Future<Output = Result<usize, RunnerError>> + Send {
        let _ = needed;
        std::future::ready(Ok(0))
    }

    /// Asks the registry of an image what its tag means now, and returns the digest that
    /// [`Self::pull`] would get from there. Nothing is pulled, and what is on the machine is no
    /// answer. The credential is as for a pull. Of a reference with a digest, it asks whether the
    /// registry gives that image away.
    ///
    /// # Errors
    /// As for a pull; [`RunnerError::no_tags`] when the runner said in [`Self::about`] that it cannot.
    fn look_up(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> impl Future<Output = Result<String, RunnerError>> + Send {
        let _ = (image, credential);
        std::future::ready(Err(RunnerError::no_tags()))
    }

    /// Notes that the tag of an image means this one now, which was pulled by its digest: what is on
    /// the machine under the tag is used while its registry does not answer.
    ///
    /// # Errors
    /// When the platform refuses or does not answer. The image can be used all the same.
    fn note_tag(
        &self,
        image: &ImageReference,
        digest: &str,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send {
        let _ = (image, digest);
        std::future::ready(Ok(()))
    }

    /// Creates an instance and does not start it. Its image was pulled before.
    ///
    /// A volume that its specification names and that is not on the platform yet is made, and carries
    /// the runner's id; one that is there keeps what is in it. One of the
    /// [expected volumes](InstanceSpec::expected_volumes) is never made: its data would be replaced
    /// by nothing.
    ///
    /// # Errors
    /// When the platform refuses or does not answer; [`RunnerError::no_volumes`] when it is to have
    /// volumes and the runner said in [`Self::about`] that it cannot keep any;
    /// [`RunnerError::volume_lost`] when an expected volume is not there.
    fn create(
        &self,
        instance: &InstanceSpec,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send;

    /// Starts an instance that was created or that ended; one that runs is left alone.
    ///
    /// # Errors
    /// When it cannot be started. The loop then removes the instance and makes another one, so a
    /// cause that lies in this instance alone, for example a port that was taken meanwhile, should
    /// be [`Retry::After`].
    fn start(&self, instance: &InstanceKey)
    -> impl Future<Output = Result<(), RunnerError>> + Send;

    /// Tells why an instance that ended by itself with this exit code never ran, where the platform
    /// can find that out: a program that the image does not have, for example. Nothing when it ran.
    ///
    /// It is asked while the instance is still there.
    fn explain_exit(
        &self,
        instance: &InstanceKey,
        code: i64,
    ) -> impl Future<Output = Option<RunnerError>> + Send {
        let _ = (instance, code);
        std::future::ready(None)
    }

    /// Asks an instance to end by its specification's signal, and ends it when it has not within
    /// its specification's grace. One that is not running, or not there, is fine.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn stop(&self, instance: &InstanceKey) -> impl Future<Output = Result<(), RunnerError>> + Send;

    /// Removes an instance with all that it wrote outside its volumes. One that is not there is fine.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn remove(
        &self,
        instance: &InstanceKey,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send;

    /// Whether a volume of this runner is on the platform, retired or not.
    ///
    /// # Errors
    /// When it is another's, or when the platform does not answer. A false answer would be a lie: it
    /// means «its data is gone».
    fn has_volume(
        &self,
        owner: RunnerId,
        volume: VolumeId,
    ) -> impl Future<Output = Result<bool, RunnerError>> + Send {
        let _ = (owner, volume);
        std::future::ready(Err(RunnerError::no_volumes()))
    }

    /// Takes a volume of this runner out of use and keeps its data until a moment, which the platform
    /// notes with it; one that was retired before keeps its moment. [`Self::create`] takes it back when
    /// an instance names it. One that is not there is fine.
    ///
    /// Without this the data is removed at once.
    ///
    /// # Errors
    /// As [`Self::remove_volume`].
    fn retire_volume(
        &self,
        owner: RunnerId,
        volume: VolumeId,
        until: Timestamp,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send {
        let _ = until;
        self.remove_volume(owner, volume)
    }

    /// The volumes of this runner that were retired and are still there.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn retired(
        &self,
        owner: RunnerId,
    ) -> impl Future<Output = Result<Vec<Retired>, RunnerError>> + Send {
        let _ = owner;
        std::future::ready(Ok(Vec::new()))
    }

    /// Removes a volume of this runner with all its data, retired or not. One that is not there is
    /// fine; nothing but this call ever removes one.
    ///
    /// # Errors
    /// When it is another's, when an instance has it, or when the platform refuses or does not answer.
    fn remove_volume(
        &self,
        owner: RunnerId,
        volume: VolumeId,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send {
        let _ = (owner, volume);
        std::future::ready(Err(RunnerError::no_volumes()))
    }

    /// Runs a program inside an instance that is up, without a shell.
    ///
    /// With a terminal, it is the program's controlling one and its size holds from the start.
    ///
    /// # Errors
    /// [`Fault::User`](models::deployment::Fault::User) when there is no such program, else the
    /// platform's.
    fn exec(
        &self,
        instance: &InstanceKey,
        exec: Exec,
    ) -> impl Future<Output = Result<ExecSession, RunnerError>> + Send;

    /// Measures instances, several at once. One that does not run, or is not there, is left out.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn stats(
        &self,
        instances: &[InstanceKey],
    ) -> impl Future<Output = Result<Vec<InstanceStats>, RunnerError>> + Send;

    /// The lines that an instance printed, oldest first, then those it prints from now on. The
    /// stream ends when the instance has ended and all was read.
    fn logs(
        &self,
        instance: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send;
}
