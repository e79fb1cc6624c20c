//! The host policy, checked before anything is asked of the platform.
//!
//! The server cannot change it, nor can whoever holds the server: it comes from a file on this
//! host. A forbidden request is refused for good, with a message that names the rule.

mod file;

use models::{
    deployment::{FailureCode, Probe, Question},
    runner::{HostPolicy, KEEP_REMOVED_DAYS, MAX_ALL_INSTANCES, MAX_DEPLOYMENTS, RunnerSpec},
    value::{ImageReference, RegistryPattern},
};

pub use self::file::{PolicyError, USUAL_FILE, read_policy};
use crate::platform::RunnerError;

/// Creates a refusal, whose message ends with advice for the host's owner.
pub fn refused(what: impl AsRef<str>) -> RunnerError {
    let what = what.as_ref();
    RunnerError::user(
        FailureCode::RefusedByHostPolicy,
        format!("The host policy denies this: {what}"),
    )
}

/// Checks the specification of a release.
///
/// # Errors
/// [`FailureCode::RefusedByHostPolicy`], naming the first rule that it breaks.
pub(crate) fn check(policy: &HostPolicy, spec: &RunnerSpec) -> Result<(), RunnerError> {
    check_image(policy.registries.as_deref(), &spec.image)?;
    // Checks the most that autoscaling can reach, so that no rule stops it halfway.
    let most = spec.most_instances();
    check_instances(policy.max_instances, most)?;
    let all = |each: Option<u32>| each.map(|each| u64::from(each) * u64::from(most));
    check_amount(
        "max_cpu_millis",
        "thousandths of a CPU",
        policy.max_cpu_millis,
        all(spec.resources.cpu_millis),
    )?;
    check_amount(
        "max_memory_mib",
        "MiB of memory",
        policy.max_memory_mib,
        all(policy.memory_mib(spec.resources.memory_mib)),
    )?;
    check_protocols(policy, spec)?;
    check_probes(policy, spec)
}

/// The number of deployments and instances on a runner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Known deployments.
    pub(crate) deployments: u32,
    /// Desired instances of all deployments together.
    pub(crate) instances: u32,
}

/// Checks the total load of a runner.
///
/// # Errors
/// [`FailureCode::RefusedByHostPolicy`], naming the first rule that it breaks.
pub(crate) fn check_load(policy: &HostPolicy, load: Load) -> Result<(), RunnerError> {
    for (key, what, wanted, limit) in [
        (
            "max_deployments",
            "deployments",
            load.deployments,
            policy.max_deployments.unwrap_or(MAX_DEPLOYMENTS),
        ),
        (
            "max_all_instances",
            "instances across all deployments",
            load.instances,
            policy.max_all_instances.unwrap_or(MAX_ALL_INSTANCES),
        ),
    ] {
        if wanted > limit {
            return Err(refused(format!(
                "{wanted} {what} exceed the limit of {limit}. The host's owner can raise {key} in \
                 the policy file."
            )));
        }
    }
    Ok(())
}

/// Number of days for which removed data is kept.
pub(crate) fn keep_removed_days(policy: &HostPolicy) -> u16 {
    policy.keep_removed_days.unwrap_or(KEEP_REMOVED_DAYS)
}

/// True if a probe is allowed.
///
/// A probe that runs a program inside an instance is a command of the server's choice, run
/// again and again, so the rule for commands that a person types holds for it too.
pub(crate) fn allows(policy: &HostPolicy, probe: &Probe) -> bool {
    policy.exec || !matches!(probe.question(), Some(Question::Command(_)))
}

fn check_probes(policy: &HostPolicy, spec: &RunnerSpec) -> Result<(), RunnerError> {
    let probes = [&spec.startup_probe, &spec.liveness_probe];
    if probes.into_iter().all(|probe| allows(policy, probe)) {
        return Ok(());
    }
    Err(refused(
        "a probe runs a command, and commands are not allowed. Use an HTTP or TCP probe. The \
         host's owner can allow commands with exec = true in the policy file.",
    ))
}

/// Checks that people may run programs inside instances.
///
/// # Errors
/// [`FailureCode::RefusedByHostPolicy`].
pub(crate) fn check_exec(policy: &HostPolicy) -> Result<(), RunnerError> {
    if policy.exec {
        return Ok(());
    }
    Err(refused(
        "commands and terminals are not allowed. The host's owner can set exec = true in the \
         policy file.",
    ))
}

pub(crate) fn check_image(
    registries: Option<&[RegistryPattern]>,
    image: &ImageReference,
) -> Result<(), RunnerError> {
    let Some(registries) = registries else {
        return Ok(());
    };
    if registries.iter().any(|allowed| allowed.covers(image)) {
        return Ok(());
    }
    Err(refused(format!(
        "the image {image} is not from an allowed registry. The host's owner can add its registry \
         to registries in the policy file."
    )))
}

fn check_instances(limit: Option<u16>, wanted: u16) -> Result<(), RunnerError> {
    match limit {
        Some(limit) if wanted > limit => Err(refused(format!(
            "{wanted} instances exceed the limit of {limit}. The host's owner can raise \
             max_instances in the policy file."
        ))),
        _ => Ok(()),
    }
}

/// Checks a total over all instances. Unlimited counts as more than any limit.
fn check_amount(
    key: &str,
    unit: &str,
    limit: Option<u32>,
    wanted: Option<u64>,
) -> Result<(), RunnerError> {
    let Some(limit) = limit else {
        return Ok(());
    };
    let excess = match wanted {
        Some(wanted) if wanted <= u64::from(limit) => return Ok(()),
        Some(wanted) => format!(
            "asks for {wanted} {unit} in total for all instances, but may use at most {limit}"
        ),
        None => format!("sets no limit, but may use at most {limit} {unit}"),
    };
    Err(refused(format!(
        "the deployment {excess}. Set a lower limit. The host's owner can raise {key} in the \
         policy file."
    )))
}

fn check_protocols(policy: &HostPolicy, spec: &RunnerSpec) -> Result<(), RunnerError> {
    let Some(allowed) = &policy.protocols else {
        return Ok(());
    };
    let port = spec.ports.iter().find(|p| !allowed.contains(&p.protocol));
    port.map_or(Ok(()), |port| {
        Err(refused(format!(
            "port {} uses the protocol {}, which is not allowed. The host's owner can add it to \
             protocols in the policy file.",
            port.number,
            port.protocol.name()
        )))
    })
}

#[cfg(test)]
mod tests;
