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
                "With a highest number, instances are added while they are busy and taken away after five calm minutes, without a new release. Without one, the number stays."
            </p>
            <div class="form-row">
                <TextInput
                    label="Instances, at least"
                    field="spec.instances"
                    kind="number"
                    value=spec.instances.to_string()
                />
                <TextInput
                    label="At most"
                    field="spec.max_instances"
                    kind="number"
                    value=most.map_or_else(String::new, |most| most.to_string())
                    optional=true
                />
                <TextInput
                    label="CPU that each should use (%)"
                    field="spec.cpu_target_percent"
                    kind="number"
                    value=spec.cpu_target_percent.to_string()
                />
            </div>
            <p class="field-hint">
                "100 % is the processor that an instance may use, or one whole processor when there is no limit."
            </p>
        </MoreInputs>
    }
}
