//! Capacity check: a deployment against its runner's host and host policy.
//!
//! The runner enforces its host policy whatever the server says. This check tells people before
//! they create a release that must fail.

use models::{
    deployment::Spec,
    error::{ApiError, ErrorCode, FieldError},
    runner::RunnerInfo,
};

use crate::error::AppError;

const MIB: u64 = 1 << 20;

/// A limited resource.
#[derive(Clone, Copy, Debug)]
struct Supply {
    field: &'static str,
    /// Unit of the numbers, for messages.
    unit: &'static str,
    /// Largest amount for one instance: what the host has.
    host: Option<u64>,
    /// Largest amount for all instances together: what the host policy allows.
    allowed: Option<u64>,
}

/// Rejects a specification that needs more than a runner can give.
///
/// A runner that has not described itself yet passes; it decides when it is linked.
pub(super) fn check(about: Option<&RunnerInfo>, spec: &Spec) -> Result<(), AppError> {
    let Some(about) = about else {
        return Ok(());
    };
    let policy = about.policy.as_ref();
    let processor = Supply {
        field: "spec.resources.cpu_millis",
        unit: "thousandths of a CPU",
        host: known(u64::from(about.cpus) * 1_000),
        allowed: policy.and_then(|policy| policy.max_cpu_millis.map(u64::from)),
    };
    let memory = Supply {
        field: "spec.resources.memory_mib",
        unit: "MiB of memory",
        host: known(about.memory_bytes / MIB),
        allowed: policy.and_then(|policy| policy.max_memory_mib.map(u64::from)),
    };
    let most = spec.most_instances();
    let own = spec.resources.memory_mib;
    // A default from the host policy counts like a requested amount.
    let asked_memory = policy.map_or(own, |policy| policy.memory_mib(own));
    let limit = policy.and_then(|policy| policy.max_instances);
    let wrong = [
        too_many(limit, spec),
        too_much(processor, spec.resources.cpu_millis, most),
        too_much(memory, asked_memory, most),
    ];
    let fields: Vec<FieldError> = wrong.into_iter().flatten().collect();
    if fields.is_empty() {
        return Ok(());
    }
    Err(ApiError {
        fields,
        ..ErrorCode::RunnerTooSmall.into()
    }
    .into())
}

/// Converts an amount from a runner; zero means unknown.
fn known(amount: u64) -> Option<u64> {
    (amount > 0).then_some(amount)
}

fn too_many(limit: Option<u16>, spec: &Spec) -> Option<FieldError> {
    let limit = limit.filter(|limit| spec.most_instances() > *limit)?;
    let field = if spec.instances > limit {
        "spec.instances"
    } else {
        "spec.max_instances"
    };
    Some(FieldError {
        field: field.to_owned(),
        message: format!(
            "At most {limit}: the runner's host policy allows no more instances for one deployment."
        ),
    })
}

/// Checks one resource against the host and its policy.
///
/// Without a requested limit an instance may use all that the host has, so only the policy can
/// object.
fn too_much(supply: Supply, asked: Option<u32>, most: u16) -> Option<FieldError> {
    let Supply { field, unit, .. } = supply;
    let each = supply.allowed.map(|all| all / u64::from(most.max(1)));
    let asked = asked.map(u64::from);
    let message = match (asked, supply.host, each) {
        (Some(asked), Some(host), _) if asked > host => {
            format!("Enter at most {host}: the runner's host has {host} {unit}.")
        }
        (Some(asked), _, Some(each)) if asked <= each => return None,
        (_, _, Some(each)) => {
            let all = supply.allowed.unwrap_or_default();
            let share = if most > 1 {
                format!("{all} {unit} in total for all {most} instances")
            } else {
                format!("{all} {unit} for one deployment")
            };
            format!("Enter at most {each}: the runner's host policy allows {share}.")
        }
        (_, _, None) => return None,
    };
    Some(FieldError {
        field: field.to_owned(),
        message,
    })
}

#[cfg(test)]
mod tests {
    use models::{deployment::Spec, runner::RunnerInfo};
    use serde_json::{Value, json};

    use super::check;

    /// Returns the rejected fields and messages on a host with 2 processors and 1 GiB.
    fn wrong(policy: Value, mut spec: Value) -> Vec<(String, String)> {
        let mut about = json!({
            "kind": "test", "version": "1", "platform_version": "1", "os": "linux",
            "arch": "x86_64", "host_name": "test", "cpus": 2, "memory_bytes": 1 << 30,
        });
        if !policy.is_null() {
            about["policy"] = policy;
        }
        let about: RunnerInfo = serde_json::from_value(about).unwrap();
        spec["image"] = json!("app");
        let spec: Spec = serde_json::from_value(spec).unwrap();
        assert!(check(None, &spec).is_ok());
        let error = check(Some(&about), &spec).err();
        let fields = error.map_or_else(Vec::new, |error| error.answer().fields.clone());
        let fields = fields.into_iter();
        fields.map(|field| (field.field, field.message)).collect()
    }

    #[test]
    fn one_instance_has_no_more_than_the_host() {
        let with = |resources| wrong(Value::Null, json!({"resources": resources}));
        assert_eq!(with(json!({})), []);
        assert_eq!(with(json!({"cpu_millis": 2_000, "memory_mib": 1_024})), []);
        let found = with(json!({"cpu_millis": 2_001, "memory_mib": 1_025}));
        assert_eq!(found[0].0, "spec.resources.cpu_millis");
        assert!(found[0].1.contains("at most 2000: "), "{found:?}");
        assert_eq!(found[1].0, "spec.resources.memory_mib");
        assert!(found[1].1.contains("at most 1024: "), "{found:?}");
    }

    #[test]
    fn all_instances_have_no_more_together_than_the_owner_allows() {
        let policy = || json!({"max_cpu_millis": 1_500, "max_memory_mib": 300, "exec": true});
        let with = |cpu: Value, memory: Value, most| {
            let resources = json!({"cpu_millis": cpu, "memory_mib": memory});
            wrong(
                policy(),
                json!({"resources": resources, "max_instances": most}),
            )
        };
        assert_eq!(with(json!(500), json!(100), 3), []);
        assert_eq!(with(json!(1_500), json!(300), 1), []);
        let found = with(json!(501), json!(100), 3);
        assert_eq!(found.len(), 1);
        assert!(found[0].1.contains("at most 500"), "{found:?}");
        assert!(found[0].1.contains("all 3 instances"), "{found:?}");
        // No limit exceeds any limit.
        let found = with(Value::Null, json!(100), 3);
        assert!(found[0].1.contains("at most 500"), "{found:?}");
        assert_eq!(with(Value::Null, Value::Null, 1).len(), 2);
    }

    #[test]
    fn there_are_no_more_instances_than_the_owner_allows() {
        let policy = || json!({"max_instances": 3, "exec": true});
        assert_eq!(
            wrong(policy(), json!({"instances": 1, "max_instances": 3})),
            []
        );
        let found = wrong(policy(), json!({"instances": 1, "max_instances": 4}));
        assert_eq!(found[0].0, "spec.max_instances");
        let found = wrong(policy(), json!({"instances": 4}));
        assert_eq!(found[0].0, "spec.instances");
        assert!(found[0].1.contains("At most 3"), "{found:?}");
    }
}
