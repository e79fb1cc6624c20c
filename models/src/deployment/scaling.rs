//! How many instances run, when that follows what they use.

use serde::{Deserialize, Serialize};

use super::{Spec, VolumeMount};
use crate::time::Timestamp;

/// How much of its processor an instance should use when nothing is said, in percent.
pub const DEFAULT_CPU_TARGET: u16 = 80;

/// A processor, in thousandths: what an instance without a limit is measured by.
const WHOLE_CPU: u64 = 1_000;

impl Spec {
    /// The most instances that may run.
    pub fn most_instances(&self) -> u16 {
        self.max_instances.unwrap_or(1).max(self.instances)
    }

    /// Whether the number of instances follows what they use.
    pub fn is_scaled(&self) -> bool {
        self.most_instances() > self.instances
    }

    /// The number of instances that is nearest to this one within the range; the fewest without
    /// one.
    pub fn instances_near(&self, count: Option<u16>) -> u16 {
        let count = count.unwrap_or(self.instances);
        count.clamp(self.instances, self.most_instances())
    }

    /// How much processor is one hundred percent of an instance, in thousandths: its limit, or one
    /// whole processor without a limit.
    pub fn cpu_share_millis(&self) -> u64 {
        self.resources.cpu_millis.map_or(WHOLE_CPU, u64::from)
    }
}

/// How many instances of what is live should run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scale {
    /// So many should run now.
    pub instances: u16,
    /// The fewest there may be.
    pub min_instances: u16,
    /// The most there may be.
    pub max_instances: u16,
    /// Why there are as many as there are; absent when the number never changed since the
    /// deployment was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<ScalingChange>,
}

/// The number of instances followed what they used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScalingChange {
    /// When it was decided.
    pub at: Timestamp,
    /// How many instances there should be until then.
    pub from: u16,
    /// How many there should be since.
    pub to: u16,
    /// How much processor the instances used on average, in percent of the limit of one, or of one
    /// whole processor without a limit.
    pub cpu_percent: u32,
    /// How much they should use.
    pub cpu_target_percent: u16,
    /// Over how long that was measured, in milliseconds.
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

/// A range ends where it begins or above; what has volumes has one instance.
pub(super) fn is_range_from(
    fewest: u16,
    mounts: &[VolumeMount],
) -> impl FnOnce(&Option<u16>, &()) -> garde::Result {
    let has_volumes = !mounts.is_empty();
    move |most, (): &()| match most {
        Some(most) if *most < fewest => Err(garde::Error::new(format!(
            "This is fewer than the {fewest} that there are at least."
        ))),
        Some(most) if *most > 1 && has_volumes => Err(garde::Error::new(
            "A volume belongs to one instance at a time. Leave this empty, or take the volumes \
             out.",
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
            [None, Some(1), Some(9)].map(|count| fixed.instances_near(count)),
            [3, 3, 3]
        );
        let range = spec(json!({"instances": 2, "max_instances": 5}));
        assert!(range.is_scaled());
        assert_eq!(
            [None, Some(1), Some(4), Some(9)].map(|count| range.instances_near(count)),
            [2, 2, 4, 5]
        );
    }

    #[test]
    fn a_range_does_not_end_below_its_beginning() {
        assert_eq!(wrong(json!({"instances": 2, "max_instances": 2})), "");
        let found = wrong(json!({"instances": 3, "max_instances": 2}));
        assert!(found.contains("max_instances: This is fewer"), "{found}");
        let found = wrong(json!({"max_instances": 51}));
        assert!(found.contains("max_instances"), "{found}");
        let found = wrong(json!({"max_instances": 2, "cpu_target_percent": 101}));
        assert!(found.contains("cpu_target_percent"), "{found}");
    }

    #[test]
    fn what_has_volumes_has_no_range() {
        let volumes = json!([{"volume_id": uuid::Uuid::nil(), "path": "/data"}]);
        let with = |most| wrong(json!({"volumes": volumes, "max_instances": most}));
        assert_eq!(with(1), "");
        let found = with(2);
        assert!(found.contains("one instance at a time"), "{found}");
    }

    #[test]
    fn without_a_limit_an_instance_is_measured_by_a_whole_processor() {
        assert_eq!(spec(json!({})).cpu_share_millis(), 1_000);
        let limited = json!({"resources": {"cpu_millis": 250}});
        assert_eq!(spec(limited).cpu_share_millis(), 250);
    }
}
