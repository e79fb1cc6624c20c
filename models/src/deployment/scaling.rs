//! Autoscaling: an instance count that follows the CPU usage.

use serde::{Deserialize, Serialize};

use super::{Spec, SpecStage, VolumeMount};
use crate::time::Timestamp;

/// The default CPU usage that autoscaling aims for, in percent.
pub const DEFAULT_CPU_TARGET: u16 = 80;

/// One processor, in thousandths. Instances without a limit are measured against it.
const WHOLE_CPU: u64 = 1_000;

impl<K: SpecStage> Spec<K> {
    /// Returns the maximum instance count.
    pub fn most_instances(&self) -> u16 {
        self.max_instances.unwrap_or(1).max(self.instances)
    }

    /// True if autoscaling is enabled.
    pub fn is_scaled(&self) -> bool {
        self.most_instances() > self.instances
    }

    /// Clamps an instance count to the range; the minimum if there is none.
    pub fn clamp_instances(&self, count: Option<u16>) -> u16 {
        let count = count.unwrap_or(self.instances);
        count.clamp(self.instances, self.most_instances())
    }

    /// Returns the CPU that counts as 100 percent, in thousandths of a processor.
    ///
    /// It is the limit of an instance, or one whole processor without a limit.
    pub fn cpu_share_millis(&self) -> u64 {
        self.resources.cpu_millis.map_or(WHOLE_CPU, u64::from)
    }
}

/// The desired instance count of a live release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scale {
    /// The current instance count.
    pub instances: u16,
    /// The minimum instance count.
    pub min_instances: u16,
    /// The maximum instance count.
    pub max_instances: u16,
    /// The last autoscaling change. Absent if there was none since the deployment was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<ScalingChange>,
}

/// A change of the instance count by autoscaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScalingChange {
    /// The time of the decision.
    pub at: Timestamp,
    /// The instance count before the change.
    pub from: u16,
    /// The instance count after the change.
    pub to: u16,
    /// The average CPU usage of the instances, in percent.
    ///
    /// It is relative to an instance's limit, or to one whole processor without a limit.
    pub cpu_percent: u32,
    /// The CPU usage that autoscaling aimed for, in percent.
    pub cpu_target_percent: u16,
    /// The period of the measurement, in milliseconds.
    pub measured_ms: i64,
}

pub(super) const fn default_cpu_target() -> u16 {
    DEFAULT_CPU_TARGET
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is Serde's"
)]
pub(super) const fn is_default_cpu_target(percent: &u16) -> bool {
    *percent == DEFAULT_CPU_TARGET
}

/// Checks that the maximum is not below the minimum.
///
/// With volumes, it must not exceed one instance either.
pub(super) fn is_range_from(
    fewest: u16,
    mounts: &[VolumeMount],
) -> impl FnOnce(&Option<u16>, &()) -> garde::Result {
    let has_volumes = !mounts.is_empty();
    move |most, (): &()| match most {
        Some(most) if *most < fewest => Err(garde::Error::new(format!(
            "Enter at least {fewest}, the minimum number of instances."
        ))),
        Some(most) if *most > 1 && has_volumes => Err(garde::Error::new(
            "A volume can be attached to only one instance at a time. Leave this empty, or remove \
             the volumes.",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::{Value, json};

    use crate::deployment::Spec;

    fn spec(mut more: Value) -> Spec {
        more["image"] = json!("app");
        serde_json::from_value(more).unwrap()
    }

    fn wrong(more: Value) -> String {
        let report = spec(more).validate().err();
        report.map_or_else(String::new, |report| report.to_string())
    }

    #[test]
    fn a_number_of_instances_stays_within_its_range() {
        let fixed = spec(json!({"instances": 3}));
        assert!(!fixed.is_scaled());
        assert_eq!(
            [None, Some(1), Some(9)].map(|count| fixed.clamp_instances(count)),
            [3, 3, 3]
        );
        let range = spec(json!({"instances": 2, "max_instances": 5}));
        assert!(range.is_scaled());
        assert_eq!(
            [None, Some(1), Some(4), Some(9)].map(|count| range.clamp_instances(count)),
            [2, 2, 4, 5]
        );
    }

    #[test]
    fn a_range_does_not_end_below_its_beginning() {
        assert_eq!(wrong(json!({"instances": 2, "max_instances": 2})), "");
        let found = wrong(json!({"instances": 3, "max_instances": 2}));
        assert!(found.contains("max_instances: Enter at least"), "{found}");
        let found = wrong(json!({"max_instances": 51}));
        assert!(found.contains("max_instances"), "{found}");
        let found = wrong(json!({"max_instances": 2, "cpu_target_percent": 101}));
        assert!(found.contains("cpu_target_percent"), "{found}");
    }

    #[test]
    fn a_deployment_with_volumes_has_no_range_of_instances() {
        let volumes = json!([{"volume_id": uuid::Uuid::nil(), "path": "/data"}]);
        let with = |most| wrong(json!({"volumes": volumes, "max_instances": most}));
        assert_eq!(with(1), "");
        let found = with(2);
        assert!(found.contains("only one instance at a time"), "{found}");
    }

    #[test]
    fn without_a_limit_an_instance_is_measured_by_a_whole_processor() {
        assert_eq!(spec(json!({})).cpu_share_millis(), 1_000);
        let limited = json!({"resources": {"cpu_millis": 250}});
        assert_eq!(spec(limited).cpu_share_millis(), 250);
    }
}
