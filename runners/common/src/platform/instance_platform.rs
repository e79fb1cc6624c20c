//! The lower level of the seam: what an engine implements.

use std::{collections::HashSet, future::Future, sync::Arc};

use futures::Stream;
use models::{
    EnvironmentId, RunnerId, VolumeId,
    runner::{RegistryCredential, RunnerInfo},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};

use super::{
    Capabilities, Exec, ExecSession, InstanceKey, InstanceSpec, InstanceStats, LogStart,
    NeededImages, PlatformInstance, PlatformLine, PullProgress, ReadyImage, RetiredVolume,
    RunnerError,
};
use crate::{
    owner::Owner,
    traffic::{NoTraffic, Traffic},
};

/// A platform that runs one instance when told, for example a Docker Engine.
///
/// The methods are plain operations without memory; the
/// [`InstanceReconciler`](crate::InstanceReconciler) decides when to call them. Each must be safe
/// to repeat, and safe to drop at any await point: [`InstancePlatform::instances`] finds the
/// leftovers of a dropped call, and the loop deals with them.
///
/// Every instance carries its [`InstanceKey`] on the platform itself, for example as labels, so
/// that a restarted runner recognizes its instances and never touches those of others.
pub trait InstancePlatform: Send + Sync + 'static {
    /// Returns the optional abilities of the platform.
    ///
    /// They stay the same as long as the process runs. The loop calls no operation behind a
    /// missing one.
    fn capabilities(&self) -> Capabilities;

    /// Returns facts of the runner and its host. The loop adds capabilities and policy.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn fingerprint(&self) -> impl Future<Output = Result<RunnerInfo, RunnerError>> + Send;

    /// Sets the ownership marks of the runner.
    ///
    /// Called once, before anything but [`Self::fingerprint`], and with the same key after a
    /// restart.
    ///
    /// Ids come from a server, which may name those of another runner. On a platform that
    /// several runners may share, everything that is made bears a mark, and objects without a
    /// right one are neither listed nor touched. A runner with a platform of its own need do
    /// nothing.
    fn set_owner(&self, owner: Owner) {
        let _ = owner;
    }

    /// Returns the traffic plane, which carries requests to instances; called once.
    ///
    /// The default has none: apps are reached at the addresses of their ports.
    fn traffic(&self) -> Arc<dyn Traffic> {
        Arc::new(NoTraffic)
    }

    /// Lists every instance of this runner, whatever its state.
    ///
    /// Each has the right id and the right mark.
    ///
    /// # Errors
    /// When the platform does not answer. Never return an empty list instead: it means "all are
    /// gone".
    fn instances(
        &self,
        owner: RunnerId,
    ) -> impl Future<Output = Result<Vec<PlatformInstance>, RunnerError>> + Send;

    /// Yields whenever something may have changed, so that the loop relists.
    ///
    /// It may end or miss events: it is called again a moment later, and the loop relists from
    /// time to time anyway.
    fn changes(&self, owner: RunnerId) -> impl Stream<Item = ()> + Send;

    /// Makes an image ready to start and returns its digest and facts.
    ///
    /// With a digest, exactly that image; without one, the image that the reference means now.
    /// An image that is on the platform is used, and its origin says how it came there; the
    /// loop decides if it may run. The credential, if any, is for the registry of this image;
    /// it is shown to no other, and forgotten when the pull ends.
    ///
    /// # Errors
    /// [`Fault::User`](models::deployment::Fault::User) when there is no such image or no
    /// access to it, else the platform's.
    fn pull(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
        credential: Option<&RegistryCredential>,
        progress: &PullProgress,
    ) -> impl Future<Output = Result<ReadyImage, RunnerError>> + Send;

    /// Removes images that this runner pulled and nobody needs; returns their number.
    ///
    /// Keeps every image that is named in `needed`, that any instance uses, that was on the
    /// platform before, or that has another name there. A runner that does not know which
    /// images it pulled removes nothing.
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

    /// Resolves an image's tag at its registry to a digest, as [`Self::pull`] would.
    ///
    /// Called only with the capability [`tags`](Capabilities::tags).
    ///
    /// Nothing is pulled, and copies on the host do not count. The credential is as for a pull.
    /// For a reference with a digest, it checks that the registry gives access to that image.
    ///
    /// # Errors
    /// As for a pull.
    fn resolve_tag(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> impl Future<Output = Result<ImageDigest, RunnerError>> + Send {
        let _ = (image, credential);
        std::future::ready(Err(RunnerError::no_tags()))
    }

    /// Records that an image's tag now means this image, pulled by its digest.
    ///
    /// The host's image under the tag is used while its registry does not answer.
    ///
    /// # Errors
    /// When the platform refuses or does not answer. The image can be used all the same.
    fn note_tag(
        &self,
        image: &ImageReference,
        digest: &ImageDigest,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send {
        let _ = (image, digest);
        std::future::ready(Ok(()))
    }

    /// Creates an instance and does not start it. Its image was pulled before.
    ///
    /// It joins the private network of its specification, which is created when it is missing,
    /// under its host name; it is found by that name from its start to its exit.
    ///
    /// A volume of its specification that is not on the platform yet is created, and carries
    /// the runner's id; an existing one keeps its data. One of the [expected
    /// volumes](InstanceSpec::expected_volumes) is never created: an empty one would replace
    /// its data.
    ///
    /// # Errors
    /// When the platform refuses or does not answer; [`RunnerError::volume_lost`] when an
    /// expected volume does not exist.
    fn create(
        &self,
        instance: &InstanceSpec,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send;

    /// Starts an instance that was created or that exited. A running one is left alone.
    ///
    /// # Errors
    /// When it cannot be started. The loop then removes the instance and creates another one,
    /// so a cause that lies in this instance alone, for example a port that was taken
    /// meanwhile, should be [`Retry::After`](super::Retry::After).
    fn start(&self, instance: &InstanceKey)
    -> impl Future<Output = Result<(), RunnerError>> + Send;

    /// Explains an exit of an instance that never really ran.
    ///
    /// An example is a program that the image does not have. `None` when it ran, or the
    /// platform cannot tell. Called while the instance still exists.
    fn explain_exit(
        &self,
        instance: &InstanceKey,
        code: i64,
    ) -> impl Future<Output = Option<RunnerError>> + Send {
        let _ = (instance, code);
        std::future::ready(None)
    }

    /// Stops an instance by its specification's signal, and kills it after the grace.
    ///
    /// The grace is its specification's. An instance that does not run, or does not exist, is
    /// no error.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn stop(&self, instance: &InstanceKey) -> impl Future<Output = Result<(), RunnerError>> + Send;

    /// Removes an instance with everything that it wrote outside its volumes.
    ///
    /// An instance that does not exist is no error.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn remove(
        &self,
        instance: &InstanceKey,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send;

    /// Removes private networks without instances that are not needed.
    ///
    /// The environments in `needed` have a workload that should run. A network that is removed
    /// although an instance is about to join it would cost that instance a second try, so the
    /// two must not overlap. Returns the number of removed networks.
    ///
    /// Called only with the capability [`private_networks`](Capabilities::private_networks).
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn prune_networks(
        &self,
        owner: RunnerId,
        needed: &HashSet<EnvironmentId>,
    ) -> impl Future<Output = Result<usize, RunnerError>> + Send {
        let _ = (owner, needed);
        std::future::ready(Ok(0))
    }

    /// True if a volume of this runner is on the platform, retired or not.
    ///
    /// Called, like all operations on volumes, only with the capability
    /// [`volumes`](Capabilities::volumes).
    ///
    /// # Errors
    /// When it is another's, or when the platform does not answer. A false answer would be a
    /// lie: it means "its data is gone".
    fn has_volume(
        &self,
        owner: RunnerId,
        volume: VolumeId,
    ) -> impl Future<Output = Result<bool, RunnerError>> + Send {
        let _ = (owner, volume);
        std::future::ready(Err(RunnerError::no_volumes()))
    }

    /// Retires a volume of this runner: keeps its data until a moment.
    ///
    /// The platform stores the moment with the volume; a volume that was retired before keeps
    /// its first one. [`Self::create`] takes the volume back when an instance names it. A
    /// volume that does not exist is no error.
    ///
    /// The default removes the data at once.
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

    /// Lists the retired volumes of this runner that still exist.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn retired(
        &self,
        owner: RunnerId,
    ) -> impl Future<Output = Result<Vec<RetiredVolume>, RunnerError>> + Send {
        let _ = owner;
        std::future::ready(Ok(Vec::new()))
    }

    /// Removes a volume of this runner with all its data, retired or not.
    ///
    /// A volume that does not exist is no error. No other call ever removes one.
    ///
    /// # Errors
    /// When it is another's, when an instance has it, or when the platform refuses or does not
    /// answer.
    fn remove_volume(
        &self,
        owner: RunnerId,
        volume: VolumeId,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send {
        let _ = (owner, volume);
        std::future::ready(Err(RunnerError::no_volumes()))
    }

    /// Runs a program inside a running instance, without a shell.
    ///
    /// A terminal is the program's controlling one, and its size holds from the start. It is
    /// asked for only with the capability [`terminals`](Capabilities::terminals).
    ///
    /// # Errors
    /// [`Fault::User`](models::deployment::Fault::User) when there is no such program, else the
    /// platform's.
    fn exec(
        &self,
        instance: &InstanceKey,
        exec: Exec,
    ) -> impl Future<Output = Result<ExecSession, RunnerError>> + Send;

    /// Measures instances, several at once; leaves out those that do not run or exist.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn stats(
        &self,
        instances: &[InstanceKey],
    ) -> impl Future<Output = Result<Vec<InstanceStats>, RunnerError>> + Send;

    /// Streams the lines of an instance, oldest first, then new ones as they come.
    ///
    /// The stream ends when the instance has exited and all was read.
    fn logs(
        &self,
        instance: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send;
}
