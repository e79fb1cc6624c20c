//! The inputs for the instance count.

use leptos::prelude::*;
use models::deployment::{DEFAULT_CPU_TARGET, Spec};

use crate::form::{MoreInputs, TextInput};

/// The instance count, or its range.
#[component]
pub(super) fn InstanceInputs(spec: Spec) -> impl IntoView {
    let open = spec.instances != 1
        || spec.max_instances.is_some()
        || spec.cpu_target_percent != DEFAULT_CPU_TARGET;
    let most = spec.max_instances;
    view! {
        <MoreInputs
            summary="Instances"
            fields=&["spec.instances", "spec.max_instances", "spec.cpu_target_percent"]
            open=open
        >
            <p class="field-hint">
                "With a maximum, instances are added under load and removed after five quiet minutes, without a new release. Without a maximum, the number of instances is fixed."
            </p>
            <div class="form-row">
                <TextInput
                    label="Minimum instances"
                    field="spec.instances"
                    kind="number"
                    value=spec.instances.to_string()
                />
                <TextInput
                    label="Maximum instances"
                    field="spec.max_instances"
                    kind="number"
                    value=most.map_or_else(String::new, |most| most.to_string())
                    optional=true
                />
                <TextInput
                    label="Target CPU (%)"
                    field="spec.cpu_target_percent"
                    kind="number"
                    value=spec.cpu_target_percent.to_string()
                />
            </div>
            <p class="field-hint">
                "100 % is the CPU limit of an instance, or one full CPU if there is no limit."
            </p>
        </MoreInputs>
    }
}
